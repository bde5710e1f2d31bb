"""The shapes of what is told of drafts (issuing.drafts, issuing.previewing)."""

from typing import NotRequired

from typing_extensions import TypedDict

from timbre.api.answers import Warned
from timbre.api.document_answers import DocumentTold, Totals
from timbre.api.shape import STRICT


class DraftIssued(DocumentTold):
    """Recibido, que no es emitido: el resultado llega por webhook."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    warnings: NotRequired[list[Warned]]


class StepTold(TypedDict):
    """Un paso del cálculo: exact, antes de redondear, en texto; amount, como queda en el documento."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    concept: str
    formula: str
    exact: str
    amount: float


class PreviewTold(TypedDict):
    """Cómo quedará. warnings dice lo que hoy impide emitirlo; pdf_url dura una hora, null si ya se firmó."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    document_id: str
    is_draft: bool
    can_be_issued: bool
    document_total: Totals
    steps: list[StepTold]
    warnings: list[Warned]
    pdf_url: str | None
    pdf_download_url: str | None
