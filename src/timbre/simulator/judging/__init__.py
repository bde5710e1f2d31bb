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
from timbre.simulator.authority import Caf, PersonKey, verifies_sha1
from timbre.simulator.building import root_of
from timbre.simulator.judging.amounts import judge_arithmetic
from timbre.simulator.judging.notes import Reference, read_references
from timbre.simulator.reading import find_all, parse, read_decimal, read_text
from timbre.simulator.store import Proposal

_SCHEMA_FILE = Path(cl_sii.__file__).parent / "data/ref/factura_electronica/schemas-xml/DTE_v10.xsd"
_SCHEMA = etree.XMLSchema(etree.parse(str(_SCHEMA_FILE)))
_SCHEMA_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge read in a document it found right."""

    fecha: str
    receiver: str
    receiver_name: str
    total: Decimal
    digest: str
    references: tuple[Reference, ...]
    unmarked: bool
    """Whether packages of an export have no marks, which the SII objects to (HED-2-804)."""


def judge_signed(signed: str, proposal: Proposal, caf: Caf, person: PersonKey) -> Judged:
    """Raises the Refusal of the first thing wrong in the signed text."""
    dte = parse(signed)
    judge_schema(dte)
    judge_same_document(signed, proposal)
    judge_arithmetic(dte)
    judge_stamp(signed, dte, caf)
    digest = judge_signature(dte, person)
    judge_folio(dte, proposal)
    return Judged(
        fecha=read_text(dte, "//s:IdDoc/s:FchEmis"),
        receiver=read_text(dte, "//s:Receptor/s:RUTRecep"),
        receiver_name=read_text(dte, "//s:Receptor/s:RznSocRecep"),
        total=read_decimal(dte, "//s:Totales/s:MntTotal") or Decimal(0),
        digest=digest,
        references=read_references(dte),
        unmarked=any(not read_text(each, "s:Marcas") for each in find_all(dte, "//s:TipoBultos")),
    )


def judge_schema(dte: etree._Element) -> None:
    """DTE_v10.xsd, the official file."""
    with _SCHEMA_LOCK:
        valid = _SCHEMA.validate(dte)
    if not valid:
        raise Refusal(alerts.ESQUEMA)


def judge_same_document(signed: str, proposal: Proposal) -> None:
    """The signed part (and all before it) is byte for byte the one the portal proposed."""
    end = f"</{root_of(proposal.tipo)}>"
    if signed.partition(end)[0] != (proposal.text or "").partition(end)[0]:
        raise Refusal(alerts.DOCUMENTO_ALTERADO)


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
    same = all(read_text(dte, f"//s:TED/s:DD/s:{tag}") == read_text(dte, path) for tag, path in pairs.items())
    frmt = b64decode(match[2])
    if not same or not verifies_sha1(caf.key.public_key(), frmt, match[1].encode("latin-1")):
        raise Refusal(alerts.TIMBRE_INCORRECTO)


def judge_signature(dte: etree._Element, person: PersonKey) -> str:
    """The DigestValue, once the signature is found to be the person's own over this very Documento."""
    documento = next(dte.iterchildren(tag=etree.Element))
    (signature,) = find_all(dte, "d:Signature")
    (signed_info,) = find_all(signature, "d:SignedInfo")
    (reference,) = find_all(signature, "//d:Reference")
    certificate = b64decode(read_text(signature, "//d:X509Certificate"))
    stated_key = tuple(
        int.from_bytes(b64decode(read_text(signature, f"//d:{part}")), "big")
        for part in ("Modulus", "Exponent")
    )
    numbers = person.key.public_key().public_numbers()
    stated = read_text(signature, "//d:DigestValue").strip()
    digest = hashlib.sha1(_canonical(documento)).digest()  # noqa: S324 - the SII's own algorithm
    value = b64decode(read_text(signature, "d:SignatureValue"))
    if (
        certificate != person.certificate
        or stated_key != (numbers.n, numbers.e)
        or reference.get("URI") != f"#{documento.get('ID')}"
        or b64decode(stated) != digest
        or not verifies_sha1(person.key.public_key(), value, _canonical(signed_info))
    ):
        raise Refusal(alerts.FIRMA_NO_RECONOCIDA)
    return stated


def judge_folio(dte: etree._Element, proposal: Proposal) -> None:
    """Issuer, type and folio of the XML are those of the proposal."""
    found = (
        read_text(dte, "//s:RUTEmisor"),
        read_text(dte, "//s:TipoDTE"),
        read_text(dte, "//s:IdDoc/s:Folio"),
    )
    if found != (proposal.issuer, str(proposal.tipo), str(proposal.folio)):
        raise Refusal(alerts.FOLIO_INCONSISTENTE)


def _canonical(element: etree._Element) -> bytes:
    """C14N of an element as the root of its own document: attached, lxml would write it wrong."""
    own = deepcopy(element)
    own.tail = None
    return etree.tostring(own, method="c14n", with_comments=False)
