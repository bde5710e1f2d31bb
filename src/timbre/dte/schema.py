"""The SII's own schema of a DTE, from the files the field's library carries."""

from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, parse_xml

_SHOWN = 5


@cache
def _dte_schema() -> etree.XMLSchema:
    """DTE_v10.xsd with the types and the signature it includes, read once a process."""
    folder = files("cl_sii") / "data" / "ref" / "factura_electronica" / "schemas-xml"
    with as_file(folder) as path:
        return etree.XMLSchema(etree.parse(path / "DTE_v10.xsd"))


def validate(xml: bytes) -> None:
    """Returns when a signed ``<DTE>`` is what DTE_v10.xsd allows; raises InvalidXml naming what is not."""
    root = parse_xml(xml)
    schema = _dte_schema()
    if schema.validate(root):
        return
    found = [
        f"línea {entry.line}: {entry.message.replace(f'{{{SII_NAMESPACE}}}', '')}"
        for entry in schema.error_log  # type: ignore[attr-defined]
    ]
    raise InvalidXml("El XML no cumple el esquema DTE_v10 del SII: " + "; ".join(found[:_SHOWN]))
