"""What a screen changes is in the audit log. Which screens change something is read from docs/actions.md."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoDbBlocker

from furnished import furnish
from furnishing import LOGIN, Furnished
from test_actions import named, path_of
from timbre.accounts import people
from timbre.accounts.models import AuditEntry, User
from timbre.cli.addresses import Address, every_address
from timbre.enrolling.door import STATEMENTS
from timbre.platform.urls import inside
from timbre.taxpayers.models import Company, MasterEntity
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
ACCOUNT = {
    "account",
    "account-end",
    "account-end-others",
    "log-out",
    "login",
    "recover",
    "recover-choose",
    "signup",
}
"""Screens of one's own account, which the table of actions is not about."""
EMAIL, PASSWORD = "eva@example.com", "una frase que solo yo sé"
POSTED = {address.partition(" ")[2] for address in named("screen") if address.startswith("POST ")}
NAMES = {str(route.name) for route in inside if path_of(route) in POSTED}
CHANGING = [each for each in every_address() if each.name in NAMES | ACCOUNT]
FORMS: dict[str, dict[str, Any]] = {
    "account": {"present": PASSWORD, "password": "otra frase que solo yo sé"},
    "login": {"email": EMAIL, "password": PASSWORD},
    "recover": {"email": EMAIL},
    "recover-choose": {"password": "otra frase que solo yo sé"},
    "signup": {"email": "nueva@example.com", "password": PASSWORD},
    "companies-enrol": {"person_rut": "12345678-5", "clave": "clave", "certificate_password": "certificado"},
    "companies-acknowledge": dict.fromkeys(STATEMENTS, "on"),
    "companies-credential": {"clave": "otra"},
    "hooks-new": {"url": "https://erp.example.com/nuevo", "events": ["document.issued"]},
    "hooks-edit": {"url": "https://erp.example.com/otro", "events": ["document.issued"]},
    "companies-defaults": {"email": "ventas@example.com"},
    "documents-pay": {"pagado": "si"},
    "documents-correct-text": {"says": "Asesoría", "should_say": "Auditoría"},
    "documents-correct-amounts": {
        "kind": "discount",
        "item_name_1": "Pan",
        "quantity_1": "1",
        "unit_price_1": "100",
    },
    "hooks-replay": {"since": "2026-01-01T00:00"},
    "keys-new": {"name": "ERP", "scopes": ["read"], "unknown": "strict", "expiry": "never"},
}
"""What to fill in where a button alone is not enough."""
ELSEWHERE = {"companies-ask"}
"""Asks the SII, which does not answer here: ``test_company_screen``."""


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Furnished]:
    with django_db_blocker.unblock(), transaction.atomic():
        user = User.objects.named(EMAIL)
        user.set_password(PASSWORD)
        user.save()
        yield furnish(user)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "address", [each for each in CHANGING if each.name not in ELSEWHERE], ids=lambda each: each.name
)
def test_every_screen_that_changes_something_leaves_an_entry(
    furnished: Furnished, address: Address, settings: Any
) -> None:
    settings.PRODUCTION = True
    environment = Environment.PRODUCTION if address.name == "companies-acknowledge" else Environment.SANDBOX
    client, form = visitor(furnished.user, address), FORMS.get(address.name, {})
    seen = []
    for path in address.paths(environment, examples_of(furnished)):
        response = client.post(path + asked(furnished, address.name), form | chosen(furnished, address.name))
        if entry := AuditEntry.objects.filter(request_id=response["X-Request-Id"]).first():
            break
        seen.append(f"{path}: {response.status_code} {response.headers.get('Location', '')}")
    assert entry, seen
    assert entry.address == "127.0.0.1"
    assert entry.actor == f"person:{EMAIL}" or not address.inside


def test_a_wrong_password_is_noted_with_whom_it_concerns_and_without_what_was_typed(user: User) -> None:
    for email in (user.email, "nadie@example.com"):
        Client().post(reverse("login"), {"email": email, "password": "una contraseña equivocada"})
    unknown, known = AuditEntry.objects.filter(action="account.login_failed").order_by("-pk")[:2]
    assert (known.user_id, unknown.user_id) == (user.pk, None)
    assert {known.actor, unknown.actor} == {"unknown"}
    assert (known.detail, unknown.detail) == ({}, {})


def visitor(user: User, address: Address) -> Client:
    client = Client()
    if address.inside or address.name == "log-out":
        client.force_login(user, backend=LOGIN)
    return client


def examples_of(furnished: Furnished) -> dict[str, list[str]]:
    """With a link that is still good: the user as saved has not logged in since."""
    user = User.objects.get(pk=furnished.user.pk)
    return {**furnished.examples, "token": [people.token_for(user, now=timezone.now())]}


def asked(furnished: Furnished, name: str) -> str:
    """The query that the step before would have led here with."""
    if name not in {"companies-enrol", "companies-acknowledge"}:
        return ""
    rut = Company.objects.get(pk=furnished.examples["company_id"][0]).entity.rut
    if name == "companies-acknowledge":
        MasterEntity.objects.get_or_create(environment=Environment.PRODUCTION, rut=rut)
    return f"?rut={rut}"


def chosen(furnished: Furnished, name: str) -> dict[str, Any]:
    if name == "hooks-new":
        return {"company": furnished.examples["company_id"][0]}
    return {"logo": picture()} if name == "companies-logo-change" else {}


def picture() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return SimpleUploadedFile("logo.png", file.getvalue(), "image/png")
