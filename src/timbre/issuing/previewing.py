"""What a document will look like, and how its totals come about, before it has a folio."""

from collections.abc import Iterable
from datetime import datetime

from timbre.dte.clock import today_in_chile
from timbre.dte.steps import Paso, explain
from timbre.dte.totals import compute_totals
from timbre.issuing.asking import to_documento
from timbre.issuing.judging import draft_faults, gateway_faults, warnings_of
from timbre.issuing.models import Document, State
from timbre.issuing.words import Shown, totals
from timbre.pdf.preview import draw_preview
from timbre.taxpayers.models import Logo
from timbre.webhooks.links import file_url

UNSIGNED_YET = (State.DRAFT, State.RECEIVED)
"""What has a preview: nothing of it is signed."""


def preview_links(documents: Iterable[Document], now: datetime) -> dict[str, str]:
    """Links to what drafts will look like, by document; drawn when somebody follows one."""
    return {each.pk: file_url(each.pk, now=now) for each in documents if each.state == State.DRAFT}


def can_be_issued(document: Document) -> bool:
    """Whether it waits for its turn, or is a draft that the gateway can issue."""
    if document.state != State.DRAFT:
        return document.state == State.RECEIVED
    return not gateway_faults(to_documento(document.request), document.environment)


def preview(document: Document, now: datetime) -> Shown:
    """Its totals with each step to them; of a draft, what stands in its way now; until it is signed, a link
    to what it will look like.
    """
    obstacles = obstacles_of(document, now) if document.state == State.DRAFT else []
    link = file_url(document.pk, now=now) if document.state in UNSIGNED_YET else None
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


def draw(document: Document) -> bytes:
    """The PDF, marked as without validity: no folio, no stamp. Nothing of it is kept."""
    documento = to_documento(document.request)
    totales = compute_totals(documento)
    logo = Logo.objects.filter(company=document.company_id).first()
    picture = bytes(logo.content) if logo else None
    return draw_preview(documento, totales, explain(documento, totales), logo=picture)


def steps_of(document: Document) -> tuple[Paso, ...]:
    """How each of its totals comes about, rounding by rounding."""
    documento = to_documento(document.request)
    return explain(documento, compute_totals(documento))


def obstacles_of(draft: Document, now: datetime) -> list[Shown]:
    """What stands in the way of issuing it now, as warnings of an answer."""
    found = draft_faults(draft, to_documento(draft.request), today=today_in_chile(now))
    return warnings_of(0, [each for each in found if not each.warns])


def file_name(document: Document) -> str:
    """``vista-previa-F33.pdf``."""
    return f"vista-previa-F{document.tipo}.pdf"


def _step(paso: Paso) -> Shown:
    return {
        "concept": paso.concepto,
        "formula": paso.formula,
        "exact": f"{paso.exacto:f}",
        "amount": float(paso.monto),
    }


def linked_preview(document_id: str) -> Document | None:
    """The document whose preview a valid link opens. The link is the key: there is no scope to ask."""
    return Document.objects.filter(pk=document_id, state__in=UNSIGNED_YET).first()
