"""Notes and the documents they refer to, as far as this tax office issued those itself (notes 1.8)."""

from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import GUIA, NOTA_CREDITO, NOTAS
from timbre.simulator.checking import Fields
from timbre.simulator.fields import MAX_REFERENCES, TYPES
from timbre.simulator.form.lines import ANNULS
from timbre.simulator.reading import find_all, read_text
from timbre.simulator.store import Issued, Store


@dataclass(frozen=True, slots=True)
class Reference:
    """TpoDocRef, FolioRef and CodRef."""

    tipo: str
    folio: str
    code: str


@dataclass(frozen=True, slots=True)
class Note:
    """A document by what its references are judged with."""

    issuer: str
    tipo: int
    receiver: str
    total: Decimal
    references: tuple[Reference, ...]


def typed_references(fields: Fields) -> tuple[Reference, ...]:
    """Those of a form already judged."""
    rows = (f"{n:03}" for n in range(1, MAX_REFERENCES + 1))
    names = ("TPO_DOC_REF", "FOLIO_REF", "CODIGO_REF")
    typed = (Reference(*(fields[f"EFXP_{name}_{row}"] for name in names)) for row in rows)
    return tuple(each for each in typed if each.tipo)


def read_references(dte: etree._Element) -> tuple[Reference, ...]:
    """Those of a signed document."""
    names = ("s:TpoDocRef", "s:FolioRef", "s:CodRef")
    return tuple(Reference(*(read_text(row, n) for n in names)) for row in find_all(dte, "//s:Referencia"))


def judge_note(note: Note, store: Store) -> bool:
    """Whether the SII objects to a note, because it annuls another amount (REF-2-780).

    Raises Refusal when what it annuls is a guide (REF-3-415), was never received (REF-3-750), or went to
    another receiver (REF-3-751).
    """
    if note.tipo not in NOTAS:
        return False
    annulled = [each for each in note.references if each.code == ANNULS]
    if note.tipo == NOTA_CREDITO and any(each.tipo == str(GUIA) for each in annulled):
        raise Refusal(alerts.GUIA_NO_SE_ANULA)
    own = [each for each in annulled if each.tipo in map(str, TYPES)]
    return any(_find(note, each, store).total != note.total for each in own)


def _find(note: Note, reference: Reference, store: Store) -> Issued:
    usable = reference.folio.isdecimal()
    values = (reference.tipo, reference.folio)
    found = store.issued(note.issuer, "tipo = ? AND folio = ?", values) if usable else []
    if not found:
        raise Refusal(alerts.REFERENCIA_NO_RECIBIDA)
    if found[0].receiver != note.receiver:
        raise Refusal(alerts.REFERENCIA_DE_OTRO)
    return found[0]
