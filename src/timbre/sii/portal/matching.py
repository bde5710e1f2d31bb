"""Whether two documents say the same: a key of a document's content, from what is asked and from a DTE.

Equal keys mean the same issuer, receiver (by RUT), type, date, terms, lines, references and totals. What the
SII adds (folio, stamp, time) and what it words itself (the parties' names and addresses) is left out.
Used where a document's digest is not known; by itself it proves nothing, as equal documents are normal.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from lxml import etree

from timbre.dte.clock import CHILE
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import encode, parse_xml
from timbre.sii.gateway import Copy, Unreachable
from timbre.sii.portal.asked import ORDINARY, expected
from timbre.sii.portal.parties import complete
from timbre.sii.portal.reading import document_of, leaves

_DTE = re.compile(rb"<DTE[\s>].*?</DTE>", re.DOTALL)
_PARTIES = ("Encabezado/Emisor/", "Encabezado/Receptor/")
_KEPT_OF_PARTIES = {"RUTEmisor", "RUTRecep"}
_BY_THE_SII = {"Encabezado/IdDoc/Folio", "TmstFirma"}
_TOTALS = "Encabezado/Totales/"
_UNSAID = {
    *(f"Encabezado/IdDoc/{name}:{ORDINARY}" for name in ("TpoTranCompra", "TpoTranVenta")),
    *(f"{_TOTALS}{name}:0" for name in ("MntNeto", "MntExe", "IVA")),
}
"""Written or not as the portal pleases, and the same either way."""
_WORDED_BY_THE_SII = {
    "Encabezado/IdDoc/TipoDTE": {"61"},
    "Referencia.0/TpoDocRef": {"34", "46"},
    "Referencia.0/CodRef": {"1"},
}
"""A note whose reason the portal writes itself (``annulling``)."""
_NUMBERS = {
    "TipoDTE", "MntNeto", "MntExe", "TasaIVA", "IVA", "MntTotal", "NroLinDet", "QtyItem", "PrcItem",
    "DescuentoPct", "DescuentoMonto", "MontoItem", "NroLinRef", "MntPago", "TasaImp", "MontoImp",
    "NroLinDR", "ValorDR", "TotClauVenta", "PesoBruto", "PesoNeto", "TotBultos", "CantBultos",
    "MntFlete", "MntSeguro", "TpoCambio", "MntExeOtrMnda", "MntTotOtrMnda",
}  # fmt: skip


def content_key(documento: Documento) -> str:
    """64 hexadecimal digits, the same for what was asked and for the SII's XML of exactly that."""
    said = expected(complete(documento))
    return _key((path, "" if value is None else str(value)) for path, value, _, _ in said)


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
    documento = document_of(root)
    if documento is None:
        raise InvalidXml("El DTE no trae un Documento.")
    content = dict(leaves(documento))
    return Copy(
        tipo=int(content["Encabezado/IdDoc/TipoDTE"]),
        folio=int(content["Encabezado/IdDoc/Folio"]),
        fecha_emision=datetime.fromisoformat(content["Encabezado/IdDoc/FchEmis"]).date(),
        receptor=content["Encabezado/Receptor/RUTRecep"],
        total=_pesos(content),
        digest=_digest(root),
        content_key=_key(content.items()),
        signed_at=datetime.fromisoformat(content["TmstFirma"]).replace(tzinfo=CHILE),
        xml=xml,
    )


def _pesos(content: Mapping[str, str]) -> int:
    """The total in pesos, which an export says beside its own currency."""
    total = content.get("Encabezado/OtraMoneda/MntTotOtrMnda") or content[f"{_TOTALS}MntTotal"]
    return int(Decimal(total))


def _digest(root: etree._Element) -> str:
    digest = root.findtext("{*}Signature/{*}SignedInfo/{*}Reference/{*}DigestValue") or ""
    return "".join(digest.split())


def _key(content: Iterable[tuple[str, str]]) -> str:
    said = {path: _plain(path, text.strip()) for path, text in content if _counts(path)}
    told = {path: text for path, text in said.items() if text and f"{path}:{text}" not in _UNSAID}
    if all(told.get(path) in values for path, values in _WORDED_BY_THE_SII.items()):
        told.pop("Referencia.0/RazonRef", None)
    if f"{_TOTALS}MntNeto" not in told:
        told.pop(f"{_TOTALS}TasaIVA", None)
    return hashlib.sha256(json.dumps(sorted(told.items())).encode()).hexdigest()


def _counts(path: str) -> bool:
    name = path.rpartition("/")[2]
    if path.startswith(_PARTIES):
        return name in _KEPT_OF_PARTIES
    # All lines of a type without IVA are exempt, and the portal may say it of each one or of none.
    return path not in _BY_THE_SII and name != "IndExe"


def _plain(path: str, text: str) -> str:
    """A number by its value (``1.00`` is ``1``), a text to the letter."""
    if path.rpartition("/")[2] not in _NUMBERS or not text:
        return text
    return f"{Decimal(text).normalize():f}"
