"""What a judge reads in a signed DTE. Paths: ``s:`` is the SII's namespace, ``d:`` the signature's."""

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.building import SII
from timbre.simulator.signing import DSIG

_NS = {"s": SII, "d": DSIG}


def parse(text: str) -> etree._Element:
    """The root of a DTE. Raises Refusal for what is no XML, or has a DTD."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refusal(alerts.ESQUEMA)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(text.encode("latin-1"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise Refusal(alerts.ESQUEMA) from error


def find_all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(f".{path}" if path.startswith("//") else path, _NS)


def children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Each child with its bare name."""
    for child in element.iterchildren(tag=etree.Element):
        yield etree.QName(child).localname, child


def read_text(element: etree._Element, path: str) -> str:
    """The text of the first element at the path, blank when there is none."""
    found = find_all(element, path)
    return (found[0].text or "") if found else ""


def read_decimal(element: etree._Element, path: str) -> Decimal | None:
    text = read_text(element, path)
    return Decimal(text) if text else None
