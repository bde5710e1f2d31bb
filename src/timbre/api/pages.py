"""Lists in their envelope: pages, links, sparse fields (contract 3.1)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from timbre.accounts.errors import Rejection
from timbre.api.fields import Counting
from timbre.api.shape import STRICT

MAX_PAGE_SIZE = 200
DEFAULT_PAGE_SIZE = 20
MAX_PAGE = 1_000_000


class Paged(TypedDict, total=False):
    """Lo que entiende toda lista."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    page: Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_PAGE})]
    page_size: Counting
    fields: str


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    query: Mapping[str, Any],
    present: Callable[[Sequence[Any]], Iterable[dict[str, Any]]],
    default_size: int = DEFAULT_PAGE_SIZE,
) -> dict[str, Any]:
    """One page of the rows. ``page_size`` over 200 is 200; a page beyond the last is empty."""
    page, size = query.get("page", 1), min(query.get("page_size", default_size), MAX_PAGE_SIZE)
    for name, value in (("page", page), ("page_size", size)):
        if not 1 <= value <= MAX_PAGE:
            message = f"«{name}» debe ser 1 o más." if value < 1 else f"«{name}» es demasiado grande."
            raise Rejection("parameter_invalid", message, param=name)
    total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    pages = -(-total // size)
    found = list(rows[(page - 1) * size : page * size]) if page <= pages else []
    return {
        "data": [sparse(each, query.get("fields")) for each in present(found)],
        "meta": {"page": page, "page_size": size, "total": total, "total_pages": pages},
        "links": {
            "next": _link(request, page + 1) if page < pages else None,
            "prev": _link(request, page - 1) if page > 1 else None,
        },
    }


def sparse(item: dict[str, Any], fields: str | None) -> dict[str, Any]:
    """Only the named fields, and always the id. Raises Rejection for a field there is not."""
    if not fields:
        return item
    wanted = [name.strip() for name in fields.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in item]
    if unknown:
        message = f"No existe el campo «{unknown[0]}». Hay: {', '.join(item)}."
        raise Rejection("parameter_invalid", message, param="fields")
    return {name: item[name] for name in dict.fromkeys(["id", *wanted]) if name in item}


def _link(request: HttpRequest, page: int) -> str:
    query: QueryDict = request.GET.copy()
    query["page"] = str(page)
    return f"{settings.BASE_URL}{request.path}?{query.urlencode()}"
