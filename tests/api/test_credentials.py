"""Credentials and connections over HTTP: enrolled, tried elsewhere, changed, chosen, forgotten."""

import pytest
from django.utils import timezone

from calling import PERSON, Caller, error_of, make_credential, make_key
from offices import EMISOR, Office
from timbre.accounts.models import User
from timbre.enrolling.models import Enrollment
from timbre.taxpayers.lookups import remember
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.work.environments import Environment

LOGIN = {
    "user_rut": "11.111.111-1",
    "password": "clave-secreta",
    "digital_certificate_password": "otra-secreta",
}


@pytest.fixture
def entity(caller: Caller) -> str:
    found: str = caller.get("/v2/master-entities/", rut="76.543.210-3").json()["id"]
    return found


def test_a_taxpayer_nobody_can_ask_about_yet_has_empty_lists(caller: Caller) -> None:
    told = caller.get("/v2/master-entities/", rut="76.543.210-3").json()
    assert told["id"].startswith("ment_")
    assert told["tax_id"] == "76.543.210-3"
    assert (told["addresses"], told["activities"]) == ([], [])


@pytest.mark.parametrize("written", ["39001001K", "39.001.001-K", "39.001.001k", " 39001001-k "])
def test_a_taxpayer_is_found_however_its_rut_is_typed(written: str, caller: Caller) -> None:
    assert caller.get("/v2/master-entities/", rut=written).json()["tax_id"] == "39.001.001-K"


def test_a_rut_the_sii_does_not_know_is_missing_for_who_can_ask(office: Office) -> None:
    office.enroll()
    unknown = "39009009-9"
    remember(office.scope.environment, unknown, None, timezone.now())
    response = make_key(User.objects.get(pk=office.scope.user_id)).get("/v2/master-entities/", rut=unknown)
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (404, "resource_missing", "rut")
    assert "El SII no conoce el RUT 39.009.009-9" in error["message"]
    other = make_key(User.objects.named("otra@example.com")).get("/v2/master-entities/", rut=unknown)
    assert (other.status_code, other.json()["addresses"]) == (200, [])


def test_what_is_on_file_of_a_taxpayer_is_told_with_ids(caller: Caller, enrolled: Company) -> None:
    Credential.objects.all().delete()
    told = caller.get("/v2/master-entities/", rut=enrolled.entity.rut).json()
    (address,), (activity,) = told["addresses"], told["activities"]
    assert address["id"].startswith("addr_")
    assert address["district"] == {
        "id": None,
        "name": "PROVIDENCIA",
        "city": {"id": None, "name": "SANTIAGO"},
    }
    assert (activity["code"], activity["name"]) == ("107100", "ELABORACION DE PAN")


def test_a_login_is_taken_and_tried_later(caller: Caller, entity: str) -> None:
    response = caller.post("/v2/credentials/", LOGIN | {"master_entity_id": entity, "credential_type": "SII"})
    told = response.json()
    assert response.status_code == 202
    assert (told["status"], told["user_rut"], told["credential"]) == ("pending", "11111111-1", None)
    again = caller.post("/v2/credentials/", LOGIN | {"master_entity_id": entity})
    assert again.json()["enrollment_id"] == told["enrollment_id"]
    found = caller.get(response["Location"]).json()
    assert (found["enrollment_id"], found["status"], found["error"]) == (
        told["enrollment_id"],
        "pending",
        None,
    )


def test_secrets_never_come_back(caller: Caller, entity: str) -> None:
    created = caller.post("/v2/credentials/", LOGIN | {"master_entity_id": entity})
    answers = [
        created,
        caller.get(created["Location"]),
        caller.get("/v2/credentials/"),
        caller.get("/v2/connections/"),
    ]
    assert not any("secreta" in answer.content.decode() for answer in answers)


def test_an_enrolment_ends_valid_or_invalid_with_the_reason(office: Office) -> None:
    caller = make_key(User.objects.get(pk=office.scope.user_id))
    entity = caller.get("/v2/master-entities/", rut=EMISOR).json()["id"]
    location = caller.post("/v2/credentials/", LOGIN | {"master_entity_id": entity, "user_rut": PERSON})[
        "Location"
    ]
    office.work()
    told = caller.get(location).json()
    assert (told["status"], told["credential"]["status"]) == ("valid", "VALID")
    assert told["credential"]["id"].startswith("cred_")
    (connection,) = caller.get("/v2/connections/").json()["data"]
    assert (connection["status"], connection["company_id"]) == ("active", entity)
    assert connection["address"]


def test_credentials_are_listed_in_the_envelope(caller: Caller, enrolled: Company) -> None:
    told = caller.get("/v2/credentials/").json()
    (credential,) = told["data"]
    assert told["meta"]["total"] == 1
    assert (credential["user"], credential["status"]) == (PERSON, "VALID")
    assert credential["credential_type"] == {"id": 70, "name": "SII"}
    assert credential["master_entities"][0] == {
        "id": enrolled.entity_id,
        "name": "Panadería Ñandú SpA",
        "tax_id": "76.543.210-3",
    }
    assert caller.get("/v2/credentials/", master_entity_id="ment_x").json()["data"] == []
    assert caller.get(f"/v2/credentials/{credential['id']}/").json() == credential


def test_a_credential_becomes_the_default(caller: Caller, enrolled: Company) -> None:
    other = make_credential(enrolled, "11111111-1")
    assert caller.patch(f"/v2/credentials/{other.pk}/", {"default": True}).json()["is_default"] is True
    assert error_of(caller.patch(f"/v2/credentials/{other.pk}/", {"default": False}))["param"] == "default"


def test_a_new_clave_is_tried_anew(caller: Caller, enrolled: Company) -> None:
    credential = enrolled.credentials.get()
    response = caller.patch(f"/v2/credentials/{credential.pk}/", {"password": "nueva"})
    assert (response.status_code, response.json()["status"]) == (202, "pending")
    credential.refresh_from_db()
    assert credential.login().clave == "nueva"
    assert credential.login().certificate_password == "certificada"
    assert Enrollment.objects.count() == 1


def test_a_credential_is_forgotten_by_its_id_and_a_company_by_its_own(
    caller: Caller, enrolled: Company
) -> None:
    credential, other = enrolled.credentials.get(), make_credential(enrolled, "11111111-1")
    assert caller.delete(f"/v2/credentials/{credential.pk}/").status_code == 204
    assert [each["id"] for each in caller.get("/v2/credentials/").json()["data"]] == [other.pk]
    assert caller.delete(f"/v2/credentials/{enrolled.entity_id}/").status_code == 204
    assert caller.get("/v2/credentials/").json()["data"] == []
    assert caller.delete(f"/v2/credentials/{enrolled.entity_id}/").status_code == 404
    assert not Credential.objects.exclude(clave="").exists()


def test_a_connection_is_cut_as_often_as_one_likes(caller: Caller, enrolled: Company) -> None:
    path = f"/v2/connections/{enrolled.credentials.get().pk}/"
    for _ in range(2):
        response = caller.delete(path)
        assert (response.status_code, response.json()["status"]) == (200, "inactive")
    told = caller.get("/v2/connections/", search="ñandú", limit="5000").json()
    assert [each["status"] for each in told["data"]] == ["inactive"]
    assert (told["total"], told["limit"]) == (1, 100)
    assert caller.get("/v2/connections/", search="76.543").json()["total"] == 1
    assert caller.get("/v2/connections/", search="nadie").json() == {"data": [], "total": 0, "limit": 25}


def test_credentials_are_nobody_elses(stranger: Caller, user: User, enrolled: Company) -> None:
    credential = enrolled.credentials.get()
    for other in (stranger, make_key(user, Environment.PRODUCTION)):
        for path in (
            f"credentials/{credential.pk}",
            f"credentials/{enrolled.entity_id}",
            f"connections/{credential.pk}",
        ):
            assert other.delete(f"/v2/{path}/").status_code == 404
        assert other.patch(f"/v2/credentials/{credential.pk}/", {"default": True}).status_code == 404
        assert other.get("/v2/credentials/").json()["data"] == []
        assert other.get("/v2/connections/").json()["data"] == []
    assert enrolled.credentials.get().deactivated_at is None


def test_the_two_environments_know_a_taxpayer_apart(caller: Caller, user: User) -> None:
    ids = {
        each.get("/v2/master-entities/", rut="76543210-3").json()["id"]
        for each in (caller, make_key(user, Environment.PRODUCTION))
    }
    assert len(ids) == MasterEntity.objects.count() == 2
