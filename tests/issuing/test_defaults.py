"""What fills in a document, from where, and what the SII says of a text it does not have on file."""

from datetime import UTC, datetime
from typing import Any

import pytest

from calling import make_key
from offices import Office, documents_of, factura
from timbre.accounts.models import User
from timbre.issuing.choosing import tell_options
from timbre.issuing.defaults import fill_document, fill_issuer, fill_receiver
from timbre.issuing.models import Reference, State
from timbre.issuing.steps import explain
from timbre.sii.gateway import Actividad, Contribuyente, Direccion, Refused
from timbre.taxpayers.models import Company
from timbre.webhooks.models import Event

ISSUER, RECEIVER = "document_issuer", "document_receiver"
KNOWN = Contribuyente(
    "76543210-3",
    "PANADERÍA ÑANDÚ SPA",
    (
        Direccion("AV. PROVIDENCIA 1234", "PROVIDENCIA", "SANTIAGO", "111"),
        Direccion("CALLE LOS ÑIRES 45", "ÑUÑOA", "SANTIAGO", "222"),
        Direccion("AV. PEDRO MONTT 2200", "VALPARAÍSO", "VALPARAÍSO"),
    ),
    (
        Actividad("107100", "ELABORACIÓN DE PAN"),
        Actividad("472105", "VENTA AL POR MENOR DE PRODUCTOS DE PANADERÍA Y PASTELERÍA EN COMERCIOS"),
    ),
)


@pytest.fixture
def bakery(company: Company, now: datetime) -> Company:
    """A company of which the SII has three addresses and two activities on file."""
    company.entity.learn(KNOWN, now)
    return company


@pytest.fixture
def ids(bakery: Company) -> dict[str, str]:
    """Public id by street or activity code."""
    return {each.direccion: each.pk for each in bakery.entity.addresses.all()} | {
        each.codigo: each.pk for each in bakery.entity.activities.all()
    }


def filled(
    company: Company, *, use_defaults: bool = True, **issuer: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """What became of the issuer, without its RUT, and from where."""
    values, sources = fill_issuer({"rut": "76543210-3"} | issuer, company, use_defaults=use_defaults)
    assert values.pop("rut") == "76543210-3"
    return values, sources


def test_without_anything_chosen_the_first_on_file_is_taken(bakery: Company) -> None:
    values, sources = filled(bakery)
    assert values == {
        "business_name": "PANADERÍA ÑANDÚ SPA",
        "address": "AV. PROVIDENCIA 1234",
        "district": "PROVIDENCIA",
        "city": "SANTIAGO",
        "sii_branch_code": "111",
        "business_activity": "ELABORACIÓN DE PAN",
        "activity_code": "107100",
    }
    assert sources == dict.fromkeys(values, "master_entity")


def test_a_companys_defaults_come_before_what_is_first_on_file(bakery: Company, ids: dict[str, str]) -> None:
    bakery.address_id, bakery.activity_id = ids["CALLE LOS ÑIRES 45"], ids["472105"]
    bakery.email, bakery.phone, bakery.payment_method = "ventas@ejemplo.cl", "+56 2 2345", "1"
    values, sources = filled(bakery)
    assert (values["address"], values["district"], values["sii_branch_code"]) == (
        "CALLE LOS ÑIRES 45",
        "ÑUÑOA",
        "222",
    )
    assert (values["activity_code"], values["email"], values["phone_number"]) == (
        "472105",
        "ventas@ejemplo.cl",
        "+56 2 2345",
    )
    assert {f for f, source in sources.items() if source != "company"} == {"business_name"}
    request, paid = fill_document({}, bakery, datetime(2026, 3, 14, tzinfo=UTC).date())
    assert (request["header"], paid["header.payment_method"]) == ({"payment_method": "1"}, "company")


def test_without_a_companys_way_of_payment_it_is_on_credit(bakery: Company) -> None:
    today = datetime(2026, 3, 14, tzinfo=UTC).date()
    request, sources = fill_document({"header": {"due_date": "2026-04-14"}}, bakery, today)
    assert request["header"] == {"due_date": "2026-04-14", "payment_method": "2"}
    assert sources == dict.fromkeys(("dte_type.code", "date_issued", "header.payment_method"), "timbre")
    assert fill_document(request, bakery, today) == (request, {})


@pytest.mark.parametrize("use_defaults", [True, False])
def test_an_id_comes_before_the_company_with_and_without_defaults(
    bakery: Company, ids: dict[str, str], *, use_defaults: bool
) -> None:
    bakery.address_id, bakery.activity_id = ids["CALLE LOS ÑIRES 45"], ids["107100"]
    chosen = {"address_id": ids["AV. PEDRO MONTT 2200"], "activity_id": ids["472105"]}
    values, sources = filled(bakery, use_defaults=use_defaults, **chosen)
    place = {"address": "AV. PEDRO MONTT 2200", "district": "VALPARAÍSO", "city": "VALPARAÍSO"}
    work = {"business_activity": KNOWN.actividades[1].glosa[:80].strip(), "activity_code": "472105"}
    told = place | work | ({"business_name": "PANADERÍA ÑANDÚ SPA"} if use_defaults else {})
    assert values == told
    assert {sources[field] for field in place} == {"address_id"}
    assert {sources[field] for field in work} == {"activity_id"}


def test_without_ids_and_defaults_nothing_is_filled(bakery: Company, ids: dict[str, str]) -> None:
    bakery.address_id, bakery.email = ids["CALLE LOS ÑIRES 45"], "ventas@ejemplo.cl"
    assert filled(bakery, use_defaults=False, city="Talca") == ({"city": "Talca"}, {})


@pytest.mark.parametrize(
    ("written", "completed"),
    [
        (
            {"address": "calle los nires, 45"},
            {"district": "ÑUÑOA", "city": "SANTIAGO", "sii_branch_code": "222"},
        ),
        (
            {"district": "nunoa"},
            {"address": "CALLE LOS ÑIRES 45", "city": "SANTIAGO", "sii_branch_code": "222"},
        ),
        ({"address": "OTRA 1"}, {}),
        ({"district": "TALCA"}, {}),
        ({"address": "CALLE LOS ÑIRES 45", "district": "TALCA"}, {}),
        (
            {"city": "STGO"},
            {"address": "AV. PROVIDENCIA 1234", "district": "PROVIDENCIA", "sii_branch_code": "111"},
        ),
    ],
)
def test_a_written_address_is_completed_only_from_the_one_on_file_that_it_is(
    bakery: Company, written: dict[str, str], completed: dict[str, str]
) -> None:
    values, _ = filled(bakery, business_activity="ELABORACIÓN DE PAN", activity_code="107100", **written)
    place = {f: values[f] for f in ("address", "district", "city", "sii_branch_code") if f in values}
    assert place == written | completed


def test_an_id_that_contradicts_what_is_written_adds_nothing_to_it(
    bakery: Company, ids: dict[str, str]
) -> None:
    chosen = {"address_id": ids["AV. PEDRO MONTT 2200"]}
    assert filled(bakery, use_defaults=False, district="ÑUÑOA", **chosen) == ({"district": "ÑUÑOA"}, {})
    values, sources = filled(bakery, district="ÑUÑOA", **chosen)
    assert (values["address"], sources["address"]) == ("CALLE LOS ÑIRES 45", "master_entity")
    values, sources = filled(bakery, use_defaults=False, district="valparaiso", **chosen)
    assert (values["address"], values["district"]) == ("AV. PEDRO MONTT 2200", "valparaiso")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            {"business_activity": "venta al por menor de productos de panaderia y pasteleria en comercios"},
            {"activity_code": "472105"},
        ),
        ({"activity_code": "472105"}, {"business_activity": KNOWN.actividades[1].glosa}),
        ({"business_activity": "Pan de masa madre"}, {"activity_code": "107100"}),
        ({"activity_code": "999999"}, {}),
    ],
)
def test_a_written_activity_is_completed_from_the_one_it_is_and_own_words_stand_beside_the_first_code(
    bakery: Company, written: dict[str, str], told: dict[str, str]
) -> None:
    values, _ = filled(bakery, **written)
    assert {f: values[f] for f in ("business_activity", "activity_code") if f in values} == written | told


def test_a_receiver_takes_no_code_and_no_branch_and_its_activity_is_cut(bakery: Company) -> None:
    receiver = {"rut": "76543210-3", "activity_id": bakery.entity.activities.last().pk}
    values, sources = fill_receiver(receiver, bakery.entity, use_defaults=False)
    glosa = "VENTA AL POR MENOR DE PRODUCTOS DE PANADERÍA"[:40].strip()
    assert values == {"rut": "76543210-3", "business_activity": glosa}
    assert sources == {"business_activity": "activity_id"}


def test_what_the_worker_learns_of_a_receiver_is_told_too(enrolled: Office) -> None:
    batch = enrolled.ask(factura(document_receiver={"rut": "39002002-3", "address": "colo colo 77, local 2"}))
    before = documents_of(batch)[0].filled
    assert not any(path.startswith(RECEIVER) for path in before)
    enrolled.work()
    document = documents_of(batch)[0]
    assert document.state == State.DONE, (document.error_message, document.sii_words)
    learnt = ("business_name", "business_activity", "district", "city")
    assert document.filled == before | {f"{RECEIVER}.{field}": "master_entity" for field in learnt}
    assert document.request[RECEIVER]["district"] == "CHIGUAYANTE"


def test_a_chosen_address_and_activity_are_issued(enrolled: Office) -> None:
    company = Company.within(enrolled.scope).get()
    branch, trade = company.entity.addresses.last(), company.entity.activities.last()
    batch = enrolled.ask(
        factura(document_issuer={"rut": "39001001-K", "address_id": branch.pk, "activity_id": trade.pk})
    )
    enrolled.work()
    document = documents_of(batch)[0]
    assert document.state == State.DONE, (document.error_message, document.sii_words)
    xml = bytes(document.files.get(kind="xml", current=True).content).decode("iso-8859-1")
    for text in (branch.direccion, branch.comuna, branch.sucursal, trade.codigo, trade.glosa[:70].strip()):
        assert f">{text}<" in xml


def test_a_companys_way_of_payment_and_contact_are_issued(enrolled: Office) -> None:
    Company.within(enrolled.scope).update(payment_method="1", email="ventas@ejemplo.cl", phone="223456789")
    batch = enrolled.ask(factura())
    enrolled.work()
    document = documents_of(batch)[0]
    xml = bytes(document.files.get(kind="xml", current=True).content).decode("iso-8859-1")
    for text in ("<FmaPago>1<", ">ventas@ejemplo.cl<", ">223456789<"):
        assert text in xml


PROGRAMS = "Actividades de programación informática"


@pytest.mark.parametrize(
    ("party", "written", "field", "named", "option"),
    [
        (
            ISSUER,
            {"address": "Falsa 1", "district": "Talca"},
            "address",
            "La dirección",
            "CALLE LOS ÑIRES 45",
        ),
        (ISSUER, {"address": "Calle los Ñires 45", "district": "Talca"}, "district", "La comuna", "ÑUÑOA"),
        (ISSUER, {"business_activity": "Circo"}, "business_activity", "El giro", PROGRAMS),
        (
            ISSUER,
            {"business_activity": PROGRAMS, "activity_code": "900001"},
            "activity_code",
            "El código de actividad",
            f"620100 {PROGRAMS}",
        ),
        (RECEIVER, {"address": "Falsa 1"}, "address", "La dirección", "O'HIGGINS 310"),
        (RECEIVER, {"address": "O'Higgins 310", "district": "Talca"}, "district", "La comuna", "CONCEPCIÓN"),
        (RECEIVER, {"business_activity": "Circo"}, "business_activity", "El giro", "Elaboración de azúcar"),
    ],
)
def test_what_the_sii_has_not_on_file_is_told_by_field_with_what_it_has(
    enrolled: Office, party: str, written: dict[str, str], field: str, named: str, option: str
) -> None:
    asked = factura()
    batch = enrolled.ask(asked | {party: asked[party] | written})
    enrolled.work()
    document = documents_of(batch)[0]
    caller = make_key(User.objects.get(pk=enrolled.scope.user_id))
    told = caller.get(f"/v2/documents/{document.pk}/").json()
    (event,) = Event.within(enrolled.scope).filter(type="document.issue_failed")
    kind = "address" if field in ("address", "district") else "activity"
    assert told["status"] == "invalid"
    for error in (told["error"], event.data["error"]):
        assert (error["code"], error["param"]) == (f"{kind}_not_registered", f"{party}.{field}")
        for text in (error["message"], error["user_message"]):
            assert text.startswith(f"{named} {'del emisor' if party == ISSUER else 'del receptor'}")
            assert option in text
    assert not enrolled.store.issued()


def test_of_many_options_ten_are_told_and_the_others_counted() -> None:
    options = tuple(f"Calle {n}" for n in range(1, 14))
    said = explain(Refused("address_not_registered", field="document_issuer.address", options=options))
    assert said.endswith("Opciones: Calle 1; " + "; ".join(options[1:10]) + " y 3 más.")
    assert tell_options(options[:10]) == "; ".join(options[:10])


def test_the_references_of_a_batch_are_kept_to_be_found(enrolled: Office) -> None:
    named = [
        {"dte_type_code": "801", "reference_folio": "OC-17", "reference_date": "2026-03-01"},
        {"dte_type_code": "33", "reference_folio": "9", "reference_date": "2026-03-02"},
    ]
    batch = enrolled.ask(factura(references=named), factura(external_id="2"))
    kept = Reference.objects.order_by("pk").values_list("document__index", "company", "tipo", "folio")
    company = documents_of(batch)[0].company_id
    assert list(kept) == [(0, company, "801", "OC-17"), (0, company, "33", "9")]
