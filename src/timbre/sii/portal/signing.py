"""Signing at the SII with the person's centralised certificate (5.6 a-c). Nothing here issues."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from timbre.dte.document import Documento
from timbre.dte.errors import DteError
from timbre.dte.parsing import SII_NAMESPACE, parse_xml
from timbre.dte.rut import split_rut
from timbre.dte.signature import canonical, verify_dte
from timbre.sii.gateway import Prepared, Refused
from timbre.sii.portal.pages import Page
from timbre.sii.portal.readback import compare, mismatch
from timbre.sii.portal.reading import document_of
from timbre.sii.portal.session import PortalSession
from timbre.sii.portal.verdicts import refusal


def nodes(documento: Documento) -> dict[str, str]:
    """What the portal's page tells the signer to sign (5.6 c); an export's element has a name of its own."""
    name = "Exportaciones" if documento.es_exportacion else "Documento"
    return {"nodo": "dte:DTE", "nodoId": f"dte:{name}", "nameSpace": SII_NAMESPACE}


@dataclass(frozen=True, slots=True)
class Unsigned:
    """The portal's sign page: the form that would send, the XML it proposes and the folio in it."""

    form: Mapping[str, str]
    xml: str
    folio: int


def read_sign_page(page: Page, documento: Documento, *, idk: int) -> Unsigned:
    """The proposed document, once it equals the settled one to the letter.

    Raises Refused(sii_page_mismatch) when it does not, Refused(sii_rejected) on the SII's verdict.
    """
    form = page.form("frmSign")
    if form is None or not form.get("txtPlainText", "").strip():
        raise refusal(page, "sii_rejected")
    xml = form["txtPlainText"]
    folio = compare(documento, xml, idk=idk)
    if form.get("EFXP_FOLIO", "").strip() != str(folio):
        raise mismatch("folio", folio, form.get("EFXP_FOLIO"))
    return Unsigned(form, xml, folio)


def sign(session: PortalSession, unsigned: Unsigned, documento: Documento) -> Prepared:
    """The document signed by the SII and found to be the one proposed, with a signature that verifies.

    Raises Refused(certificate_password_invalid) when the SII gives back anything but a signed document, and
    Refused(certificate_missing) when the person has no centralised certificate.
    """
    rut, dv = split_rut(session.login.rut)
    nombre = session.certificate()
    password = {"clave": session.login.certificate_password}
    order = {"nombre": nombre, "dato": unsigned.xml, "rut": rut, "dv": dv} | password | nodes(documento)
    page = session.post("postFirmaDigital.cgi", order, encoding="utf-8")
    signed = _signed_text(page)
    xml, digest = _verified(signed, unsigned.xml)
    form = {name: value for name, value in unsigned.form.items() if name not in {"txtSignText", "clave"}}
    return Prepared(
        tipo=documento.tipo.value,
        emisor=documento.emisor.rut,
        folio=unsigned.folio,
        fecha_emision=documento.fecha_emision,
        xml=xml,
        digest=digest,
        form=form | {"nombre": nombre} | nodes(documento),
    )


def _signed_text(page: Page) -> str:
    """The answer as text: UTF-8 when it is, else ISO-8859-1; what it says is compared afterwards."""
    body = page.answer.body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("iso-8859-1")
    if "<html" in text.lower() and not page.verdict:
        raise refusal(page, "sii_rejected")
    if "<Signature" not in text:
        words = page.verdict or page.visible[:200]
        raise Refused("certificate_password_invalid", sii_words=words)
    return text.strip()


def _verified(signed: str, unsigned: str) -> tuple[bytes, str]:
    try:
        xml = signed.encode("iso-8859-1")
        verified = verify_dte(xml)
        if not _names_its_key(xml, verified.certificado):
            raise mismatch("", "la clave del certificado", "otra clave en la firma")
        if _content(xml) != _content(unsigned.strip().encode("iso-8859-1")):
            raise mismatch("", "el documento propuesto", "otro documento firmado")
    except (DteError, UnicodeEncodeError) as error:
        raise mismatch("", "una firma válida", error) from error
    return xml, verified.digest_value


def _names_its_key(xml: bytes, certificate: bytes) -> bool:
    """Whether KeyValue is the certificate's own key: the signature itself does not cover it."""
    key = load_der_x509_certificate(certificate).public_key()
    value = parse_xml(xml).find(".//{*}RSAKeyValue")
    if value is None or not isinstance(key, RSAPublicKey):
        return False
    numbers = key.public_numbers()
    return (numbers.n, numbers.e) == (_number(value, "Modulus"), _number(value, "Exponent"))


def _number(value: etree._Element, name: str) -> int:
    try:
        return int.from_bytes(b64decode("".join((value.findtext(f"{{*}}{name}") or "").split())), "big")
    except ValueError:
        return 0


def _content(xml: bytes) -> bytes:
    """The canonical document; whether its DTE names the namespace is the verifier's matter, not content."""
    documento = document_of(parse_xml(xml))
    if documento is None:
        raise mismatch("", "un DTE con un Documento", "otro XML")
    return canonical(documento).replace(f' xmlns="{SII_NAMESPACE}"'.encode(), b"", 1)
