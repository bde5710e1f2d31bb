"""The list of batches, and whose they are."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrolled import enrol
from lots import (
    DONE,
    HOSTILE,
    PRODUCTION,
    RECEIVED,
    REFUSED,
    SANDBOX,
    at,
    content_of,
    make_batch,
    rows_of,
    visitor,
)
from offices import documents_of
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["visitor"]
SCREENS = (
    "batches-one", "batches-progress", "batches-cancel", "batches-zip", "batches-csv", "batches-xlsx",
)  # fmt: skip


def lots(environment: str = SANDBOX) -> str:
    return reverse("batches", kwargs={"environment": environment})


@pytest.fixture
def stranger(db: None) -> Visitor:
    return Visitor(User.objects.named("beto@example.com"))


def test_the_list_tells_of_each_batch_whose_it_is_what_it_adds_up_to_and_how_it_stands(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    other = enrol(scope, "39007007-1", "Muebles Pehuén Ltda.")
    older = make_batch(company, DONE, REFUSED, at=timezone.now() - timedelta(hours=1))
    newer = make_batch(company, RECEIVED, DONE)
    Document.objects.filter(batch=older, index=1).update(company=other, total=1_000_000)
    first, second = rows_of(visitor.get(lots()))
    assert newer.pk in first
    assert "$ 2.380" in first
    assert first.endswith("En proceso")
    assert older.pk in second
    assert "Muebles Pehuén Ltda. y 1 más" in second
    assert "$ 1.001.190" in second
    assert "Emitido 1 · No emitido 1" in second
    assert second.endswith("Con problemas")


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ([DONE, DONE], "Terminado"),
        ([DONE, (State.CANCELLED, "cancelled")], "Terminado"),
        ([DONE, RECEIVED], "En proceso"),
        ([RECEIVED, (State.RECEIVED, "sii_unavailable")], "Con problemas"),
        ([DONE, (State.IN_DOUBT, "")], "Con problemas"),
        ([DONE, (State.INCOMPLETE, "files_missing")], "Con problemas"),
        ([REFUSED, (State.CANCELLED, "cancelled")], "Ninguno emitido"),
    ],
)
def test_a_batch_stands_as_its_documents_do(
    visitor: Visitor, company: Company, states: list[tuple[State, str]], word: str
) -> None:
    make_batch(company, *states)
    assert rows_of(visitor.get(lots()))[0].endswith(word)


def test_the_list_is_narrowed_to_a_company_and_to_what_needs_somebody(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    other = enrol(scope, "39007007-1", "Muebles Pehuén Ltda.")
    done = make_batch(company, DONE, status=Batch.Status.COMPLETED)
    running = make_batch(other, RECEIVED)
    troubled = make_batch(other, DONE, REFUSED, status=Batch.Status.COMPLETED)

    def listed(**query: str) -> set[str]:
        page = text_of(visitor.get(lots(), **query))
        return {batch.pk for batch in (done, running, troubled) if batch.pk in page}

    assert listed() == {done.pk, running.pk, troubled.pk}
    assert listed(empresa=company.pk) == {done.pk}
    assert listed(estado="en_proceso") == {running.pk}
    assert listed(estado="con_problemas") == {troubled.pk}
    assert listed(empresa=company.pk, estado="con_problemas") == set()
    assert "Ningún lote cumple" in text_of(visitor.get(lots(), empresa=company.pk, estado="con_problemas"))


def test_who_has_no_batch_is_told_how_to_send_one(visitor: Visitor, company: Company) -> None:
    page = unescape(text_of(visitor.get(lots())))
    assert "curl http://127.0.0.1:8000/v2/documents/batch/" in page
    assert f'"document_issuer": {{"rut": "{company.entity.rut}"}}' in page
    assert "39002002-3" not in text_of(visitor.get(lots(environment="production")))


def test_a_page_of_fifty_batches_asks_the_database_a_dozen_times_at_most(
    visitor: Visitor, company: Company
) -> None:
    for _ in range(55):
        make_batch(company, RECEIVED, DONE, REFUSED)
    with CaptureQueriesContext(connection) as asked:
        response = visitor.get(lots(), estado="con_problemas", empresa=company.pk)
    assert len(rows_of(response)) == 50
    assert "1–50 de 55" in text_of(response)
    assert len(asked) <= MOST_QUERIES


def test_a_batch_is_its_owners_in_its_environment_alone(
    visitor: Visitor, stranger: Visitor, company: Company
) -> None:
    batch = make_batch(company, RECEIVED, REFUSED)
    own = {
        each.user.pk: make_batch(enrol(Scope(each.user.pk, SANDBOX), "39007007-1"), RECEIVED)
        for each in (visitor, stranger)
    }
    for name in SCREENS:
        found = visitor.get(at(name, batch))
        assert found.status_code == 200, name
        content_of(found)
        assert visitor.get(at(name, batch, PRODUCTION)).status_code == 404, name
        missing = stranger.get(at(name, batch))
        assert missing.status_code == 404, name
        assert company.entity.name not in text_of(missing)
    for name in ("batches-cancel", "batches-retry"):
        for who, environment in ((stranger, SANDBOX), (visitor, PRODUCTION)):
            posted = who.post(at(name, batch, environment), page=at("batches-cancel", own[who.user.pk]))
            assert posted.status_code == 404, name
    assert [d.state for d in documents_of(batch)] == [State.RECEIVED, State.REFUSED]
    assert batch.pk not in text_of(stranger.get(lots()))
    assert batch.pk not in text_of(visitor.get(lots(PRODUCTION)))


def test_a_button_without_its_token_does_nothing(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, RECEIVED)
    assert visitor.client.post(at("batches-cancel", batch)).status_code == 403
    assert documents_of(batch)[0].state == State.RECEIVED


def test_what_callers_and_the_sii_wrote_is_text(visitor: Visitor, scope: Scope) -> None:
    company = enrol(scope, name=HOSTILE)
    batch = make_batch(
        company, REFUSED, (State.CANCELLED, "cancelled"), RECEIVED,
        sii_words=HOSTILE, error_param=HOSTILE, receiver_name=HOSTILE,
    )  # fmt: skip
    Document.objects.filter(batch=batch, index=0).update(external_id=HOSTILE)
    Batch.objects.filter(pk=batch.pk).update(idempotency_key=HOSTILE)
    for path in (lots(), *(at(name, batch) for name in SCREENS[:3])):
        page = text_of(visitor.get(path))
        assert "<script>alert" not in page, path
        assert "49" not in re.findall(r"'(\d+)", page)
    page = text_of(visitor.get(at("batches-one", batch)))
    assert page.count("&lt;script&gt;alert(1)") >= 8
    assert "{{7*7}}" in page


def test_who_is_not_logged_in_is_sent_to_the_log_in(company: Company, visitor: Visitor) -> None:
    batch = make_batch(company, RECEIVED)
    visitor.client.logout()
    for name in SCREENS:
        assert visitor.get(at(name, batch))["Location"].startswith("/entrar/"), name
