"""The way of one document to the SII. Each step is saved before the next; one request alone issues."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from timbre.issuing.asking import to_documento
from timbre.issuing.causes import cause_of, say
from timbre.issuing.choosing import tell_options
from timbre.issuing.defaults import fill_receiver, lacks_data
from timbre.issuing.models import KNOWN_ISSUED, KNOWN_NOT_ISSUED, UNSIGNED, Document, State, StoredFile
from timbre.issuing.states import Move, Outrun, move, reopen
from timbre.sii.gateway import Gateway, InDoubt, Issued, Prepared, Refused, Unreachable
from timbre.taxpayers.lookups import remember
from timbre.work.backoff import backoff
from timbre.work.claim import holding, renew
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

Clock = Callable[[], datetime]
Evidence = Mapping[str, Any]
NOTHING: Evidence = {}
SIGNINGS = 20
"""How often a document is signed because its folio went to another one. Of two persons who issue for one
company at once, each loses a folio every other time: a few in a row are nothing out of the ordinary."""


def advance(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    """Takes a received document through signing and sending.

    Raises Unreachable (the lane should rest) and Refused with a credential's reason (it has to be stopped),
    with the document saved as waiting; every other outcome is saved on the document.
    """
    try:
        _know_receiver(lane, document, gateway, clock)
        prepared = gateway.prepare(to_documento(document.request))
        send(lane, document, prepared, gateway, clock)
    except Unreachable:
        wait(lane, document, "sii_unavailable", clock())
        raise
    except Refused as refused:
        _settle_refusal(lane, document, refused, clock())


def send(lane: Lane, document: Document, prepared: Prepared, gateway: Gateway, clock: Clock) -> None:
    """Saves the intent, then makes the one request that issues. Raises Refused, Unreachable.

    A document left in SENDING by the death of this process is looked for before anything else.
    """
    _save_intent(lane, document, prepared, clock())
    try:
        issued = gateway.send(prepared)
    except InDoubt as doubt:
        fall_into_doubt(lane, document, str(doubt), clock())
        return
    except (Refused, Unreachable) as refusal:
        if document.sends > 1:
            # The earlier sending of these bytes may be what stands in the way: look before anything else.
            fall_into_doubt(lane, document, str(refusal), clock())
            return
        seen = {"why": str(refusal)}
        start_again(lane, document, "El SII no aceptó el envío: nada fue emitido.", clock(), seen)
        raise
    mark_issued(lane, document, issued, "El SII emitió el documento.", clock())


def prepared_of(document: Document) -> Prepared:
    """The signed bytes an intent was saved with: never signed again, only sent again."""
    xml = StoredFile.objects.get(document=document, kind=StoredFile.Kind.XML, current=True)
    return Prepared(
        tipo=document.tipo,
        emisor=document.company.entity.rut,
        folio=document.folio or 0,
        fecha_emision=document.date_issued,
        xml=bytes(xml.content),
        digest=document.digest,
        form=document.send_form,
    )


def mark_issued(
    lane: Lane, document: Document, issued: Issued, said: str, now: datetime, seen: Evidence = NOTHING
) -> None:
    """The SII has issued it: its folio and the SII's own number of it are known, and how (``seen``)."""
    columns = {
        "folio": issued.folio,
        "codigo": issued.codigo,
        "send_form": {},
        "issued_at": now,
        "due_at": now,
        "failures": 0,
        "error_code": "",
        "error_message": "",
        "sii_words": "",
    }
    evidence = {**seen, "folio": issued.folio, "codigo": issued.codigo, "digest": document.digest}
    issue = Move(document=document, to=State.ISSUED, said=said, evidence=evidence, columns=columns)
    try:
        with holding(lane):
            move([issue], now=now)
    except IntegrityError:
        _hand_to_person(lane, document, issued, "folio_duplicate", now)
    except Outrun:
        digest = document.digest
        document.refresh_from_db()
        if document.state not in KNOWN_ISSUED:
            document.digest = digest
            _hand_to_person(lane, document, issued, "resolved_otherwise", now)


def _hand_to_person(lane: Lane, document: Document, issued: Issued, code: str, now: datetime) -> None:
    """The SII says that it issued the document, and something here says otherwise: nothing is thrown away.

    Its batch may have been told as failed, and is told anew.
    """
    said = f"El SII lo emitió con el folio {issued.folio}, y {CLASHES[code]}: una persona debe revisarlo."
    sii = {"codigo": issued.codigo, "folio": issued.folio, "digest": document.digest}
    with holding(lane):
        external_id = {"external_id": document.external_id} if _was_given_away(document) else {}
        columns = {"error_code": code, "error_message": said, **sii, **dict.fromkeys(external_id, "")}
        evidence = {**sii, **external_id}
        _make_current(document)
        reopen(document.batch_id, now=now)
        move(
            [Move(document=document, to=State.INCOMPLETE, said=said, evidence=evidence, columns=columns)],
            now=now,
        )


def _was_given_away(document: Document) -> bool:
    """Whether its external_id is another document's by now: told as not issued, it was asked for again."""
    same = Document.objects.filter(company=document.company_id, external_id=document.external_id)
    others = same.exclude(pk=document.pk).exclude(state__in=KNOWN_NOT_ISSUED)
    return document.external_id != "" and others.exists()


def _make_current(document: Document) -> None:
    """The signed bytes that carry the document's digest are its evidence, whatever was signed since."""
    signed = StoredFile.objects.filter(document=document, kind=StoredFile.Kind.XML)
    mark = document.digest.encode()
    issued = next((file for file in signed if mark and mark in bytes(file.content)), None)
    if issued:
        signed.exclude(pk=issued.pk).update(current=False)
        signed.filter(pk=issued.pk).update(current=True)


def start_again(lane: Lane, document: Document, said: str, now: datetime, seen: Evidence = NOTHING) -> None:
    """The signed bytes can never be issued: they are kept as history and the document is signed anew."""
    columns = {**UNSIGNED, "due_at": now}
    evidence = {**seen, "folio": document.folio, "digest": document.digest}
    again = Move(document=document, to=State.RECEIVED, said=said, evidence=evidence, columns=columns)
    with holding(lane):
        StoredFile.objects.filter(document=document, current=True).update(current=False)
        move([again], now=now)


def wait(lane: Lane, document: Document, code: str, now: datetime) -> None:
    """The document stays where it is and is tried again later; Timbre goes on by itself."""
    timing = TIMINGS[lane.environment]
    failures = document.failures + 1 if document.error_code == code else 1
    pause = backoff(failures, first=timing.retry_first, last=timing.retry_last)
    with holding(lane):
        Document.objects.filter(pk=document.pk, state=document.state).update(
            failures=failures,
            due_at=now + pause,
            error_code=code,
            error_message=str(cause_of(document, code)),
            updated_at=now,
        )


def refuse(
    lane: Lane, document: Document, *, code: str, said: str, now: datetime, param: str = "", words: str = ""
) -> None:
    """Known not issued, and not to be: the caller is told why, with the SII's own words."""
    columns = {"error_code": code, "error_message": said, "error_param": param, "sii_words": words}
    with holding(lane):
        move([Move(document=document, to=State.REFUSED, said=said, columns=columns)], now=now)


def _know_receiver(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    """Fills in what the caller left to the defaults and Timbre did not know yet."""
    receiver = document.request["document_receiver"]
    if not lacks_data(receiver):
        return
    known = gateway.look_up(receiver["rut"], document.company.entity.rut)
    entity = remember(lane.environment, receiver["rut"], known, clock())
    if known is None:
        raise Refused("receiver_not_found", field="document_receiver.rut")
    receiver, sources = fill_receiver(receiver, entity, use_defaults=True)
    document.request = document.request | {"document_receiver": receiver}
    document.filled |= {f"document_receiver.{field}": source for field, source in sources.items()}
    document.receiver_name = receiver["business_name"]
    with holding(lane):
        document.save(update_fields=["request", "filled", "receiver_name"])


def _save_intent(lane: Lane, document: Document, prepared: Prepared, now: datetime) -> None:
    timing = TIMINGS[lane.environment]
    columns = {
        "folio": prepared.folio,
        "digest": prepared.digest,
        "send_form": dict(prepared.form),
        "send_deadline": now + timing.send_deadline,
        "signings": document.signings + (document.state == State.RECEIVED),
        "sends": document.sends + 1,
        "absent_since": None,
    }
    evidence = {"folio": prepared.folio, "digest": prepared.digest, "send": document.sends + 1}
    signed = "Firmado" if document.state == State.RECEIVED else "Firmado antes"
    said = f"{signed} con el folio {prepared.folio}; se envía al SII."
    with holding(lane):
        renew(lane, until=now + timing.send_lease)
        move(
            [Move(document=document, to=State.SENDING, said=said, evidence=evidence, columns=columns)],
            now=now,
        )
        known = StoredFile.objects.filter(document=document, kind=StoredFile.Kind.XML, current=True)
        if not known.exists():
            StoredFile.of(document, StoredFile.Kind.XML, prepared.xml).save()


def fall_into_doubt(lane: Lane, document: Document, why: str, now: datetime) -> None:
    """A sending without a clear answer: looked for only once the request can no longer be under way."""
    first_look = (document.send_deadline or now) + TIMINGS[lane.environment].doubt_first
    said = "El SII no respondió claramente. Timbre averigua si quedó emitido; no lo envíes de nuevo."
    columns = {"due_at": first_look, "error_code": "", "error_message": ""}
    evidence = {
        "why": why,
        "folio": document.folio,
        "digest": document.digest,
        "first_look": first_look.isoformat(),
    }
    doubt = Move(document=document, to=State.IN_DOUBT, said=said, evidence=evidence, columns=columns)
    with holding(lane):
        move([doubt], now=now)


def _settle_refusal(lane: Lane, document: Document, refused: Refused, now: datetime) -> None:
    if refused.about_credential:
        _await_credential(lane, document, refused.reason, now)
        raise refused
    if refused.reason == "folio_taken" and document.signings < SIGNINGS:
        return
    refuse(
        lane,
        document,
        code=refused.reason,
        said=explain(refused),
        now=now,
        param=refused.field,
        words=refused.sii_words,
    )


def _await_credential(lane: Lane, document: Document, code: str, now: datetime) -> None:
    """The document goes on as soon as its credential is mended."""
    with holding(lane):
        Document.objects.filter(pk=document.pk, state=document.state).update(
            due_at=now, error_code=code, error_message=say(code), updated_at=now
        )


def explain(refused: Refused) -> str:
    """What a refusal means and what to do, in Spanish: of which field, and with what instead."""
    text = NOT_ON_FILE.get(refused.field, "") if refused.reason in NOT_REGISTERED else ""
    text = text or say(refused.reason)
    if refused.options:
        text += f" Opciones: {tell_options(refused.options)}."
    return text


CLASHES = {
    "folio_duplicate": "ese folio ya es de otro documento",
    "resolved_otherwise": "una persona había dicho otra cosa",
}
NOT_REGISTERED = ("address_not_registered", "activity_not_registered")
NOT_ON_FILE = {
    f"{party}.{field}": f"{what.format(whose=whose)}: usa lo registrado."
    for party, whose in (("document_issuer", "del emisor"), ("document_receiver", "del receptor"))
    for field, what in (
        ("address", "La dirección {whose} no está registrada en el SII para ese RUT"),
        ("district", "La comuna {whose} no es la que el SII tiene registrada para esa dirección"),
        ("business_activity", "El giro {whose} no está registrado en el SII para ese RUT"),
        ("activity_code", "El código de actividad {whose} no está registrado en el SII para ese RUT"),
    )
}
"""Which text of a document the SII does not have on file."""
