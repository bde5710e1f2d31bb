"""The stamp of a document judged: its signature, whether it says what the document says, and its CAF."""

import re
from collections.abc import Iterator

from timbre.dte.caf import flatten
from timbre.dte.codes import IDK_PRODUCTION, IDK_SIMULATOR
from timbre.dte.errors import InvalidSignature
from timbre.dte.parsing import SII_NAMESPACE
from timbre.dte.stamp import verify_stamp
from timbre.dte.text import fold_ascii
from timbre.dte.verify.node import Node
from timbre.dte.verify.report import Finding, Severity

IDK_CERTIFICATION = 100
_AUTHORITIES = {
    IDK_PRODUCTION: ("de producción del SII. Su firma (FRMA) no se comprobó", Severity.NOTE),
    IDK_CERTIFICATION: ("de certificación del SII: el documento no tiene validez", Severity.WARNING),
    IDK_SIMULATOR: ("del simulador: el documento no tiene validez", Severity.WARNING),
}
_SAID_TWICE = {
    "RE": "Encabezado/Emisor/RUTEmisor",
    "TD": "Encabezado/IdDoc/TipoDTE",
    "F": "Encabezado/IdDoc/Folio",
    "FE": "Encabezado/IdDoc/FchEmis",
    "RR": "Encabezado/Receptor/RUTRecep",
}
_NAMED_TWICE = {"RSR": "Encabezado/Receptor/RznSocRecep", "IT1": "Detalle/NmbItem"}
_LETTERS = re.compile(r"[^a-z0-9]")


def judge_stamp(text: str, document: Node) -> Iterator[Finding]:
    """``text`` is the document as it was written: what was stamped are its characters."""
    start, end = text.find("<TED"), text.rfind("</TED>")
    if start < 0 or end < start or not document.has("TED/DD/CAF/DA"):
        yield Finding("stamp_missing", "No trae timbre electrónico (TED).")
        return
    try:
        verify_stamp(flatten(text[start : end + 6]).replace(f' xmlns="{SII_NAMESPACE}"', ""))
    except InvalidSignature as error:
        yield Finding("stamp_signature", str(error))
    yield from _agreement(document)
    yield from _caf(document)


def idk_of(document: Node) -> int | None:
    """The authority that the stamp's CAF names, None when it names none."""
    try:
        number = document.number("TED/DD/CAF/DA/IDK")
    except ValueError:
        return None
    return None if number is None else int(number)


def _agreement(document: Node) -> Iterator[Finding]:
    for name, path in _SAID_TWICE.items():
        stamped, written = document.text(f"TED/DD/{name}"), document.text(path)
        if stamped != written:
            yield Finding(
                "stamp_disagrees", f"El timbre dice {name} {stamped[:30]} y el documento {written[:30]}."
            )
    if document.number("TED/DD/MNT") != document.number("Encabezado/Totales/MntTotal"):
        yield Finding("stamp_disagrees", "El monto del timbre (MNT) no es el total del documento.")
    for name, path in _NAMED_TWICE.items():
        stamped, written = _letters(document.text(f"TED/DD/{name}")), _letters(document.text(path))
        if not (written.startswith(stamped) or stamped.startswith(written)):
            message = f"El {name} del timbre no es el comienzo de lo que dice el documento."
            yield Finding("stamp_name", message, Severity.WARNING)


def _caf(document: Node) -> Iterator[Finding]:
    caf, idk = "TED/DD/CAF/DA", idk_of(document)
    if document.text(f"{caf}/RE") != document.text("Encabezado/Emisor/RUTEmisor"):
        yield Finding("caf_issuer", "El CAF del timbre es de otro contribuyente.")
    if document.text(f"{caf}/TD") != document.text("Encabezado/IdDoc/TipoDTE"):
        yield Finding("caf_type", "El CAF del timbre es de otro tipo de documento.")
    first, folio, last = (
        document.number(path) or 0 for path in (f"{caf}/RNG/D", "Encabezado/IdDoc/Folio", f"{caf}/RNG/H")
    )
    if not first <= folio <= last:
        yield Finding("caf_range", f"El folio {folio:f} no está en el rango {first:f}-{last:f} de su CAF.")
    granted, stamped = document.text(f"{caf}/FA"), document.text("TED/DD/TSTED")[:10]
    if stamped < granted:
        # As text: both are written YYYY-MM-DD, or the schema has told of it.
        message = f"El timbre es del {stamped[:10]} y su CAF, posterior: del {granted[:10]} (SII TED-1-646)."
        yield Finding("caf_date", message, Severity.WARNING)
    says, severity = _AUTHORITIES.get(idk or 0, ("que no se conoce", Severity.WARNING))
    yield Finding("authority", f"El CAF nombra una autoridad (IDK {idk}) {says}.", severity)


def _letters(text: str) -> str:
    """A name as far as two spellings of it agree: folded, without case, blanks and signs."""
    return _LETTERS.sub("", fold_ascii(text).lower())
