"""What a batch comes to, answered without reading its documents."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from offices import Office, factura
from timbre.dte.codes import TipoDte
from timbre.issuing import batches
from timbre.issuing.figures import Standing, beginning_of, figures_of, listed
from timbre.issuing.models import Batch, Document, State
from timbre.issuing.words import Estado


def test_figures_count_by_state_and_add_up_what_is_asked(enrolled: Office) -> None:
    first, second = enrolled.ask(factura(), factura()), enrolled.ask(factura())
    Document.objects.filter(batch=first, index=0).update(error_code="sii_unavailable")
    figures = figures_of([first, second])
    assert figures[first.pk].words == {Estado.ESPERANDO: 1, Estado.EN_CAMINO: 1}
    assert (figures[first.pk].documents, figures[first.pk].total) == (2, 357_000)
    assert figures[second.pk].company_ids == {Document.objects.get(batch=second).company_id}


def test_a_credit_note_takes_off_what_it_credits(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    Document.objects.filter(batch=batch, index=1).update(tipo=TipoDte.NOTA_CREDITO)
    assert figures_of([batch])[batch.pk].total == 0


def test_the_figures_of_a_page_are_read_from_an_index_alone(enrolled: Office) -> None:
    lots = [enrolled.ask(factura()) for _ in range(3)]
    with CaptureQueriesContext(connection) as asked:
        figures_of(lots)
    assert len(asked) == 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            assert "COVERING INDEX document_counts" in str(cursor.fetchall())


def test_a_batch_is_finished_when_nothing_of_it_is_under_way(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    assert not figures_of([batch])[batch.pk].finished
    enrolled.work()
    figures = figures_of([batch])[batch.pk]
    assert (figures.finished, figures.standing) == (True, Standing.TERMINADO)


def test_what_can_be_cancelled_and_retried_is_what_would_be(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura(), factura())
    Document.objects.filter(batch=batch, index=2).update(state=State.SENDING)
    assert figures_of([batch])[batch.pk].cancellable == 2
    batches.cancel(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    figures = figures_of([batch])[batch.pk]
    assert (figures.cancellable, figures.retriable) == (0, 2)


def test_a_page_of_batches_is_found_by_company_and_by_trouble(enrolled: Office) -> None:
    calm, troubled = enrolled.ask(factura()), enrolled.ask(factura(), factura())
    Batch.objects.filter(pk=troubled.pk).update(created_at=calm.created_at + timedelta(seconds=1))
    Document.objects.filter(batch=troubled, index=1).update(state=State.IN_DOUBT)
    company = Document.objects.filter(batch=calm).values_list("company", flat=True).get()
    assert list(listed(enrolled.scope)) == [troubled, calm]
    assert list(listed(enrolled.scope, company_id=company)) == [troubled, calm]
    assert list(listed(enrolled.scope, company_id="comp_other")) == []
    assert list(listed(enrolled.scope, standing="con_problemas")) == [troubled]


def test_who_asked_for_a_batch_stands_at_its_beginning(enrolled: Office) -> None:
    batch = enrolled.ask(factura())
    enrolled.work()
    beginning = beginning_of(batch)
    assert beginning is not None
    assert (beginning.code, beginning.actor) == ("received", "api")
