"""Accepting a batch: judged whole and saved whole in one transaction, or nothing. The SII is not called."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from timbre.accounts import audit
from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.dte.errors import Fault
from timbre.dte.totals import compute_totals
from timbre.issuing import presenting
from timbre.issuing.answered import Accepted, Repeatable
from timbre.issuing.causes import say
from timbre.issuing.defaults import lacks_data
from timbre.issuing.filling import Asked, fill_in
from timbre.issuing.issuers import Issuer
from timbre.issuing.judging import document_faults, faults_of, gateway_faults, warnings_of
from timbre.issuing.locating import locate
from timbre.issuing.models import (
    KNOWN_NOT_ISSUED,
    Batch,
    Document,
    DocumentState,
    Reference,
    State,
)
from timbre.issuing.originals import note_faults
from timbre.issuing.references import folio_as_kept
from timbre.issuing.restore.straying import warnings_of_strays
from timbre.issuing.twins import warn_of_twins
from timbre.work.models import Lane

ISSUE_WITHIN = timedelta(hours=48)
DRAFTS_KEPT = timedelta(days=90)
SAID_RECEIVED = "Recibido: se emitirá en cuanto llegue su turno."
SAID_DRAFTED = "Guardado como borrador: no se emite mientras nadie lo pida."


def accept(  # noqa: PLR0913 - all that a request says, by name
    scope: Scope,
    documents: Sequence[Mapping[str, Any]],
    *,
    use_defaults: bool,
    idempotency_key: str,
    fingerprint: str,
    warnings: Sequence[Mapping[str, Any]],
    actor: str,
    now: datetime,
    scenario: str = "",
    as_drafts: bool = False,
    preview: bool = False,
    claim: Callable[[], None] | None = None,
) -> Accepted:
    """Saves a batch to be issued, or to wait as drafts, and returns the answer to it.

    Drafts are only judged by what no gateway could do; what the present one cannot is a warning. With
    ``preview`` the answer has a link to what each will look like. ``scenario`` is what the simulated SII is
    to do with each document: sandbox alone. ``claim`` comes first in the transaction that saves, to raise
    Rejection for what only one request may do.

    The same ``idempotency_key`` with the same ``fingerprint`` (of the request's body) returns the first
    answer. Raises InvalidDocuments with all faults of all documents, or Rejection; then nothing is saved.
    """
    repeatable = Repeatable(idempotency_key, fingerprint)
    earlier = repeatable.earlier(scope, now)
    if earlier:
        return earlier
    today = today_in_chile(now)
    asked = fill_in(scope, documents, use_defaults=use_defaults, today=today)
    judged = _judge(scope, asked, use_defaults=use_defaults, today=today, as_drafts=as_drafts)
    try:
        _refuse_known_external_ids(asked)
        warned = _warn_of_drafts(scope, asked) if as_drafts else _warn_of_equals(asked, now)
        told = [*warnings, *judged, *warned]
        with transaction.atomic(durable=True):
            if claim:
                claim()
            batch = _create_batch(scope, idempotency_key, scenario, now, as_drafts=as_drafts)
            rows = _save(scope, batch, asked, actor, now)
            answer = presenting.accepted(batch, rows, told, now, preview=preview)
            repeatable.keep(scope, answer, now)
    except (IntegrityError, Rejection) as error:
        # The same request may have been saved a moment ago, or at once: then its answer is ours too.
        earlier = repeatable.earlier(scope, now)
        if earlier:
            return earlier
        if isinstance(error, IntegrityError):
            _refuse_known_external_ids(asked)
        raise
    return Accepted(answer, replayed=False)


def _judge(
    scope: Scope, asked: list[Asked], *, use_defaults: bool, today: date, as_drafts: bool
) -> list[dict[str, Any]]:
    """What only warns. Raises InvalidDocuments with all that stands in the way of any document."""
    environment = "" if as_drafts else scope.environment
    judged = [_faults(each, environment, use_defaults=use_defaults, today=today) for each in asked]
    sound = {
        place: (asked[place].issuer.company.pk, asked[place].documento)
        for place, found in enumerate(judged)
        if all(fault.warns for fault in found)
    }
    for place, fault in note_faults(sound):
        judged[place].append(fault)
    faults = {
        index: refused
        for index, found in enumerate(judged)
        if (refused := [fault for fault in found if not fault.warns])
    }
    faults = _with_repeated_external_ids(asked, faults)
    if faults:
        raise InvalidDocuments(faults)
    return [warning for index, found in enumerate(judged) for warning in warnings_of(index, found)]


def _faults(asked: Asked, environment: str, *, use_defaults: bool, today: date) -> list[Fault]:
    """All faults, but for what an unknown id would have brought and what the worker will ask the SII for.

    Of a draft, whose ``environment`` is empty, only its own.
    """
    to_look_up = use_defaults and lacks_data(asked.request["document_receiver"])
    documento = asked.documento
    judged = (
        faults_of(documento, environment, today=today)
        if environment
        else document_faults(documento, today=today)
    )
    told = [*asked.unknown, *asked.disagreements]
    known = {fault.path for fault in told}
    for fault in locate(judged, asked.request):
        told_already = not known.isdisjoint((fault.path, fault.path.partition(".")[0]))
        to_come = to_look_up and fault.code == "receiver_data_incomplete"
        if not (to_come or told_already or asked.excuses(fault)):
            told.append(fault)
    return told


def _with_repeated_external_ids(asked: list[Asked], faults: dict[int, list[Fault]]) -> dict[int, list[Fault]]:
    seen: dict[tuple[str, str], int] = {}
    for index, each in enumerate(asked):
        external_id = each.request.get("external_id")
        first = seen.setdefault((each.issuer.company.pk, external_id), index) if external_id else index
        if first != index:
            message = f"El external_id se repite: ya lo usa el documento {first} de este mismo lote."
            faults.setdefault(index, []).append(Fault("external_id_used", "external_id", message))
    return faults


def _refuse_known_external_ids(asked: list[Asked]) -> None:
    wanted = {each.request.get("external_id") for each in asked} - {None, ""}
    if not wanted:
        return
    companies = {each.issuer.company.pk for each in asked}
    taken = Document.objects.filter(company__in=companies, external_id__in=wanted)
    used = {(d.company_id, d.external_id): d.pk for d in taken.exclude(state__in=KNOWN_NOT_ISSUED)}
    for index, each in enumerate(asked):
        resource = used.get((each.issuer.company.pk, each.request.get("external_id", "")))
        if resource:
            raise Rejection(
                "external_id_used",
                f"Ya existe un documento con external_id «{each.request['external_id']}» en esta empresa: "
                f"{resource}. No se guardó nada.",
                status=409,
                param=f"documents.{index}.external_id",
                resource=resource,
            )


def _warn_of_drafts(scope: Scope, asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What the gateway could not do, if somebody had them issued now."""
    return [
        warning
        for index, each in enumerate(asked)
        for warning in warnings_of(
            index, locate(gateway_faults(each.documento, scope.environment), each.request)
        )
    ]


def _warn_of_equals(asked: Sequence[Asked], now: datetime) -> list[dict[str, Any]]:
    """Of what was accepted a while ago, and of what the SII has and Timbre lost."""
    companies = [each.issuer.company.pk for each in asked]
    prints = [each.fingerprint for each in asked]
    strays = warnings_of_strays([(each.issuer.company.pk, each.documento) for each in asked])
    return [*warn_of_twins(list(zip(companies, prints, strict=True)), now), *strays]


def _create_batch(scope: Scope, key: str, scenario: str, now: datetime, *, as_drafts: bool) -> Batch:
    return Batch.objects.create(
        status=Batch.Status.CREATED if as_drafts else Batch.Status.PROCESSING,
        user_id=scope.user_id,
        environment=scope.environment,
        idempotency_key=key,
        scenario=scenario,
        created_at=now,
        updated_at=now,
    )


def _save(scope: Scope, batch: Batch, asked: list[Asked], actor: str, now: datetime) -> list[Document]:
    as_drafts = batch.status == Batch.Status.CREATED
    if not as_drafts:
        Lane.wake(sorted({each.issuer.credential.lane_id for each in asked}), now)
    done, said = ("batch.drafted", SAID_DRAFTED) if as_drafts else ("batch.created", SAID_RECEIVED)
    audit.tell(scope, done, batch.pk, now=now, documents=len(asked))
    rows = [_document(batch, index, each, now) for index, each in enumerate(asked)]
    Document.objects.bulk_create(rows)
    DocumentState.objects.bulk_create(
        DocumentState(document=row, at=now, code=row.state, description=said, actor=actor) for row in rows
    )
    _save_references(rows, asked)
    return rows


def _save_references(rows: Sequence[Document], asked: Sequence[Asked]) -> None:
    """What each document refers to, to be found from the document it names."""
    references = [
        Reference(
            document=row,
            company=each.issuer.company,
            tipo=named.tipo[:3],
            folio=folio_as_kept(named.folio)[:18],
            codigo=named.codigo,
        )
        for row, each in zip(rows, asked, strict=True)
        for named in each.documento.referencias
    ]
    if references:
        Reference.objects.bulk_create(references)


def _document(batch: Batch, index: int, asked: Asked, now: datetime) -> Document:
    documento, totals = asked.documento, compute_totals(asked.documento)
    row = Document(
        user_id=batch.user_id,
        environment=batch.environment,
        batch=batch,
        index=index,
        company=asked.issuer.company,
        credential=asked.issuer.credential,
        lane_id=asked.issuer.credential.lane_id,
        external_id=asked.request.get("external_id") or "",
        fingerprint=asked.fingerprint,
        request=asked.request,
        filled=asked.filled,
        tipo=documento.tipo,
        date_issued=documento.fecha_emision,
        receiver_rut=documento.receptor.rut,
        receiver_name=documento.receptor.razon_social,
        neto=int(totals.neto),
        exento=int(totals.exento_en_pesos),
        iva=int(totals.iva),
        total=int(totals.total_en_pesos),
        **_place(batch, asked.issuer, now),
        accepted_at=now,
        updated_at=now,
    )
    row.totales = totals
    return row


def _place(batch: Batch, issuer: Issuer, now: datetime) -> dict[str, Any]:
    """A draft is nowhere; all else is in its lane, due at once."""
    if batch.status == Batch.Status.CREATED:
        return {"state": State.DRAFT, "issue_until": now + DRAFTS_KEPT}
    return {"state": State.RECEIVED, **queued(issuer.credential.lane, now)}


def queued(lane: Lane, now: datetime) -> dict[str, Any]:
    """The columns of a document that is to be issued from ``now`` on."""
    return {"due_at": now, "issue_until": now + ISSUE_WITHIN, **_waits_for(lane, now)}


def _waits_for(lane: Lane, now: datetime) -> dict[str, str]:
    """What a document of a closed lane waits for, to be told from the start."""
    if lane.closed_until is None or lane.closed_until <= now:
        return {}
    return {"error_code": lane.closed_reason, "error_message": say(lane.closed_reason)}
