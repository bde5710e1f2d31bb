"""Schemas of a DTE: the SII's own, from the files the field's library carries, and one for boletas.

The library has none for boletas (39, 41): ``schemas/boleta.xsd`` is our own, after EnvioBOLETA_v11.
"""

import re
from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, parse_xml

_SHOWN = 5
_TIPO = re.compile(rb"TipoDTE\s*>\s*(\d+)\s*<")
_BOLETAS = (b"39", b"41")
"""Which schema, no more: each of the two knows its own types and refuses the other's."""


def validate(xml: bytes) -> None:
    """Returns when a signed ``<DTE>`` is what the schema of its type allows; raises InvalidXml naming what
    is not.
    """
    root = parse_xml(xml)
    tipo = _TIPO.search(xml)
    is_boleta = tipo is not None and tipo[1] in _BOLETAS
    schema = _schema("boleta" if is_boleta else "DTE_v10")
    if schema.validate(root):
        return
    found = [
        f"línea {entry.line}: {entry.message.replace(f'{{{SII_NAMESPACE}}}', '')}"
        for entry in schema.error_log  # type: ignore[attr-defined]
    ]
    name = "de boletas (EnvioBOLETA_v11)" if is_boleta else "DTE_v10 del SII"
    raise InvalidXml(f"El XML no cumple el esquema {name}: " + "; ".join(found[:_SHOWN]))


@cache
def _schema(name: str) -> etree.XMLSchema:
    """Read once a process. What it includes (types, xmldsig) stands in the library's folder."""
    ours = files("timbre.dte") / "schemas" / "boleta.xsd"
    with as_file(files("cl_sii") / "data" / "ref" / "factura_electronica" / "schemas-xml") as folder:
        path = folder / f"{name}.xsd"
        text = ours.read_bytes() if name == "boleta" else path.read_bytes()
        return etree.XMLSchema(etree.fromstring(text, base_url=str(path)))
