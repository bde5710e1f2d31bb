"""The one place where XML from outside becomes a tree: no DTD, no entities, no network, a bounded size."""

from lxml import etree

from timbre.dte.errors import InvalidXml

MAX_BYTES = 4_000_000
SII_NAMESPACE = "http://www.sii.cl/SiiDte"
DSIG_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
DECLARATION = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
"""Double quotes: the SII has been seen to reject single ones."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse_xml(xml: bytes, limit: int = MAX_BYTES) -> etree._Element:
    """The root of well-formed XML of at most ``limit`` bytes. Raises InvalidXml; any DTD is refused."""
    if len(xml) > limit:
        raise InvalidXml(f"El XML pesa {len(xml)} bytes; el máximo es {limit}.")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise InvalidXml("El XML trae una DTD, que aquí no se acepta.")
    try:
        root = etree.fromstring(xml, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidXml(f"El archivo no es XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidXml("El XML trae una DTD, que aquí no se acepta.")
    return root


def decode(xml: bytes) -> str:
    """The text of an ISO-8859-1 document, without byte order mark and XML declaration."""
    text = xml.decode("iso-8859-1").removeprefix("ï»¿").lstrip()
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text


def encode(text: str) -> bytes:
    """A document as it is stored and sent: declared and encoded in ISO-8859-1."""
    return (DECLARATION + text).encode("iso-8859-1")
