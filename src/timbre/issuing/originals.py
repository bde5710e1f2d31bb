"""Notes of a batch beside the documents of Timbre's own that they annul or lower."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from timbre.dte.codes import ANNULS, CORRECTS_AMOUNTS, NOTAS_DE_CREDITO
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules import BESIDE_THE_ORIGINAL, Level, Listed, judge_annulment, judge_receiver
from timbre.dte.totals import compute_totals
from timbre.issuing.models import Document
from timbre.issuing.references import LONGEST_FOLIO, credits_of

CREDIT_EXCEEDS = "credit_exceeds_original"
COMPARISONS = (
    *BESIDE_THE_ORIGINAL,
    Listed(
        name="notes.credit_exceeds",
        code=CREDIT_EXCEEDS,
        says="Las notas de crédito no pasan de lo que queda del documento, si Timbre lo conoce.",
        source="Montos del documento original",
        types=NOTAS_DE_CREDITO,
        level=Level.WARN,
    ),
)
"""What a note is held to beside the document that it is about."""
Key = tuple[str, int, int]
"""Company, type and folio: what names a document that was issued."""


def note_faults(notes: Mapping[int, tuple[str, Documento]]) -> Iterator[tuple[int, Fault]]:
    """By place, what is wrong with each note (company, document) beside what it annuls or lowers.

    It has its receiver (SII REF-3-751) and, when it annuls, its total (SII REF-2-780). Credits that come
    to more than the document had are in no list of what the SII rejects, and warn. The notes' figures are
    sound. The originals are read at once; of one that is unknown nothing is said.
    """
    wanted = {place: key for place, note in notes.items() if (key := _named(*note))}
    originals = _originals(set(wanted.values())) if wanted else {}
    known = {place: key for place, key in wanted.items() if key in originals}
    lowering = {place: key for place, key in known.items() if notes[place][1].tipo in NOTAS_DE_CREDITO}
    taken = credits_of(lowering.values()) if lowering else {}
    for place, key in known.items():
        nota, (total, receiver) = notes[place][1], originals[key]
        fault = judge_receiver(nota, receiver) or judge_annulment(nota, total)
        if not fault and place in lowering:
            fault = _exceeds(nota, total, taken[key])
            # What a note of the same batch takes, the next one finds taken.
            taken[key] += int(compute_totals(nota).total_en_pesos)
        if fault:
            yield place, fault


def _exceeds(nota: Documento, total: Decimal, taken: int) -> Fault | None:
    credit = compute_totals(nota).total_en_pesos
    if credit + taken <= total:
        return None
    message = (
        f"La nota acredita ${credit:.0f} y el documento es de ${total:.0f}, de los que otras notas ya "
        f"acreditan ${taken}: revisa el monto."
    )
    return Fault(CREDIT_EXCEEDS, "details", message, warns=True)


def _named(company_id: str, documento: Documento) -> Key | None:
    """The document whose amounts it changes."""
    for each in documento.referencias:
        numbers = each.tipo.isdecimal() and each.folio.isdecimal() and len(each.folio) <= LONGEST_FOLIO
        if each.codigo in (ANNULS, CORRECTS_AMOUNTS) and numbers:
            return company_id, int(each.tipo), int(each.folio)
    return None


def _originals(keys: set[Key]) -> dict[Key, tuple[Decimal, str]]:
    """The total and the receiver of each that Timbre knows."""
    companies, tipos, folios = (set(each) for each in zip(*keys, strict=True))
    rows = Document.objects.filter(company__in=companies, tipo__in=tipos, folio__in=folios)
    known = rows.values_list("company_id", "tipo", "folio", "total", "receiver_rut")
    return {
        (company, tipo, folio): (Decimal(total), receiver)
        for company, tipo, folio, total, receiver in known
        if folio
    }
