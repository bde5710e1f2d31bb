"""What a company's page says after a backup was restored."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.issuing.models import Reconciliation, State, Stray
from timbre.taxpayers.models import Company
from timbre.work.models import Lane
from visiting import Visitor, text_of

__all__ = ["enrolled", "folios", "office"]

pytestmark = pytest.mark.django_db


def test_a_company_being_compared_says_why_it_does_not_issue_until_it_is_done(
    user: User, company: Company
) -> None:
    now = timezone.now()
    lane = Lane.portal("sandbox", "12345678-5")
    row = Reconciliation.objects.create(company=company, lane=lane, since=now, restored_at=now, due_at=now)
    page = f"/sandbox/empresas/{company.pk}/"
    assert "Se restauró un respaldo" in text_of(Visitor(user).get(page))
    row.done_at = now
    row.save()
    assert "respaldo" not in text_of(Visitor(user).get(page))


def test_what_timbre_does_not_know_is_named_for_a_month(user: User, company: Company) -> None:
    now = timezone.now()
    stray = Stray.objects.create(
        user=user,
        environment=company.environment,
        company=company,
        tipo=33,
        folio=4711,
        codigo="1",
        date_issued=date(2026, 3, 14),
        receiver_rut="39002002-3",
        total=119_000,
        digest="d",
        content_key="k",
        signed_at=now,
        xml=b"<DTE/>",
        found_at=now,
    )
    page = f"/sandbox/empresas/{company.pk}/"
    shown = text_of(Visitor(user).get(page))
    assert "folio 4711" in shown
    assert "39.002.002\u20113" in shown
    assert "119.000" in shown
    Stray.objects.filter(pk=stray.pk).update(found_at=now - timedelta(days=31))
    assert "4711" not in text_of(Visitor(user).get(page))


def test_a_document_that_the_backup_shows_unsent_says_why_it_is_in_doubt(enrolled: Office) -> None:
    (document,) = documents_of(enrolled.ask(factura()))
    document.state = State.IN_DOUBT
    document.save()
    shown = text_of(Visitor(User.objects.named("ana@example.cl")).get(f"/sandbox/documentos/{document.pk}/"))
    assert "Se restauró un respaldo de antes de que se enviara. Timbre está averiguando" in shown
    assert "None" not in shown
    assert "Se envió" not in shown
