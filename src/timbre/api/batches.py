"""/v2/documents/batch/: documents accepted together (contract 2.9, 3.5)."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter

from timbre.accounts.errors import InvalidDocuments, NotFound, Rejection
from timbre.api.answers import Page
from timbre.api.auth import key_of, scope_of
from timbre.api.document_answers import BatchAccepted, BatchLine, BatchTold
from timbre.api.document_checks import check_documents
from timbre.api.errors import respond
from timbre.api.fields import told_as
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import Asked, read_body, read_query
from timbre.api.shape import BATCH, MAX_DOCUMENTS, STRICT
from timbre.dte.codes import BOLETAS
from timbre.dte.errors import Fault
from timbre.issuing import batches, presenting
from timbre.issuing.intake import accept
from timbre.issuing.models import Batch
from timbre.simulator.scenarios import CATALOGUE
from timbre.work.environments import Environment

router = Router(tags=["Lotes"])
MAX_KEY = 256
LISTS = {"details": (60, "detail_line_limit", "líneas"), "references": (40, "reference_limit", "referencias")}
"""How many the longest DTE has (DTE_v10.xsd). What the portal takes, dte.rules judges."""
LISTS_OF_A_BOLETA = {"details": (1000, "detail_line_limit", "líneas"), "references": LISTS["references"]}
"""The same of EnvioBOLETA_v11.xsd."""
_BOLETAS = {str(tipo.value) for tipo in BOLETAS}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": False}


class BatchQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    status: Annotated[str, told_as(enum=Batch.Status.values)]


QUERY = TypeAdapter(BatchQuery)
HEADERS = {
    "Idempotency-Key": "Hasta 256 caracteres, recordada un año: repetirla devuelve la misma respuesta.",
    "X-Use-Defaults": "true completa lo que no se envía: con los valores por defecto de la empresa, lo que "
    "el SII tiene registrado de ambos RUT y, si no, 33, hoy y lo corriente en el tipo. «filled» lo dice.",
    "X-Timbre-Scenario": "Solo sandbox: lo que el SII simulado hará mal con cada documento del lote. Uno de: "
    f"{', '.join(CATALOGUE)}.",
}


@router.post(
    "/documents/batch/",
    summary="Emitir un lote",
    **documented(body=BATCH, headers=HEADERS, answers={202: BatchAccepted}),
)
def create(request: HttpRequest) -> HttpResponse:
    """Acepta de 1 a 500 documentos, todos o ninguno, y los pone en cola para emitirlos.

    202 significa recibido, no emitido. El resultado llega por webhook, o se consulta en el lote. Con
    state «draft» quedan como borradores, que nada emite hasta que lo pidas; con preview, además, con un
    enlace a cómo quedarán.
    """
    key, scenario = idempotency_key(request), scenario_of(request)
    asked = read_body(request, BATCH, check=_refuse_counts)
    use_defaults = _use_defaults(request, asked)
    documents, as_drafts = asked.values["documents"], asked.values.get("state") == "draft"
    preview = preview_of(asked.values.get("preview"), as_drafts=as_drafts)
    check_documents(documents, use_defaults=use_defaults)
    accepted = accept(
        scope_of(request),
        documents,
        use_defaults=use_defaults,
        idempotency_key=key,
        fingerprint=_fingerprint(f"{use_defaults}\n{asked.text}", scenario),
        warnings=asked.warnings,
        actor=actor_of(request),
        now=timezone.now(),
        scenario=scenario,
        as_drafts=as_drafts,
        preview=preview,
    )
    response = respond(accepted.answer, 202)
    if accepted.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


@router.get(
    "/documents/batch/", summary="Listar lotes", **documented(query=QUERY, answers={200: Page[BatchLine]})
)
def list_batches(request: HttpRequest) -> HttpResponse:
    """Los lotes, del más nuevo al más antiguo."""
    query = read_query(request, QUERY)
    rows = Batch.within(scope_of(request)).order_by("-created_at", "pk")
    if "status" in query:
        rows = rows.filter(status=_known_status(query["status"]))
    return respond(
        page_of(request, rows, query, lambda found: [presenting.batch_line(each) for each in found])
    )


@router.get("/documents/batch/{batch_id}/", summary="Ver un lote", **documented(answers={200: BatchTold}))
def read(request: HttpRequest, batch_id: str) -> HttpResponse:
    """El lote y el estado de cada documento. Terminado: completed, o failed si no se emitió ninguno."""
    batch = Batch.within(scope_of(request)).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("un lote", batch_id)
    return respond(presenting.batch(batch, timezone.now()))


@router.post(
    "/documents/batch/{batch_id}/cancel/",
    summary="Cancelar lo que no ha comenzado",
    **documented(answers={200: BatchTold}),
)
def cancel(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Cancela los documentos del lote que aún no comienzan a emitirse; los demás siguen."""
    now = timezone.now()
    batch = batches.cancel(scope_of(request), batch_id, now=now, actor=actor_of(request))
    return respond(presenting.batch(batch, now))


@router.post(
    "/documents/batch/{batch_id}/retry/",
    summary="Reintentar lo que no se emitió",
    **documented(answers={200: BatchTold}),
)
def retry(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Vuelve a poner en cola los documentos de los que se sabe que no se emitieron."""
    now = timezone.now()
    batch = batches.retry(scope_of(request), batch_id, now=now, actor=actor_of(request))
    return respond(presenting.batch(batch, now))


def actor_of(request: HttpRequest) -> str:
    """Who acts, as the histories tell it."""
    return f"api:{key_of(request).prefix}"


def _refuse_counts(raw: dict[str, Any]) -> None:
    """Counted before anything is read: five hundred and one documents cost no validation."""
    documents = raw.get("documents")
    if documents is None or documents == []:
        message = "El lote no trae documentos: «documents» debe ser una lista con al menos uno."
        raise Rejection("no_documents", message, param="documents")
    if isinstance(documents, list) and len(documents) > MAX_DOCUMENTS:
        message = (
            f"El lote trae {len(documents)} documentos y el máximo es {MAX_DOCUMENTS}. Divídelo en varios."
        )
        raise Rejection("too_many_documents", message, status=413, param="documents")
    if isinstance(documents, list):
        _refuse_endless(documents)


def _refuse_endless(documents: list[Any]) -> None:
    """Lists that no DTE has room for."""
    faults = {
        index: found
        for index, document in enumerate(documents)
        if isinstance(document, dict) and (found := list(_endless(document)))
    }
    if faults:
        raise InvalidDocuments(faults)


def _endless(document: Mapping[str, Any]) -> Iterator[Fault]:
    dte_type = document.get("dte_type")
    boleta = isinstance(dte_type, dict) and str(dte_type.get("code")) in _BOLETAS
    for name, (most, code, what) in (LISTS_OF_A_BOLETA if boleta else LISTS).items():
        given = document.get(name)
        if isinstance(given, list) and len(given) > most:
            yield Fault(code, name, f"El documento tiene {len(given)} {what}; un DTE admite hasta {most}.")


def preview_of(asked: bool | None, *, as_drafts: bool) -> bool:  # noqa: FBT001 - as it was sent
    """Whether a preview is asked for. Raises Rejection for one of what is no draft."""
    if asked and not as_drafts:
        message = "Solo un borrador tiene vista previa: envía también «state»: «draft», o quita «preview»."
        raise Rejection("preview_without_draft", message, param="preview")
    return bool(asked)


def idempotency_key(request: HttpRequest) -> str:
    """The caller's key, blank for none. Raises Rejection for one that nobody could keep."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY or not key.isprintable():
        message = f"Idempotency-Key admite hasta {MAX_KEY} caracteres imprimibles."
        raise Rejection("parameter_invalid", message, param="Idempotency-Key")
    return key


def scenario_of(request: HttpRequest) -> str:
    """What the simulated SII is asked to do wrong; blank for nothing."""
    name = request.headers.get("X-Timbre-Scenario", "").strip()
    if name and key_of(request).environment != Environment.SANDBOX:
        message = "X-Timbre-Scenario es solo de sandbox: con esta API key se emite de verdad. Quítalo."
        raise Rejection("scenario_not_allowed", message, status=403, param="X-Timbre-Scenario")
    if name and name not in CATALOGUE:
        message = f"X-Timbre-Scenario debe ser uno de: {', '.join(CATALOGUE)}."
        raise Rejection("scenario_invalid", message, param="X-Timbre-Scenario")
    return name


def _fingerprint(asked: str, scenario: str) -> str:
    """Of all that was asked. Without a scenario it is what it was before there were any: keys last a year."""
    return hashlib.sha256((f"{scenario}\n{asked}" if scenario else asked).encode()).hexdigest()


def _use_defaults(request: HttpRequest, asked: Asked) -> bool:
    """The header, or ``use_default`` in the body; both must not contradict each other."""
    written = request.headers.get("X-Use-Defaults")
    said = asked.values.get("use_default")
    if written is None:
        return bool(said)
    if written.strip().lower() not in _BOOLEANS:
        raise Rejection("parameter_invalid", "X-Use-Defaults debe ser true o false.", param="X-Use-Defaults")
    header = _BOOLEANS[written.strip().lower()]
    if said is not None and said != header:
        message = "X-Use-Defaults y use_default se contradicen: envía solo uno."
        raise Rejection("parameter_invalid", message, param="use_default")
    return header


def _known_status(status: str) -> str:
    if status not in Batch.Status.values:
        message = f"«status» debe ser uno de: {', '.join(Batch.Status.values)}."
        raise Rejection("parameter_invalid", message, param="status")
    return status
