"""What a person says of a document: paid or not, issued or not."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from desks import SANDBOX, Desk, at, desk, leave_in_doubt, said
from offices import enrolled, factura, folios, office
from timbre.issuing.models import Document, State

__all__ = ["desk", "enrolled", "folios", "office"]
SENTENCE = (
    "El SII no respondió al último paso. Timbre está averiguando si quedó emitido. No lo envíes de nuevo."
)


def test_paid_and_unpaid_are_a_button_each(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    sent = desk.visitor.post(at(document, "pay"), {"pagado": "si"}, page=at(document))
    assert sent["Location"] == at(document)
    document.refresh_from_db()
    assert document.is_paid
    shown = said(desk.visitor.get(at(document)))
    assert "Quedó marcado como pagado." in shown
    assert "Marcar como no pagado" in shown
    assert f"{desk.visitor.user.email} Marcado como pagado." in shown
    desk.visitor.post(at(document, "pay"), {"pagado": "no"}, page=at(document))
    document.refresh_from_db()
    assert not document.is_paid
    assert desk.visitor.get(at(document, "pay")).status_code == 405


def test_what_is_not_issued_cannot_be_marked_as_paid(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(state=State.REFUSED, error_code="sii_rejected")
    assert "Marcar como" not in said(desk.visitor.get(at(document)))
    desk.visitor.post(
        at(document, "pay"), {"pagado": "si"}, page=reverse("account", kwargs={"environment": SANDBOX})
    )
    assert "Solo un documento emitido puede marcarse" in said(desk.visitor.get(at(document)))


def test_a_doubt_is_told_honestly_and_settled_by_a_person(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document, absent_since=timezone.now())
    shown = said(desk.visitor.get(at(document)))
    assert SENTENCE in shown
    assert "Se envió 2 veces con el folio 7; desde" in shown
    assert "La próxima mirada a la lista del SII:" in shown
    question = said(desk.visitor.get(at(document, "not-issued")))
    assert "¿El SII no emitió el folio 7?" in question
    assert document.company.entity.name in question
    document.refresh_from_db()
    assert document.state == State.IN_DOUBT
    desk.visitor.post(at(document, "not-issued"))
    document.refresh_from_db()
    assert (document.state, document.error_code) == (State.REFUSED, "resolved_not_issued")
    latest = document.states.first()
    assert latest is not None
    assert latest.actor == f"person:{desk.visitor.user.email}"


def test_that_the_sii_issued_it_is_said_with_the_other_button(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(
        state=State.INCOMPLETE, error_code="files_missing", sends=1
    )
    assert "El SII lo emitió" in said(desk.visitor.get(at(document)))
    sent = desk.visitor.post(at(document, "issued"))
    assert sent["Location"] == at(document)
    document.refresh_from_db()
    assert document.state == State.ISSUED
    assert "El SII lo emitió No lo emitió" not in said(desk.visitor.get(at(document)))


def test_nobody_may_say_no_while_the_sending_may_still_arrive(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document, send_deadline=timezone.now() + timedelta(hours=1))
    shown = said(desk.visitor.get(at(document)))
    assert "podrás decir que no se emitió desde" in shown
    assert "No lo emitió" not in shown
    desk.visitor.post(at(document, "not-issued"))
    assert "El envío puede estar en camino todavía" in said(desk.visitor.get(at(document)))
    document.refresh_from_db()
    assert document.state == State.IN_DOUBT


def test_what_is_settled_already_is_refused_in_words(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    desk.visitor.post(at(document, "issued"))
    assert "Este documento no está en duda" in said(desk.visitor.get(at(document)))
