"""A hidden command of the bench: one user with very many documents, and the addresses of all screens.

Prints JSON: ``cookie`` of a session of that user and ``screens``, address by name. What the rows hold is made
up, but their sizes are those of real ones.
"""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click
from django.db import transaction
from django.utils import timezone

from timbre.accounts import people
from timbre.accounts.models import ApiKey, Session, User
from timbre.accounts.scope import Scope
from timbre.accounts.sessions import SessionStore
from timbre.cli.addresses import every_address
from timbre.dte.clock import today_in_chile
from timbre.dte.rut import check_digit
from timbre.issuing.models import Batch, Document, State, StoredFile
from timbre.taxpayers.models import Address, Company, Credential, MasterEntity
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment
from timbre.work.models import Lane

COMPANIES, KEYS, DELIVERIES = 30, 60, 20_000
PEOPLE = 500
"""Receivers who take turns."""
MINUTES = 20
"""Between two batches: 2,000 of them are four weeks."""
STATES = (
    [State.DONE] * 92
    + [State.REFUSED] * 4
    + [State.CANCELLED, State.RECEIVED, State.IN_DOUBT, State.INCOMPLETE]
)
FAULTS = {
    State.REFUSED: ("address_not_registered", "El SII no tiene esa dirección."),
    State.CANCELLED: ("cancelled", "Cancelado antes de emitirse."),
    State.INCOMPLETE: ("doubt_unresolved", "No se pudo saber si quedó emitido."),
}
XML_BYTES, PDF_BYTES = 7_000, 24_000
LISTS = (
    "",
    "?estado=emitido&pagado=no",
    "?q=39201",
    "?q=1234",
    "?pagina=1000",
    "?min=500000&desde=2026-01-01",
)
"""What people ask of the list of documents: search, filters, a page far down."""


@click.command(hidden=True)
@click.argument("documents", type=int)
@click.argument("batches", type=int)
def command(documents: int, batches: int) -> None:
    user = User.objects.named("bench@example.com")
    scope, now = Scope(user.pk, Environment.SANDBOX), timezone.now()
    with transaction.atomic():
        companies = fill_companies(scope, now)
        fill_batches(scope, companies, count=batches, each=documents // batches, now=now)
        fill_deliveries(scope, companies[0], now)
        for number in range(KEYS):
            ApiKey.create(user, Environment.SANDBOX, name=f"Sistema {number}")
    click.echo(json.dumps({"cookie": log_in(user), "screens": screens(scope, user, now)}))


def fill_companies(scope: Scope, now: datetime) -> list[Company]:
    """Enrolled companies, each with a valid credential of a person of its own."""
    companies = []
    for number in range(COMPANIES):
        entity, _ = MasterEntity.objects.get_or_create(
            environment=scope.environment,
            rut=rut(39_400_000 + number),
            defaults={"name": f"Comercial Ñandú {number} SpA", "fetched_at": now},
        )
        Address.objects.create(entity=entity, position=0, direccion="Baquedano 239", comuna="Antofagasta")
        [company] = Company.within(scope).bulk_create([Company(**owned(scope), entity=entity)])
        person = rut(39_500_000 + number)
        credential = Credential(
            **owned(scope),
            company=company,
            lane=Lane.portal(scope.environment, person),
            person_rut=person,
            status=Credential.Status.VALID,
            is_default=True,
            verified_at=now,
        )
        credential.keep_secrets(clave="clave", certificate_password="clave")  # noqa: S106 - of nobody
        credential.save()
        companies.append(company)
    return companies


def fill_batches(scope: Scope, companies: list[Company], *, count: int, each: int, now: datetime) -> None:
    """Batches of one company each, the companies taking turns; their history is not written."""
    credentials = {c.company_id: c for c in Credential.within(scope)}
    chance = random.Random(39)  # noqa: S311 - the same rows at every run, no secret
    for number in range(count):
        at = now - timedelta(minutes=MINUTES * (count - number))
        company = companies[number % len(companies)]
        batch = Batch(**owned(scope), status=Batch.Status.COMPLETED, created_at=at, updated_at=at)
        batch.save()
        credential = credentials[company.pk]
        rows = [document(batch, credential, index, number * each + index, chance) for index in range(each)]
        Document.within(scope).bulk_create(rows)
        if number == count - 1:
            StoredFile.within(scope).bulk_create(file for row in rows for file in files(row, now))


def document(
    batch: Batch, credential: Credential, index: int, number: int, chance: random.Random
) -> Document:
    state = chance.choice(STATES)
    net = chance.randrange(10_000, 2_000_000)
    code, message = FAULTS.get(state, ("", ""))
    person = number % PEOPLE
    return Document(
        user_id=batch.user_id,
        environment=batch.environment,
        batch=batch,
        index=index,
        company_id=credential.company_id,
        credential=credential,
        lane_id=credential.lane_id,
        external_id=f"venta-{number}",
        fingerprint=f"{number:064}",
        request=asked(number, net),
        tipo=33,
        date_issued=today_in_chile(batch.created_at),
        receiver_rut=rut(39_201_000 + person),
        receiver_name=f"Muebles y Maderas Pehuén {person} Ltda.",
        neto=net,
        exento=0,
        iva=net * 19 // 100,
        total=net + net * 19 // 100,
        state=state,
        issue_until=batch.created_at + timedelta(days=365),
        error_code=code,
        error_message=message,
        sii_words=message,
        folio=number + 1 if state == State.DONE else None,
        is_paid=chance.random() < 0.5,
        accepted_at=batch.created_at,
        updated_at=batch.created_at,
        issued_at=batch.created_at if state == State.DONE else None,
    )


def asked(number: int, net: int) -> dict[str, Any]:
    """A request of usual size, three lines."""
    party = {
        "rut": rut(39_201_000 + number % PEOPLE),
        "business_name": f"Muebles y Maderas Pehuén {number % PEOPLE} Ltda.",
        "business_activity": "Fabricación de recipientes de madera",
        "address": "Camino a Cautín s/n",
        "district": "Lautaro",
        "city": "Lautaro",
    }
    lines = [
        {"item_name": f"Caja de madera n.º {line}", "quantity": "1", "unit_price": str(net // 3)}
        for line in range(3)
    ]
    return {
        "dte_type": {"code": "33"},
        "date_issued": "2026-11-22",
        "document_issuer": party,
        "document_receiver": party,
        "details": lines,
    }


def files(row: Document, now: datetime) -> Iterator[StoredFile]:
    """Bytes of the usual sizes in the place of an XML and a PDF."""
    for kind, size in ((StoredFile.Kind.XML, XML_BYTES), (StoredFile.Kind.PDF, PDF_BYTES)):
        stored = StoredFile.of(row, kind, b"<DTE>" + b" " * (size - 11) + b"</DTE>")
        stored.created_at, stored.confirmed_at = now, now
        yield stored


def fill_deliveries(scope: Scope, company: Company, now: datetime) -> None:
    """A webhook that was told of very many things."""
    webhook = Webhook(**owned(scope), company=company, url="https://ejemplo.cl/", events=[], created_at=now)
    webhook.keep_secret("un secreto de nadie, largo")
    webhook.save()
    told = Document.within(scope).filter(company=company).order_by("-accepted_at")
    ids = list(told.values_list("pk", "batch_id")[:DELIVERIES])
    events = Event.within(scope).bulk_create(
        Event(
            **owned(scope),
            type="document.issued",
            company=company,
            batch_id=ids[n % len(ids)][1],
            document_id=ids[n % len(ids)][0],
            data={"id": ids[n % len(ids)][0], "status": "success"},
            created_at=now,
        )
        for n in range(DELIVERIES)
    )
    Delivery.objects.bulk_create(
        Delivery(event=event, webhook=webhook, status="delivered", attempts=1, status_code=200, sent_at=now)
        for event in events
    )


def screens(scope: Scope, user: User, now: datetime) -> dict[str, str]:
    """Each address of the sandbox filled once, and the list of documents as people ask for it."""
    document = Document.within(scope).filter(state=State.DONE).order_by("-accepted_at", "index").first()
    assert document is not None
    delivery = Delivery.objects.order_by("-event").first()
    webhook = Webhook.within(scope).first()
    session = Session.objects.filter(user=user).first()
    assert delivery is not None
    assert webhook is not None
    examples = {
        "document_id": document.pk,
        "batch_id": document.batch_id,
        "company_id": document.company_id,
        "credential_id": document.credential_id,
        "webhook_id": webhook.pk,
        "delivery_id": str(delivery.pk),
        "event_id": str(delivery.event_id),
        "key_id": ApiKey.within(scope).values_list("pk", flat=True)[0],
        "session_id": session.pk if session else "-",
        "user_id": user.pk,
        "token": people.token_for(user, now=now),
    }
    lists = {name: [value] for name, value in examples.items()}
    found = {a.name: next(a.paths(Environment.SANDBOX, lists)) for a in every_address() if a.inside}
    more = {f"documents {query}": found["documents"] + query for query in LISTS[1:]}
    return found | more | {"documents ?empresa": f"{found['documents']}?empresa={document.company_id}"}


def log_in(user: User) -> str:
    """The cookie of a browser of this user."""
    session = SessionStore()
    session["_auth_user_id"] = user.pk
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def owned(scope: Scope) -> dict[str, str]:
    return {"user_id": scope.user_id, "environment": scope.environment}


def rut(body: int) -> str:
    return f"{body}-{check_digit(body)}"
