"""An address and an activity chosen by their ids, over HTTP: what they fill in, and the ids that are none."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calling import EMISOR, RECEPTOR, Caller, error_of, factura, line
from timbre.issuing.models import Document
from timbre.taxpayers.models import Activity, Address, Company, MasterEntity
from timbre.work.environments import Environment

BATCH = "/v2/documents/batch/"


def on_file(entity: MasterEntity, *streets: str) -> list[Address]:
    """More addresses of the taxpayer, in Talca, behind what it has."""
    return [
        Address.objects.create(
            entity=entity,
            position=10 + n,
            direccion=street,
            comuna="TALCA",
            ciudad="TALCA",
            sucursal=f"77{n}",
        )
        for n, street in enumerate(streets)
    ]


def known(rut: str, environment: Environment = Environment.SANDBOX) -> MasterEntity:
    """A taxpayer with an address and an activity on file."""
    entity = MasterEntity.objects.create(environment=environment, rut=rut, name="MUEBLES PEHUÉN LIMITADA")
    Address.objects.create(entity=entity, position=0, direccion="CAMINO REAL 1", comuna="LAUTARO")
    Activity.objects.create(entity=entity, position=0, codigo="162300", glosa="FABRICACIÓN DE MUEBLES")
    return entity


def bare(issuer: Any = None, receiver: Any = None, **changes: Any) -> dict[str, Any]:
    """An invoice whose parties are their RUTs and what is said besides."""
    parties = {
        "document_issuer": {"rut": EMISOR} | (issuer or {}),
        "document_receiver": {"rut": RECEPTOR} | (receiver or {}),
    }
    return factura(**parties) | changes


def without(party: str, *fields: str, **instead: Any) -> dict[str, Any]:
    """The invoice that says all, but for these fields of a party."""
    whole = factura()
    kept = {field: value for field, value in whole[party].items() if field not in fields}
    return whole | {party: kept | instead}


def faults_of(response: Any) -> set[tuple[str, str]]:
    return {(each["code"], each["param"]) for each in error_of(response)["errors"]}


def test_ids_work_without_defaults_and_the_answers_tell_what_they_filled(
    caller: Caller, enrolled: Company
) -> None:
    (branch,) = on_file(enrolled.entity, "UNO NORTE 1550")
    trade = enrolled.entity.activities.get()
    asked = without(
        "document_issuer",
        *("address", "district", "city", "business_activity", "activity_code"),
        address_id=branch.pk,
        activity_id=trade.pk,
    )
    accepted = caller.post(BATCH, {"documents": [asked]})
    assert accepted.status_code == 202, accepted.json()
    filled = [
        {"field": f"document_issuer.{field}", "value": value, "source": source}
        for field, value, source in (
            ("activity_code", "107100", "activity_id"),
            ("address", "UNO NORTE 1550", "address_id"),
            ("business_activity", "ELABORACION DE PAN", "activity_id"),
            ("city", "TALCA", "address_id"),
            ("district", "TALCA", "address_id"),
            ("sii_branch_code", "770", "address_id"),
        )
    ]
    batch = caller.get(f"{BATCH}{accepted.json()['batch_id']}/").json()
    document = caller.get(f"/v2/documents/{accepted.json()['documents'][0]['document']['id']}/").json()
    for told in (accepted.json()["documents"][0]["document"], batch["documents"][0]["document"], document):
        assert told["filled"] == filled
    assert document["document_issuer"]["district"] == "TALCA"
    assert not {"address_id", "activity_id"} & set(document["document_issuer"])


def test_with_defaults_the_answer_tells_every_source(caller: Caller, enrolled: Company) -> None:
    on_file(enrolled.entity, "UNO NORTE 1550", "DOS SUR 20")
    trade = known(RECEPTOR).activities.get()
    Company.objects.update(address=enrolled.entity.addresses.last(), payment_method="3")
    asked = bare(receiver={"activity_id": trade.pk})
    del asked["dte_type"], asked["header"]
    told = caller.issue(asked).json()["documents"][0]["document"]["filled"]
    sources = {each["field"]: (each["value"], each["source"]) for each in told}
    assert [each["field"] for each in told] == sorted(sources)
    assert sources["dte_type.code"] == ("33", "timbre")
    assert sources["header.payment_method"] == ("3", "company")
    assert sources["document_issuer.address"] == ("DOS SUR 20", "company")
    assert sources["document_issuer.business_name"] == ("Panadería Ñandú SpA", "master_entity")
    assert sources["document_receiver.business_activity"] == ("FABRICACIÓN DE MUEBLES", "activity_id")
    assert sources["document_receiver.district"] == ("LAUTARO", "master_entity")
    assert "date_issued" not in sources


def test_what_says_all_has_nothing_filled(caller: Caller, enrolled: Company) -> None:
    Company.objects.update(payment_method="3")
    asked = factura()
    asked["document_issuer"]["address"] = "Otra calle 1"
    assert caller.issue(asked).json()["documents"][0]["document"]["filled"] == []


def test_an_id_and_the_text_it_stands_for_are_twins(caller: Caller, enrolled: Company) -> None:
    (branch,) = on_file(enrolled.entity, "UNO NORTE 1550")
    told = {"address": "UNO NORTE 1550", "district": "TALCA", "city": "TALCA", "sii_branch_code": "770"}
    caller.issue(bare(told))
    (warning,) = caller.issue(bare({"address_id": branch.pk})).json()["warnings"]
    assert warning["code"] == "possible_duplicate"


def test_another_id_under_the_same_key_is_a_conflict(caller: Caller, enrolled: Company) -> None:
    one, other = on_file(enrolled.entity, "UNO NORTE 1550", "DOS SUR 20")
    key = {"Idempotency-Key": "k"}
    first = caller.issue(bare({"address_id": one.pk}), **key)
    assert caller.issue(bare({"address_id": one.pk}), **key).json() == first.json()
    assert error_of(caller.issue(bare({"address_id": other.pk}), **key))["code"] == "idempotency_key_reused"


@pytest.mark.usefixtures("nothing_is_saved")
@pytest.mark.parametrize("defaults", ["true", "false"])
def test_ids_of_others_are_refused_all_at_once_with_what_there_is(
    defaults: str, caller: Caller, enrolled: Company
) -> None:
    stranger, own = known("39002002-3"), enrolled.entity.addresses.get()
    elsewhere = known(EMISOR, Environment.PRODUCTION)
    gone = Address.objects.create(entity=enrolled.entity, position=9, direccion="IDA 1", comuna="TALCA").pk
    Address.objects.filter(pk=gone).delete()
    receiver = known(RECEPTOR)
    documents = [
        bare({"address_id": stranger.addresses.get().pk}, {"address_id": own.pk}),
        bare({"address_id": elsewhere.addresses.get().pk, "activity_id": own.pk}),
        bare({"address_id": gone}, {"activity_id": "acti_'; DROP TABLE --🧾" * 9}),
        bare({"address_id": own.pk[:-1]}, details=[line(unit_price=-1)]),
    ]
    response = caller.issue(*documents, **{"X-Use-Defaults": defaults})
    assert response.status_code == 422
    told = faults_of(response)
    if defaults == "false":
        told = {fault for fault in told if not fault[0].endswith("_data_incomplete")}
    assert told == {
        ("address_id_unknown", "documents.0.document_issuer.address_id"),
        ("address_id_unknown", "documents.0.document_receiver.address_id"),
        ("address_id_unknown", "documents.1.document_issuer.address_id"),
        ("activity_id_unknown", "documents.1.document_issuer.activity_id"),
        ("address_id_unknown", "documents.2.document_issuer.address_id"),
        ("activity_id_unknown", "documents.2.document_receiver.activity_id"),
        ("address_id_unknown", "documents.3.document_issuer.address_id"),
        ("negative_amount", "documents.3.details.0.unit_price"),
    }
    said = response.json()["documents"]
    assert said["0"]["document_issuer"]["address_id"] == [
        f"Ese id no es de una dirección de {EMISOR}. Opciones: {own.pk} (AV PROVIDENCIA 1234, PROVIDENCIA)."
    ]
    assert receiver.activities.get().pk in said["2"]["document_receiver"]["activity_id"][0]


@pytest.mark.usefixtures("nothing_is_saved")
def test_what_an_unknown_id_would_have_brought_is_not_told_as_missing(
    caller: Caller, enrolled: Company
) -> None:
    asked = without("document_issuer", "address", "district", address_id="addr_x")
    asked["document_issuer"].pop("business_activity")
    told = faults_of(caller.post(BATCH, {"documents": [asked]}))
    assert told == {
        ("address_id_unknown", "documents.0.document_issuer.address_id"),
        ("issuer_data_incomplete", "documents.0.document_issuer.business_activity"),
    }


@pytest.mark.usefixtures("nothing_is_saved")
def test_ids_of_a_rut_that_nobody_looked_up_are_refused_with_how_to(caller: Caller) -> None:
    MasterEntity.objects.create(environment=Environment.SANDBOX, rut="39003003-7")
    ids = {"address_id": "addr_x", "activity_id": "acti_x"}
    documents = [bare(receiver={"rut": rut} | ids) for rut in (RECEPTOR, "39003003-7")]
    response = caller.issue(*documents)
    assert len(error_of(response)["errors"]) == 4
    for index, rut in enumerate((RECEPTOR, "39003003-7")):
        messages = response.json()["documents"][str(index)]["document_receiver"]
        assert all(
            f"búscalo primero con GET /v2/master-entities/?rut={rut}" in m for (m,) in messages.values()
        )


@pytest.mark.usefixtures("nothing_is_saved")
def test_ten_options_are_told_and_the_others_counted(caller: Caller, enrolled: Company) -> None:
    on_file(enrolled.entity, *(f"CALLE {n}" for n in range(12)))
    message = error_of(caller.issue(bare({"address_id": "addr_x"})))["message"]
    assert message.count("addr_") == 10
    assert message.endswith(" y 3 más.")


@pytest.mark.usefixtures("enrolled", "nothing_is_saved")
@pytest.mark.parametrize("wrong", [7, ["addr_x"], {"id": "addr_x"}, True])
def test_an_id_is_a_text(wrong: Any, caller: Caller) -> None:
    told = faults_of(caller.issue(bare({"address_id": wrong})))
    assert told == {("parameter_invalid", "documents.0.document_issuer.address_id")}


@pytest.mark.usefixtures("enrolled")
def test_null_and_empty_ids_are_not_given(caller: Caller) -> None:
    assert caller.issue(bare({"address_id": None, "activity_id": ""})).status_code == 202
    assert Document.objects.get().request["document_issuer"]["address"] == "AV PROVIDENCIA 1234"


@pytest.mark.usefixtures("enrolled", "nothing_is_saved")
@pytest.mark.parametrize("misspelt", ["adress_id", "addressid", "address_ids"])
def test_a_misspelt_id_is_recognised(misspelt: str, caller: Caller) -> None:
    error = error_of(caller.issue(bare({misspelt: "addr_x"})))
    assert error["code"] == "unknown_field"
    assert "document_issuer.address_id" in error["message"]


def test_fifty_documents_with_ids_read_as_often_as_one(caller: Caller, enrolled: Company) -> None:
    (branch,), trade = on_file(enrolled.entity, "UNO NORTE 1550"), enrolled.entity.activities.get()
    receivers = [
        {
            "rut": entity.rut,
            "business_name": entity.name,
            "address_id": entity.addresses.get().pk,
            "activity_id": entity.activities.get().pk,
        }
        for entity in (known("39002002-3"), known("39003003-7"))
    ]
    issuer = {"business_name": "Ñandú", "address_id": branch.pk, "activity_id": trade.pk}
    named = [{"dte_type_code": "801", "reference_folio": "1", "reference_date": "2026-03-01"}]
    asked = [
        bare(issuer, receivers[n % 2], external_id=f"P-{n}", references=named, details=[line(unit_price=n)])
        for n in range(1000, 1052)
    ]
    assert caller.post(BATCH, {"documents": asked[:1]}).status_code == 202
    counts = []
    for documents in (asked[1:2], asked[2:]):
        with CaptureQueriesContext(connection) as captured:
            assert caller.post(BATCH, {"documents": documents}).status_code == 202
        # SQLite takes so many values a statement: the same rows are written by more INSERTs.
        inserts = sum(each["sql"].startswith("INSERT") for each in captured)
        counts.append((len(captured) - inserts, inserts))
    (one, _), (fifty, inserts_of_fifty) = counts
    assert one == fifty
    assert inserts_of_fifty <= 8
