"""The list of documents on screen and in files: what it shows, sums up, hands out, and never lets out."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook

from calling import make_credential
from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.models import Batch, Document, State
from timbre.platform.documents import lists
from timbre.platform.pages import SIZE
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

SANDBOX = Environment.SANDBOX
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"


def at(name: str = "documents", environment: str = SANDBOX, **kwargs: str) -> str:
    return reverse(name, kwargs={"environment": environment, **kwargs})


def write(company: Company, *rows: dict[str, Any]) -> list[Document]:
    """A batch of documents as if they had come so far; issued, unless they say otherwise."""
    credential = company.credentials.first() or make_credential(company)
    tenant = {"user_id": company.user_id, "environment": company.environment}
    now = timezone.now()
    batch = Batch.objects.create(**tenant, created_at=now, updated_at=now)
    first_folio = Document.objects.count() + 1
    documents = []
    for index, row in enumerate(rows):
        plain = {
            "tipo": 33,
            "date_issued": date(2026, 11, 22),
            "receiver_rut": "39007007-1",
            "receiver_name": "Muebles Pehuén Ltda.",
            "neto": 1_000_000,
            "exento": 0,
            "iva": 190_000,
            "total": 1_190_000,
            "state": State.DONE,
            "folio": first_folio + index,
            "accepted_at": now,
        }
        documents.append(
            Document(
                **tenant,
                **(plain | row),
                batch=batch,
                index=index,
                company=company,
                credential=credential,
                lane=credential.lane,
                fingerprint="",
                request={},
                issue_until=now,
                updated_at=now,
            )
        )
    return Document.objects.bulk_create(documents)


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


def folios(response: HttpResponse) -> list[str]:
    """What the list calls its documents, in its order."""
    return [a.text for a in html.fromstring(text_of(response)).xpath('//tbody//td[@class="key"]/a')]


def body(response: HttpResponse) -> bytes:
    """All of a page or file: what is read to its end is closed, as a server does."""
    content: bytes = response.getvalue()
    return content


def csv_rows(visitor: Visitor, **query: Any) -> list[dict[str, str]]:
    response = visitor.get(at("documents-csv"), **query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def xlsx_rows(visitor: Visitor, **query: Any) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(body(visitor.get(at("documents-xlsx"), **query)))).active
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def test_the_list_shows_what_matters_the_way_chile_writes_it(visitor: Visitor, company: Company) -> None:
    write(company, {"folio": 1234}, {"state": State.RECEIVED, "folio": None, "tipo": 34})
    shown = visitor.get(at())
    assert folios(shown) == ["Factura 1234", "Factura exenta sin folio"]
    text = text_of(shown)
    for told in ("$\u00a01.190.000", "39.007.007\u20111", "22\u00a0nov\u00a02026", "Emitido", "En camino"):
        assert told in text


def test_sums_stand_on_top_of_all_pages(visitor: Visitor, company: Company) -> None:
    write(company, *[{"is_paid": n % 2 == 0} for n in range(SIZE + 10)])
    for page in ("1", "2", "99"):
        shown = visitor.get(at(), pagina=page)
        said = " ".join(html.fromstring(text_of(shown)).xpath('//*[@class="sums"]')[0].text_content().split())
        assert said.startswith("60 documentos Neto $ 60.000.000 Exento $ 0 IVA $ 11.400.000")
        assert "Total $ 71.400.000 Emitido sin pagar $ 35.700.000 en 30" in said
    assert len(folios(visitor.get(at(), pagina="2"))) == 10


def test_filters_live_in_the_address_and_narrow_list_sums_and_files(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    other = enrol(scope, rut="11111111-1", name="Otra SpA")
    write(company, {"folio": 1, "total": 500}, {"folio": 2, "tipo": 34, "is_paid": True})
    write(company, {"folio": 3, "state": State.REFUSED, "error_code": "sii_rejected"})
    write(other, {"folio": 4, "date_issued": date(2026, 1, 1), "receiver_name": "Ñandú S.A."})
    wanted: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"1", "2", "", "4"}),
        ({"q": "pehuén"}, {"1", "2", ""}),
        ({"q": "4"}, {"4"}),
        ({"empresa": other.pk}, {"4"}),
        ({"tipo": "34"}, {"2"}),
        ({"desde": "2026-01-02"}, {"1", "2", ""}),
        ({"hasta": "2026-01-01"}, {"4"}),
        ({"max": "$ 1.000"}, {"1"}),
        ({"min": "501", "max": "1.190.000"}, {"2", "", "4"}),
        ({"estado": ["no_emitido", "en_duda"]}, {""}),
        ({"pagado": "si"}, {"2"}),
        ({"pagado": "no", "estado": "emitido"}, {"1", "4"}),
        ({"q": "pehuén", "tipo": "33", "estado": "emitido"}, {"1"}),
    ]
    for query, expected in wanted:
        assert {row["Folio"] for row in csv_rows(visitor, **query)} == expected, query
        shown = visitor.get(at(), **query)
        assert len(folios(shown)) == len(expected), query
        assert f"<strong>{len(expected)}</strong> documento" in text_of(shown)


def test_the_files_hold_exactly_the_selection_whatever_the_page(visitor: Visitor, company: Company) -> None:
    write(company, *[{"tipo": 34 if n < SIZE + 5 else 33} for n in range(SIZE + 9)])
    shown = html.fromstring(text_of(visitor.get(at(), tipo="34", pagina="2", estado=["emitido", "en_duda"])))
    links = [a.get("href") for a in shown.xpath('//*[@class="head"]/a')]
    assert links == [
        f"{at(name)}?tipo=34&estado=emitido&estado=en_duda" for name in ("documents-csv", "documents-xlsx")
    ]
    for link in links:
        assert body(visitor.client.get(link))
    assert len(csv_rows(visitor, tipo="34")) == len(xlsx_rows(visitor, tipo="34")) == SIZE + 5


@pytest.mark.parametrize("tipo", [33, 34, 39, 41, 46, 52, 56, 61, 110, 111, 112])
def test_every_type_of_document_can_be_asked_for(visitor: Visitor, company: Company, tipo: int) -> None:
    write(company, {"tipo": tipo, "folio": 77}, {"tipo": 33 if tipo != 33 else 34, "folio": 78})
    shown = html.fromstring(text_of(visitor.get(at(), tipo=str(tipo))))
    assert shown.xpath('//select[@name="tipo"]/option[@selected]/@value') == [str(tipo)]
    assert [link.text.split()[-1] for link in shown.xpath("//tbody//td[1]/a")] == ["77"]


def test_the_sums_of_an_invoice_and_its_annulment_come_to_nothing(visitor: Visitor, company: Company) -> None:
    write(company, {"tipo": 33}, {"tipo": 61})
    shown = html.fromstring(text_of(visitor.get(at())))
    said = " ".join(shown.xpath("//div[@class='sums']")[0].text_content().split())
    assert "2 documentos Neto $ 0 Exento $ 0 IVA $ 0 Total $ 0 Emitido sin pagar $ 0 en 2" in said
    assert "Las notas de crédito restan." in said


def test_a_bad_filter_is_shown_with_its_fault_and_finds_nothing(visitor: Visitor, company: Company) -> None:
    write(company, {})
    bad = {
        "desde": "ayer", "hasta": "2026-02-30", "min": "12,5", "max": "-3", "tipo": "99", "estado": "raro",
        "pagado": "quizás", "q": "x" * 101,
    }  # fmt: skip
    for name, value in bad.items():
        shown = visitor.get(at(), **{name: value})
        page = html.fromstring(text_of(shown))
        assert shown.status_code == 200
        assert len(page.xpath('//*[@class="fault"]')) == 1, name
        assert folios(shown) == []
        for file in ("documents-csv", "documents-xlsx"):
            assert visitor.get(at(file), **{name: value}).status_code == 302
    typed = html.fromstring(text_of(visitor.get(at(), **bad)))
    assert typed.xpath('//input[@name="min"]')[0].get("value") == "12,5"
    assert len(typed.xpath('//*[@class="fault"]')) == len(bad)


def test_what_contradicts_itself_is_told_at_the_second_field(visitor: Visitor, company: Company) -> None:
    shown = visitor.get(at(), desde="2026-03-02", hasta="2026-03-01", min="10", max="9")
    faults = [fault.text for fault in html.fromstring(text_of(shown)).xpath('//*[@class="fault"]')]
    assert faults == ["Es anterior a «Desde».", "Es menor que «Total desde»."]


def test_nonsense_in_the_address_is_never_a_failure(visitor: Visitor, company: Company) -> None:
    write(company, {})
    for query in (
        {"pagina": "x"}, {"pagina": "9" * 30}, {"pagina": "-1"}, {"q": "%_\\'"}, {"q": "9" * 99},
        {"min": "9" * 24}, {"min": "٣"}, {"desde": "0000-00-00"}, {"desde": "0001-01-01"}, {"empresa": "x"},
    ):  # fmt: skip
        for name in ("documents", "documents-csv", "documents-xlsx"):
            response = visitor.get(at(name), **query)
            assert response.status_code in {200, 302}, query
            body(response)


def test_an_empty_list_says_what_to_do_next(visitor: Visitor, company: Company) -> None:
    nothing = text_of(visitor.get(at()))
    assert "curl http://127.0.0.1:8000/v2/documents/batch/" in nothing
    foreign = text_of(visitor.client.get(at(), headers={"Host": "ajeno.example"}))
    assert "ajeno.example" not in foreign
    assert at("developers") in nothing
    assert "Quitar filtros" not in nothing
    none_of_these = text_of(visitor.get(at(), q="nadie"))
    assert "Ningún documento cumple" in none_of_these
    assert "Quitar filtros" in none_of_these
    assert "curl" not in none_of_these


def test_the_company_stays_chosen_among_the_filters(visitor: Visitor, company: Company, scope: Scope) -> None:
    other = enrol(scope, rut="11111111-1", name="Otra SpA")
    write(other, {})
    page = html.fromstring(text_of(visitor.get(at(), empresa=other.pk, tipo="33")))
    (chosen,) = page.xpath('//form[@class="filters"]//select[@name="empresa"]/option[@selected]')
    assert (chosen.get("value"), chosen.text) == (other.pk, "Otra SpA")


def test_the_id_of_a_document_or_batch_leads_to_it(visitor: Visitor, company: Company) -> None:
    (document,) = write(company, {})
    to_document = at("documents-one", document_id=document.pk)
    assert visitor.get(at(), q=f" {document.pk} ")["Location"] == to_document
    assert visitor.get(at(), q=document.batch_id)["Location"] == at("batches-one", batch_id=document.batch_id)
    assert visitor.get(at(), q="docu_nadie").status_code == 200


def test_sixty_documents_of_thirty_companies_cost_no_more_than_one(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    write(company, {})
    with CaptureQueriesContext(connection) as one:
        visitor.get(at())
    for n in range(30):
        write(enrol(scope, rut=f"{n + 1000000}-0", name=f"Empresa {n}"), {}, {})
    with CaptureQueriesContext(connection) as many:
        shown = visitor.get(at())
    assert len(folios(shown)) == SIZE
    assert len(many) <= len(one) + 2 < MOST_QUERIES


def test_a_stranger_and_the_other_environment_see_none_of_it(company: Company) -> None:
    (document,) = write(company, {"external_id": "secreto-1"})
    stranger = Visitor(User.objects.named("extrana@example.com"))
    for visitor, environment in ((stranger, SANDBOX), (Visitor(company.user), Environment.PRODUCTION)):
        for query in ({}, {"q": document.pk}, {"q": document.batch_id}, {"empresa": company.pk}):
            shown = visitor.get(at("documents", environment), **query)
            assert shown.status_code == 200
            assert folios(shown) == []
            rows = body(visitor.get(at("documents-csv", environment), **query)).decode()
            assert rows.count("\n") == 1
    assert Visitor(company.user).get(at(), q="secreto-1").status_code == 200


def test_files_tell_a_document_in_the_columns_of_an_accountant(visitor: Visitor, company: Company) -> None:
    refused = {"state": State.REFUSED, "error_code": "sii_rejected", "sii_words": "Giro «malo»; otro"}
    issued, told = write(company, {"folio": 12, "external_id": "00123"}, refused | {"folio": None})
    first, second = csv_rows(visitor)
    assert first == {
        "RUT empresa": "76.543.210-3", "Empresa": "Panadería Ñandú SpA", "Tipo": "33", "Folio": "12",
        "Fecha": "2026-11-22", "RUT receptor": "39.007.007-1", "Receptor": "Muebles Pehuén Ltda.",
        "Neto": "1000000", "Exento": "0", "IVA": "190000", "Total": "1190000", "Estado": "Emitido",
        "Pagado": "no", "Id externo": "00123", "Lote": issued.batch_id, "Identificador": issued.pk,
        "Qué pasó": "",
    }  # fmt: skip
    assert (second["Folio"], second["Estado"]) == ("", "No emitido")
    assert (second["Identificador"], second["Qué pasó"]) == (told.pk, "Giro «malo»; otro")
    excel = xlsx_rows(visitor)[0]
    assert (excel["Folio"], excel["Total"], excel["RUT receptor"]) == (12, 1_190_000, "39.007.007-1")
    assert (excel["Id externo"], excel["Fecha"].date()) == ("00123", date(2026, 11, 22))


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)"])
def test_a_name_that_is_a_formula_stays_a_name(visitor: Visitor, company: Company, name: str) -> None:
    write(company, {"receiver_name": name, "external_id": f"\t{name}\x0b\x1f"})
    (row,) = csv_rows(visitor)
    (cells,) = xlsx_rows(visitor)
    assert row["Receptor"] == cells["Receptor"] == f"'{name}"
    assert row["Id externo"] == f"'\t{name}"
    assert not any(str(cell).startswith(("=", "+", "-", "@", "\t")) for cell in cells.values())


def test_what_no_cell_can_hold_breaks_no_file(visitor: Visitor, company: Company) -> None:
    write(company, {"receiver_name": 'a\ufffe\uffffb\x1f\r\nc;"d"', "external_id": "😀"})
    assert csv_rows(visitor)[0]["Receptor"] == xlsx_rows(visitor)[0]["Receptor"] == 'ab\nc;"d"'
    assert xlsx_rows(visitor)[0]["Id externo"] == "😀"


def test_more_rows_than_excel_is_made_for_are_offered_as_csv(
    visitor: Visitor, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(company, {}, {}, {})
    monkeypatch.setattr(lists, "MOST_XLSX", 2)
    assert at("documents-xlsx") not in text_of(visitor.get(at()))
    sent_back = visitor.get(at("documents-xlsx"), tipo="33")
    assert sent_back["Location"] == f"{at()}?tipo=33"
    assert "descárgalos como CSV" in text_of(visitor.client.get(sent_back["Location"]))
    assert len(csv_rows(visitor)) == 3


def test_hostile_names_are_only_text(visitor: Visitor, company: Company) -> None:
    company.entity.name = HOSTILE
    company.entity.save()
    write(company, {"receiver_name": HOSTILE})
    for query in ({}, {"q": HOSTILE}, {"min": HOSTILE}, {"empresa": company.pk, "q": HOSTILE}):
        text = text_of(visitor.get(at(), **query))
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "{{7*7}}" in text


def test_the_oldest_page_is_reached_and_the_newest_comes_first(visitor: Visitor, company: Company) -> None:
    now = timezone.now()
    write(company, *[{"folio": n, "accepted_at": now - timedelta(hours=n)} for n in range(1, SIZE + 2)])
    assert folios(visitor.get(at()))[0] == "Factura 1"
    assert folios(visitor.get(at(), pagina="2")) == [f"Factura {SIZE + 1}"]
