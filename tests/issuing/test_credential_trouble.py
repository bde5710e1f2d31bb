"""Whatever the SII has against who signs: stopped at the first no, told why, never tried before its time."""

from collections.abc import Callable
from datetime import datetime

import pytest

from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.accounts.errors import Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.enrolling.reasons import CLOSES_LANE, REASONS
from timbre.issuing.causes import CAUSES
from timbre.issuing.models import State
from timbre.issuing.words import error_of
from timbre.sii.gateway import CREDENTIAL_REASONS
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Credential, LookUp
from timbre.webhooks.models import Event
from timbre.work.models import Lane

LOGIN, CHOOSER, SEND = "CAutInicio.cgi", "mipeSelEmpresa.cgi", "mipeSendXML.cgi"
NO = b"<html><script>alert('No autorizado');history.back();</script></html>"


def change_clave(line: Middleman, clave: str, certificate_password: str = "certificada") -> None:
    """It is another one at the SII now, and the session the old one opened is over."""
    for credential in Credential.objects.all():
        credential.keep_secrets(clave=clave, certificate_password=certificate_password)
        credential.save()
    Lane.objects.update(session="", session_owner="")


def with_clave(clave: str) -> Callable[[Middleman], None]:
    return lambda line: change_clave(line, clave)


def with_an_unknown_no(line: Middleman) -> None:
    change_clave(line, "otra")
    line.answers[LOGIN] = lambda _: b"<html><title>Error</title>No puede entrar 01.01.203.500.720.77</html>"


def no_longer_authorised(line: Middleman) -> None:
    change_clave(line, "otra")
    line.answers[CHOOSER] = lambda body: NO if b"/factura_sii/factura_sii.htm" in body else body


def with_a_wrong_certificate_password(line: Middleman) -> None:
    change_clave(line, "secreta", "certificado-malo")


TROUBLES = {
    "sii_credentials_invalid": with_clave("clave-mala"),
    "login_refused": with_an_unknown_no,
    "credential_locked": with_clave("clave-bloqueada"),
    "sii_session_limit": with_clave("clave-sesiones"),
    "company_not_authorised": no_longer_authorised,
    "certificate_missing": with_clave("clave-sin-certificado"),
    "certificate_password_invalid": with_a_wrong_certificate_password,
}


def test_every_reason_is_tried() -> None:
    assert set(TROUBLES) == CREDENTIAL_REASONS == set(REASONS)


@pytest.mark.parametrize("reason", sorted(CREDENTIAL_REASONS))
def test_a_refused_credential_is_told_once_and_its_documents_wait_and_say_why(
    enrolled: Office, line: Middleman, reason: str
) -> None:
    TROUBLES[reason](line)
    batch = enrolled.ask(factura(), factura())
    before = line.steps().count(LOGIN)
    for _ in range(4):
        enrolled.work()
        enrolled.pass_time(minutes=10)
    assert line.steps().count(LOGIN) == before + 1
    assert SEND not in line.steps()
    event = Event.objects.get(type="credential.invalid")
    assert (event.data["reason"], event.data["message"]) == (reason, REASONS[reason])
    closes = reason in CLOSES_LANE
    assert event.data["status"] == Credential.objects.get().status == ("VALID" if closes else "INVALID")
    assert bool(event.data["retry_at"]) is closes
    document = documents_of(batch)[0]
    told = error_of(document)
    assert told is not None
    assert (document.state, told["code"], told["type"]) == (State.RECEIVED, reason, "credential_error")
    assert (told["cause"], told["fix"]) == (CAUSES[reason].cause, CAUSES[reason].fix)
    assert told["retryable"] is False


@pytest.mark.parametrize("clave", ["clave-bloqueada", "clave-sesiones"])
def test_nobody_logs_a_locked_person_in_before_its_time_whoever_asks(
    enrolled: Office, line: Middleman, clave: str
) -> None:
    stranger = Office(enrolled.store, Scope(User.objects.named("eva@example.cl").pk, "sandbox"))
    assert stranger.enroll().status == "valid"
    mine = Credential.within(enrolled.scope).get()
    enrolled.begin_to_enroll("39003003-7", clave="otra")
    change_clave(line, clave)
    waiting = [enrolled.ask(factura()), stranger.ask(factura())]
    before = line.steps().count(LOGIN)
    enrolled.work()
    assert line.steps().count(LOGIN) == before + 1
    LookUp.objects.create(
        lane=mine.lane,
        credential=mine,
        rut="39004004-0",
        wanted_until=enrolled.clock() + lookups.PATIENCE,
    )
    for _ in range(5):
        waiting.append(enrolled.ask(factura()))
        Lane.wake([mine.lane_id], enrolled.clock())
        enrolled.work()
        enrolled.pass_time(minutes=11)
    assert line.steps().count(LOGIN) == before + 1, "the lane is the person's, whoever its credentials are"
    closed_until = Lane.objects.get().closed_until
    assert closed_until is not None
    change_clave(line, "secreta")
    enrolled.pass_time(minutes=6)
    assert enrolled.clock() > closed_until
    enrolled.work()
    assert {d.state for batch in waiting for d in documents_of(batch)} == {State.DONE}


def test_a_closing_is_told_once_for_each_credential_that_waits_and_names_when_it_ends(
    enrolled: Office, line: Middleman
) -> None:
    stranger = Office(enrolled.store, Scope(User.objects.named("eva@example.cl").pk, "sandbox"))
    assert stranger.enroll().status == "valid"
    assert enrolled.enroll("39003003-7", clave="clave-sin-certificado").status == "invalid"
    waiting = set(Credential.objects.filter(status="VALID").values_list("pk", flat=True))
    Event.objects.all().delete()
    change_clave(line, "clave-bloqueada")
    enrolled.ask(factura())
    enrolled.work()
    told = [event.data for event in Event.objects.filter(type="credential.invalid")]
    assert {each["credential_id"] for each in told} == waiting
    assert len(told) == len(waiting) == 2
    for each in told:
        assert (each["reason"], each["status"]) == ("credential_locked", "VALID")
        assert datetime.fromisoformat(each["retry_at"]) == Lane.objects.get().closed_until
    enrolled.pass_time(minutes=61)
    enrolled.work()
    assert Event.objects.filter(type="credential.invalid").count() == 4, "still locked: another closing"


def test_what_closed_a_lane_says_nothing_of_the_clave(enrolled: Office, line: Middleman) -> None:
    change_clave(line, "clave-sesiones")
    batch = enrolled.ask(factura())
    enrolled.work()
    line.answers.clear()
    change_clave(line, "secreta")
    enrolled.pass_time(minutes=61)
    enrolled.work()
    assert documents_of(batch)[0].state == State.DONE
    assert not Event.objects.filter(type="credential.invalid", data__status="INVALID").exists()


def test_a_clave_is_not_even_taken_while_its_lane_is_closed(enrolled: Office, line: Middleman) -> None:
    change_clave(line, "clave-bloqueada")
    enrolled.ask(factura())
    enrolled.work()
    before = line.steps().count(LOGIN)
    with pytest.raises(Rejection) as refused:
        enroll.change(Credential.objects.get(), clave="otra", certificate_password=None, now=enrolled.clock())
    assert (refused.value.code, refused.value.status) == ("credential_locked", 409)
    assert 3500 < (refused.value.retry_after or 0) <= 3601
    enrolled.pass_time(minutes=50)
    enrolled.work()
    assert line.steps().count(LOGIN) == before
