"""Credentials: chosen, changed, tried again, removed."""

from django.utils import timezone

from calling import make_credential
from company_pages import LIST, button_of, credential, page_of, visitor
from timbre.enrolling import enroll
from timbre.taxpayers.models import Credential
from timbre.work.models import Lane
from visiting import Visitor, text_of

__all__ = ["credential", "visitor"]


def test_another_credential_is_chosen_to_issue_with(visitor: Visitor, credential: Credential) -> None:
    company = credential.company
    enroll.make_default(credential, now=timezone.now())
    other = make_credential(company, "11111111-1")
    shown = text_of(visitor.get(page_of(company)))
    assert shown.count("Con esta se emite") == 1
    assert button_of(other, "usar/") in shown
    assert button_of(credential, "usar/") not in shown
    visitor.post(button_of(other, "usar/"), page=page_of(company))
    other.refresh_from_db()
    assert other.is_default
    assert "La empresa emite ahora con la credencial de 11.111.111-1" in text_of(
        visitor.get(page_of(company))
    )


def test_a_new_clave_is_kept_and_tried(visitor: Visitor, credential: Credential) -> None:
    path = button_of(credential)
    nothing = text_of(visitor.post(path, {}))
    assert "Escribe al menos una" in nothing
    response = visitor.post(path, {"clave": "la-nueva-unica"})
    assert response["Location"] == page_of(credential.company)
    credential.refresh_from_db()
    assert credential.status == "PENDING"
    assert (credential.login().clave, credential.login().certificate_password) == (
        "la-nueva-unica",
        "certificada",
    )
    for path in (button_of(credential), page_of(credential.company), LIST):
        assert "unica" not in text_of(visitor.get(path))


def test_a_credential_is_tried_again_as_it_is(visitor: Visitor, credential: Credential) -> None:
    Credential.objects.update(status="INVALID", reason="certificate_missing")
    page = page_of(credential.company)
    assert "no tiene un certificado digital centralizado" in text_of(visitor.get(page))
    visitor.post(button_of(credential, "probar/"), page=page)
    credential.refresh_from_db()
    assert (credential.status, credential.reason) == ("PENDING", "")


def test_a_kept_clave_that_no_longer_opens_asks_for_a_new_one(
    visitor: Visitor, credential: Credential
) -> None:
    Credential.objects.update(clave="dañada", status="INVALID", reason="login_refused")
    page = page_of(credential.company)
    visitor.post(button_of(credential, "probar/"), page=page)
    assert "Timbre ya no puede leer la clave guardada" in text_of(visitor.get(page))


def test_a_locked_person_is_told_why_nothing_happens(visitor: Visitor, credential: Credential) -> None:
    Lane.objects.update(
        closed_until=timezone.now() + timezone.timedelta(hours=1), closed_reason="credential_locked"
    )
    page = page_of(credential.company)
    assert "tiene bloqueada a esta persona" in text_of(visitor.get(page))
    visitor.post(button_of(credential, "probar/"), page=page)
    assert 'class="error"' in text_of(visitor.get(page))


def test_a_credential_is_removed_once_confirmed(visitor: Visitor, credential: Credential) -> None:
    path = button_of(credential, "quitar/")
    assert "¿Quitar la credencial de 12.345.678-5?" in text_of(visitor.get(path))
    credential.refresh_from_db()
    assert credential.deactivated_at is None
    visitor.post(path)
    credential.refresh_from_db()
    assert (credential.clave, credential.certificate_password) == ("", "")
    assert visitor.get(button_of(credential)).status_code == 404
