"""Batches on screen: all of them, one that is watched, and what may be done with it."""

import gzip
import io
import re
import zipfile
from datetime import datetime, timedelta
from html import unescape
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
from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.models import Batch, Document, State, StoredFile
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["enrolled", "folios", "office"]

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
SCREENS = (
    "batches-one", "batches-progress", "batches-cancel", "batches-zip", "batches-csv", "batches-xlsx",
)  # fmt: skip


def at(name: str, batch: Batch, environment: str = SANDBOX) -> str:
    return reverse(name, kwargs={"environment": environment, "batch_id": batch.pk})


def lots(environment: str = SANDBOX) -> str:
    return reverse("batches", kwargs={"environment": environment})


def make_batch(
    company: Company,
    *states: tuple[State, str],
    at: datetime | None = None,
    status: Batch.Status = Batch.Status.PROCESSING,
    **columns: Any,
) -> Batch:
    """A batch with one document for each (state, error code), as if it had come so far."""
    credential = company.credentials.first() or make_credential(company)
    now = at or timezone.now()
    tenant = {"user_id": company.user_id, "environment": company.environment}
    batch = Batch.objects.create(**tenant, status=status, created_at=now, updated_at=now)
    Document.objects.bulk_create(
        Document(
            **tenant,
            **{
                "external_id": f"{batch.pk}-{index}",
                "receiver_name": "Muebles Pehuén",
                "error_message": "Motivo." if code else "",
                "total": 1190,
                "folio": None,
            }
            | columns,
            batch=batch,
            index=index,
            company=company,
            credential=credential,
            lane=credential.lane,
            fingerprint="",
            request={"document_receiver": {}, "details": []},
            tipo=33,
            date_issued=now.date(),
            receiver_rut="39007007-1",
            neto=1000,
            exento=0,
            iva=190,
            state=state,
            error_code=code,
            due_at=now,
            issue_until=now + timedelta(days=2),
            accepted_at=now,
            updated_at=now,
        )
        for index, (state, code) in enumerate(states)
    )
    return batch


RECEIVED, DONE = (State.RECEIVED, ""), (State.DONE, "")
REFUSED = (State.REFUSED, "sii_rejected")


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def stranger(db: None) -> Visitor:
    return Visitor(User.objects.named("beto@example.com"))


def tree_of(response: HttpResponse) -> html.HtmlElement:
    return html.document_fromstring(text_of(response))


def content_of(response: HttpResponse) -> bytes:
    """All of a file; the client closes what it has read to its end."""
    return b"".join(response)


def rows_of(response: HttpResponse) -> list[str]:
    return [" ".join(row.text_content().split()) for row in tree_of(response).xpath("//tbody/tr")]


# The list


def test_the_list_tells_of_each_batch_whose_it_is_what_it_adds_up_to_and_how_it_stands(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    other = enrol(scope, "39007007-1", "Muebles Pehuén Ltda.")
    older = make_batch(company, DONE, REFUSED, at=timezone.now() - timedelta(hours=1))
    newer = make_batch(company, RECEIVED, DONE)
    Document.objects.filter(batch=older, index=1).update(company=other, total=1_000_000)
    first, second = rows_of(visitor.get(lots()))
    assert newer.pk in first
    assert "$ 2.380" in first
    assert first.endswith("En proceso")
    assert older.pk in second
    assert "Muebles Pehuén Ltda. y 1 más" in second
    assert "$ 1.001.190" in second
    assert "Emitido 1 · No emitido 1" in second
    assert second.endswith("Con problemas")


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ([DONE, DONE], "Terminado"),
        ([DONE, (State.CANCELLED, "cancelled")], "Terminado"),
        ([DONE, RECEIVED], "En proceso"),
        ([RECEIVED, (State.RECEIVED, "sii_unavailable")], "Con problemas"),
        ([DONE, (State.IN_DOUBT, "")], "Con problemas"),
        ([DONE, (State.INCOMPLETE, "files_missing")], "Con problemas"),
        ([REFUSED, (State.CANCELLED, "cancelled")], "Ninguno emitido"),
    ],
)
def test_a_batch_stands_as_its_documents_do(
    visitor: Visitor, company: Company, states: list[tuple[State, str]], word: str
) -> None:
    make_batch(company, *states)
    assert rows_of(visitor.get(lots()))[0].endswith(word)


def test_the_list_is_narrowed_to_a_company_and_to_what_needs_somebody(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    other = enrol(scope, "39007007-1", "Muebles Pehuén Ltda.")
    done = make_batch(company, DONE, status=Batch.Status.COMPLETED)
    running = make_batch(other, RECEIVED)
    troubled = make_batch(other, DONE, REFUSED, status=Batch.Status.COMPLETED)

    def listed(**query: str) -> set[str]:
        page = text_of(visitor.get(lots(), **query))
        return {batch.pk for batch in (done, running, troubled) if batch.pk in page}

    assert listed() == {done.pk, running.pk, troubled.pk}
    assert listed(empresa=company.pk) == {done.pk}
    assert listed(estado="en_proceso") == {running.pk}
    assert listed(estado="con_problemas") == {troubled.pk}
    assert listed(empresa=company.pk, estado="con_problemas") == set()
    assert "Ningún lote cumple" in text_of(visitor.get(lots(), empresa=company.pk, estado="con_problemas"))


def test_who_has_no_batch_is_told_how_to_send_one(visitor: Visitor, company: Company) -> None:
    page = unescape(text_of(visitor.get(lots())))
    assert "curl http://127.0.0.1:8000/v2/documents/batch/" in page
    assert f'"document_issuer": {{"rut": "{company.entity.rut}"}}' in page
    assert "39002002-3" not in text_of(visitor.get(lots(environment="production")))


def test_a_page_of_fifty_batches_asks_the_database_a_dozen_times_at_most(
    visitor: Visitor, company: Company
) -> None:
    for _ in range(55):
        make_batch(company, RECEIVED, DONE, REFUSED)
    with CaptureQueriesContext(connection) as asked:
        response = visitor.get(lots(), estado="con_problemas", empresa=company.pk)
    assert len(rows_of(response)) == 50
    assert "1–50 de 55" in text_of(response)
    assert len(asked) <= MOST_QUERIES


# One batch


def test_the_bar_is_drawn_in_documents_without_a_style(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, DONE, DONE, REFUSED, RECEIVED, (State.IN_DOUBT, ""))
    tree = tree_of(visitor.get(at("batches-one", batch)))
    bar = tree.xpath("//svg[@class='bar']")[0]
    assert bar.get("viewbox") == "0 0 5 12"
    drawn = [(r.get("class"), r.get("x"), r.get("width")) for r in bar.xpath(".//rect")]
    assert drawn == [
        ("emitido", "0", "2"), ("en_camino", "2", "1"), ("en_duda", "3", "1"), ("no_emitido", "4", "1"),
    ]  # fmt: skip
    assert tree.xpath("//*[@style]") == []


def test_what_needs_attention_comes_first_the_doubt_before_the_refusal_and_what_is_alike_once(
    visitor: Visitor, company: Company
) -> None:
    waiting = (State.RECEIVED, "sii_credentials_invalid")
    batch = make_batch(company, waiting, REFUSED, REFUSED, (State.IN_DOUBT, ""), DONE, sii_words="")
    tree = tree_of(visitor.get(at("batches-one", batch)))
    told = [" ".join(each.text_content().split()) for each in tree.xpath("//ul[@class='troubles']/li")]
    assert [each.split(" documento")[0] for each in told] == [
        "En duda 1",
        "No emitido 2",
        "Esperando al SII 1",
    ]
    assert "No lo envíes de nuevo" in told[0]
    assert "N° 2" in told[1]
    assert "N° 3" in told[1]
    helps = tree.xpath("//ul[@class='troubles']/li[3]//a[@class='button']")[0]
    assert helps.get("href") == f"/sandbox/empresas/{company.pk}/"


def test_the_lines_are_narrowed_to_one_state(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, DONE, REFUSED, DONE)
    assert len(rows_of(visitor.get(at("batches-one", batch), estado="emitido"))) == 2
    assert len(rows_of(visitor.get(at("batches-one", batch), estado="nada"))) == 3


def live_part(response: HttpResponse) -> html.HtmlElement:
    return tree_of(response).xpath("//*[@id='avance']")[0]


def test_the_live_part_asks_again_only_while_something_is_under_way(
    visitor: Visitor, company: Company
) -> None:
    batch = make_batch(company, DONE, RECEIVED)
    part = live_part(visitor.get(at("batches-one", batch)))
    assert part.get("data-live") == "2"
    assert part.getparent().get("aria-live") == "polite"
    nothing = visitor.get(part.get("hx-get"))
    assert (nothing.status_code, nothing.content) == (204, b"")

    later = timezone.now() + timedelta(seconds=1)
    Document.objects.filter(batch=batch, index=1).update(state=State.DONE, folio=7, updated_at=later)
    Document.objects.filter(batch=batch, index=0).update(updated_at=later - timedelta(hours=1))
    news = visitor.get(part.get("hx-get"))
    assert live_part(news).get("data-live") is None
    assert live_part(news).get("hx-get") is None
    assert "2 de 2 emitidos" in " ".join(live_part(news).text_content().split())
    assert re.findall(r'<template><tr id="(n\d+)" hx-swap-oob="true">', text_of(news)) == ["n1"]
    assert "<html" not in text_of(news)
    assert "data-live" not in text_of(visitor.get(at("batches-one", batch)))


def test_only_lines_on_the_screen_are_sent_again(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, *[RECEIVED] * 60)
    part = live_part(visitor.get(at("batches-one", batch), pagina="2"))
    Document.objects.filter(batch=batch).update(state=State.SENDING)
    sent = re.findall(r'<tr id="n(\d+)"', text_of(visitor.get(part.get("hx-get"))))
    assert [int(place) for place in sent] == list(range(50, 60))


def test_a_poll_that_makes_no_sense_is_answered_all_the_same(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, RECEIVED)
    odd = {"visto": HOSTILE, "desde": "9" * 10, "lineas": f"1.{HOSTILE}.99999999999.-1"}
    response = visitor.get(at("batches-progress", batch), **odd)
    assert response.status_code == 200
    assert "<script>" not in text_of(response)


# A big one


@pytest.fixture
def biggest(company: Company) -> Batch:
    """As many documents as a batch may have, a fifth of them with troubles of their own."""
    states = [
        REFUSED if index % 5 == 0 else (State.RECEIVED, "sii_unavailable") if index % 7 == 0 else RECEIVED
        for index in range(500)
    ]
    batch = make_batch(company, *states)
    refused = list(Document.objects.filter(batch=batch, state=State.REFUSED))
    for document in refused:
        document.sii_words = f"El RUT {document.index} del receptor es incorrecto. " * 4
    Document.objects.bulk_update(refused, ["sii_words"])
    return batch


def test_a_batch_of_five_hundred_fits_a_dozen_queries_and_a_light_page(
    visitor: Visitor, biggest: Batch
) -> None:
    part = ""
    for name in ("batches-one", "batches-progress"):
        path = part or at(name, biggest)
        with CaptureQueriesContext(connection) as asked:
            response = visitor.get(path)
        assert response.status_code == 200
        assert len(asked) <= MOST_QUERIES
        assert len(response.content) < 100_000
        assert len(gzip.compress(response.content)) < 15_000
        part = live_part(response).get("hx-get")
        Document.objects.filter(batch=biggest, index=3).update(state=State.SENDING)


def test_a_poll_that_brings_nothing_asks_next_to_nothing(visitor: Visitor, biggest: Batch) -> None:
    part = live_part(visitor.get(at("batches-one", biggest)))
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(part.get("hx-get")).status_code == 204
    assert len(asked) <= 5


# Cancel and retry, with the real worker and the simulated SII


@pytest.fixture
def ana(enrolled: Office) -> Visitor:
    return Visitor(User.objects.get(pk=enrolled.scope.user_id))


def said_after(visitor: Visitor, response: HttpResponse) -> str:
    assert response.status_code == 302
    tree = tree_of(visitor.get(response["Location"]))
    return " ".join(tree.xpath("//ul[@class='messages']")[0].text_content().split())


def test_cancelling_asks_once_says_how_many_and_stops_what_was_not_sent(
    ana: Visitor, enrolled: Office
) -> None:
    batch = enrolled.ask(factura(), factura(), factura())
    asked = ana.get(at("batches-cancel", batch))
    assert "¿Cancelar 3 documentos?" in text_of(asked)
    assert {d.state for d in documents_of(batch)} == {State.RECEIVED}
    said = said_after(ana, ana.post(at("batches-cancel", batch)))
    assert "Se canceló" in said
    assert {d.state for d in documents_of(batch)} == {State.CANCELLED}
    assert documents_of(batch)[0].states.first().actor == "person:ana@example.cl"
    assert "No queda nada que cancelar" in text_of(ana.get(at("batches-cancel", batch)))


def test_retrying_issues_what_was_not_issued(ana: Visitor, enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    ana.post(at("batches-cancel", batch))
    one = at("batches-one", batch)
    assert "Reintentar 2 no emitidos" in text_of(ana.get(one))
    assert "vuelve a la cola" in said_after(ana, ana.post(at("batches-retry", batch), page=one))
    enrolled.work()
    page = text_of(ana.get(one))
    assert {d.state for d in documents_of(batch)} == {State.DONE}
    assert "Terminado" in page
    assert "data-live" not in page


def test_a_retry_that_cannot_be_is_told_and_changes_nothing(ana: Visitor, enrolled: Office) -> None:
    batch = enrolled.ask(factura(external_id="venta-1"))
    ana.post(at("batches-cancel", batch))
    again = enrolled.ask(factura(external_id="venta-1"))
    said = said_after(ana, ana.post(at("batches-retry", batch), page=at("batches-one", batch)))
    assert "external_id" in said
    assert [d.state for d in documents_of(batch)] == [State.CANCELLED]
    assert [d.state for d in documents_of(again)] == [State.RECEIVED]


def test_a_retry_is_a_button_not_an_address(ana: Visitor, enrolled: Office) -> None:
    assert ana.get(at("batches-retry", enrolled.ask(factura()))).status_code == 405


def test_an_address_the_sii_does_not_know_is_told_with_those_it_knows(ana: Visitor, enrolled: Office) -> None:
    receiver = {"rut": "39002002-3", "address": "Calle Falsa 123", "district": "Concepción"}
    batch = enrolled.ask(factura(document_receiver=receiver))
    enrolled.work()
    page = text_of(ana.get(at("batches-one", batch)))
    assert "La dirección del receptor no está registrada" in page
    assert "HIGGINS 310" in page
    assert "Envíalo de nuevo con una dirección registrada" in page
    assert "Dirección del receptor" in page


def test_in_production_a_button_names_the_company(visitor: Visitor, user: User) -> None:
    company = enrol(Scope(user.pk, PRODUCTION))
    batch = make_batch(company, RECEIVED, REFUSED)
    page = text_of(visitor.get(at("batches-one", batch, PRODUCTION)))
    assert "Cancelar 1 sin enviar de Panadería Ñandú SpA" in page
    assert "Reintentar 1 no emitido de Panadería Ñandú SpA" in page
    asked = text_of(visitor.get(at("batches-cancel", batch, PRODUCTION)))
    assert "¿Cancelar 1 documento de Panadería Ñandú SpA?" in asked


# What is taken away


def test_the_zip_holds_the_stored_bytes_of_what_is_issued_and_the_result(
    ana: Visitor, enrolled: Office
) -> None:
    batch = enrolled.ask(*[factura() for _ in range(23)], factura("39090001-5"))
    enrolled.work()
    response = ana.get(at("batches-zip", batch))
    assert response["Content-Disposition"] == f'attachment; filename="lote-{batch.pk}.zip"'
    assert response.streaming
    with zipfile.ZipFile(io.BytesIO(content_of(response))) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
        assert len(archive.namelist()) == len(found)
    result = found.pop("resultado.csv")
    assert result == content_of(ana.get(at("batches-csv", batch)))
    expected = {
        f"{file.kind.upper()}/33-{file.document.folio}-39001001-K.{file.kind}": bytes(file.content)
        for file in StoredFile.objects.select_related("document")
    }
    assert len(expected) == 46
    assert found == expected


def test_signed_bytes_that_may_not_be_issued_are_not_handed_out(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, (State.IN_DOUBT, ""), folio=7)
    StoredFile.of(documents_of(batch)[0], StoredFile.Kind.XML, b"<DTE/>").save()
    with zipfile.ZipFile(io.BytesIO(content_of(visitor.get(at("batches-zip", batch))))) as archive:
        assert archive.namelist() == ["resultado.csv"]


def test_the_result_says_of_each_document_what_became_of_it(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, DONE, REFUSED, sii_words="", receiver_name="=HYPERLINK(1)")
    Document.objects.filter(batch=batch, index=0).update(folio=77)
    lines = content_of(visitor.get(at("batches-csv", batch))).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("N°;Id externo;RUT empresa;RUT receptor;Receptor;Tipo;Folio;Fecha;")
    assert lines[1].startswith(f"1;{batch.pk}-0;76.543.210-3;39.007.007-1;'=HYPERLINK(1);33;77;")
    assert lines[1].endswith(";1000;0;190;1190;Emitido;;")
    assert lines[2].endswith(";No emitido;sii_rejected;Motivo.")
    sheet = load_workbook(io.BytesIO(content_of(visitor.get(at("batches-xlsx", batch))))).active
    assert sheet is not None
    assert sheet.column_dimensions["H"].width > len("2026-11-22")
    table = list(sheet.values)
    assert (table[1][6], table[1][11], table[2][12]) == (77, 1190, "No emitido")


# Whose it is


def test_a_batch_is_its_owners_in_its_environment_alone(
    visitor: Visitor, stranger: Visitor, company: Company
) -> None:
    batch = make_batch(company, RECEIVED, REFUSED)
    own = {
        each.user.pk: make_batch(enrol(Scope(each.user.pk, SANDBOX), "39007007-1"), RECEIVED)
        for each in (visitor, stranger)
    }
    for name in SCREENS:
        found = visitor.get(at(name, batch))
        assert found.status_code == 200, name
        content_of(found)
        assert visitor.get(at(name, batch, PRODUCTION)).status_code == 404, name
        missing = stranger.get(at(name, batch))
        assert missing.status_code == 404, name
        assert company.entity.name not in text_of(missing)
    for name in ("batches-cancel", "batches-retry"):
        for who, environment in ((stranger, SANDBOX), (visitor, PRODUCTION)):
            posted = who.post(at(name, batch, environment), page=at("batches-cancel", own[who.user.pk]))
            assert posted.status_code == 404, name
    assert [d.state for d in documents_of(batch)] == [State.RECEIVED, State.REFUSED]
    assert batch.pk not in text_of(stranger.get(lots()))
    assert batch.pk not in text_of(visitor.get(lots(PRODUCTION)))


def test_a_button_without_its_token_does_nothing(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, RECEIVED)
    assert visitor.client.post(at("batches-cancel", batch)).status_code == 403
    assert documents_of(batch)[0].state == State.RECEIVED


def test_what_callers_and_the_sii_wrote_is_text(visitor: Visitor, scope: Scope) -> None:
    company = enrol(scope, name=HOSTILE)
    batch = make_batch(
        company, REFUSED, (State.CANCELLED, "cancelled"), RECEIVED,
        sii_words=HOSTILE, error_param=HOSTILE, receiver_name=HOSTILE,
    )  # fmt: skip
    Document.objects.filter(batch=batch, index=0).update(external_id=HOSTILE)
    Batch.objects.filter(pk=batch.pk).update(idempotency_key=HOSTILE)
    for path in (lots(), *(at(name, batch) for name in SCREENS[:3])):
        page = text_of(visitor.get(path))
        assert "<script>alert" not in page, path
        assert "49" not in re.findall(r"'(\d+)", page)
    page = text_of(visitor.get(at("batches-one", batch)))
    assert page.count("&lt;script&gt;alert(1)") >= 8
    assert "{{7*7}}" in page


def test_who_is_not_logged_in_is_sent_to_the_log_in(company: Company, visitor: Visitor) -> None:
    batch = make_batch(company, RECEIVED)
    visitor.client.logout()
    for name in SCREENS:
        assert visitor.get(at(name, batch))["Location"].startswith("/entrar/"), name
