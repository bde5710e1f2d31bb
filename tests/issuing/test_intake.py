"""A batch is judged whole and saved whole, or nothing is saved; asking twice accepts once."""

import threading

import pytest
from django.db import connection

from offices import Office, documents_of, factura
from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.dte.rut import check_digit
from timbre.issuing import batches
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import MasterEntity
from timbre.webhooks.models import Event


def test_all_faults_of_all_documents_are_told_at_once_and_nothing_is_saved(enrolled: Office) -> None:
    line = {"item_name": "Silla", "quantity": "1", "unit_price": "1000"}
    with pytest.raises(InvalidDocuments) as invalid:
        enrolled.ask(
            factura(),
            factura(details=[line] * 11),
            factura(details=[line | {"unit_price": "-1"}, line | {"item_name": "x" * 81}]),
        )
    faults = {i: {(f.code, f.path) for f in found} for i, found in invalid.value.faults.items()}
    assert ("detail_line_limit", "details") in faults[1]
    assert ("negative_amount", "details.0.unit_price") in faults[2]
    assert ("field_too_long", "details.1.item_name") in faults[2]
    assert 0 not in faults
    assert not Batch.objects.exists()


def test_defaults_fill_what_was_left_out_and_what_was_sent_wins(enrolled: Office) -> None:
    batch = enrolled.ask(factura(document_receiver={"rut": "39002002-3", "contact": "Sra. Peña"}))
    enrolled.work()
    request = documents_of(batch)[0].request
    assert request["dte_type"] == {"code": "33"}
    assert request["header"]["payment_method"] == "2"
    assert request["document_issuer"]["address"] == "AV. PROVIDENCIA 1234 OF 501"
    assert request["document_receiver"]["business_name"].startswith("PANADERÍA PEÑA")
    assert request["document_receiver"]["contact"] == "Sra. Peña"


def test_the_receiver_learnt_once_is_filled_in_at_intake_the_next_time(enrolled: Office) -> None:
    enrolled.ask(factura())
    enrolled.work()
    assert MasterEntity.objects.get(rut="39002002-3").name
    again = enrolled.ask(factura())
    assert documents_of(again)[0].receiver_name.startswith("PANADERÍA PEÑA")


def test_a_receiver_the_sii_does_not_know_is_refused_by_name(enrolled: Office) -> None:
    batch = enrolled.ask(factura(receptor=f"39090001-{check_digit(39090001)}"))
    enrolled.work()
    document = documents_of(batch)[0]
    assert (document.state, document.error_code) == (State.REFUSED, "receiver_not_found")
    assert document.error_param == "document_receiver.rut"


def test_the_same_key_returns_the_first_answer_and_another_body_is_refused(enrolled: Office) -> None:
    first = enrolled.ask(factura(), idempotency_key="pedido-1", fingerprint="a")
    assert enrolled.ask(factura(), idempotency_key="pedido-1", fingerprint="a") == first
    with pytest.raises(Rejection) as refused:
        enrolled.ask(factura(), idempotency_key="pedido-1", fingerprint="b")
    assert (refused.value.code, refused.value.status) == ("idempotency_key_reused", 409)
    assert Document.objects.count() == 1
    enrolled.pass_time(days=366)
    assert enrolled.ask(factura(), idempotency_key="pedido-1", fingerprint="b") != first


def test_an_external_id_is_used_once_until_its_document_is_known_not_issued(enrolled: Office) -> None:
    first = enrolled.ask(factura(external_id="P-1"))
    with pytest.raises(Rejection) as refused:
        enrolled.ask(factura(external_id="P-1"))
    assert refused.value.code == "external_id_used"
    assert refused.value.resource == documents_of(first)[0].pk
    with pytest.raises(InvalidDocuments):
        enrolled.ask(factura(external_id="P-2"), factura(external_id="P-2"))
    batches.cancel(enrolled.scope, first.pk, now=enrolled.clock(), actor="ana")
    enrolled.ask(factura(external_id="P-1"))
    with pytest.raises(Rejection):
        batches.retry(enrolled.scope, first.pk, now=enrolled.clock(), actor="ana")


def test_twins_are_warned_of_and_issued(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    warned = enrolled.answer["warnings"]
    assert [(w["document_index"], w["code"]) for w in warned] == [(1, "possible_duplicate")]
    enrolled.work()
    assert {d.folio for d in documents_of(batch)} == {1, 2}
    enrolled.pass_time(hours=25)
    enrolled.ask(factura())
    assert "warnings" not in enrolled.answer


def test_cancelling_stops_what_has_not_started_and_retrying_issues_it(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    batches.cancel(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    enrolled.work()
    assert {d.state for d in documents_of(batch)} == {State.CANCELLED}
    assert not enrolled.store.issued()
    assert Event.objects.filter(type="document.issue_failed").count() == 2
    assert Event.objects.filter(type="batch.completed").count() == 1
    batches.retry(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    enrolled.work()
    batch.refresh_from_db()
    assert batch.status == "completed"
    assert {d.state for d in documents_of(batch)} == {State.DONE}


def test_five_hundred_documents_are_accepted_with_a_bounded_number_of_queries(
    enrolled: Office, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(45):  # SQLite takes 999 values a statement
        enrolled.ask(
            *[factura(external_id=f"P-{n}") for n in range(500)], idempotency_key="k", fingerprint="f"
        )


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_many_threads_at_once_saves_one_batch(enrolled: Office) -> None:
    answers: list[str] = []

    def ask() -> None:
        try:
            batch = enrolled.ask(factura(), idempotency_key="uno", fingerprint="f")
            answers.append(batch.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert Document.objects.count() == 1
