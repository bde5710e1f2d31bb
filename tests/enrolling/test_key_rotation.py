"""A rotation of the key: all that is sealed opens with the new one alone, and equal claves stay equal."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from calling import make_credential
from enrolled import enrol
from timbre.accounts import rotation, vault
from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.enrolling.models import Enrollment
from timbre.enrolling.rekeying import mark_claves_anew
from timbre.taxpayers.models import Company, Credential
from timbre.taxpayers.portal import LaneJar
from timbre.webhooks import endpoints
from timbre.webhooks.models import Webhook
from timbre.work.models import Lane

pytestmark = pytest.mark.django_db
SECRET = "un secreto de webhook"
COOKIES = {"TOKEN": "una sesión del SII"}


@pytest.fixture
def credential(company: Company) -> Credential:
    return make_credential(company)


@pytest.fixture
def webhook(scope: Scope, company: Company) -> Webhook:
    """With both of its secrets."""
    url, now = "https://erp.example.com/", timezone.now()
    webhook, _ = endpoints.create(scope, company, url=url, events=["document.issued"], secret=SECRET, now=now)
    endpoints.rotate_secret(webhook, secret=SECRET[::-1], now=now)
    return webhook


@pytest.fixture
def jar(credential: Credential) -> LaneJar:
    jar = LaneJar(credential.lane, credential.clave_fingerprint)
    jar.save(COOKIES)
    return jar


def keys(monkeypatch: pytest.MonkeyPatch, *present: str) -> None:
    monkeypatch.setattr(settings, "SECRET_KEYS", list(present))


def add_new(monkeypatch: pytest.MonkeyPatch) -> None:
    keys(monkeypatch, "la nueva", *settings.SECRET_KEYS)


def drop_old(monkeypatch: pytest.MonkeyPatch) -> None:
    keys(monkeypatch, "la nueva")


def rotate(monkeypatch: pytest.MonkeyPatch) -> None:
    add_new(monkeypatch)
    rotation.seal_all_anew()
    mark_claves_anew()
    drop_old(monkeypatch)


@pytest.mark.usefixtures("jar")
def test_after_a_rotation_the_old_key_is_not_needed(
    credential: Credential, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = credential.login()
    rotate(monkeypatch)
    after = Credential.objects.get(pk=credential.pk)
    assert after.login() == before
    assert Webhook.objects.get(pk=webhook.pk).open_secrets(now=timezone.now()) == [SECRET[::-1], SECRET]
    assert LaneJar(Lane.objects.get(pk=credential.lane_id), after.clave_fingerprint).load() == COOKIES


@pytest.mark.usefixtures("jar", "webhook")
def test_each_column_that_keeps_what_is_sealed_is_found_and_again_finds_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_new(monkeypatch)
    assert {each.column: (each.anew, each.lost) for each in rotation.seal_all_anew()} == dict.fromkeys(
        vault.KEPT, (1, 0)
    )
    assert [(each.anew, each.current) for each in rotation.seal_all_anew()] == [(0, 1)] * len(vault.KEPT)


@pytest.mark.parametrize("kept", vault.KEPT)
def test_what_is_kept_is_a_column_of_its_model(kept: str) -> None:
    assert apps.get_model(vault.KEPT[kept])._meta.get_field(kept.partition("/")[2])


def test_what_no_rotation_knows_of_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match="a rotation would forget it"):
        vault.seal("clave", place="credential/cred_1/another_password")


def test_a_change_made_meanwhile_is_not_overwritten(
    credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_new(monkeypatch)
    seal_anew = vault.seal_anew

    def slowly(sealed: str, *, place: str) -> Any:
        anew = seal_anew(sealed, place=place)
        credential.keep_secrets(clave="otra", certificate_password="otra más")
        credential.save()
        return anew

    monkeypatch.setattr(vault, "seal_anew", slowly)
    rotation.seal_all_anew()
    assert Credential.objects.get(pk=credential.pk).login().clave == "otra"


def test_what_no_key_opens_is_counted_and_left(
    credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys(monkeypatch, "la nueva", "otra que no la selló")
    lost = {each.column: each.lost for each in rotation.seal_all_anew() if each.lost}
    assert lost == {"credential/clave": 1, "credential/certificate_password": 1}
    assert mark_claves_anew() == 0
    assert Credential.objects.get(pk=credential.pk).clave == credential.clave


@pytest.mark.parametrize("when", [add_new, rotate])
def test_a_clave_that_the_sii_refused_is_known_again(
    scope: Scope, credential: Credential, monkeypatch: pytest.MonkeyPatch, when: Any
) -> None:
    Enrollment.objects.create(
        user_id=scope.user_id,
        environment=scope.environment,
        credential=credential,
        lane_id=credential.lane_id,
        clave_fingerprint=credential.clave_fingerprint,
        status=Enrollment.Status.INVALID,
        error_code="sii_credentials_invalid",
        finished_at=timezone.now() - timedelta(minutes=5),
    )
    when(monkeypatch)
    with pytest.raises(Rejection) as refused:
        enroll.change(credential, clave=None, certificate_password=None, now=timezone.now())
    assert refused.value.code == "sii_credentials_invalid"


def test_all_that_hold_one_clave_are_found_while_half_of_them_are_marked_anew(
    scope: Scope, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_new(monkeypatch)
    other = make_credential(enrol(scope, "39003003-7", "Otra"))
    assert other.clave_fingerprint != credential.clave_fingerprint
    for each in (credential, other):
        assert {c.pk for c in each.holding_same_clave()} == {credential.pk, other.pk}
