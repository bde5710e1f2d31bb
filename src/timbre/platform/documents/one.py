"""One document: its PDF beside its facts, what happened to it, and what can be done."""

from datetime import date

from django.http import HttpResponse
from django.utils import timezone

from timbre.accounts.errors import NotFound
from timbre.accounts.scope import Scope
from timbre.dte.codes import TipoDte
from timbre.issuing.models import FINAL, KNOWN_ISSUED, Document, State
from timbre.issuing.previewing import copies_of, obstacles_of
from timbre.issuing.resolving import OPEN, settled_at
from timbre.issuing.words import error_of
from timbre.platform.advice import advise
from timbre.platform.documents.story import deliveries, files, named_by, names, steps
from timbre.platform.documents.words import PAYMENTS, field_name, filled_in, pretty, title_of, type_name
from timbre.platform.documents.writing import lines, sums
from timbre.platform.frame import ScreenRequest, screen, show

DOUBT_STEPS = ("in_doubt", "not_listed", "no_answer", "folio_proposed", "folio_unclear", "incomplete")
"""Of these the evidence is open on the screen of a document that a person may have to decide on."""


@screen
def one(request: ScreenRequest, document_id: str) -> HttpResponse:
    """While it is on its way the page asks for itself again, and gets 204 as long as nothing is new."""
    document = find(request.scope, document_id)
    mark = _mark(document)
    if request.htmx and request.GET.get("visto") == mark:
        return HttpResponse(status=204)
    return show(request, "documents/one.html", {"mark": mark} | _told(request.scope, document))


def find(scope: Scope, document_id: str) -> Document:
    """The scope's document of this id. Raises NotFound."""
    rows = Document.within(scope).select_related("company__entity", "batch").defer("send_form")
    document = rows.filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    return document


def _told(scope: Scope, document: Document) -> dict[str, object]:
    now, asked = timezone.now(), document.request
    settled = settled_at(document)
    header, naming = asked.get("header") or {}, named_by(document)
    return {
        "document": document,
        "title": title_of(document),
        "type": type_name(str(document.tipo)),
        "issuer": asked["document_issuer"],
        "receiver": asked["document_receiver"],
        "payment": PAYMENTS.get(str(header.get("payment_method")), ""),
        "due_date": date.fromisoformat(header["due_date"]) if header.get("due_date") else None,
        "lines": lines(document),
        "advice": advise(document),
        "error": error_of(document),
        "param": field_name(document.error_param),
        "is_final": document.state in FINAL,
        "is_draft": document.state == State.DRAFT,
        "copies": copies_of(document) if document.state == State.DRAFT else (),
        "obstacles": obstacles_of(document, now) if document.state == State.DRAFT else (),
        "sums": sums(document),
        "may_resolve": document.state in OPEN,
        "too_early": settled if settled and now < settled else None,
        "files": files(scope, document),
        "names": names(scope, document),
        "named_by": naming,
        "annulled_by": next((each for each in naming if each.annuls), None),
        "may_have_notes": document.state in KNOWN_ISSUED and document.tipo != TipoDte.GUIA_DESPACHO,
        "steps": steps(document),
        "told_in_full": DOUBT_STEPS if document.state in OPEN else (),
        "deliveries": deliveries(scope, document),
        "filled": filled_in(document.filled),
        "own": pretty(asked["json_param"]) if asked.get("json_param") else "",
        "additional": asked.get("additional_info") or "",
    }


def _mark(document: Document) -> str:
    """Changes with whatever the page tells of a document on its way."""
    due = document.due_at.timestamp() if document.due_at else ""
    return f"{document.state}-{document.updated_at.timestamp()}-{due}"
