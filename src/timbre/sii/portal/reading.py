"""A DTE's XML as its leaves: what the portal proposes and what its backup holds are read the same way."""

from collections.abc import Iterator

from lxml import etree

from timbre.dte.parsing import parse_xml

_LISTS = {"Detalle", "Referencia", "DscRcgGlobal", "MntPagos", "ImptoReten", "TipoBultos"}
_DOCUMENTS = ("Documento", "Exportaciones")
_NAMED, _ANNULS = ("TpoDocRef", "FolioRef", "CodRef"), "1"


def document_of(root: etree._Element) -> etree._Element | None:
    """The one document of a DTE, whichever its element is called; None when there is none or another one."""
    found = [child for child in root if isinstance(child.tag, str) and local(child) in _DOCUMENTS]
    return found[0] if len(found) == 1 and local(root) == "DTE" else None


def leaves(element: etree._Element, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of each element of a document without children, lists numbered from 0; not its stamp."""
    counts: dict[str, int] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = local(child)
        count = counts[name] = counts.get(name, -1) + 1
        if prefix == "" and name == "TED":
            continue
        path = f"{prefix}{name}.{count}" if name in _LISTS or count else f"{prefix}{name}"
        if len(child):
            yield from leaves(child, f"{path}/")
        else:
            yield path, (child.text or "").strip()


def annulled(xml: bytes) -> set[tuple[str, str]]:
    """What a note says that it annuls (CodRef 1): type and folio, as it writes them. Raises InvalidXml."""
    document = document_of(parse_xml(xml))
    said = [] if document is None else document.findall("{*}Referencia")
    named = [tuple(each.findtext(f"{{*}}{name}", "").strip() for name in _NAMED) for each in said]
    return {(tipo, folio) for tipo, folio, codigo in named if codigo == _ANNULS}


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
