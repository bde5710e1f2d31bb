"""Cancel and retry on screen, with the real worker and the simulated SII."""

from django.http import HttpResponse

from enrolled import enrol
from lots import PRODUCTION, RECEIVED, REFUSED, ana, at, make_batch, tree_of, visitor
from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.models import Document, State
from timbre.issuing.restore.adopting import UNSENT
from visiting import Visitor, text_of

__all__ = ["ana", "enrolled", "folios", "office", "visitor"]


def said_after(visitor: Visitor, response: HttpResponse) -> str:
    assert response.status_code == 302
    tree = tree_of(visitor.get(response["Location"]))
    return " ".join(tree.xpath("//ul[@class='messages']")[0].text_content().split())


def test_cancelling_asks_once_says_how_many_and_stops_what_was_not_sent(
    ana: Visitor, enrolled: Office
) -> None:
    batch = enrolled.ask(factura(), factura(), factura())
    asked = ana.get(at("batches-cancel", batch))
    assert "¿Cancelar 3 documentos?" in text_of(asked)
    assert {d.state for d in documents_of(batch)} == {State.RECEIVED}
    said = said_after(ana, ana.post(at("batches-cancel", batch)))
    assert "Se canceló" in said
    assert {d.state for d in documents_of(batch)} == {State.CANCELLED}
    assert documents_of(batch)[0].states.first().actor == "person:ana@example.cl"
    assert "No queda nada que cancelar" in text_of(ana.get(at("batches-cancel", batch)))


def test_cancelling_after_a_restore_says_that_the_sii_may_have_them(ana: Visitor, enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    assert "Se restauró un respaldo" not in text_of(ana.get(at("batches-cancel", batch)))
    Document.objects.filter(batch=batch, index=0).update(state=State.IN_DOUBT, error_code=UNSENT)
    asked = text_of(ana.get(at("batches-cancel", batch)))
    assert "¿Cancelar 2 documentos?" in asked
    assert "primero se averigua cuáles tiene el SII" in asked


def test_retrying_issues_what_was_not_issued(ana: Visitor, enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    ana.post(at("batches-cancel", batch))
    one = at("batches-one", batch)
    assert "Reintentar 2 no emitidos" in text_of(ana.get(one))
    assert "vuelve a la cola" in said_after(ana, ana.post(at("batches-retry", batch), page=one))
    enrolled.work()
    page = text_of(ana.get(one))
    assert {d.state for d in documents_of(batch)} == {State.DONE}
    assert "Terminado" in page
    assert "data-live" not in page


def test_a_retry_that_cannot_be_is_told_and_changes_nothing(ana: Visitor, enrolled: Office) -> None:
    batch = enrolled.ask(factura(external_id="venta-1"))
    ana.post(at("batches-cancel", batch))
    again = enrolled.ask(factura(external_id="venta-1"))
    said = said_after(ana, ana.post(at("batches-retry", batch), page=at("batches-one", batch)))
    assert "external_id" in said
    assert [d.state for d in documents_of(batch)] == [State.CANCELLED]
    assert [d.state for d in documents_of(again)] == [State.RECEIVED]


def test_a_retry_is_a_button_not_an_address(ana: Visitor, enrolled: Office) -> None:
    assert ana.get(at("batches-retry", enrolled.ask(factura()))).status_code == 405


def test_an_address_the_sii_does_not_know_is_told_with_those_it_knows(ana: Visitor, enrolled: Office) -> None:
    receiver = {"rut": "39002002-3", "address": "Calle Falsa 123", "district": "Concepción"}
    batch = enrolled.ask(factura(document_receiver=receiver))
    enrolled.work()
    page = text_of(ana.get(at("batches-one", batch)))
    assert "La dirección del receptor no está registrada" in page
    assert "HIGGINS 310" in page
    assert "Envíalo de nuevo con una dirección registrada" in page
    assert "Dirección del receptor" in page


def test_in_production_a_button_names_the_company(visitor: Visitor, user: User) -> None:
    company = enrol(Scope(user.pk, PRODUCTION))
    batch = make_batch(company, RECEIVED, REFUSED)
    page = text_of(visitor.get(at("batches-one", batch, PRODUCTION)))
    assert "Cancelar 1 sin enviar de Panadería Ñandú SpA" in page
    assert "Reintentar 1 no emitido de Panadería Ñandú SpA" in page
    asked = text_of(visitor.get(at("batches-cancel", batch, PRODUCTION)))
    assert "¿Cancelar 1 documento de Panadería Ñandú SpA?" in asked
