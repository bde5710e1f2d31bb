"""The filters of GET /v2/documents/ (contract 2.8), for issued documents."""

import re
from datetime import date
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from pydantic import TypeAdapter, WithJsonSchema

from timbre.accounts.errors import Rejection
from timbre.api.auth import scope_of
from timbre.api.entities import own_company
from timbre.api.fields import Day, Listed, UnofferedFilter, items_told_as, told_as
from timbre.api.pages import Paged
from timbre.api.reading import read_query
from timbre.api.searching import MAX_TEXT, own_text, short
from timbre.api.shape import STRICT
from timbre.issuing.models import Document
from timbre.issuing.selecting import Selection
from timbre.issuing.words import STATUSES

_JSON_PARAM = "json_param__"
_JSON_KEY = re.compile(r"[a-zA-Z0-9_]{1,64}")
_MAX_OWN_FIELDS = 10
_MAX_FOLIO = _MAX_AMOUNT = 10**18
_RECEIVED_ONLY = ("issuer_tax_id", "reception_date_from", "reception_date_to")
_UNOFFERED_FLAGS = ("include_trace_events", "include_book_metadata")


Pesos = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _MAX_AMOUNT - 1})]


class DocumentQuery(Paged, total=False):
    """Filtros de documentos emitidos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: str
    document_type: Annotated[str, told_as(enum=["issued"])]
    folio: Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MAX_FOLIO - 1})]
    search: Annotated[str, told_as(maxLength=MAX_TEXT)]
    dte_type__code__in: Annotated[Listed, items_told_as(pattern="^[0-9]{1,3}$")]
    issue_date_gte: Day
    issue_date_lte: Day
    external_id: str
    batch_id: str
    status: Annotated[Listed, items_told_as(enum=list(STATUSES))]
    is_paid: bool
    amount_gte: Pesos
    amount_lte: Pesos
    issuer_tax_id: UnofferedFilter
    reception_date_from: UnofferedFilter
    reception_date_to: UnofferedFilter
    include_trace_events: Annotated[bool, WithJsonSchema({"type": "null"})]
    include_book_metadata: Annotated[bool, WithJsonSchema({"type": "null"})]


DOCUMENT_QUERY = TypeAdapter(DocumentQuery)


def read_filters(request: HttpRequest) -> tuple[dict[str, Any], QuerySet[Document]]:
    """The query as read, and the documents it asks for, newest first. Raises Rejection."""
    own_fields = {name: request.GET[name] for name in request.GET if name.startswith(_JSON_PARAM)}
    query = read_query(request, DOCUMENT_QUERY, leaving_out=own_fields)
    _refuse_unoffered(query)
    scope = scope_of(request)
    company = own_company(scope, query["master_entity_id"]).pk if "master_entity_id" in query else ""
    if "folio" in query:
        return query, Selection(company=company, folio=_folio(query["folio"])).within(scope)
    return query, _selection(query, company).within(scope).filter(_own_texts(own_fields))


def _selection(query: dict[str, Any], company: str) -> Selection:
    return Selection(
        text=short(query.get("search", "")),
        company=company,
        types=frozenset(_code(code) for code in query.get("dte_type__code__in", ())),
        since=_date(query.get("issue_date_gte")),
        until=_date(query.get("issue_date_lte")),
        at_least=_pesos(query, "amount_gte"),
        at_most=_pesos(query, "amount_lte"),
        statuses=_statuses(query.get("status", [])),
        is_paid=query.get("is_paid"),
        batch=query.get("batch_id"),
        external_id=query.get("external_id"),
    )


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


def _statuses(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if name not in STATUSES:
            message = f"«status» debe ser uno de: {', '.join(STATUSES)}."
            raise Rejection("parameter_invalid", message, param="status")
    return tuple(dict.fromkeys(names))


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _pesos(query: dict[str, Any], name: str) -> int | None:
    amount: int | None = query.get(name)
    if amount is not None and not 0 <= amount < _MAX_AMOUNT:
        message = f"«{name}» son pesos con IVA, sin decimales: 0 o más."
        raise Rejection("parameter_invalid", message, param=name)
    return amount


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
