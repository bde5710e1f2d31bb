"""The list of documents, its sums, and the same documents as a file."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone

from timbre.issuing.models import Batch, Document
from timbre.issuing.selecting import Sums, read, sums, sums_of, walk
from timbre.platform.developers import snippets
from timbre.platform.documents.columns import COLUMNS
from timbre.platform.documents.filters import Filters
from timbre.platform.documents.words import title_of
from timbre.platform.frame import ScreenRequest, address, screen, show
from timbre.platform.pages import SIZE, Page, page_of
from timbre.platform.tables import as_csv, as_xlsx

MOST_XLSX = 10_000
"""Rows; more take Excel's format longer to write than anybody waits, and CSV holds any number."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document in the list, and what it is called."""

    document: Document
    title: str


@screen
def index(request: ScreenRequest) -> HttpResponse:
    filters = Filters(request.GET)
    if not filters.is_valid():
        return show(request, "documents/index.html", {"filters": filters, "query": _query(request)})
    exactly = _named(request, filters.cleaned_data["q"].strip())
    if exactly:
        return HttpResponseRedirect(exactly)
    page, figures = _look(request, _selected(request, filters))
    told = {
        "filters": filters,
        "page": page,
        "sums": figures,
        "query": _query(request),
        "narrowed": filters.narrows or request.frame.company is not None,
        "fits_xlsx": figures.count <= MOST_XLSX,
        "curl": "" if page.rows else snippets.own_batch(request.frame),
        "many_companies": request.frame.company is None and len(request.frame.companies) > 1,
    }
    return show(request, "documents/index.html", told)


@screen
def as_csv_file(request: ScreenRequest) -> HttpResponseBase:
    """Exactly the documents the list shows under the same filters, however many."""
    filters = Filters(request.GET)
    if not filters.is_valid():
        return _back(request)
    return as_csv(_file_name(request), COLUMNS, walk(_selected(request, filters)))


@screen
def as_xlsx_file(request: ScreenRequest) -> HttpResponseBase:
    """The same for Excel, up to MOST_XLSX rows."""
    filters = Filters(request.GET)
    if not filters.is_valid():
        return _back(request)
    rows = _selected(request, filters)
    if rows.order_by()[: MOST_XLSX + 1].count() > MOST_XLSX:
        said = "Son más de 10.000 documentos: descárgalos como CSV, o filtra por fechas."
        messages.error(request, said)
        return _back(request)
    return as_xlsx(_file_name(request), COLUMNS, walk(rows))


def _selected(request: ScreenRequest, filters: Filters) -> QuerySet[Document]:
    company = request.frame.company
    return filters.selection(company.pk if company else "").within(request.scope)


def _look(request: ScreenRequest, rows: QuerySet[Document]) -> tuple[Page[Row], Sums]:
    """A page of the rows and the sums of all. Few rows are summed as they are read: one walk, not two."""
    ids = rows.values_list("pk", flat=True)
    first = list(ids[: SIZE + 1])
    if len(first) <= SIZE:
        found = read(first)
        return Page(_rows(found), 1, len(found), before="", after=""), sums_of(found)
    figures = sums(rows)
    page = page_of(request, ids, total=figures.count)
    return page.holding(_rows(read(page.rows))), figures


def _rows(documents: list[Document]) -> list[Row]:
    return [Row(document, title_of(document)) for document in documents]


def _named(request: ScreenRequest, text: str) -> str:
    """The address of the one thing whose id the text is; empty for all else."""
    if text.startswith("docu_") and Document.within(request.scope).filter(pk=text).exists():
        return address(request, "documents-one", document_id=text)
    if text.startswith("doba_") and Batch.within(request.scope).filter(pk=text).exists():
        return address(request, "batches-one", batch_id=text)
    return ""


def _query(request: ScreenRequest) -> str:
    """The filters as they came, for the files: all but the page."""
    query = request.GET.copy()
    query.pop("pagina", None)
    return f"?{query.urlencode()}" if query else ""


def _back(request: ScreenRequest) -> HttpResponse:
    return HttpResponseRedirect(address(request, "documents") + _query(request))


def _file_name(request: ScreenRequest) -> str:
    """``documentos-sandbox-2026-11-22``: whoever finds the file in a folder knows what it is worth."""
    return f"documentos-{request.frame.environment}-{timezone.localdate():%Y-%m-%d}"
