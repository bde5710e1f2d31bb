"""Accepting a batch: judged whole and saved whole in one transaction, or nothing. The SII is not called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from timbre.accounts import audit
from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.dte.errors import Fault
from timbre.dte.rules import PORTAL, judge
from timbre.dte.totals import compute_totals
from timbre.issuing import presenting
from timbre.issuing.causes import say
from timbre.issuing.defaults import lacks_data
from timbre.issuing.filling import Asked, fill_in
from timbre.issuing.models import (
    KNOWN_NOT_ISSUED,
    Batch,
    Document,
    DocumentState,
    IdempotencyKey,
    Reference,
)
from timbre.issuing.straying import warnings_of_strays
from timbre.work.models import Lane

ISSUE_WITHIN = timedelta(hours=48)
KEYS_KEPT = timedelta(days=365)
TWINS_WITHIN = timedelta(hours=24)
SAID_RECEIVED = "Recibido: se emitirá en cuanto llegue su turno."


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a batch; ``replayed`` when the same request had been answered before."""

    answer: dict[str, Any]
    replayed: bool


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
) -> Accepted:
    """Saves a batch to be issued and returns the answer to it.

    ``scenario`` is what the simulated SII is to do with each document: sandbox alone.

    The same ``idempotency_key`` with the same ``fingerprint`` (of the request's body) returns the first
    answer. Raises InvalidDocuments with all faults of all documents, or Rejection; then nothing is saved.
    """
    earlier = _earlier(scope, idempotency_key, fingerprint, now)
    if earlier:
        return earlier
    today = today_in_chile(now)
    asked = fill_in(scope, documents, use_defaults=use_defaults, today=today)
    _judge(asked, use_defaults=use_defaults, today=today)
    try:
        _refuse_known_external_ids(asked)
    except Rejection:
        # The same request may have been saved a moment ago: then its answer is ours too.
        earlier = _earlier(scope, idempotency_key, fingerprint, now)
        if earlier:
            return earlier
        raise
    known = warnings_of_strays([(each.issuer.company.pk, each.documento) for each in asked])
    told = [*warnings, *_warn_of_twins(asked, now), *known]
    try:
        with transaction.atomic(durable=True):
            batch = _create_batch(scope, idempotency_key, scenario, now)
            rows = _save(scope, batch, asked, actor, now)
            answer = presenting.accepted(batch, rows, told)
            if idempotency_key:
                _keep_answer(scope, idempotency_key, fingerprint, answer, now)
    except IntegrityError:
        # Two equal requests at once: the other one was saved. Its answer is ours too.
        earlier = _earlier(scope, idempotency_key, fingerprint, now)
        if earlier:
            return earlier
        _refuse_known_external_ids(asked)
        raise
    return Accepted(answer, replayed=False)


def _earlier(scope: Scope, key: str, fingerprint: str, now: datetime) -> Accepted | None:
    kept = IdempotencyKey.within(scope).filter(key=key, created_at__gt=now - KEYS_KEPT)
    known = kept.first() if key else None
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise Rejection(
            "idempotency_key_reused",
            "Esta Idempotency-Key ya se usó con otro contenido. Usa una clave nueva para un lote nuevo.",
            status=409,
            param="Idempotency-Key",
            resource=known.answer["batch_id"],
        )
    return Accepted(known.answer, replayed=True)


def _keep_answer(scope: Scope, key: str, fingerprint: str, answer: dict[str, Any], now: datetime) -> None:
    IdempotencyKey.within(scope).filter(key=key, created_at__lte=now - KEYS_KEPT).delete()
    IdempotencyKey.objects.create(
        user_id=scope.user_id,
        environment=scope.environment,
        key=key,
        fingerprint=fingerprint,
        answer=answer,
        created_at=now,
    )


def _judge(asked: list[Asked], *, use_defaults: bool, today: date) -> None:
    faults = {
        index: found
        for index, each in enumerate(asked)
        if (found := _faults(each, use_defaults=use_defaults, today=today))
    }
    faults = _with_repeated_external_ids(asked, faults)
    if faults:
        raise InvalidDocuments(faults)


def _faults(asked: Asked, *, use_defaults: bool, today: date) -> list[Fault]:
    """All faults, but for what an unknown id would have brought and what the worker will ask the SII for."""
    to_look_up = use_defaults and lacks_data(asked.request["document_receiver"])
    found = (each for each in judge(asked.documento, PORTAL, today=today) if not asked.excuses(each))
    return [
        *asked.unknown,
        *(each for each in found if not (to_look_up and each.code == "receiver_data_incomplete")),
    ]


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


def _warn_of_twins(asked: list[Asked], now: datetime) -> list[dict[str, Any]]:
    companies = {each.issuer.company.pk for each in asked}
    recent = Document.objects.filter(
        company__in=companies,
        fingerprint__in={each.fingerprint for each in asked},
        accepted_at__gt=now - TWINS_WITHIN,
    )
    seen = {(d.company_id, d.fingerprint): d.pk for d in recent.exclude(state__in=KNOWN_NOT_ISSUED)}
    warnings = []
    for index, each in enumerate(asked):
        twin = (each.issuer.company.pk, each.fingerprint)
        if twin in seen:
            warnings.append(_twin_warning(index, seen[twin]))
        seen.setdefault(twin, f"documents.{index}")
    return warnings


def _twin_warning(index: int, other: str) -> dict[str, Any]:
    return {
        "document_index": index,
        "field": "",
        "code": "possible_duplicate",
        "message": f"Es igual a {other}, recibido hace menos de 24 horas. Se emitirá de todos modos.",
        "suggestion": None,
    }


def _create_batch(scope: Scope, key: str, scenario: str, now: datetime) -> Batch:
    return Batch.objects.create(
        user_id=scope.user_id,
        environment=scope.environment,
        idempotency_key=key,
        scenario=scenario,
        created_at=now,
        updated_at=now,
    )


def _save(scope: Scope, batch: Batch, asked: list[Asked], actor: str, now: datetime) -> list[Document]:
    Lane.wake(sorted({each.issuer.credential.lane_id for each in asked}), now)
    audit.tell(scope, "batch.created", batch.pk, now=now, documents=len(asked))
    rows = [_document(batch, index, each, now) for index, each in enumerate(asked)]
    Document.objects.bulk_create(rows)
    DocumentState.objects.bulk_create(
        DocumentState(document=row, at=now, code="received", description=SAID_RECEIVED, actor=actor)
        for row in rows
    )
    _save_references(rows, asked)
    return rows


def _save_references(rows: Sequence[Document], asked: Sequence[Asked]) -> None:
    """What each document refers to, to be found from the document it names."""
    references = [
        Reference(document=row, company=each.issuer.company, tipo=named.tipo[:3], folio=named.folio[:18])
        for row, each in zip(rows, asked, strict=True)
        for named in each.documento.referencias
    ]
    if references:
        Reference.objects.bulk_create(references)


def _document(batch: Batch, index: int, asked: Asked, now: datetime) -> Document:
    totals = compute_totals(asked.documento)
    documento = asked.documento
    return Document(
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
        due_at=now,
        issue_until=now + ISSUE_WITHIN,
        **_waits_for(asked.issuer.credential.lane, now),
        accepted_at=now,
        updated_at=now,
    )


def _waits_for(lane: Lane, now: datetime) -> dict[str, str]:
    """What a document of a closed lane waits for, to be told from the start."""
    if lane.closed_until is None or lane.closed_until <= now:
        return {}
    return {"error_code": lane.closed_reason, "error_message": say(lane.closed_reason)}
