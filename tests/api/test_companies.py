"""Companies over HTTP: how they stand, and what their documents say unless told otherwise."""

from typing import Any

import pytest
from django.utils import timezone

from calling import Caller, error_of, make_credential, make_key
from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.sii.gateway import Contribuyente, Direccion
from timbre.taxpayers.lookups import remember
from timbre.taxpayers.models import Activity, Address, Company, Credential, MasterEntity
from timbre.work.environments import Environment


def path_of(company: Company) -> str:
    return f"/v2/companies/{company.pk}/"


def test_a_company_tells_its_credential_and_its_defaults(caller: Caller, enrolled: Company) -> None:
    told = caller.get(path_of(enrolled)).json()
    credential = Credential.objects.get()
    assert told["master_entity"] == {
        "id": enrolled.entity_id,
        "name": "Panadería Ñandú SpA",
        "tax_id": "76.543.210-3",
    }
    assert (told["credential"]["id"], told["credential"]["status"]) == (credential.pk, "VALID")
    assert [told[name] for name in ("address_id", "activity_id", "email", "phone", "payment_method")] == [
        None
    ] * 5
    assert told["has_logo"] is False


def test_a_company_is_found_by_its_entity_too(caller: Caller, enrolled: Company) -> None:
    by_entity = caller.get(f"/v2/companies/{enrolled.entity_id}/").json()
    assert by_entity == caller.get(path_of(enrolled)).json()


def test_companies_are_listed_by_name_and_found_by_name_or_rut(caller: Caller, scope: Scope) -> None:
    for rut, name in (("39001001-K", "Zapatería"), ("39002002-3", "Almacén"), ("39003003-7", "Molino")):
        enrol(scope, rut, name)
    told = caller.get("/v2/companies/").json()
    assert [each["master_entity"]["name"] for each in told["data"]] == ["Almacén", "Molino", "Zapatería"]
    assert told["meta"]["total"] == 3
    for text in ("molino", "39.003"):
        (found,) = caller.get("/v2/companies/", search=text).json()["data"]
        assert found["master_entity"]["name"] == "Molino"
    sparse = caller.get("/v2/companies/", fields="gateway").json()["data"]
    assert {tuple(each) for each in sparse} == {("id", "gateway")}


def test_the_default_credential_speaks_for_the_company_else_the_best(
    caller: Caller, enrolled: Company
) -> None:
    first = Credential.objects.get()
    second = make_credential(enrolled, "11111111-1")
    enroll.make_default(second, now=timezone.now())
    assert caller.get(path_of(enrolled)).json()["credential"]["id"] == second.pk
    enroll.deactivate(second, now=timezone.now())
    assert caller.get(path_of(enrolled)).json()["credential"]["id"] == first.pk
    enroll.deactivate(first, now=timezone.now())
    assert caller.get(path_of(enrolled)).json()["credential"] is None


def test_defaults_are_set_and_cleared_one_by_one(caller: Caller, enrolled: Company) -> None:
    address, activity = Address.objects.get(), Activity.objects.get()
    wanted = {
        "address_id": address.pk,
        "activity_id": activity.pk,
        "email": "ventas@nandu.cl",
        "phone": "+56 2 2345 6789",
        "payment_method": "1",
    }
    told = caller.patch(path_of(enrolled), wanted).json()
    assert {name: told[name] for name in wanted} == wanted | {"phone": "+56223456789"}
    told = caller.patch(path_of(enrolled), {"email": None, "address_id": None}).json()
    assert (told["email"], told["address_id"], told["activity_id"]) == (None, None, activity.pk)
    assert caller.patch(path_of(enrolled), {}).json() == told


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"address_id": "addr_0000000000000000"}, 422, "address_id_unknown"),
        ({"activity_id": "acti_0000000000000000"}, 422, "activity_id_unknown"),
        ({"email": "no es un correo"}, 400, "parameter_invalid"),
        ({"email": "una-direccion-demasiado-larga@nandu.cl"}, 422, "field_too_long"),
        ({"email": "ñandú🦤@nandu.cl"}, 400, "text_not_latin1"),
        ({"phone": "+56 2 2345 6789 anexo 12"}, 422, "field_too_long"),
        ({"payment_method": "4"}, 400, "parameter_invalid"),
        ({"gateway": "webservices"}, 422, "unknown_field"),
        ({"address_id": 7}, 400, "parameter_invalid"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_a_default_that_cannot_be_is_refused_and_nothing_is_set(
    caller: Caller, enrolled: Company, change: dict[str, Any], status: int, code: str
) -> None:
    response = caller.patch(path_of(enrolled), {"payment_method": "2"} | change)
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (status, code, next(iter(change)))
    enrolled.refresh_from_db()
    assert (enrolled.payment_method, enrolled.email, enrolled.phone, enrolled.address) == ("", "", "", None)


def test_an_address_of_another_entity_is_refused_with_the_options(caller: Caller, enrolled: Company) -> None:
    other = MasterEntity.objects.create(environment="sandbox", rut="39003003-7")
    theirs = Address.objects.create(entity=other, position=0, direccion="RUTA 5 SUR", comuna="PUERTO MONTT")
    error = error_of(caller.patch(path_of(enrolled), {"address_id": theirs.pk}))
    assert error["code"] == "address_id_unknown"
    assert "AV PROVIDENCIA 1234" in error["message"]
    assert "RUTA 5 SUR" not in error["message"]


def test_a_default_the_sii_dropped_is_none_again_and_the_company_works_on(
    caller: Caller, enrolled: Company
) -> None:
    caller.patch(path_of(enrolled), {"address_id": Address.objects.get().pk})
    moved = Contribuyente(
        enrolled.entity.rut, "ÑANDÚ", (Direccion("OTRA CALLE 1", "ÑUÑOA", "SANTIAGO", ""),), ()
    )
    remember("sandbox", enrolled.entity.rut, moved, timezone.now())
    assert caller.get(path_of(enrolled)).json()["address_id"] is None


def test_nobody_sees_or_changes_the_company_of_another_or_of_the_other_environment(
    caller: Caller, stranger: Caller, enrolled: Company, user: User
) -> None:
    production = make_key(user, Environment.PRODUCTION)
    for path in (path_of(enrolled), f"/v2/companies/{enrolled.entity_id}/"):
        for who in (stranger, production):
            assert who.get(path).status_code == 404
            assert who.patch(path, {"email": "x@y.cl"}).status_code == 404
    assert stranger.get("/v2/companies/").json()["data"] == []
    assert production.get("/v2/companies/").json()["data"] == []
    enrolled.refresh_from_db()
    assert enrolled.email == ""


def test_a_retired_company_is_not_listed(caller: Caller, enrolled: Company) -> None:
    caller.delete(f"/v2/credentials/{enrolled.entity_id}/")
    assert caller.get("/v2/companies/").json()["meta"]["total"] == 0
    assert caller.get(path_of(enrolled)).status_code == 404


def test_a_lenient_key_is_warned_of_what_there_is_not(lenient: Caller, enrolled: Company) -> None:
    told = lenient.patch(path_of(enrolled), {"mail": None, "email": "a@b.cl"}).json()
    assert (told["email"], told["warnings"][0]["field"]) == ("a@b.cl", "mail")


def test_a_list_costs_the_same_however_long_it_is(
    caller: Caller, scope: Scope, django_assert_max_num_queries: Any
) -> None:
    companies = [enrol(scope, f"{39_100_000 + n}-0", f"Empresa {n}") for n in range(30)]
    for company in companies:
        make_credential(company)
    with django_assert_max_num_queries(6):
        assert len(caller.get("/v2/companies/", page_size=50).json()["data"]) == 30


def test_no_company_enters_production_by_api_alone(user: User, settings: Any) -> None:
    settings.PRODUCTION = True
    caller = make_key(user, Environment.PRODUCTION)
    entity = caller.get("/v2/master-entities/", rut="76543210-3").json()["id"]
    login = {
        "master_entity_id": entity,
        "user_rut": "12345678-5",
        "password": "clave-secreta",
        "digital_certificate_password": "otra",
    }
    response = caller.post("/v2/credentials/", login)
    assert (response.status_code, error_of(response)["code"]) == (403, "production_not_acknowledged")
    settings.PRODUCTION = False
    response = caller.post("/v2/credentials/", login)
    assert (response.status_code, error_of(response)["code"]) == (400, "not_available")
    assert not Credential.objects.exists()
