"""What will be signed is read back (design 2.7): the portal builds the XML, so it is compared to the letter.

Every element of the portal's Documento must be one that was asked for, with its value; only what the SII
adds by itself (folio, stamp, time of signature) is left to the stamp's own consistency.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from lxml import etree

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import parse_xml
from timbre.dte.totals import compute_totals
from timbre.sii.gateway import Refused
from timbre.sii.portal.asked import expected, json_path
from timbre.sii.portal.form import ORDINARY

_CONTROL = {"PTDC_CODIGO", "CANT_DET", "ES_BORR", "EFXP_ACTECO_SELECT"}
"""Fields of the form that a preview need not repeat; when it does, they must be the same."""
_BY_THE_SII = {"Encabezado/IdDoc/Folio", "TmstFirma"}
_OPTIONAL = {
    "Encabezado/Totales/MntExe": "0",
    "Encabezado/IdDoc/TpoTranCompra": ORDINARY,
    "Encabezado/IdDoc/TpoTranVenta": ORDINARY,
}
"""What the SII may write where nothing was asked, and the only value it may have."""


def compare(documento: Documento, xml_text: str, *, idk: int) -> int:
    """The folio of the portal's XML, once everything else in it equals the settled document.

    Raises Refused(sii_page_mismatch) that names the field and both values: another content, another
    environment's CAF (``idk``), or a stamp that speaks of something else.
    """
    content, ted = _read(xml_text)
    for path, value, field in expected(documento):
        found = content.pop(path, None)
        if not _equal(value, found) and not (value is None and found == _OPTIONAL.get(path)):
            raise mismatch(field, value, found)
    if documento.tipo is TipoDte.FACTURA_EXENTA:
        # All lines of a 34 are exempt, so the portal may say it of each one or of none.
        content = {path: text for path, text in content.items() if not _is_exempt_mark(path, text)}
    folio = content.get("Encabezado/IdDoc/Folio", "")
    strange = {
        path: text
        for path, text in content.items()
        if path not in _BY_THE_SII and text != _OPTIONAL.get(path)
    }
    if strange:
        path, text = next(iter(strange.items()))
        raise mismatch("", None, f"{path}: {text}")
    if not (folio.isdigit() and int(folio) > 0):
        raise mismatch("folio", "un número", folio)
    _check_stamp(documento, ted, int(folio), idk)
    return int(folio)


def compare_preview(posted: Mapping[str, str], preview: Mapping[str, str]) -> None:
    """Makes sure the preview's hidden fields say what was posted, neither less nor more (8.3)."""
    for name in posted.keys() | preview.keys():
        if name in _CONTROL and name not in preview:
            continue
        if name not in _CONTROL and (not name.startswith("EFXP_") or name.endswith("_DEFUALT")):
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


def _read(xml_text: str) -> tuple[dict[str, str], etree._Element]:
    """The leaves of the one Documento by path, lists numbered from 0, and its stamp apart."""
    try:
        root = parse_xml(xml_text.encode("iso-8859-1") if xml_text.startswith("<?xml") else xml_text.encode())
    except (InvalidXml, UnicodeEncodeError) as error:
        raise mismatch("", "un DTE", "otro texto") from error
    documents = root.findall("{*}Documento")
    stamps = documents[0].findall("{*}TED") if len(documents) == 1 else []
    if _local(root) != "DTE" or len(stamps) != 1:
        raise mismatch("", "un DTE con un Documento", f"<{_local(root)}>")
    return dict(leaves(documents[0])), stamps[0]


def leaves(element: etree._Element, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of each element of a Documento without children, lists numbered from 0; not its stamp."""
    counts: dict[str, int] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = _local(child)
        count = counts[name] = counts.get(name, -1) + 1
        if prefix == "" and name == "TED":
            continue
        numbered = name in {"Detalle", "Referencia"} or count
        path = f"{prefix}{name}.{count}" if numbered else f"{prefix}{name}"
        if len(child):
            yield from leaves(child, f"{path}/")
        else:
            yield path, (child.text or "").strip()


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


def _is_exempt_mark(path: str, text: str) -> bool:
    return path.startswith("Detalle.") and path.endswith("/IndExe") and text == "1"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _as_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if text.replace(".", "", 1).isdigit() else None
    except InvalidOperation:
        return None
    return number
