"""The door to production on screen: shut until the installation opens it, then a word for each company."""

import re
from html import unescape

import pytest
from django.conf import LazySettings

from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import door
from timbre.enrolling.models import Acknowledgement, Enrollment
from timbre.taxpayers.models import Company, Credential, MasterEntity
from visiting import Visitor, text_of

LIST, ENROL = "/produccion/empresas/", "/produccion/empresas/enrolar/"
RUT = "76543210-3"
STEP, WORD = f"{ENROL}?rut={RUT}", f"{ENROL}reconocer/?rut={RUT}"
ALL = dict.fromkeys(door.STATEMENTS, "on")
LOGIN = {"person_rut": "12345678-5", "clave": "secreta-unica", "certificate_password": "otra-unica"}


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def _open(settings: LazySettings) -> None:
    settings.PRODUCTION = True


def test_while_production_is_shut_the_screens_say_who_opens_it(visitor: Visitor) -> None:
    for path in (LIST, ENROL, STEP):
        shown = text_of(visitor.get(path))
        assert "TIMBRE_PRODUCTION=on" in shown
        assert 'name="clave"' not in shown
        assert f'href="{ENROL}"' not in shown
    assert visitor.get(WORD)["Location"] == ENROL


def test_nothing_that_is_posted_opens_a_shut_door(visitor: Visitor, scope: Scope) -> None:
    MasterEntity.objects.create(environment="production", rut=RUT)
    page = "/sandbox/empresas/enrolar/?rut=39002002-3"
    assert "TIMBRE_PRODUCTION=on" in text_of(visitor.post(STEP, LOGIN, page=page))
    assert visitor.post(WORD, ALL, page=page).status_code == 302
    assert not Acknowledgement.objects.exists()
    assert not Credential.objects.exists()


@pytest.mark.usefixtures("_open")
def test_a_company_enters_through_three_steps(visitor: Visitor, user: User) -> None:
    assert "TIMBRE_PRODUCTION=on" not in text_of(visitor.get(LIST))
    assert "Paso 1 de 3" in text_of(visitor.get(ENROL))
    assert visitor.get(STEP)["Location"] == WORD
    shown = unescape(text_of(visitor.get(WORD)))
    for said in (*door.WARNINGS, *door.STATEMENTS.values()):
        assert said in shown
    response = visitor.post(WORD, ALL)
    assert response["Location"] == STEP
    recorded = Acknowledgement.objects.get()
    assert (recorded.user, recorded.email, recorded.environment) == (user, user.email, "production")
    assert (recorded.entity.rut, recorded.address) == (RUT, "127.0.0.1")
    assert recorded.text == door.text_for(recorded.entity)
    third = text_of(visitor.get(STEP))
    assert "Paso 3 de 3" in third
    assert "cualquier clave" not in third, "that is sandbox's"
    response = visitor.post(STEP, LOGIN)
    company = Company.objects.get()
    assert response["Location"] == f"{LIST}{company.pk}/"
    assert Enrollment.objects.get().environment == "production"
    assert "unica" not in text_of(visitor.get(f"{LIST}{company.pk}/"))


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize("missing", door.STATEMENTS)
def test_each_statement_left_out_is_told_beside_itself(visitor: Visitor, missing: str) -> None:
    visitor.get(STEP)
    given = {name: "on" for name in door.STATEMENTS if name != missing}
    shown = text_of(visitor.post(WORD, given))
    assert re.findall(r'class="fault" id="id_(\w+)_error"', shown) == [missing]
    assert shown.count(" checked") == 2
    assert not Acknowledgement.objects.exists()


@pytest.mark.usefixtures("_open")
def test_without_the_word_a_login_is_refused_and_not_kept(visitor: Visitor) -> None:
    visitor.get(STEP)
    shown = text_of(visitor.post(STEP, LOGIN, page=WORD))
    assert "debe hacer el reconocimiento expreso" in shown
    assert "unica" not in shown
    assert not Credential.objects.exists()
    assert not Company.objects.exists()


@pytest.mark.usefixtures("_open")
def test_each_company_needs_a_word_of_its_own_and_only_one(visitor: Visitor, user: User) -> None:
    visitor.get(STEP)
    visitor.post(WORD, ALL)
    other = f"{ENROL}?rut=39001001-K"
    assert visitor.get(other)["Location"] == f"{ENROL}reconocer/?rut=39001001-K"
    assert visitor.get(WORD)["Location"] == STEP, "it is on record"
    stranger = Visitor(User.objects.named("extrana@example.com"))
    assert stranger.get(STEP)["Location"] == WORD
    assert Acknowledgement.objects.filter(user=user).count() == 1


@pytest.mark.usefixtures("_open")
def test_sandbox_has_no_such_step(visitor: Visitor) -> None:
    visitor.get(f"/sandbox/empresas/enrolar/?rut={RUT}")
    response = visitor.get(f"/sandbox/empresas/enrolar/reconocer/?rut={RUT}")
    assert response["Location"] == f"/sandbox/empresas/enrolar/?rut={RUT}"


def test_a_company_of_before_is_still_seen_when_production_is_shut_again(
    visitor: Visitor, user: User
) -> None:
    company = enrol(Scope(user.pk, "production"), RUT)
    assert "Panadería" in text_of(visitor.get(LIST))
    shown = text_of(visitor.get(f"{LIST}{company.pk}/"))
    assert "Agregar otra persona" not in shown
    assert "Preguntar al SII" not in shown
