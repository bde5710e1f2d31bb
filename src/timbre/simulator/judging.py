"""The judgement at ``mipeSendXML.cgi``: nothing takes a folio before all of this holds.

Schema, arithmetic, stamp, signature and folio are each worked out anew from the bytes received.
"""

import hashlib
import re
import threading
from base64 import b64decode
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import cl_sii
from lxml import etree

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import FACTURA, TASA_IVA, line_value, sum_up
from timbre.simulator.authority import Caf, PersonKey, verifies_sha1
from timbre.simulator.building import SII
from timbre.simulator.signing import DSIG
from timbre.simulator.store import Proposal

_SCHEMA_FILE = Path(cl_sii.__file__).parent / "data/ref/factura_electronica/schemas-xml/DTE_v10.xsd"
_SCHEMA = etree.XMLSchema(etree.parse(str(_SCHEMA_FILE)))
_SCHEMA_LOCK = threading.Lock()
_NS = {"s": SII, "d": DSIG}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge read in a document it found right."""

    fecha: str
    receiver: str
    receiver_name: str
    total: int
    digest: str


def judge_signed(signed: str, proposal: Proposal, caf: Caf, person: PersonKey) -> Judged:
    """Raises the Refusal of the first thing wrong in the signed text."""
    dte = _parse(signed)
    judge_schema(dte)
    judge_same_document(signed, proposal)
    judge_arithmetic(dte)
    judge_stamp(signed, dte, caf)
    digest = judge_signature(dte, person)
    judge_folio(dte, proposal)
    return Judged(
        fecha=_text(dte, "//s:IdDoc/s:FchEmis"),
        receiver=_text(dte, "//s:Receptor/s:RUTRecep"),
        receiver_name=_text(dte, "//s:Receptor/s:RznSocRecep"),
        total=int(_text(dte, "//s:Totales/s:MntTotal")),
        digest=digest,
    )


def _parse(text: str) -> etree._Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refusal(alerts.ESQUEMA)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(text.encode("latin-1"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise Refusal(alerts.ESQUEMA) from error


def judge_schema(dte: etree._Element) -> None:
    """DTE_v10.xsd, the official file."""
    with _SCHEMA_LOCK:
        valid = _SCHEMA.validate(dte)
    if not valid:
        raise Refusal(alerts.ESQUEMA)


def judge_same_document(signed: str, proposal: Proposal) -> None:
    """The Documento (and all before it) is byte for byte the one the portal proposed."""
    end = "</Documento>"
    if signed.partition(end)[0] != (proposal.text or "").partition(end)[0]:
        raise Refusal(alerts.DOCUMENTO_ALTERADO)


def judge_arithmetic(dte: etree._Element) -> None:
    """Every amount again, from the quantities and prices in the XML."""
    tipo = int(_text(dte, "//s:IdDoc/s:TipoDTE"))
    amounts = []
    for line in dte.iterfind(".//s:Detalle", _NS):
        quantity, price = _decimal(line, "s:QtyItem"), _decimal(line, "s:PrcItem")
        discount, amount = line_value(quantity, price, _decimal(line, "s:DescuentoPct") or Decimal(0))
        stated = (_decimal(line, "s:DescuentoMonto") or Decimal(0), _decimal(line, "s:MontoItem"))
        if stated != (Decimal(discount), Decimal(amount)):
            raise Refusal(alerts.MONTOS)
        amounts.append(amount)
    totals = sum_up(tipo, amounts)
    affected = tipo == FACTURA
    expected = {
        "s:MntNeto": totals.neto if affected else None,
        "s:MntExe": None if affected else totals.exento,
        "s:TasaIVA": TASA_IVA if affected else None,
        "s:IVA": totals.iva if affected else None,
        "s:MntTotal": totals.total,
    }
    found = dte.find(".//s:Totales", _NS)
    assert found is not None
    if any(_decimal(found, name) != value for name, value in expected.items()):
        raise Refusal(alerts.MONTOS)


def judge_stamp(signed: str, dte: etree._Element, caf: Caf) -> None:
    """The CAF is the company's, DD says what the document says, and FRMT verifies over its Latin-1 bytes."""
    match = re.search(r'(<DD>.*</DD>)<FRMT algoritmo="SHA1withRSA">([^<]*)</FRMT>', signed)
    if not match or caf.text not in match[1]:
        raise Refusal(alerts.TIMBRE_INCORRECTO)
    pairs = {
        "RE": "//s:Emisor/s:RUTEmisor",
        "TD": "//s:IdDoc/s:TipoDTE",
        "F": "//s:IdDoc/s:Folio",
        "FE": "//s:IdDoc/s:FchEmis",
        "RR": "//s:Receptor/s:RUTRecep",
        "MNT": "//s:Totales/s:MntTotal",
    }
    same = all(_text(dte, f"//s:TED/s:DD/s:{tag}") == _text(dte, path) for tag, path in pairs.items())
    frmt = b64decode(match[2])
    if not same or not verifies_sha1(caf.key.public_key(), frmt, match[1].encode("latin-1")):
        raise Refusal(alerts.TIMBRE_INCORRECTO)


def judge_signature(dte: etree._Element, person: PersonKey) -> str:
    """The DigestValue, once the signature is found to be the person's own over this very Documento."""
    documento, signature = dte.find("s:Documento", _NS), dte.find("d:Signature", _NS)
    assert documento is not None
    assert signature is not None
    signed_info = signature.find("d:SignedInfo", _NS)
    assert signed_info is not None
    reference = signature.find(".//d:Reference", _NS)
    certificate = b64decode(_text(signature, ".//d:X509Certificate"))
    stated_key = tuple(
        int.from_bytes(b64decode(_text(signature, f".//d:{part}")), "big") for part in ("Modulus", "Exponent")
    )
    numbers = person.key.public_key().public_numbers()
    stated = _text(signature, ".//d:DigestValue").strip()
    digest = hashlib.sha1(_canonical(documento)).digest()  # noqa: S324 - the SII's own algorithm
    value = b64decode(_text(signature, "d:SignatureValue"))
    if (
        certificate != person.certificate
        or stated_key != (numbers.n, numbers.e)
        or reference is None
        or reference.get("URI") != f"#{documento.get('ID')}"
        or b64decode(stated) != digest
        or not verifies_sha1(person.key.public_key(), value, _canonical(signed_info))
    ):
        raise Refusal(alerts.FIRMA_NO_RECONOCIDA)
    return stated


def judge_folio(dte: etree._Element, proposal: Proposal) -> None:
    """Issuer, type and folio of the XML are those of the proposal."""
    found = (_text(dte, "//s:RUTEmisor"), _text(dte, "//s:TipoDTE"), _text(dte, "//s:IdDoc/s:Folio"))
    if found != (proposal.issuer, str(proposal.tipo), str(proposal.folio)):
        raise Refusal(alerts.FOLIO_INCONSISTENTE)


def _canonical(element: etree._Element) -> bytes:
    """C14N of an element as the root of its own document: attached, lxml would write it wrong."""
    own = deepcopy(element)
    own.tail = None
    return etree.tostring(own, method="c14n", with_comments=False)


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path.replace("//", ".//", 1) if path.startswith("//") else path, _NS)
    return (found.text or "") if found is not None else ""


def _decimal(element: etree._Element, path: str) -> Decimal | None:
    text = _text(element, path)
    return Decimal(text) if text else None
