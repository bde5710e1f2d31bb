"""The filters of GET /v2/documents/ (contract 2.8), for issued documents."""

import re
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from pydantic import TypeAdapter

from timbre.accounts.errors import Rejection
from timbre.api.auth import scope_of
from timbre.api.document_shape import STRICT
from timbre.api.entities import own_entity
from timbre.api.fields import Day, Listed
from timbre.api.pages import Paged
from timbre.api.reading import read_query
from timbre.api.searching import names, own_text
from timbre.issuing.models import Document, State

_JSON_PARAM = "json_param__"
_JSON_KEY = re.compile(r"[a-zA-Z0-9_]{1,64}")
_MAX_OWN_FIELDS = 10
_MAX_FOLIO = 10**18
_RECEIVED_ONLY = ("issuer_tax_id", "reception_date_from", "reception_date_to")
_UNOFFERED_FLAGS = ("include_trace_events", "include_book_metadata")

STATUSES: dict[str, Q] = {
    "created": Q(state=State.RECEIVED, error_code=""),
    "temporary_error": Q(state=State.RECEIVED) & ~Q(error_code=""),
    "processing": Q(state__in=[State.SENDING, State.IN_DOUBT, State.ISSUED]),
    "success": Q(state=State.DONE),
    "invalid": Q(state=State.REFUSED) & ~Q(error_param=""),
    "permanent_error": Q(state__in=[State.EXPIRED, State.CANCELLED]) | Q(state=State.REFUSED, error_param=""),
    "incomplete": Q(state=State.INCOMPLETE),
}
"""presenting.status_of, as conditions of a query."""


class DocumentQuery(Paged, total=False):
    """Filtros de documentos emitidos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: str
    document_type: str
    folio: int
    search: str
    dte_type__code__in: Listed
    issue_date_gte: Day
    issue_date_lte: Day
    external_id: str
    batch_id: str
    status: Listed
    is_paid: bool
    issuer_tax_id: str
    reception_date_from: str
    reception_date_to: str
    include_trace_events: bool
    include_book_metadata: bool


DOCUMENT_QUERY = TypeAdapter(DocumentQuery)


def read_filters(request: HttpRequest, rows: QuerySet[Document]) -> tuple[dict[str, Any], QuerySet[Document]]:
    """The query as read, and the rows it asks for, newest first. Raises Rejection."""
    own_fields = {name: request.GET[name] for name in request.GET if name.startswith(_JSON_PARAM)}
    query = read_query(request, DOCUMENT_QUERY, leaving_out=own_fields)
    _refuse_unoffered(query)
    if "master_entity_id" in query:
        rows = rows.filter(company__entity=own_entity(scope_of(request), query["master_entity_id"]))
    if "folio" in query:
        found = rows.filter(folio=_folio(query["folio"]), state__in=[State.ISSUED, State.DONE])
    else:
        found = _filtered(rows, query)
        found = found.filter(_own_texts(own_fields))
    return query, found.order_by("-accepted_at", "index", "pk")


def _filtered(rows: QuerySet[Document], query: dict[str, Any]) -> QuerySet[Document]:
    if "search" in query:
        rows = rows.filter(names("receiver_name", "receiver_rut", query["search"]))
    if "dte_type__code__in" in query:
        rows = rows.filter(tipo__in={_code(code) for code in query["dte_type__code__in"]})
    if "issue_date_gte" in query:
        rows = rows.filter(date_issued__gte=date.fromisoformat(query["issue_date_gte"]))
    if "issue_date_lte" in query:
        rows = rows.filter(date_issued__lte=date.fromisoformat(query["issue_date_lte"]))
    exact = {name: query[name] for name in ("external_id", "batch_id", "is_paid") if name in query}
    return rows.filter(_statuses(query.get("status", [])), **exact)


def _refuse_unoffered(query: dict[str, Any]) -> None:
    asked = [name for name in _RECEIVED_ONLY if name in query]
    asked += [name for name in _UNOFFERED_FLAGS if query.get(name)]
    kind = query.get("document_type", "issued")
    if kind == "received":
        asked.append("document_type")
    elif kind != "issued":
        raise Rejection("parameter_invalid", "«document_type» debe ser issued.", param="document_type")
    if asked:
        message = f"«{asked[0]}» no se ofrece todavía: Timbre lista solo documentos emitidos por él."
        raise Rejection("not_available", message, param=asked[0])


def _statuses(names: list[str]) -> Q:
    wanted = Q()
    for name in dict.fromkeys(names):
        if name not in STATUSES:
            message = f"«status» debe ser uno de: {', '.join(STATUSES)}."
            raise Rejection("parameter_invalid", message, param="status")
        wanted |= STATUSES[name]
    return wanted


def _code(code: str) -> int:
    if not (code.isascii() and code.isdigit() and len(code) <= 3):
        message = "«dte_type__code__in» es una lista de códigos, como 33,34."
        raise Rejection("parameter_invalid", message, param="dte_type__code__in")
    return int(code)


def _folio(folio: int) -> int:
    if not 0 < folio < _MAX_FOLIO:
        raise Rejection("parameter_invalid", "«folio» debe ser un número positivo.", param="folio")
    return folio


def _own_texts(asked: dict[str, str]) -> Q:
    if len(asked) > _MAX_OWN_FIELDS:
        message = f"Se puede buscar por {_MAX_OWN_FIELDS} claves de json_param a la vez."
        raise Rejection("parameter_invalid", message, param="json_param")
    wanted = Q()
    for name, value in asked.items():
        key = name.removeprefix(_JSON_PARAM)
        if not _JSON_KEY.fullmatch(key):
            message = "La clave de json_param admite letras sin tilde, números y guion bajo, hasta 64."
            raise Rejection("parameter_invalid", message, param=name[:80])
        wanted &= own_text(key, value)
    return wanted
