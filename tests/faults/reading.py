"""What is invoiced, as it was asked and as the XML at the SII says."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from lxml import etree

from faults.counting import Held

DTE = "{http://www.sii.cl/SiiDte}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


def content_of(wish: dict[str, Any]) -> str:
    """What is invoiced, by whom and to whom, as the API was asked."""
    issuer, receiver = wish["document_issuer"]["rut"], wish["document_receiver"]["rut"]
    return f"{issuer} {receiver} {wish['details'][0]['item_name']}"


def held(simulator: Path) -> list[Held]:
    """All documents in the simulated SII's store, by what their XML says."""
    with contextlib.closing(sqlite3.connect(simulator, timeout=20)) as store:
        rows = store.execute("SELECT folio, digest, xml FROM issued").fetchall()
    return [Held(_content(xml), folio, digest) for folio, digest, xml in rows]


def read_digest(xml: bytes) -> str:
    return "".join(_read(xml, f"{SIGNATURE}DigestValue").split())


def _content(xml: bytes) -> str:
    issuer, receiver, item = (_read(xml, DTE + name) for name in ("RUTEmisor", "RUTRecep", "NmbItem"))
    return f"{issuer} {receiver} {item}"


def _read(xml: bytes, element: str) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return str(etree.fromstring(xml, parser).findtext(f".//{element}"))
