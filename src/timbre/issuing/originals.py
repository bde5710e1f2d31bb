"""Notes of a batch beside the documents of Timbre's own that they annul."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules import judge_annulment
from timbre.issuing.models import Document

ANNULS = 1
LONGEST_FOLIO = 10
Key = tuple[str, int, int]
"""Company, type and folio: what names a document that was issued."""


def annulment_faults(notes: Mapping[int, tuple[str, Documento]]) -> Iterator[tuple[int, Fault]]:
    """A fault, by place, for each note (company, document) whose total is not that of what it annuls.

    The notes' figures are sound. The originals are read at once; of one that is unknown nothing is said.
    """
    wanted = {place: key for place, note in notes.items() if (key := _annulled(*note))}
    totals = _totals(set(wanted.values())) if wanted else {}
    for place, key in wanted.items():
        if key in totals and (fault := judge_annulment(notes[place][1], totals[key])):
            yield place, fault


def _annulled(company_id: str, documento: Documento) -> Key | None:
    for each in documento.referencias:
        numbers = each.tipo.isdecimal() and each.folio.isdecimal() and len(each.folio) <= LONGEST_FOLIO
        if each.codigo == ANNULS and numbers:
            return company_id, int(each.tipo), int(each.folio)
    return None


def _totals(keys: set[Key]) -> dict[Key, Decimal]:
    companies, tipos, folios = (set(each) for each in zip(*keys, strict=True))
    rows = Document.objects.filter(company__in=companies, tipo__in=tipos, folio__in=folios)
    known = rows.values_list("company_id", "tipo", "folio", "total")
    return {(company, tipo, folio): Decimal(total) for company, tipo, folio, total in known if folio}
