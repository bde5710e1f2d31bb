"""What is deleted in time, what never is, and that nobody who deletes something else takes evidence along."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from offices import Office, factura
from timbre.accounts.models import ApiKey, User
from timbre.enrolling import enroll
from timbre.issuing import retention
from timbre.issuing.models import Batch, Document, DocumentState, IdempotencyKey, StoredFile
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks import endpoints
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook
from timbre.work.environments import Environment
from timbre.work.models import Chore

YEAR = timedelta(days=365)
EVIDENCE = (Batch, Document, DocumentState, StoredFile)


@pytest.fixture
def office(enrolled: Office) -> Office:
    """Two documents issued, told to a webhook, and an idempotency key."""
    company = Company.within(enrolled.scope).get()
    endpoints.create(
        enrolled.scope,
        company,
        url="http://127.0.0.1:1/",
        events=["document.issued"],
        secret="un secreto bastante largo",
        now=enrolled.clock(),
    )
    enrolled.ask(factura(), factura(), idempotency_key="una", fingerprint="f")
    enrolled.work()
    return enrolled


def grow_old(age: timedelta) -> None:
    """Moves what is kept into the past."""
    for model, column in (
        (Event, "created_at"),
        (IdempotencyKey, "created_at"),
        (Document, "accepted_at"),
        (DocumentState, "at"),
        (StoredFile, "created_at"),
    ):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{column: getattr(row, column) - age})
    Chore.objects.update(due_at=None)


def sweep(now: datetime) -> None:
    Chore.objects.update_or_create(id=retention.RETENTION, defaults={"due_at": now, "lease_until": None})
    for chore in retention.take(1, clock=lambda: now):
        retention.serve(chore, clock=lambda: now)


def kept() -> list[int]:
    return [model.objects.count() for model in EVIDENCE]


def test_events_and_deliveries_go_after_ninety_days_and_evidence_never(office: Office) -> None:
    Delivery.objects.update(status="delivered", due_at=None)
    Attempt.objects.create(delivery=Delivery.objects.first(), at=office.clock(), url="x", duration_ms=1)
    evidence, last = kept(), Event.objects.order_by("-seq")[0].seq
    grow_old(timedelta(days=89))
    sweep(office.clock())
    assert (Delivery.objects.count(), Attempt.objects.count()) == (2, 1)
    grow_old(timedelta(days=2))
    sweep(office.clock())
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()
    grow_old(20 * YEAR)
    sweep(office.clock())
    assert kept() == evidence
    office.ask(factura())
    office.work()
    assert Event.objects.order_by("seq")[0].seq > last, "who reads on from the last one misses nothing"


def test_what_is_still_owed_is_kept_however_old(office: Office) -> None:
    assert set(Delivery.objects.values_list("status", flat=True)) == {"pending"}
    grow_old(YEAR)
    sweep(office.clock())
    assert Event.objects.filter(type="document.issued").count() == Delivery.objects.count() == 2
    assert not Event.objects.exclude(type="document.issued").exists()


def test_idempotency_keys_are_kept_for_a_year(office: Office) -> None:
    grow_old(YEAR - timedelta(days=1))
    sweep(office.clock())
    assert IdempotencyKey.objects.count() == 1
    grow_old(timedelta(days=2))
    sweep(office.clock())
    assert not IdempotencyKey.objects.exists()


def test_no_transaction_deletes_more_than_a_chunk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    monkeypatch.setattr(retention, "REST", 0)
    company = Company.within(office.scope).get()
    owner = {"user_id": office.scope.user_id, "environment": office.scope.environment}
    Event.objects.bulk_create(
        Event(**owner, type="webhook.test", company=company, data={}, created_at=office.clock() - YEAR)
        for _ in range(10)
    )
    with CaptureQueriesContext(connection) as asked:
        sweep(office.clock())
    deletes = [q["sql"] for q in asked if q["sql"].startswith('DELETE FROM "webhooks_event"')]
    assert len(deletes) == 4
    assert all(delete.count(",") <= 2 for delete in deletes)


def test_one_worker_does_it_once_a_day(office: Office) -> None:
    now = office.clock()
    sweep(now)
    assert retention.take(1, clock=lambda: now + timedelta(hours=23)) == []
    (mine,) = retention.take(1, clock=lambda: now + timedelta(hours=25))
    assert retention.take(1, clock=lambda: now + timedelta(hours=25)) == []
    assert mine.pk == retention.RETENTION


def test_a_worker_that_lost_the_chore_deletes_nothing(office: Office) -> None:
    Delivery.objects.update(status="delivered")
    grow_old(YEAR)
    Chore.objects.update_or_create(id=retention.RETENTION, defaults={"due_at": office.clock()})
    (chore,) = retention.take(1, clock=office.clock)
    Chore.objects.update(token="somebody else's")
    retention.serve(chore, office.clock)
    assert Event.objects.exists()


def test_what_users_can_delete_takes_no_evidence_along(office: Office) -> None:
    evidence = kept()
    user = User.objects.get(pk=office.scope.user_id)
    ApiKey.create(user, Environment.SANDBOX)
    for key in ApiKey.objects.all():
        key.revoke(office.clock())
    ApiKey.objects.all().delete()
    Webhook.objects.all().delete()
    enroll.unenroll(office.scope, Company.within(office.scope).get().entity_id, now=office.clock())
    assert kept() == evidence
    assert not Credential.objects.exclude(clave="").exists(), "its claves are forgotten all the same"


def test_what_evidence_belongs_to_cannot_be_deleted(office: Office) -> None:
    evidence = kept()
    for model in (User, Company, Credential, Batch, Document):
        with pytest.raises(ProtectedError), transaction.atomic():
            model._base_manager.all().delete()
    assert kept() == evidence


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_to_orphan_evidence(office: Office) -> None:
    evidence = kept()
    for table in ("accounts_user", "taxpayers_company", "issuing_batch", "issuing_document"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - one of four
    assert kept() == evidence


def test_the_days_cannot_be_fewer_than_retries_last(settings: LazySettings) -> None:
    assert settings.KEEP_DELIVERIES_DAYS >= 7
    assert settings.KEEP_AUDIT_DAYS >= 365
