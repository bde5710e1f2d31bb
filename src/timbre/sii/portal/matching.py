"""Whether two documents say the same: a key of a document's content, from what is asked and from a DTE.

Equal keys mean the same issuer, receiver (by RUT), type, date, terms, lines, references and totals. What the
SII adds (folio, stamp, time) and what it words itself (the parties' names and addresses) is left out.
Used where a document's digest is not known; by itself it proves nothing, as equal documents are normal.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from lxml import etree

from timbre.dte.clock import CHILE
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import encode, parse_xml
from timbre.sii.gateway import Copy, Unreachable
from timbre.sii.portal.asked import expected
from timbre.sii.portal.readback import leaves

_DTE = re.compile(rb"<DTE[\s>].*?</DTE>", re.DOTALL)
_PARTIES = ("Encabezado/Emisor/", "Encabezado/Receptor/")
_KEPT_OF_PARTIES = {"RUTEmisor", "RUTRecep"}
_BY_THE_SII = {"Encabezado/IdDoc/Folio", "TmstFirma"}
_ONLY_ORDINARY = {"TpoTranCompra", "TpoTranVenta", "IndExe"}
"""Written or not as the portal pleases; what is not ordinary is refused before it is signed."""
_NOTHING_EXEMPT = ("Encabezado/Totales/MntExe", "0")
_NUMBERS = {
    "TipoDTE", "MntNeto", "MntExe", "TasaIVA", "IVA", "MntTotal", "NroLinDet", "QtyItem", "PrcItem",
    "DescuentoPct", "DescuentoMonto", "MontoItem", "NroLinRef",
}  # fmt: skip


def content_key(documento: Documento) -> str:
    """64 hexadecimal digits, the same for what was asked and for the SII's XML of exactly that."""
    return _key((path, "" if value is None else str(value)) for path, value, _ in expected(documento))


def read_copies(xml: bytes, tipo: int) -> list[Copy]:
    """The documents of one type in a backup file, each with its own bytes. Raises Unreachable."""
    try:
        copies = [_read(dte.decode("iso-8859-1")) for dte in _DTE.findall(xml)]
    except (InvalidXml, LookupError, ValueError, ArithmeticError) as error:
        raise Unreachable("El respaldo del SII no se puede leer.") from error
    return [copy for copy in copies if copy.tipo == tipo]


def _read(text: str) -> Copy:
    xml = encode(text)
    root = parse_xml(xml)
    documento = root.find("{*}Documento")
    if documento is None:
        raise InvalidXml("El DTE no trae un Documento.")
    content = dict(leaves(documento))
    return Copy(
        tipo=int(content["Encabezado/IdDoc/TipoDTE"]),
        folio=int(content["Encabezado/IdDoc/Folio"]),
        fecha_emision=datetime.fromisoformat(content["Encabezado/IdDoc/FchEmis"]).date(),
        receptor=content["Encabezado/Receptor/RUTRecep"],
        total=int(content["Encabezado/Totales/MntTotal"]),
        digest=_digest(root),
        content_key=_key(content.items()),
        signed_at=datetime.fromisoformat(content["TmstFirma"]).replace(tzinfo=CHILE),
        xml=xml,
    )


def _digest(root: etree._Element) -> str:
    digest = root.findtext("{*}Signature/{*}SignedInfo/{*}Reference/{*}DigestValue") or ""
    return "".join(digest.split())


def _key(content: Iterable[tuple[str, str]]) -> str:
    said = sorted((path, _plain(path, text.strip())) for path, text in content if _counts(path))
    same = [(path, text) for path, text in said if text and (path, text) != _NOTHING_EXEMPT]
    return hashlib.sha256(json.dumps(same).encode()).hexdigest()


def _counts(path: str) -> bool:
    name = path.rpartition("/")[2]
    if path.startswith(_PARTIES):
        return name in _KEPT_OF_PARTIES
    return path not in _BY_THE_SII and name not in _ONLY_ORDINARY


def _plain(path: str, text: str) -> str:
    """A number by its value (``1.00`` is ``1``), a text to the letter."""
    if path.rpartition("/")[2] not in _NUMBERS or not text:
        return text
    return f"{Decimal(text).normalize():f}"
