"""Documents, CAFs and certificates of fictitious people, shared by the tests of every room."""

import base64
import random
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

from timbre.dte import caf, certificate
from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor
from timbre.dte.parsing import encode
from timbre.dte.signature import sign
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


def make_signed_dte(documento: Documento | None = None, folio: int = 1, idk: int = 999) -> bytes:
    """A whole DTE as it leaves for the SII: stamped, signed, declared, in ISO-8859-1."""
    asked = documento or make_documento()
    opened = caf.open_caf(make_caf_xml(asked.emisor.rut, asked.tipo.value, folio, folio, idk=idk))
    totales = compute_totals(asked)
    ted = stamp(asked, folio, totales, opened, NOW)
    return encode(sign(build(asked, totales, folio, ted, NOW), make_certificate()))
