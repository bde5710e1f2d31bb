"""One ``<DTE>`` judged as the SII judges it: cut out of its envelope, alone."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from timbre.dte.certificate import rut_of
from timbre.dte.clock import CHILE
from timbre.dte.errors import InvalidCertificate, InvalidDigest, InvalidSignature, InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, parse_xml
from timbre.dte.schema import validate
from timbre.dte.signature import verify_dte, verify_in_place
from timbre.dte.verify.arithmetic import disagreements
from timbre.dte.verify.node import Node
from timbre.dte.verify.report import Finding, Judged, Severity
from timbre.dte.verify.stamped import idk_of, judge_stamp

_DOCUMENTS = ("Documento", "Exportaciones", "Liquidacion")
_MOST = 100
"""Findings of one document: more tell nobody more."""


def judge(text: str, in_place: etree._Element | None = None) -> Judged:
    """Everything that can be told of one ``<DTE>`` from its characters; raises nothing.

    ``in_place`` is the same DTE inside its envelope: a signature that holds only there is told apart.
    """
    try:
        root = parse_xml(text.encode())
    except (InvalidXml, UnicodeEncodeError) as error:
        return Judged(
            tipo="", folio="", emisor="", receptor="", total="", findings=(Finding("not_xml", str(error)),)
        )
    document = next((found for name in _DOCUMENTS for found in Node(root).children(name)), Node(root))
    firmante, of_signature = _judge_signature(text, document, in_place)
    found = chain(_judge_schema(text, root), of_signature, _judge_content(text, document))
    return Judged(
        tipo=document.text("Encabezado/IdDoc/TipoDTE")[:3],
        folio=document.text("Encabezado/IdDoc/Folio")[:10],
        emisor=document.text("Encabezado/Emisor/RUTEmisor")[:10],
        receptor=document.text("Encabezado/Receptor/RUTRecep")[:10],
        total=document.text("Encabezado/Totales/MntTotal")[:20],
        firmante=firmante,
        idk=idk_of(document),
        findings=tuple(islice(found, _MOST)),
    )


def _judge_schema(text: str, root: etree._Element) -> Iterator[Finding]:
    """A bare ``<DTE>`` lost its namespace on the way: that alone is no fault (sii-protocols 3.2)."""
    bare = not str(root.tag).startswith("{")
    try:
        validate((text.replace("<DTE", f'<DTE xmlns="{SII_NAMESPACE}"', 1) if bare else text).encode())
    except InvalidXml as error:
        yield Finding("schema", str(error))


def _judge_signature(
    text: str, document: Node, in_place: etree._Element | None
) -> tuple[str, tuple[Finding, ...]]:
    """Who signed (empty when nobody did), and what is wrong with it."""
    try:
        verified = verify_dte(text.encode())
    except InvalidDigest as error:
        if in_place is not None and _holds(in_place):
            message = "La firma vale solo dentro de su sobre: el SII recorta el DTE y la rechaza (DTE-3-505)."
            return "", (Finding("digest_in_place", message),)
        return "", (Finding("digest", str(error)),)
    except (InvalidSignature, InvalidXml) as error:
        return "", (Finding("signature", str(error)),)
    try:
        issued = x509.load_der_x509_certificate(verified.certificado)
        return _person(issued), tuple(_judge_dates(issued, document))
    except (InvalidCertificate, ValueError) as error:
        return "", (Finding("certificate_nobody", str(error), Severity.WARNING),)


def _holds(in_place: etree._Element) -> bool:
    try:
        verify_in_place(in_place)
    except (InvalidSignature, InvalidXml):
        return False
    return True


def _person(issued: x509.Certificate) -> str:
    names = issued.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return " ".join([rut_of(issued), *(str(name.value) for name in names[:1])])


def _judge_dates(issued: x509.Certificate, document: Node) -> Iterator[Finding]:
    try:
        signed = datetime.fromisoformat(document.text("TmstFirma"))
        signed = signed if signed.tzinfo else signed.replace(tzinfo=CHILE)
        valid = issued.not_valid_before_utc <= signed <= issued.not_valid_after_utc
    except (ValueError, OverflowError):
        yield Finding("certificate_dates", "TmstFirma no dice cuándo se firmó.", Severity.WARNING)
        return
    if not valid:
        since, until = issued.not_valid_before_utc, issued.not_valid_after_utc
        message = (
            f"Se firmó el {signed:%Y-%m-%d}; el certificado vale del {since:%Y-%m-%d} al {until:%Y-%m-%d}."
        )
        yield Finding("certificate_dates", message)


def _judge_content(text: str, document: Node) -> Iterator[Finding]:
    """Stamp and amounts. A value that is none of its kind ends the one that wanted it, not the other."""
    try:
        yield from judge_stamp(text, document)
    except ValueError as error:
        yield Finding("stamp_disagrees", f"El timbre no se puede comparar con el documento: {error}.")
    yield from disagreements(document)
