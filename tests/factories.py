"""Documents, CAFs and certificates of fictitious people, shared by the tests of every room."""

import base64
import hashlib
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import gcd
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from timbre.dte import caf, certificate
from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Detalle,
    Documento,
    Emisor,
    Moneda,
    Receptor,
    Referencia,
    Transporte,
)
from timbre.dte.parsing import DSIG_NAMESPACE, SII_NAMESPACE, decode, encode
from timbre.dte.signature import C14N, RSA_SHA1, sign
from timbre.dte.stamp import stamp
from timbre.dte.totals import compute_totals
from timbre.dte.xml import build

EMISOR_RUT = "77777777-7"
RECEPTOR_RUT = "88888888-8"
SIGNER_RUT = "11111111-1"
NOW = datetime(2026, 3, 14, 12, 30, tzinfo=UTC)
TODAY = date(2026, 3, 14)

EMISOR = Emisor(
    rut=EMISOR_RUT,
    razon_social="Panadería Ñandú & Hijos SpA",
    giro="Elaboración de productos de panadería",
    acteco="107100",
    direccion="Av. O'Higgins 1234",
    comuna="Ñuñoa",
    ciudad="Santiago",
)
RECEPTOR = Receptor(
    rut=RECEPTOR_RUT,
    razon_social='Café "El Águila" Ltda.',
    giro="Restaurantes",
    direccion="Calle Larga 56, depto. 7",
    comuna="Temuco",
    ciudad="Temuco",
)
LINEA = Detalle(nombre="Pan amasado", cantidad=Decimal(3), precio=Decimal("1990.5"), unidad="kg")


def make_documento(**changes: Any) -> Documento:
    """A plain invoice of one line, 3 kg at $1,990.5, with what is asked changed."""
    plain = Documento(
        tipo=TipoDte.FACTURA,
        fecha_emision=TODAY,
        emisor=EMISOR,
        receptor=RECEPTOR,
        detalles=(LINEA,),
        forma_pago=FormaPago.CREDITO,
        fecha_vencimiento=date(2026, 4, 13),
    )
    return replace(plain, **changes)


SIN_NOMBRE = Receptor(rut="66666666-6")
"""Who buys with a boleta and says no name."""
EXTRANJERO = Receptor(
    rut="55555555-5",
    razon_social="Harbour Trading Ltd",
    direccion="12 Quay Street",
    ciudad="London",
    id_extranjero="GB123456",
    nacionalidad="510",
)
DOLARES = Moneda("DOLAR USA", Decimal("950.25"))
AN_INVOICE = Referencia(tipo="33", folio="7", fecha=TODAY, razon="Anula factura", codigo=1)
AN_EXPORT = Referencia(tipo="110", folio="7", fecha=TODAY, razon="Anula factura", codigo=1)
_OF_TYPE: dict[TipoDte, dict[str, Any]] = {
    TipoDte.FACTURA: {},
    TipoDte.FACTURA_EXENTA: {},
    TipoDte.BOLETA: {"brutos": True, "receptor": SIN_NOMBRE, "forma_pago": None},
    TipoDte.BOLETA_EXENTA: {"brutos": True, "receptor": SIN_NOMBRE, "forma_pago": None},
    TipoDte.FACTURA_COMPRA: {"detalles": (replace(LINEA, impuesto="15", agente_retenedor=True),)},
    TipoDte.GUIA_DESPACHO: {"indicador_traslado": 1, "forma_pago": None, "fecha_vencimiento": None},
    TipoDte.NOTA_DEBITO: {"referencias": (AN_INVOICE,), "fecha_vencimiento": None},
    TipoDte.NOTA_CREDITO: {"referencias": (AN_INVOICE,), "fecha_vencimiento": None},
    TipoDte.FACTURA_EXPORTACION: {
        "receptor": EXTRANJERO,
        "moneda": DOLARES,
        "detalles": (replace(LINEA, precio=Decimal("19.99")),),
        "ajustes": (Ajuste(recargo=True, monto=Decimal("12.5"), sobre=Base.EXENTO, glosa="Flete"),),
        "transporte": Transporte(aduana=Aduana(modalidad=1, clausula=5, flete=Decimal("12.5"))),
    },
    TipoDte.NOTA_DEBITO_EXPORTACION: {
        "receptor": EXTRANJERO,
        "moneda": DOLARES,
        "referencias": (AN_EXPORT,),
        "fecha_vencimiento": None,
    },
    TipoDte.NOTA_CREDITO_EXPORTACION: {
        "receptor": EXTRANJERO,
        "moneda": DOLARES,
        "referencias": (AN_EXPORT,),
        "fecha_vencimiento": None,
    },
}


def make_of(tipo: TipoDte, **changes: Any) -> Documento:
    """A plain document of any type: what its kind cannot do without and little else."""
    return make_documento(tipo=tipo, **{**_OF_TYPE[tipo], **changes})


@cache
def make_small_key(seed: int, bits: int = 512) -> rsa.RSAPrivateKey:
    """A 512-bit RSA key with e=3, as the SII's CAFs have; ``cryptography`` generates none so small."""
    numbers = random.Random(seed)
    p, q = (_prime(numbers, bits // 2) for _ in range(2))
    d = pow(3, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(3, p * q)
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def _prime(numbers: random.Random, bits: int) -> int:
    """A prime with its two upper bits set, of which 3 is no factor of p-1."""
    while True:
        candidate = numbers.getrandbits(bits) | (3 << (bits - 2)) | 1
        fermat = (pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7, 11))
        if gcd(3, candidate - 1) == 1 and all(fermat):
            return candidate


AUTHORITY = make_small_key(999)
"""Signs every CAF of the tests, as the SII's own key does."""


def make_caf_xml(
    rut: str = EMISOR_RUT,
    tipo: int = 33,
    desde: int = 1,
    hasta: int = 100,
    *,
    idk: int = 999,
    razon_social: str = "PANADERIA ÑANDU & HIJOS",
) -> bytes:
    """A CAF file as the SII writes it: laid out in lines, ISO-8859-1 without saying so."""
    key = make_small_key(tipo)
    numbers = key.public_key().public_numbers()
    modulus, exponent = (
        base64.b64encode(n.to_bytes((n.bit_length() + 7) // 8, "big")).decode()
        for n in (numbers.n, numbers.e)
    )
    da = (
        f"<DA>\n<RE>{rut}</RE>\n<RS>{escape(razon_social)}</RS>\n<TD>{tipo}</TD>\n"
        f"<RNG><D>{desde}</D><H>{hasta}</H></RNG>\n<FA>2026-01-02</FA>\n"
        f"<RSAPK><M>{modulus}</M><E>{exponent}</E></RSAPK>\n<IDK>{idk}</IDK>\n</DA>"
    )
    signed = da.replace(">\n<", "><").encode("iso-8859-1")
    frma = base64.b64encode(AUTHORITY.sign(signed, PKCS1v15(), SHA1())).decode()  # noqa: S303 - the SII's
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return (
        f'<?xml version="1.0"?>\n<AUTORIZACION>\n<CAF version="1.0">\n{da}\n'
        f'<FRMA algoritmo="SHA1withRSA">{frma}</FRMA>\n</CAF>\n'
        f"<RSASK>{private}</RSASK>\n\n<RSAPUBK>{public}</RSAPUBK>\n</AUTORIZACION>\n"
    ).encode("iso-8859-1")


def make_x509(rut: str = SIGNER_RUT) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """A person's self-signed certificate with the RUT where the SII wants it, and its key; cached."""
    return _issue(rut)


@cache
def _issue(rut: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Gabriela Muñoz Pérez"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, rut),
        ]
    )
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=3650))
        .sign(key, SHA256())
    )
    return key, issued


def make_certificate(rut: str = SIGNER_RUT) -> certificate.Certificate:
    """That person's certificate, opened and ready to sign."""
    return certificate.make_certificate(*make_x509(rut))


XSI = "http://www.w3.org/2001/XMLSchema-instance"


def make_envelope(*signed: bytes, rut: str = EMISOR_RUT, root: str = "EnvioDTE") -> bytes:
    """An EnvioDTE (EnvioBOLETA) around signed DTEs, signed in place with xsi in scope as real ones are."""
    texts = [decode(xml) for xml in signed]
    tipos = Counter(text.partition("<TipoDTE>")[2].partition("<")[0] for text in texts)
    counts = "".join(
        f"<SubTotDTE><TpoDTE>{t}</TpoDTE><NroDTE>{n}</NroDTE></SubTotDTE>" for t, n in tipos.items()
    )
    cover = (
        f'<Caratula version="1.0"><RutEmisor>{rut}</RutEmisor><RutEnvia>{SIGNER_RUT}</RutEnvia>'
        "<RutReceptor>60803000-K</RutReceptor><FchResol>2026-01-02</FchResol><NroResol>0</NroResol>"
        f"<TmstFirmaEnv>2026-03-14T09:30:00</TmstFirmaEnv>{counts}</Caratula>"
    )
    scope = f'xmlns="{SII_NAMESPACE}" xmlns:xsi="{XSI}"'
    body = f'<SetDTE ID="SetDoc">\n{cover}\n' + "\n".join(texts) + "\n</SetDTE>"
    certified = make_certificate()
    # as a document of its own it has what is in scope inside the envelope
    digest = base64.b64encode(sha1(_c14n(body.replace("<SetDTE", f"<SetDTE {scope}", 1)))).decode()
    info = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{C14N}"/><SignatureMethod Algorithm="{RSA_SHA1}"/>'
        f'<Reference URI="#SetDoc"><DigestMethod Algorithm="{DSIG_NAMESPACE}sha1"/>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )
    scoped = info.replace("<SignedInfo", f'<SignedInfo xmlns="{DSIG_NAMESPACE}" xmlns:xsi="{XSI}"', 1)
    value = base64.b64encode(certified.key.sign(_c14n(scoped), PKCS1v15(), SHA1())).decode()  # noqa: S303 - the SII's
    key_info = decode(signed[0]).partition("<KeyInfo>")[2].partition("</KeyInfo>")[0]
    return encode(
        f'<{root} {scope} version="1.0">\n{body}\n<Signature xmlns="{DSIG_NAMESPACE}">{info}'
        f"<SignatureValue>{value}</SignatureValue><KeyInfo>{key_info}</KeyInfo></Signature>\n</{root}>"
    )


def _c14n(text: str) -> bytes:
    return etree.tostring(etree.fromstring(text), method="c14n")


def sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def make_signed_dte(documento: Documento | None = None, folio: int = 1, idk: int = 999) -> bytes:
    """A whole DTE as it leaves for the SII: stamped, signed, declared, in ISO-8859-1."""
    asked = documento or make_documento()
    opened = caf.open_caf(make_caf_xml(asked.emisor.rut, asked.tipo.value, folio, folio, idk=idk))
    totales = compute_totals(asked)
    ted = stamp(asked, folio, totales, opened, NOW)
    return encode(sign(build(asked, totales, folio, ted, NOW), make_certificate()))
