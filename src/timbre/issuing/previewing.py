"""What a document will look like, and how its totals come about, before it has a folio."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from timbre.dte.clock import today_in_chile
from timbre.dte.steps import Paso, explain
from timbre.dte.totals import compute_totals
from timbre.issuing.asking import to_documento
from timbre.issuing.judging import draft_faults, gateway_faults, warnings_of
from timbre.issuing.models import Document, State
from timbre.issuing.words import Shown, totals
from timbre.pdf.preview import draw_preview
from timbre.pdf.sheet import can_be_assigned
from timbre.taxpayers.models import Logo
from timbre.webhooks.links import file_url

UNSIGNED_YET = (State.DRAFT, State.RECEIVED)
"""What has a preview: nothing of it is signed."""


class Copy(StrEnum):
    """The ways to have a document on paper; the last is the copy of Ley 19.983."""

    LETTER = "carta"
    ROLL = "rollo"
    ASSIGNABLE = "cedible"


def preview_links(documents: Iterable[Document], now: datetime) -> dict[str, str]:
    """Links to what drafts will look like, by document; drawn when somebody follows one."""
    return {each.pk: _link(each, Copy.LETTER, now) for each in documents if each.state == State.DRAFT}


def copies_of(document: Document) -> list[Copy]:
    """Those it can have: every document a letter page, a boleta a roll, an invoice one to be assigned."""
    documento = to_documento(document.request)
    fitting = {
        Copy.LETTER: True,
        Copy.ROLL: documento.es_boleta,
        Copy.ASSIGNABLE: can_be_assigned(documento),
    }
    return [copy for copy, fits in fitting.items() if fits]


def can_be_issued(document: Document) -> bool:
    """Whether it waits for its turn, or is a draft that the gateway can issue."""
    if document.state != State.DRAFT:
        return document.state == State.RECEIVED
    return not gateway_faults(to_documento(document.request), document.environment)


def preview(document: Document, now: datetime, copy: Copy = Copy.LETTER) -> Shown:
    """Its totals with each step to them; of a draft, what stands in its way now; until it is signed, a link
    to what this copy of it will look like.
    """
    obstacles = obstacles_of(document, now) if document.state == State.DRAFT else []
    link = _link(document, copy, now) if document.state in UNSIGNED_YET else None
    return {
        "document_id": document.pk,
        "is_draft": document.state == State.DRAFT,
        "can_be_issued": not obstacles and document.state in UNSIGNED_YET,
        "document_total": totals(document),
        "steps": [_step(paso) for paso in steps_of(document)],
        "warnings": obstacles,
        "pdf_url": link,
        "pdf_download_url": link,
    }


def draw(document: Document, copy: Copy = Copy.LETTER) -> bytes:
    """The PDF, marked as without validity: no folio, no stamp. Nothing of it is kept."""
    documento = to_documento(document.request)
    totales = compute_totals(documento)
    logo = Logo.objects.filter(company=document.company_id).first()
    picture = bytes(logo.content) if logo else None
    return draw_preview(
        documento,
        totales,
        explain(documento, totales),
        cedible=copy is Copy.ASSIGNABLE,
        formato="rollo" if copy is Copy.ROLL else "carta",
        logo=picture,
    )


def steps_of(document: Document) -> tuple[Paso, ...]:
    """How each of its totals comes about, rounding by rounding."""
    documento = to_documento(document.request)
    return explain(documento, compute_totals(documento))


def obstacles_of(draft: Document, now: datetime) -> list[Shown]:
    """What stands in the way of issuing it now, as warnings of an answer."""
    found = draft_faults(draft, to_documento(draft.request), today=today_in_chile(now))
    return warnings_of(0, [each for each in found if not each.warns])


def file_name(document: Document, copy: Copy = Copy.LETTER) -> str:
    """``vista-previa-F33-carta.pdf``."""
    return f"vista-previa-F{document.tipo}-{copy}.pdf"


def _step(paso: Paso) -> Shown:
    return {
        "concept": paso.concepto,
        "formula": paso.formula,
        "exact": f"{paso.exacto:f}",
        "amount": float(paso.monto),
    }


def _link(document: Document, copy: Copy, now: datetime) -> str:
    """The link is signed with the copy in it: it opens this one alone."""
    return file_url(f"{document.pk}.{copy}", now=now)


def linked_preview(name: str) -> tuple[Document, Copy] | None:
    """The document and the copy that a valid link opens. The link is the key: there is no scope to ask."""
    document_id, _, copy = name.partition(".")
    document = Document.objects.filter(pk=document_id, state__in=UNSIGNED_YET).first()
    return (document, Copy(copy)) if document else None
