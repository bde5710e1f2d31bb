"""What is known of a RUT comes from own rows while fresh, else from the SII through a login's lane."""

import threading

import pytest
from django.db import connection

from offices import Office
from timbre.accounts.errors import Rejection
from timbre.dte.rut import check_digit
from timbre.taxpayers import lookups
from timbre.taxpayers.models import LookUp, MasterEntity

RECEIVER = f"39003003-{check_digit(39003003)}"
UNKNOWN = f"39090001-{check_digit(39090001)}"

pytestmark = pytest.mark.django_db(transaction=True)


def know_while_a_worker_works(office: Office, rut: str) -> MasterEntity:
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.05):
            office.work(turns=1)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        return lookups.know(office.scope, rut, now=office.clock())
    finally:
        done.set()
        worker.join()


def test_without_any_login_it_comes_with_what_is_held_which_is_nothing(office: Office) -> None:
    entity = lookups.know(office.scope, RECEIVER, now=office.clock())
    assert (entity.name, entity.addresses.count()) == ("", 0)


def test_with_a_login_the_sii_is_asked_and_the_answer_kept(enrolled: Office) -> None:
    entity = know_while_a_worker_works(enrolled, RECEIVER)
    assert entity.name == "TRANSPORTES CORDILLERA S.A. (SANDBOX)"
    assert [a.comuna for a in entity.addresses.all()] == ["PUERTO MONTT", "PUDAHUEL"]
    requests_before = LookUp.objects.count()
    assert lookups.know(enrolled.scope, RECEIVER, now=enrolled.clock()) == entity
    assert LookUp.objects.count() == requests_before == 0


def test_looking_up_again_keeps_the_ids_of_what_stayed(enrolled: Office) -> None:
    first = know_while_a_worker_works(enrolled, RECEIVER)
    ids = [a.pk for a in first.addresses.all()]
    enrolled.pass_time(days=31)
    again = know_while_a_worker_works(enrolled, RECEIVER)
    assert [a.pk for a in again.addresses.all()] == ids


def test_a_rut_the_sii_does_not_know_comes_without_data(enrolled: Office) -> None:
    entity = know_while_a_worker_works(enrolled, UNKNOWN)
    assert entity.name == ""
    assert entity.fetched_at is not None


def test_when_nobody_answers_in_time_the_caller_is_told_to_come_back(
    enrolled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "PATIENCE", lookups.PATIENCE / 40)
    with pytest.raises(Rejection) as refused:
        lookups.know(enrolled.scope, RECEIVER, now=enrolled.clock())
    assert (refused.value.code, refused.value.status) == ("sii_unavailable", 503)
    assert refused.value.retry_after
