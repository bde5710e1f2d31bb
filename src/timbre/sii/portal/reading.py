"""A DTE's XML as its leaves: what the portal proposes and what its backup holds are read the same way."""

from collections.abc import Iterator

from lxml import etree

_LISTS = {"Detalle", "Referencia", "DscRcgGlobal", "MntPagos", "ImptoReten", "TipoBultos"}
_DOCUMENTS = ("Documento", "Exportaciones")


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


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
