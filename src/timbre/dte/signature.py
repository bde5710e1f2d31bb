"""The signature of a DTE (sii-protocols 3): SHA-1 and RSA over inclusive C14N of ``Documento``.

The SII cuts every ``<DTE>`` out of its envelope and verifies it alone, so it is signed alone. Digest bytes
are UTF-8 (C14N's), although the file is ISO-8859-1.
"""

import base64
import hashlib
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from timbre.dte.canonical import Canonical
from timbre.dte.certificate import Certificate
from timbre.dte.errors import InvalidDigest, InvalidSignature, InvalidXml
from timbre.dte.parsing import DSIG_NAMESPACE, SII_NAMESPACE, parse_xml

MOST_NAMESPACES = 20
"""In scope at what is signed; real files have three, and the time of C14N grows with their cube."""
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA1 = f"{DSIG_NAMESPACE}rsa-sha1"
_DS = f"{{{DSIG_NAMESPACE}}}"
_DOCUMENTS = ("Documento", "Exportaciones", "Liquidacion")
_APEX = re.compile(
    rf'<DTE xmlns="{SII_NAMESPACE}" version="1\.0">\n<(Documento|Exportaciones) ID="([\w.-]+)">', re.ASCII
)


@dataclass(frozen=True, slots=True)
class VerifiedDte:
    """A DTE whose digest and signature hold. Base64 is without white space; ``certificado`` is DER."""

    documento_id: str
    digest_value: str
    signature_value: str
    certificado: bytes


def sign(document_xml: str, certificate: Certificate) -> str:
    """The ``<DTE>`` text with its Signature put in; every other character is as it was.

    Raises InvalidXml when the text is no DTE with one unsigned document. What is inside it the schema judges.
    """
    text = document_xml.rstrip()
    apex = _APEX.match(document_xml) if isinstance(document_xml, Canonical) else None
    documento_id, digest = _written(text, apex) if apex else _parsed(text)
    signature = _signature(documento_id, digest, certificate)
    return f"{text.removesuffix('</DTE>')}{signature}\n</DTE>"


def _written(text: str, apex: re.Match[str]) -> tuple[str, str]:
    """ID and digest of the document in a DTE of ours, which lacks but the namespace it inherits."""
    name, documento_id = apex.groups()
    content = text[apex.end() :].removesuffix("\n</DTE>")
    return documento_id, _sha1(f'<{name} xmlns="{SII_NAMESPACE}" ID="{documento_id}">{content}'.encode())


def _parsed(text: str) -> tuple[str, str]:
    """ID and digest of the document in a DTE that somebody else wrote."""
    if not text.endswith("</DTE>"):
        raise InvalidXml("El texto por firmar no es un DTE.")
    root = parse_xml((text.partition("?>")[2] if text.startswith("<?xml") else text).strip().encode())
    if root.find(f"{_DS}Signature") is not None:
        raise InvalidXml("El DTE ya está firmado.")
    documento = _documento(root)
    if prefixes := ", ".join(sorted(filter(None, documento.nsmap))):
        raise InvalidXml(f"El DTE declara {prefixes}: su firma no valdría fuera del sobre.")
    return documento.get("ID", ""), _sha1(canonical(documento))


def verify_dte(xml: bytes) -> VerifiedDte:
    """Verifies one ``<DTE>`` as the SII does, alone; raises InvalidSignature, or InvalidXml for no DTE.

    Real documents come in three forms: with the SII's namespace; without and signed so; and without,
    but signed with it (the portal's files lose it). All three are accepted.
    """
    root = parse_xml(xml)
    documento = _documento(root)
    forms = [documento] if documento.tag.startswith("{") else [documento, _documento(_with_namespace(root))]
    return _verified(root, documento, forms)


def verify_in_place(dte: etree._Element) -> VerifiedDte:
    """Verifies a ``<DTE>`` where it stands, its envelope's namespaces in scope, as the SII does not."""
    documento = _documento(dte)
    return _verified(dte, documento, [documento])


def verify_set(envelope: etree._Element) -> VerifiedDte:
    """Verifies an envelope's own signature over its ``SetDTE``, in place: with the namespaces in scope there.

    Raises InvalidSignature, or InvalidXml when it has not one SetDTE.
    """
    sets = [
        child for child in envelope if isinstance(child.tag, str) and etree.QName(child).localname == "SetDTE"
    ]
    if len(sets) != 1:
        raise InvalidXml("El sobre no trae un solo SetDTE.")
    return _verified(envelope, sets[0], sets)


def digest_of(xml: bytes) -> str:
    """The DigestValue written in a signed ``<DTE>``, base64 without white space; nothing is verified."""
    value = parse_xml(xml).findtext(f"{_DS}Signature/{_DS}SignedInfo/{_DS}Reference/{_DS}DigestValue")
    if not value:
        raise InvalidXml("El DTE no está firmado.")
    return _squeeze(value)


def canonical(element: etree._Element) -> bytes:
    """Inclusive C14N of an element where it stands, without comments.

    lxml canonicalises an attached child wrongly, so the element becomes the root of its own tree and takes
    along the namespaces it had in scope. Raises InvalidXml for one that has no canonical form (a namespace
    that is no absolute URI), or more of them in scope than any real file.
    """
    scope = cast("dict[str, str]", element.nsmap)  # lxml's own type of it forgets the unnamed namespace
    if len(scope) > MOST_NAMESPACES:
        raise InvalidXml(f"El XML declara más de {MOST_NAMESPACES} espacios de nombres.")
    root = etree.Element(element.tag, {str(name): str(value) for name, value in element.items()}, scope)
    root.text = element.text
    root.extend(list(deepcopy(element)))
    try:
        return etree.tostring(root, method="c14n", with_comments=False)
    except etree.C14NError as error:
        raise InvalidXml(f"El XML no tiene forma canónica: {error}") from error


def _verified(parent: etree._Element, signed: etree._Element, forms: list[etree._Element]) -> VerifiedDte:
    """The signature beside ``signed``, whose digest is that of one of its forms."""
    signature = parent.find(f"{_DS}Signature")
    if signature is None:
        raise InvalidSignature("No trae firma.")
    digest = _checked_reference(signature, signed)
    if digest not in {_sha1(canonical(form)) for form in forms}:
        raise InvalidDigest("El contenido del documento no corresponde a su firma (DigestValue).")
    certificate = _certificate(signature)
    value = _squeeze(signature.findtext(f"{_DS}SignatureValue"))
    _verify(certificate, value, signature)
    return VerifiedDte(signed.get("ID", ""), digest, value, base64.b64decode(_x509_text(signature)))


def _signature(documento_id: str, digest: str, certificate: Certificate) -> str:
    """SignedInfo is written canonically: its signed bytes are this text with the namespace it inherits."""
    content = (
        f'\n<CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>\n'
        f'<SignatureMethod Algorithm="{RSA_SHA1}"></SignatureMethod>\n'
        f'<Reference URI="#{documento_id}">\n'
        f'<Transforms>\n<Transform Algorithm="{C14N}"></Transform>\n</Transforms>\n'
        f'<DigestMethod Algorithm="{DSIG_NAMESPACE}sha1"></DigestMethod>\n'
        f"<DigestValue>{digest}</DigestValue>\n</Reference>\n</SignedInfo>"
    )
    signed = f'<SignedInfo xmlns="{DSIG_NAMESPACE}">{content}'.encode()
    value = base64.b64encode(certificate.key.sign(signed, PKCS1v15(), SHA1())).decode()  # noqa: S303
    return (
        f'<Signature xmlns="{DSIG_NAMESPACE}">\n<SignedInfo>{content}\n'
        f"<SignatureValue>{_wrap(value)}</SignatureValue>\n{_key_info(certificate.der)}\n</Signature>"
    )


@lru_cache(maxsize=64)
def _key_info(der: str) -> str:
    """What of a certificate is public, the same in all that it signs."""
    key = x509.load_der_x509_certificate(base64.b64decode(der)).public_key()
    assert isinstance(key, RSAPublicKey)
    numbers = key.public_numbers()
    return (
        "<KeyInfo>\n<KeyValue>\n<RSAKeyValue>\n"
        f"<Modulus>{_wrap(_number(numbers.n))}</Modulus>\n<Exponent>{_number(numbers.e)}</Exponent>\n"
        "</RSAKeyValue>\n</KeyValue>\n<X509Data>\n"
        f"<X509Certificate>{_wrap(der)}</X509Certificate>\n</X509Data>\n</KeyInfo>"
    )


def _documento(root: etree._Element) -> etree._Element:
    """The one document of a DTE: a second one could hide behind a good signature."""
    children = [child for child in root if isinstance(child.tag, str)]
    documents = [child for child in children if etree.QName(child).localname in _DOCUMENTS]
    signatures = [child for child in children if child.tag == f"{_DS}Signature"]
    strangers = len(children) - len(documents) - len(signatures)
    if etree.QName(root).localname != "DTE" or len(documents) != 1 or len(signatures) > 1 or strangers:
        raise InvalidXml("El archivo no es un DTE con un solo documento.")
    return documents[0]


def _with_namespace(root: etree._Element) -> etree._Element:
    """The tree of a bare ``<DTE>`` had it declared the SII's namespace."""
    text = etree.tostring(root, encoding="unicode")
    return parse_xml(text.replace("<DTE", f'<DTE xmlns="{SII_NAMESPACE}"', 1).encode())


def _checked_reference(signature: etree._Element, documento: etree._Element) -> str:
    """The DigestValue of a signature that points at this document with the SII's algorithms and no others."""
    info = signature.find(f"{_DS}SignedInfo")
    references = [] if info is None else info.findall(f"{_DS}Reference")
    if info is None or len(references) != 1 or references[0].get("URI") != f"#{documento.get('ID')}":
        raise InvalidSignature("La firma no se refiere a este documento.")
    found = {(etree.QName(node).localname, node.get("Algorithm")) for node in info.iter("{*}*")}
    named = {(name, algorithm) for name, algorithm in found if algorithm is not None}
    allowed = {
        ("CanonicalizationMethod", C14N),
        ("SignatureMethod", RSA_SHA1),
        ("DigestMethod", f"{DSIG_NAMESPACE}sha1"),
    }
    if not allowed <= named <= allowed | {("Transform", C14N)}:
        raise InvalidSignature("La firma usa algoritmos que el SII no admite.")
    return _squeeze(references[0].findtext(f"{_DS}DigestValue"))


def _verify(certificate: x509.Certificate, value: str, signature: etree._Element) -> None:
    info = signature.find(f"{_DS}SignedInfo")
    assert info is not None
    try:
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise InvalidSignature("El certificado de la firma no es RSA.")
        if _says_another(signature, key):
            raise InvalidSignature("La clave que la firma dice (KeyValue) no es la de su certificado.")
        key.verify(base64.b64decode(value), canonical(info), PKCS1v15(), SHA1())  # noqa: S303 - the SII's
    except (WrongSignature, UnsupportedAlgorithm, ValueError) as error:
        raise InvalidSignature("La firma no corresponde al certificado que trae (SignatureValue).") from error


def _says_another(signature: etree._Element, key: RSAPublicKey) -> bool:
    """Whether KeyValue, beside the certificate, is another key; without it the schema speaks."""
    said = signature.find(f"{_DS}KeyInfo/{_DS}KeyValue")
    if said is None:
        return False
    modulus, exponent = (
        int.from_bytes(base64.b64decode(_squeeze(said.findtext(f"{_DS}RSAKeyValue/{_DS}{name}"))), "big")
        for name in ("Modulus", "Exponent")
    )
    return RSAPublicNumbers(exponent, modulus) != key.public_numbers()


def _certificate(signature: etree._Element) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(_x509_text(signature)))
    except (ValueError, x509.InvalidVersion) as error:
        raise InvalidSignature("La firma no trae un certificado que se pueda leer.") from error


def _x509_text(signature: etree._Element) -> str:
    return _squeeze(signature.findtext(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate"))


def _sha1(data: bytes) -> str:
    return base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _number(value: int) -> str:
    return base64.b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def _wrap(text: str) -> str:
    """Base64 in lines of 76, well under the SII's 4,090 bytes."""
    return "\n".join(text[start : start + 76] for start in range(0, len(text), 76))


def _squeeze(text: str | None) -> str:
    return "".join((text or "").split())
