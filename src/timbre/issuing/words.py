"""The words and figures that everything told of a document is made of (design, section 4; contract 2.9)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, TextChoices

from timbre.dte.codes import EXPORTACIONES, NOMBRES, TipoDte
from timbre.dte.document import PESO_CL
from timbre.issuing.asking import read_moneda
from timbre.issuing.causes import cause_of
from timbre.issuing.models import KNOWN_ISSUED, KNOWN_NOT_ISSUED, Document, State
from timbre.sii.gateway import CREDENTIAL_REASONS

Shown = dict[str, Any]

_LINE_FIELDS = (
    "item_name",
    "item_description",
    "quantity",
    "unit_price",
    "gross_unit_price",
    "unit",
    "item_code",
    "item_type_code",
    "discount_percent",
    "discount_amount",
    "surcharge_percent",
    "surcharge_amount",
    "is_exempt",
    "exempt_indicator",
    "other_tax",
    "withholding_agent",
    "show_item_type",
    "ticket",
)
_NUMBERS = frozenset(
    {"quantity", "unit_price", "gross_unit_price"}
    | {f"{what}_{how}" for what in ("discount", "surcharge") for how in ("percent", "amount")}
)
_EXACT = 2**53
"""Up to it every whole number is one of JSON's usual readers', too (binary floating point)."""
_SHORT_NAMES = {PESO_CL: "CLP", "DOLAR USA": "USD", "EURO": "EUR"}


class Estado(TextChoices):
    """How a document stands, in the one word that people read: screens, files, e-mails and messages."""

    BORRADOR = "borrador", "Borrador"
    EN_CAMINO = "en_camino", "En camino"
    ESPERANDO = "esperando", "Esperando al SII"
    EN_DUDA = "en_duda", "En duda"
    EMITIDO = "emitido", "Emitido"
    NO_EMITIDO = "no_emitido", "No emitido"


ESTADOS: Mapping[Estado, Q] = {
    Estado.BORRADOR: Q(state=State.DRAFT),
    Estado.EN_CAMINO: Q(state=State.RECEIVED, error_code="") | Q(state=State.SENDING),
    Estado.ESPERANDO: Q(state=State.RECEIVED) & ~Q(error_code=""),
    Estado.EN_DUDA: Q(state__in=[State.IN_DOUBT, State.INCOMPLETE]),
    Estado.EMITIDO: Q(state__in=KNOWN_ISSUED),
    Estado.NO_EMITIDO: Q(state__in=KNOWN_NOT_ISSUED),
}
"""``estado_of``, as conditions of a query: every document meets exactly one."""


STATUSES: Mapping[str, Q] = {
    "created": Q(state=State.DRAFT) | Q(state=State.RECEIVED, error_code=""),
    "temporary_error": Q(state=State.RECEIVED) & ~Q(error_code=""),
    "processing": Q(state__in=[State.SENDING, State.IN_DOUBT, State.ISSUED]),
    "success": Q(state=State.DONE),
    "invalid": Q(state=State.REFUSED) & ~Q(error_param=""),
    "permanent_error": Q(state__in=[State.EXPIRED, State.CANCELLED]) | Q(state=State.REFUSED, error_param=""),
    "incomplete": Q(state=State.INCOMPLETE),
}
"""``status_of``, as conditions of a query."""

FILE_TYPES = {"pdf": "application/pdf", "xml": "application/xml; charset=iso-8859-1"}


def file_name(document: Document, kind: str) -> str:
    """``F33-123.pdf``."""
    return f"F{document.tipo}-{document.folio}.{kind}"


def estado_of(state: str, error_code: str) -> Estado:
    """The word for a document in this state, with or without an error standing in its way."""
    if state == State.RECEIVED:
        return Estado.ESPERANDO if error_code else Estado.EN_CAMINO
    return {
        State.DRAFT: Estado.BORRADOR,
        State.SENDING: Estado.EN_CAMINO,
        State.IN_DOUBT: Estado.EN_DUDA,
        State.INCOMPLETE: Estado.EN_DUDA,
        State.ISSUED: Estado.EMITIDO,
        State.DONE: Estado.EMITIDO,
    }.get(State(state), Estado.NO_EMITIDO)


def status_of(document: Document) -> str:
    """The public status (design, section 4)."""
    return {
        State.DRAFT: "created",
        State.RECEIVED: "temporary_error" if document.error_code else "created",
        State.SENDING: "processing",
        State.IN_DOUBT: "processing",
        State.ISSUED: "processing",
        State.DONE: "success",
        # A refusal that names a field is about the data; all else no new data will mend.
        State.REFUSED: "invalid" if document.error_param else "permanent_error",
        State.EXPIRED: "permanent_error",
        State.CANCELLED: "permanent_error",
        State.INCOMPLETE: "incomplete",
    }[State(document.state)]


def error_of(document: Document) -> Shown | None:
    """Why a document is not (yet) issued; None when nothing stands in its way."""
    code = document.error_code or {State.EXPIRED: "expired", State.CANCELLED: "cancelled"}.get(
        State(document.state), ""
    )
    if not code:
        return None
    told = cause_of(document, code)
    return {
        "code": code,
        "type": _error_type(document, code),
        "message": document.sii_words or document.error_message,
        "user_message": document.error_message,
        "param": document.error_param or None,
        "cause": told.cause,
        "fix": told.fix,
        "retryable": told.retryable,
        "sii_words": document.sii_words or None,
    }


def instant(at: datetime) -> str:
    """``2026-03-14T12:30:00.123456Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def content(document: Document) -> Shown:
    """What was asked, in full: parties, lines, adjustments, references, carriage, customs; and the totals."""
    request = document.request
    return {
        "header": request.get("header") or {},
        "document_issuer": request["document_issuer"],
        "document_receiver": request["document_receiver"],
        "document_total": totals(document),
        "details": [
            {"line_number": number, **line_of(line)}
            for number, line in enumerate(request["details"], start=1)
        ],
        "global_adjustments": request.get("global_adjustments") or [],
        "references": request.get("references") or [],
        "transport_data": request.get("transport_data"),
        "export_data": request.get("export_data"),
    }


def line_of(asked: Mapping[str, Any]) -> Shown:
    """One line, its numbers as JSON numbers; a gross price is its ``unit_price``, too (contract 6.1)."""
    line = {
        field: float(value)
        if field in _NUMBERS and (value := asked.get(field)) is not None
        else asked.get(field)
        for field in _LINE_FIELDS
    }
    gross = line["gross_unit_price"]
    return line if gross is None else line | {"unit_price": gross}


def totals(document: Document) -> Shown:
    """In the document's currency; rates in percent."""
    found = document.totales
    return {
        "net_amount": figure(found.neto),
        "exempt_amount": figure(found.exento),
        "iva_rate": figure(found.tasa_iva or Decimal(0)),
        "iva_amount": figure(found.iva),
        "other_taxes": [
            {"code": each.codigo, "rate": figure(each.tasa), "amount": figure(each.monto)}
            for each in found.impuestos
        ],
        "not_billable_amount": figure(found.no_facturable),
        "total_amount": figure(found.total),
    }


def money_of(document: Document) -> Shown:
    """The currency of a document. An export in another one than pesos says its rate and its own total."""
    foreign: Shown = {"currency": "CLP", "exchange_rate": None, "original_amount": None}
    if document.tipo not in EXPORTACIONES:
        return foreign
    moneda = read_moneda(document.request.get("export_data") or {})
    if moneda.nombre == PESO_CL:
        return foreign
    return {
        "currency": _SHORT_NAMES.get(moneda.nombre, moneda.nombre),
        "exchange_rate": f"{moneda.tipo_cambio:f}",
        "original_amount": f"{document.totales.total:f}",
    }


def figure(amount: Decimal | int) -> float | int:
    """A JSON number of exactly the amount: 18 digits are more than binary floating point holds."""
    whole = int(amount)
    return whole if amount == whole and abs(whole) > _EXACT else float(amount)


def dte_type(document: Document) -> Shown:
    """The SII's code and its name."""
    return {"code": str(document.tipo), "description": NOMBRES[TipoDte(document.tipo)]}


def folio_of(document: Document) -> str | None:
    """Only an issued document has a folio to tell; before, the portal's proposal may still change."""
    issued = document.state in KNOWN_ISSUED
    return str(document.folio) if issued and document.folio is not None else None


def _error_type(document: Document, code: str) -> str:
    if code in CREDENTIAL_REASONS or code == "no_active_credentials":
        return "credential_error"
    return "validation_error" if status_of(document) == "invalid" else "sii_error"
