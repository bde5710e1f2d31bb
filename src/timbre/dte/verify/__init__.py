"""Judges files of tax documents, ours or anybody's: a DTE, an EnvioDTE, an EnvioBOLETA, a portal's SetDTE."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from timbre.dte.errors import InvalidDigest, InvalidSignature, InvalidXml
from timbre.dte.parsing import parse_xml
from timbre.dte.signature import verify_set
from timbre.dte.verify.document import judge
from timbre.dte.verify.node import Node
from timbre.dte.verify.report import Finding, Judged, Report, Severity

__all__ = ["Finding", "Judged", "Report", "Severity", "verify"]

MAX_BYTES = 20_000_000
"""The most documents of an envelope, at 10 kB each."""
MAX_DOCUMENTS = 2_000
MAX_NAMESPACES = 10 * MAX_DOCUMENTS
"""Declared in a file: a document has two or three, and the time of C14N grows with their square."""
_ENVELOPES = ("EnvioDTE", "EnvioBOLETA")
_SIGNED = {"SetDTE", "Signature"}
_CLOSE = "</DTE>"


def verify(data: bytes) -> Report:
    """Judges a file. Hostile or broken ones are findings, never an exception.

    Each ``<DTE>`` is cut out of the file's own characters and judged alone, as the SII does. Whether the
    SII really granted a CAF (FRMA) is not told: its public keys are not here.
    """
    try:
        root = parse_xml(data, MAX_BYTES)
        text = data.decode(root.getroottree().docinfo.encoding or "utf-8")
    except (InvalidXml, LookupError, UnicodeDecodeError) as error:
        return Report(findings=(Finding("not_xml", str(error)),))
    if text.count("xmlns") > MAX_NAMESPACES:
        message = f"El archivo declara más de {MAX_NAMESPACES} espacios de nombres."
        return Report(findings=(Finding("not_xml", message),))
    kind = etree.QName(root).localname
    if kind not in ("DTE", "SetDTE", *_ENVELOPES):
        return Report(
            kind=kind, findings=(Finding("not_a_dte", f"<{kind[:40]}> no es un documento tributario."),)
        )
    cut, seen = list(_cut(text)), [found for found in root.iter("{*}DTE") if found.prefix is None]
    inside = seen if len(seen) == len(cut) else [None] * len(cut)
    documents = tuple(map(judge, cut[:MAX_DOCUMENTS], inside))
    findings = (
        *_judge_cut(len(seen), len(cut)),
        *_judge_encoding(root),
        *_judge_envelope(root, kind),
        *_judge_set(documents),
    )
    return Report(kind=kind, findings=findings, documents=documents)


def _cut(text: str) -> Iterator[str]:
    """Every ``<DTE>`` as it was written; linear, whatever the file holds."""
    start = text.find("<DTE")
    while start >= 0 and (end := text.find(_CLOSE, start)) >= 0:
        yield text[start : end + len(_CLOSE)]
        start = text.find("<DTE", end)


def _judge_cut(seen: int, cut: int) -> Iterator[Finding]:
    """What a reader of XML sees and what can be cut out must be the same documents."""
    if not cut:
        yield Finding("no_documents", "El archivo no trae ningún DTE.")
    elif seen != cut:
        yield Finding(
            "cut", "Los DTE no se pueden recortar sin dudas: hay otros en comentarios o con prefijo."
        )
    if cut > MAX_DOCUMENTS:
        yield Finding("too_many", f"Trae {cut} documentos; se revisaron los primeros {MAX_DOCUMENTS}.")


def _judge_encoding(root: etree._Element) -> Iterator[Finding]:
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() != "ISO-8859-1":
        message = f"El archivo declara {encoding}; el SII recibe ISO-8859-1."
        yield Finding("encoding", message, Severity.NOTE)


def _judge_envelope(root: etree._Element, kind: str) -> Iterator[Finding]:
    """The envelope's signature and its cover."""
    if kind not in _ENVELOPES:
        return
    try:
        verify_set(root)
    except InvalidDigest:
        yield Finding("set_digest", "El contenido del sobre no corresponde a su firma (DigestValue).")
    except (InvalidSignature, InvalidXml) as error:
        yield Finding("set_signature", f"La firma del sobre no vale: {error}")
    envelope = Node(root)
    seen, inside = list(root.iter("{*}DTE")), list(envelope.children("SetDTE/DTE"))
    if (
        len(seen) != len(inside)
        or {etree.QName(child).localname for child in root.iterchildren("*")} - _SIGNED
    ):
        yield Finding(
            "outside_set", "El sobre trae algo fuera del SetDTE que firma, o un DTE fuera de lugar."
        )
    documents = [
        found
        for name in ("Documento", "Exportaciones", "Liquidacion")
        for found in envelope.children(f"SetDTE/DTE/{name}")
    ]
    counted = Counter(found.text("Encabezado/IdDoc/TipoDTE") for found in documents)
    covers = list(envelope.children("SetDTE/Caratula/SubTotDTE"))
    if {cover.text("TpoDTE"): cover.text("NroDTE") for cover in covers} != {
        tipo: str(count) for tipo, count in counted.items()
    }:
        yield Finding("cover_count", "La carátula no cuenta los documentos que vienen (SubTotDTE).")
    issuers = {found.text("Encabezado/Emisor/RUTEmisor") for found in documents}
    if issuers - {envelope.text("SetDTE/Caratula/RutEmisor")}:
        yield Finding("cover_issuer", "La carátula nombra a otro emisor que los documentos.")


def _judge_set(documents: tuple[Judged, ...]) -> Iterator[Finding]:
    counted = Counter((each.emisor, each.tipo, each.folio) for each in documents if each.folio)
    for (emisor, tipo, folio), count in counted.items():
        if count > 1:
            yield Finding(
                "repeated", f"El documento tipo {tipo} folio {folio} de {emisor} viene {count} veces."
            )
