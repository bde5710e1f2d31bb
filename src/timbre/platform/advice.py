"""What stands in a document's way, for people: what happened, what it means, the one button that helps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse

from timbre.issuing.causes import Remedy, cause_of
from timbre.issuing.models import Document, State
from timbre.issuing.words import error_of


@dataclass(frozen=True, slots=True)
class Action:
    """A button: ``screen`` and ``kwargs`` name its address; ``posts`` when it does something there."""

    label: str
    screen: str
    kwargs: Mapping[str, str]
    posts: bool = False

    @property
    def address(self) -> str:
        return reverse(self.screen, kwargs=dict(self.kwargs))


@dataclass(frozen=True, slots=True)
class Advice:
    """``happened`` has the SII's words when there are any; ``action`` is None when waiting is right."""

    happened: str
    means: str
    action: Action | None = None


BUTTONS = {
    Remedy.CREDENTIAL: "Revisar la credencial",
    Remedy.RETRY: "Reintentar lo no emitido del lote",
    Remedy.PERSON: "Resolver",
    Remedy.DATA: "Ver lo que se envió",
}
DOUBT = Advice(
    "El SII no respondió al último paso.",
    "Timbre está averiguando si quedó emitido. No lo envíes de nuevo.",
)
RESTORED = replace(DOUBT, happened="Se restauró un respaldo de antes de que se enviara.")
"""Nothing was signed here, so that it is in doubt for one reason alone."""


def advise(document: Document) -> Advice | None:
    """What to tell of a document; None when nothing stands in its way.

    While in doubt, Timbre itself looks: whatever delays a look is not the reader's business yet.
    """
    if document.state == State.IN_DOUBT:
        return RESTORED if document.folio is None else DOUBT
    fault = error_of(document)
    if fault is None:
        return None
    told = cause_of(document, str(fault["code"]))
    return Advice(document.sii_words or told.cause, told.fix, _action(told.remedy, document))


def _action(remedy: Remedy, document: Document) -> Action | None:
    here = {"environment": document.environment}
    if remedy is Remedy.WAIT:
        return None
    label = BUTTONS[remedy]
    if remedy is Remedy.CREDENTIAL:
        return Action(label, "companies-one", {**here, "company_id": document.company_id})
    if remedy is Remedy.RETRY:
        return Action(label, "batches-retry", {**here, "batch_id": document.batch_id}, posts=True)
    return Action(label, "documents-one", {**here, "document_id": document.pk})
