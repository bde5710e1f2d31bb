"""Production is a deliberate act: the installation opens it, and a person's word lets each company in."""

import pytest
from django.conf import LazySettings

from offices import Office
from timbre.accounts.errors import Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import door, enroll
from timbre.enrolling.models import Acknowledgement
from timbre.taxpayers.models import Credential, MasterEntity

ALL = tuple(door.STATEMENTS)


@pytest.fixture
def production(office: Office, settings: LazySettings) -> Office:
    """An office that stands before the open door. Its worker is never made to work."""
    settings.PRODUCTION = True
    office.scope = Scope(office.scope.user_id, "production")
    return office


@pytest.fixture
def entity(production: Office) -> MasterEntity:
    return MasterEntity.objects.create(environment="production", rut="39001001-K", name="Ñandú SpA")


def give_word(office: Office, entity: MasterEntity, ticked: tuple[str, ...] = ALL) -> Acknowledgement:
    return door.acknowledge(
        office.scope,
        entity,
        ticked=ticked,
        email="ana@example.cl",
        address="203.0.113.9",
        now=office.clock(),
    )


def refusal_of(office: Office) -> Rejection:
    with pytest.raises(Rejection) as refused:
        office.begin_to_enroll()
    assert not Credential.objects.exists()
    return refused.value


def test_nobody_enters_while_the_installation_keeps_production_shut(
    production: Office, entity: MasterEntity, settings: LazySettings
) -> None:
    give_word(production, entity)
    settings.PRODUCTION = False
    refused = refusal_of(production)
    assert refused.code == "not_available"
    assert "TIMBRE_PRODUCTION=on" in refused.message
    with pytest.raises(Rejection) as shut:
        give_word(production, entity)
    assert shut.value.code == "not_available"


def test_a_company_enters_only_after_its_word_is_on_record(production: Office, entity: MasterEntity) -> None:
    refused = refusal_of(production)
    assert (refused.code, refused.status) == ("production_not_acknowledged", 403)
    assert "en la plataforma" in refused.message
    recorded = give_word(production, entity)
    assert recorded.text.splitlines()[0] == "Ñandú SpA, RUT 39.001.001-K, entra a producción."
    assert all(said in recorded.text for said in (*door.WARNINGS, *door.STATEMENTS.values()))
    assert (recorded.email, recorded.address) == ("ana@example.cl", "203.0.113.9")
    enrollment = production.begin_to_enroll()
    assert (enrollment.status, enrollment.environment) == ("pending", "production")


def test_the_word_for_one_company_or_of_one_person_lets_nobody_else_in(
    production: Office, entity: MasterEntity
) -> None:
    give_word(production, entity)
    other = MasterEntity.objects.create(environment="production", rut="39003003-7")
    assert not door.acknowledged(production.scope, other)
    stranger = User.objects.named("otra@example.cl")
    production.scope = Scope(stranger.pk, "production")
    assert refusal_of(production).code == "production_not_acknowledged"


def test_a_credential_of_before_takes_no_new_clave_behind_a_shut_door_or_without_the_word(
    production: Office, entity: MasterEntity, settings: LazySettings
) -> None:
    give_word(production, entity)
    credential = production.begin_to_enroll().credential
    kept = credential.clave

    def change() -> str:
        with pytest.raises(Rejection) as refused:
            enroll.change(credential, clave="otra", certificate_password=None, now=production.clock())
        assert Credential.objects.get().clave == kept
        return refused.value.code

    settings.PRODUCTION = False
    assert change() == "not_available"
    settings.PRODUCTION = True
    Acknowledgement.objects.all().delete()
    assert change() == "production_not_acknowledged"


@pytest.mark.parametrize("missing", ALL)
def test_every_statement_has_to_be_ticked(production: Office, entity: MasterEntity, missing: str) -> None:
    with pytest.raises(Rejection) as refused:
        give_word(production, entity, tuple(name for name in ALL if name != missing))
    assert (refused.value.code, refused.value.param) == ("production_not_acknowledged", missing)
    assert not Acknowledgement.objects.exists()


def test_sandbox_asks_for_no_word(office: Office) -> None:
    assert office.begin_to_enroll().status == "pending"
