"""What notes make of the documents they name: credited, annulled, or nothing any more.

A note that is a draft, or known not to have been issued, says nothing; nor does one that an issued note
annuls in turn: a debit note that annuls a credit note leaves the invoice as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from timbre.accounts.errors import Rejection
from timbre.dte.codes import ANNULS, CORRECTS_AMOUNTS, NOMBRES, NOTAS, NOTAS_DE_CREDITO, TipoDte
from timbre.issuing.models import KNOWN_ISSUED, KNOWN_NOT_ISSUED, Document, Reference, State
from timbre.issuing.words import folio_of

LONGEST_FOLIO = 10
MOST = 50
"""Documents that name one document and are told."""

_TOLD = (
    "codigo",
    *(f"document__{each}" for each in ("tipo", "folio", "state", "date_issued", "error_code", "error_param")),
)
"""What is told of a document that names another: not the whole fat row."""


def folio_as_kept(folio: str) -> str:
    """A folio without the zeros that a caller may write before it, as references are found by."""
    return folio.lstrip("0") or "0" if folio.isascii() and folio.isdigit() else folio


def credited(documents: Iterable[Document]) -> frozenset[str]:
    """The ids of those that an issued credit note annuls or lowers (CodRef 1 or 3): one query, or none.

    A note that corrects text (2) takes nothing from what is owed, and does not count.
    """
    by_name = {(d.company_id, str(d.tipo), folio): d.pk for d in documents if (folio := folio_of(d))}
    if not by_name:
        return frozenset()
    companies, tipos, folios = (set(each) for each in zip(*by_name, strict=True))
    named = _standing().filter(
        company__in=companies,
        tipo__in=tipos,
        folio__in=folios,
        codigo__in=(ANNULS, CORRECTS_AMOUNTS),
        document__tipo__in=NOTAS_DE_CREDITO,
        document__state__in=KNOWN_ISSUED,
    )
    found = named.values_list("company_id", "tipo", "folio")
    return frozenset(by_name[name] for name in found if name in by_name)


@dataclass(frozen=True, slots=True)
class Naming:
    """A document that names another, and its CodRef; ``stands`` unless an issued note annuls it in turn."""

    document: Document
    codigo: int | None
    stands: bool

    @property
    def annuls(self) -> bool:
        return self.document.tipo in NOTAS and self.codigo == ANNULS and self.stands


def naming(document: Document) -> list[Naming]:
    """The documents that name it, drafts and failures aside, newest first; at most fifty, in one query."""
    folio = folio_of(document)
    if folio is None:
        return []
    rows = _alive().filter(company=document.company_id, tipo=str(document.tipo), folio=folio)
    rows = rows.select_related("document").only(*_TOLD).order_by("-document__accepted_at", "pk")
    told = rows.annotate(stands=~Exists(_undone()))[:MOST]
    return [Naming(each.document, each.codigo, each.stands) for each in told]


def annulled_by(document: Document) -> Document | None:
    """The note that annuls it, issued or on its way."""
    reference = _annulling(document).select_related("document").first()
    return reference.document if reference else None


def credits_of(names: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int, int], int]:
    """By company, type and folio: what credit notes, issued or on their way, take from a document (pesos)."""
    wanted = set(names)
    companies, tipos, folios = (set(each) for each in zip(*wanted, strict=True))
    named = _standing().filter(
        company__in=companies,
        tipo__in=[str(each) for each in tipos],
        folio__in=[str(each) for each in folios],
        codigo__in=(ANNULS, CORRECTS_AMOUNTS),
        document__tipo__in=NOTAS_DE_CREDITO,
    )
    taken: dict[tuple[str, int, int], int] = dict.fromkeys(wanted, 0)
    for company, tipo, folio, total in named.values_list("company_id", "tipo", "folio", "document__total"):
        name = (company, int(tipo), int(folio))
        if name in taken:
            taken[name] += total
    return taken


def annulled_through(notes: Iterable[Document]) -> list[tuple[Document, Document]]:
    """Each note, with the document of ours that it annuls; two queries when there is a note among them."""
    by_pk = {note.pk: note for note in notes if note.tipo in NOTAS}
    if not by_pk:
        return []
    named = Reference.objects.filter(document__in=by_pk, codigo=ANNULS)
    wanted = {
        (each.company_id, int(each.tipo), int(each.folio)): by_pk[each.document_id]
        for each in named
        if each.tipo.isdecimal() and each.folio.isdecimal() and len(each.folio) <= LONGEST_FOLIO
    }
    if not wanted:
        return []
    found = Q()
    for company, tipo, folio in wanted:
        found |= Q(company=company, tipo=tipo, folio=folio)
    originals = Document.objects.filter(found, state__in=KNOWN_ISSUED).select_related("company__entity")
    return [(wanted[each.company_id, each.tipo, each.folio or 0], each) for each in originals]


def claim_annulment(original: Document) -> None:
    """Makes the caller's transaction the only one that may annul the document.

    Take it before any lane, as everybody does: so nobody waits in a ring. Raises Rejection
    ``already_annulled`` (409), whose resource is the note that does.
    """
    list(Document.objects.filter(pk=original.pk).select_for_update(no_key=True).values_list("pk"))
    note = annulled_by(original)
    if note is not None:
        raise Rejection(
            "already_annulled",
            f"El documento ya está anulado, o por anularse, con {_title(note)}. No se guardó nada.",
            status=409,
            resource=note.pk,
        )


def claim_annulments(notes: Iterable[Document]) -> None:
    """The same for all that these notes, which failed or are drafts, would annul if they went out now."""
    for _, original in sorted(annulled_through(notes), key=lambda pair: pair[1].pk):
        claim_annulment(original)


def _alive() -> QuerySet[Reference]:
    return Reference.objects.exclude(document__state__in=[State.DRAFT, *KNOWN_NOT_ISSUED])


def _standing() -> QuerySet[Reference]:
    """Without those of notes that were annulled themselves."""
    return _alive().filter(~Exists(_undone()))


def _undone() -> QuerySet[Reference]:
    """What annuls the document of the outer reference."""
    return Reference.objects.filter(
        company=OuterRef("company"),
        tipo=Cast(OuterRef("document__tipo"), CharField()),
        folio=Cast(OuterRef("document__folio"), CharField()),
        codigo=ANNULS,
        document__state__in=KNOWN_ISSUED,
    )


def _annulling(document: Document) -> QuerySet[Reference]:
    folio = folio_of(document)
    named = _standing().filter(company=document.company_id, tipo=str(document.tipo), folio=folio or "")
    return named.filter(codigo=ANNULS, document__tipo__in=NOTAS)


def _title(note: Document) -> str:
    folio = folio_of(note)
    name = NOMBRES[TipoDte(note.tipo)]
    return f"la {name} N° {folio}" if folio else f"una {name} que está en camino"
