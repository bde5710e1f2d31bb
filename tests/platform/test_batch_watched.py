"""One batch on screen, watched while it is issued, however big."""

import gzip
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from enrolled import enrol
from lots import DONE, HOSTILE, RECEIVED, REFUSED, at, make_batch, rows_of, tree_of, visitor
from timbre.accounts.scope import Scope
from timbre.dte.rut import check_digit
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["visitor"]


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


def test_a_batch_of_many_companies_says_of_each_line_whose_it_is(
    visitor: Visitor, company: Company, scope: Scope
) -> None:
    batch = make_batch(company, *[DONE] * 4)
    assert '<th scope="col">Empresa</th>' not in text_of(visitor.get(at("batches-one", batch)))
    for number in (1, 2, 3):
        other = enrol(scope, f"{76_100_000 + number}-{check_digit(76_100_000 + number)}", f"Empresa {number}")
        Document.objects.filter(batch=batch, index=number).update(company=other)
    with CaptureQueriesContext(connection) as queries:
        tree = tree_of(visitor.get(at("batches-one", batch)))
    assert tree.xpath("//td[@data-label='Empresa']/text()") == [
        company.entity.name, "Empresa 1", "Empresa 2", "Empresa 3",
    ]  # fmt: skip
    assert tree.xpath("//dl//summary/text()") == ["4 empresas"]
    assert len(queries) <= MOST_QUERIES
