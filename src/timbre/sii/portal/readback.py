"""What will be signed is read back (design 2.7): the portal builds the XML, so it is compared to the letter.

Every element of the portal's Documento must be one that was asked for, with its value; only what the SII
adds by itself (folio, stamp, time of signature) is left to the stamp's own consistency.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from lxml import etree

from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import parse_xml
from timbre.dte.totals import compute_totals
from timbre.sii.gateway import Refused
from timbre.sii.portal.asked import expected
from timbre.sii.portal.naming import json_path
from timbre.sii.portal.reading import document_of, leaves, local

_CONTROL = {
    "PTDC_CODIGO", "CANT_DET", "ES_BORR", "EFXP_ACTECO_SELECT", "TIPO_PLANTILLA", "AGENTE_RETENEDOR",
}  # fmt: skip
"""Fields of the form that a preview need not repeat; when it does, they must be the same."""
_BY_THE_SII = {"Encabezado/IdDoc/Folio", "TmstFirma"}


def compare(documento: Documento, xml_text: str, *, idk: int) -> int:
    """The folio of the portal's XML, once everything else in it equals the settled document.

    Raises Refused(sii_page_mismatch) that names the field and both values: another content, another
    environment's CAF (``idk``), or a stamp that speaks of something else.
    """
    content, ted = _read(xml_text, "Exportaciones" if documento.es_exportacion else "Documento")
    for path, value, field, also in expected(documento):
        found = content.pop(path, None)
        if not any(_equal(each, found) for each in (value, *also)):
            raise mismatch(field, value, found)
    folio = content.get("Encabezado/IdDoc/Folio", "")
    for path in content.keys() - _BY_THE_SII:
        raise mismatch("", None, f"{path}: {content[path]}")
    if not (folio.isdigit() and int(folio) > 0):
        raise mismatch("folio", "un número", folio)
    _check_stamp(documento, ted, int(folio), idk)
    return int(folio)


def compare_preview(posted: Mapping[str, str], preview: Mapping[str, str]) -> None:
    """Makes sure the preview's hidden fields say what was posted, neither less nor more (8.3)."""
    for name in posted.keys() | preview.keys():
        if name in _CONTROL and name not in preview:
            continue
        told = name.startswith(("EFXP_", "EDFE_")) and not name.endswith("_DEFUALT")
        if not told and name not in _CONTROL:
            continue
        asked, found = posted.get(name, "").strip(), preview.get(name, "").strip()
        number = _as_number(asked)
        if (asked or "0") != (found or "0") and (number is None or not _equal(number, found)):
            raise mismatch(json_path(name), asked, found)


def mismatch(field: str, asked: object, found: object) -> Refused:
    """The refusal that says what was asked and what the SII's page says instead."""
    return Refused(
        "sii_page_mismatch",
        field=field,
        sii_words=f"se pidió «{asked or ''}» y el SII muestra «{found or ''}»",
    )


def _read(xml_text: str, name: str) -> tuple[dict[str, str], etree._Element]:
    """The leaves of the one document, which is called so, by path; and its stamp apart."""
    try:
        root = parse_xml(xml_text.encode("iso-8859-1") if xml_text.startswith("<?xml") else xml_text.encode())
    except (InvalidXml, UnicodeEncodeError) as error:
        raise mismatch("", "un DTE", "otro texto") from error
    document = document_of(root)
    stamps = document.findall("{*}TED") if document is not None else []
    if document is None or local(document) != name or len(stamps) != 1:
        raise mismatch("", f"un DTE con un {name}", f"<{local(root)}>")
    return dict(leaves(document)), stamps[0]


def _check_stamp(documento: Documento, ted: etree._Element, folio: int, idk: int) -> None:
    wanted = {
        "RE": documento.emisor.rut,
        "TD": documento.tipo.value,
        "F": folio,
        "FE": documento.fecha_emision.isoformat(),
        "RR": documento.receptor.rut,
        "MNT": compute_totals(documento).total,
        "CAF/DA/RE": documento.emisor.rut,
        "CAF/DA/TD": documento.tipo.value,
        "CAF/DA/IDK": idk,
    }
    for path, value in wanted.items():
        found = ted.findtext("{*}DD/" + "/".join(f"{{*}}{name}" for name in path.split("/")))
        if not _equal(value, (found or "").strip()):
            raise mismatch("", f"TED {path} {value}", found)


def _equal(value: object, found: str | None) -> bool:
    """Numbers by value (``1`` is ``1.00``), texts to the letter, None and empty as absent."""
    if value is None or value == "":
        return not found
    if isinstance(value, int | Decimal):
        return found is not None and _as_number(found) == value
    return found == str(value).strip()


def _as_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if text.replace(".", "", 1).isdigit() else None
    except InvalidOperation:
        return None
    return number
