"""A credential is tried once at the SII, and what came of it is kept and told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from calling import make_credential
from enrolled import enrol
from offices import CLAVE, EMISOR, Office, documents_of, factura
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.dte.rut import check_digit
from timbre.enrolling import enroll
from timbre.enrolling.checks import check_next
from timbre.issuing import turn
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.webhooks.models import Event
from timbre.work.models import Lane


def test_a_right_clave_makes_the_credential_valid_and_teaches_the_company(office: Office) -> None:
    enrollment = office.enroll()
    credential = enrollment.credential
    credential.refresh_from_db()
    assert (enrollment.status, credential.status, credential.is_default) == ("valid", "VALID", True)
    entity = MasterEntity.objects.get(rut=EMISOR)
    assert entity.name.endswith("(SANDBOX)")
    assert entity.addresses.count() == 3
    told = Event.objects.get(type="credential.validated")
    assert told.data["credential_id"] == credential.pk


@pytest.mark.parametrize(
    ("clave", "reason"),
    [("clave-mala", "sii_credentials_invalid"), ("clave-sin-certificado", "certificate_missing")],
)
def test_a_refused_credential_stops_and_says_why(office: Office, clave: str, reason: str) -> None:
    enrollment = office.enroll(clave=clave)
    assert (enrollment.status, enrollment.error_code) == ("invalid", reason)
    assert Credential.objects.get().status == "INVALID"
    told = Event.objects.get(type="credential.invalid")
    assert told.data["reason"] == reason
    assert told.data["message"]


def test_a_clave_the_sii_refused_is_not_tried_again(office: Office) -> None:
    office.enroll(clave="clave-mala")
    with pytest.raises(Rejection) as refused:
        office.enroll(clave="clave-mala")
    assert refused.value.code == "sii_credentials_invalid"
    assert office.enroll(clave="otra-clave").status == "valid"


def test_one_wrong_clave_stops_it_for_every_company_of_the_person(office: Office) -> None:
    office.enroll()
    office.enroll(emisor="39003003-7")
    lane = Lane.objects.get()
    both = list(Credential.objects.order_by("created_at"))
    for credential in both:
        credential.keep_secrets(clave="clave-mala")
        credential.save()
    Lane.objects.filter(pk=lane.pk).update(session="", session_owner="")
    batch = office.ask(factura())
    office.work()
    assert set(Credential.objects.values_list("status", flat=True)) == {"INVALID"}
    assert Event.objects.filter(type="credential.invalid").count() == 2
    assert documents_of(batch)[0].error_code == "sii_credentials_invalid"


def test_documents_go_on_once_the_clave_is_mended(office: Office) -> None:
    office.enroll()
    credential = Credential.objects.get()
    credential.keep_secrets(clave="clave-mala")
    credential.save()
    batch = office.ask(factura())
    office.work()
    assert documents_of(batch)[0].state == "received"
    credential.refresh_from_db()
    enroll.change(credential, clave="la-buena", certificate_password=None, now=office.clock())
    office.work()
    assert documents_of(batch)[0].state == "done"


def test_a_session_of_one_clave_is_never_lent_to_another(office: Office) -> None:
    """A stranger who types a wrong clave for the same person gets no ride on the cached log-in."""
    office.enroll()
    assert Lane.objects.get().session
    stranger = User.objects.named("otro@example.cl")
    office.scope = Scope(stranger.pk, "sandbox")
    assert office.enroll(clave="clave-mala").status == "invalid"


def test_the_session_of_another_clave_is_closed_before_a_new_one_is_opened(office: Office) -> None:
    """In the sandbox any clave will do: the SII's ten sessions are soon spent if nobody closes them."""
    for number in range(12):
        rut = f"{76_100_000 + number}-{check_digit(76_100_000 + number)}"
        enrollment = office.enroll(emisor=rut, clave=f"clave-numero-{number % 2}")
        assert (number, enrollment.status) == (number, "valid")
    assert office.store.connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


@pytest.mark.parametrize("clave", ["clave-bloqueada", "clave-sesiones"])
def test_a_lock_closes_the_lane_and_is_never_retried_before_its_time(office: Office, clave: str) -> None:
    enrollment = office.enroll(clave=clave)
    assert enrollment.status == "error"
    assert Credential.objects.get().status == "PENDING"
    lane = Lane.objects.get()
    assert lane.closed_until is not None
    with pytest.raises(Rejection) as refused:
        office.enroll(clave="otra")
    assert refused.value.status == 409
    assert refused.value.retry_after
    office.pass_time(minutes=61)
    assert office.enroll(clave="otra").status == "valid"


def test_while_pending_the_same_enrolment_is_returned(office: Office) -> None:
    entity, _ = MasterEntity.objects.get_or_create(environment="sandbox", rut=EMISOR)
    same = [
        enroll.start(
            office.scope,
            entity=entity,
            person_rut="12345678-5",
            clave="secreta",
            certificate_password="x",
            now=office.clock(),
        )
        for _ in range(2)
    ]
    assert same[0].pk == same[1].pk


def test_a_company_nobody_may_represent_is_refused(office: Office) -> None:
    enrollment = office.enroll(emisor="39008008-5")
    assert (enrollment.status, enrollment.error_code) == ("invalid", "company_not_authorised")


def test_secrets_are_sealed_and_forgotten_when_the_company_leaves(enrolled: Office) -> None:
    credential = Credential.objects.get()
    assert CLAVE not in credential.clave
    assert credential.login().clave == CLAVE
    assert CLAVE not in repr(credential.login())
    company = Company.within(enrolled.scope).get()
    enroll.unenroll(enrolled.scope, company.entity_id, now=enrolled.clock())
    credential.refresh_from_db()
    assert (credential.clave, credential.certificate_password, credential.is_default) == ("", "", False)
    with pytest.raises(Rejection) as refused:
        enrolled.ask(factura())
    assert refused.value.code == "issuer_not_found"


def test_when_the_sii_is_down_the_enrolment_waits_and_then_says_it_could_not_ask(
    office: Office, settings: object
) -> None:
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # nobody listens on the discard port
    enrollment = office.enroll()
    assert enrollment.status == "pending"
    for _ in range(6):
        office.pass_time(hours=1)
        office.work()
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.error_code) == ("error", "sii_unavailable")
    assert enrollment.finished_at - enrollment.created_at > timedelta(hours=1)


def test_a_default_that_is_chosen_while_the_sii_is_asked_stays(enrolled: Office) -> None:
    his = Credential.objects.get()
    hers = enrolled.enroll(person="11111111-1", clave="de-ella").credential
    enroll.change(hers, clave=None, certificate_password=None, now=enrolled.clock())
    [lane] = [lane for lane in turn.take(4, enrolled.clock) if lane.pk == hers.lane_id]
    asked: list[datetime] = []

    def clock() -> datetime:
        """Looked at before the SII is asked, and once it has answered."""
        asked.append(enrolled.clock())
        if len(asked) == 2:
            enroll.make_default(hers, now=asked[-1])
        return asked[-1]

    assert check_next(lane, clock)
    assert {c.pk: c.is_default for c in Credential.objects.all()} == {his.pk: False, hers.pk: True}


def test_a_credential_that_was_removed_meanwhile_is_neither_tried_nor_chosen(enrolled: Office) -> None:
    seen = Credential.objects.get()
    enroll.deactivate(Credential.objects.get(), now=enrolled.clock())
    with pytest.raises(NotFound):
        enroll.make_default(seen, now=enrolled.clock())
    with pytest.raises(NotFound):
        enroll.change(seen, clave="otra", certificate_password="otra", now=enrolled.clock())
    left = Credential.objects.get()
    assert (left.is_default, left.clave) == (False, "")
    assert left.deactivated_at is not None


@pytest.mark.django_db(transaction=True)
def test_many_choices_and_tries_at_once_leave_one_default(scope: Scope) -> None:
    company = enrol(scope)
    both = [make_credential(company, person) for person in ("11111111-1", "12345678-5")]

    def press(number: int) -> None:
        credential, now = both[number % 2], timezone.now()
        try:
            for _ in range(10):
                enroll.make_default(Credential.objects.get(pk=credential.pk), now=now)
                again = Credential.objects.get(pk=both[number // 2 % 2].pk)
                enroll.change(again, clave=None, certificate_password=None, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(4)))
    assert Credential.objects.filter(is_default=True).count() == 1
