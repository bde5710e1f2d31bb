"""The one request that issues, when its answer is lost, late or strange: in doubt, and then the truth."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from portal_cases import COMPANIES, ISSUER, LOGIN, Connect, Jar, invoice, receptor

from middleman import Middleman
from serving import Served, serve_simulator
from timbre.sii.gateway import Absent, InDoubt, Issued, Refused, Taken, Unreachable
from timbre.sii.portal.gateway import PortalGateway
from timbre.simulator.store import FolioBehaviour

SEND = "mipeSendXML.cgi"
LOGIN_PAGE = b'<html><form id="myform" action="/cgi_AUT2000/CAutInicio.cgi"><input name="rut"></form></html>'
NOT_LOGGED_IN = (
    b"<html><body><p>Usted no se encuentra autenticado<p>CODIGO: 01.01.203.500.720.28</body></html>"
)


def alert_page(*words: str) -> bytes:
    calls = "".join(f"alert('{word}');" for word in words)
    return f"<html><script>{calls} history.back();</script></html>".encode("windows-1252")


@pytest.fixture(params=list(FolioBehaviour))
def sii(request: pytest.FixtureRequest, tmp_path: Path, keys: Path) -> Iterator[Served]:
    """The tests of this file hold whether the SII takes a folio when signing or when sending."""
    shutil.copy(keys, tmp_path)
    with serve_simulator(tmp_path, folios=request.param) as served:
        yield served


def test_a_connection_cut_before_the_sii_acted_leaves_the_document_absent(
    watched: PortalGateway, man: Middleman, sii: Served
) -> None:
    prepared = watched.prepare(invoice())
    man.cut_before.add(SEND)
    with pytest.raises(InDoubt):
        watched.send(prepared)
    assert watched.find(prepared) == Absent()
    proposed = watched.propose(invoice())
    assert (proposed == prepared.folio) == (sii.store.folios is FolioBehaviour.SENDING)
    man.cut_before.clear()
    assert watched.send(prepared).folio == prepared.folio
    assert [document.xml for document in sii.store.issued()] == [prepared.xml]


def test_a_connection_cut_after_the_sii_acted_is_found_issued(
    watched: PortalGateway, man: Middleman, sii: Served
) -> None:
    prepared = watched.prepare(invoice())
    man.cut_after.add(SEND)
    with pytest.raises(InDoubt):
        watched.send(prepared)
    (kept,) = sii.store.issued()
    assert watched.find(prepared) == Issued(prepared.folio, str(kept.codigo))
    man.cut_after.clear()
    assert watched.send(prepared) == Issued(prepared.folio, str(kept.codigo))
    assert len(sii.store.issued()) == 1


def test_a_folio_that_the_sii_took_for_this_very_document_is_no_refusal(
    watched: PortalGateway, man: Middleman, sii: Served
) -> None:
    prepared = watched.prepare(invoice())
    man.answers[SEND] = lambda _: alert_page("Folio ya utilizado. Genere nuevamente el documento")
    issued = watched.send(prepared)
    (kept,) = sii.store.issued()
    assert (issued, kept.xml) == (Issued(prepared.folio, str(kept.codigo)), prepared.xml)


@pytest.mark.parametrize("broken", ["mipeAdminDocsEmi.cgi", "download.cgi"])
def test_a_taken_folio_that_nobody_can_look_up_is_in_doubt(
    watched: PortalGateway, man: Middleman, broken: str
) -> None:
    prepared = watched.prepare(invoice())
    man.answers[SEND] = lambda _: alert_page("Folio ya utilizado. Genere nuevamente el documento")
    man.statuses[broken] = 503
    with pytest.raises(InDoubt):
        watched.send(prepared)


def test_an_answer_after_the_deadline_is_in_doubt(man: Middleman, connect: Connect, sii: Served) -> None:
    def dawdle(body: bytes) -> bytes:
        time.sleep(0.6)
        return body

    man.answers[SEND] = dawdle
    gateway = PortalGateway(connect(man.origin, issue_deadline=0.3), LOGIN, Jar())
    prepared = gateway.prepare(invoice())
    with pytest.raises(InDoubt):
        gateway.send(prepared)
    assert len(sii.store.issued()) == 1
    assert gateway.find(prepared).__class__ is Issued


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_http_error_is_in_doubt(watched: PortalGateway, man: Middleman, status: int) -> None:
    prepared = watched.prepare(invoice())
    man.statuses[SEND] = status
    with pytest.raises(InDoubt):
        watched.send(prepared)
    assert watched.find(prepared).__class__ is Issued


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html><title>Mantencion</title><body>Volvemos pronto</body></html>",
        alert_page("Por el momento no se puede responder su solicitud"),
        alert_page("Un aviso que nadie conoce"),
        alert_page("Folio ya utilizado", "Firma no reconocida"),
        b"<html><body><!-- DOCUMENTO TRIBUTARIO ELECTRONICO ENVIADO EXITOSAMENTE --></body></html>",
        b"<h4>DOCUMENTO TRIBUTARIO ELECTRONICO ENVIADO EXITOSAMENTE</h4>",
        b"\x00\xff" * 50,
    ],
    ids=["empty", "unknown", "busy", "unknown alert", "catalogue", "comment", "bare success", "garbage"],
)
def test_an_answer_nobody_knows_is_in_doubt(watched: PortalGateway, man: Middleman, answer: bytes) -> None:
    prepared = watched.prepare(invoice())
    man.answers[SEND] = lambda _: answer
    with pytest.raises(InDoubt):
        watched.send(prepared)
    assert watched.find(prepared).__class__ is Issued


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(b"N\xb0 1", b"N\xb0 2"), (ISSUER.rut.encode(), b"76086428-5"), (b"DHDR_CODIGO=", b"OTRO=")],
    ids=["folio", "company", "code"],
)
def test_a_success_page_about_something_else_is_in_doubt(
    watched: PortalGateway, man: Middleman, right: bytes, wrong: bytes
) -> None:
    prepared = watched.prepare(invoice())
    man.answers[SEND] = lambda body: body.replace(right, wrong)
    with pytest.raises(InDoubt):
        watched.send(prepared)
    assert man.changed


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Firma no reconocida", "sii_rejected"),
        ("Firma Timbre Electrónico Incorrecta", "sii_rejected"),
        ("Debe ingresar el campo : Fecha emision", "sii_rejected"),
    ],
)
def test_a_documented_verdict_is_a_refusal_in_the_siis_words(
    watched: PortalGateway, man: Middleman, words: str, reason: str
) -> None:
    prepared = watched.prepare(invoice())
    man.answers[SEND] = lambda _: alert_page(words)
    with pytest.raises(Refused) as refused:
        watched.send(prepared)
    assert (refused.value.reason, refused.value.sii_words) == (reason, words)


@pytest.mark.parametrize("page", [LOGIN_PAGE, NOT_LOGGED_IN], ids=["form", "words"])
def test_a_log_in_page_means_that_nothing_was_received(
    watched: PortalGateway, sii: Served, jar: Jar, man: Middleman, page: bytes
) -> None:
    prepared = watched.prepare(invoice())
    man.requests[SEND] = lambda _: b""
    man.answers[SEND] = lambda _: page
    with pytest.raises(Unreachable):
        watched.send(prepared)
    assert jar.cookies == {}
    man.requests.clear()
    man.answers.clear()
    assert watched.send(prepared).folio == prepared.folio
    assert len(sii.store.issued()) == 1


def test_a_session_ended_by_the_sii_is_opened_again_for_the_same_bytes(
    gateway: PortalGateway, sii: Served, jar: Jar
) -> None:
    prepared = gateway.prepare(invoice())
    sii.store.close_session(jar.cookies["CSESSIONID"])
    with pytest.raises(Unreachable):
        gateway.send(prepared)
    assert gateway.send(prepared).folio == prepared.folio


def test_a_connection_that_never_opened_is_no_doubt(
    gateway: PortalGateway, jar: Jar, connect: Connect, sii: Served
) -> None:
    prepared = gateway.prepare(invoice())
    with pytest.raises(Unreachable):
        PortalGateway(connect("http://127.0.0.1:1"), LOGIN, jar).send(prepared)
    assert sii.store.issued() == []


def test_a_folio_given_to_another_document_is_taken(tmp_path: Path, connect: Connect) -> None:
    with serve_simulator(tmp_path / "other") as sii:
        gateway = PortalGateway(connect(sii.origin), LOGIN, Jar())
        mine = gateway.prepare(invoice())
        other = gateway.prepare(invoice(receptor=receptor(COMPANIES[2])))
        assert mine.folio == other.folio
        gateway.send(other)
        assert gateway.find(mine) == Taken(other.digest)
        with pytest.raises(Refused) as refused:
            gateway.send(mine)
        assert refused.value.reason == "folio_taken"


def test_a_twin_is_told_apart_by_its_digest(gateway: PortalGateway) -> None:
    """Two equal invoices on one day are normal: only the very bytes count."""
    first = gateway.prepare(invoice())
    gateway.send(first)
    second = gateway.prepare(invoice())
    assert second.digest != first.digest
    assert gateway.find(second) == Absent()
    assert gateway.find(first).__class__ is Issued
    assert gateway.find(replace(second, folio=first.folio)) == Taken(first.digest)


@pytest.mark.parametrize("step", ["mipeAdminDocsEmi.cgi", "download.cgi"])
@pytest.mark.parametrize(
    "answer",
    [b"", b"<html><body>nada</body></html>", alert_page("a", "b"), b"<?xml version='1.0'?><Set"],
    ids=["empty", "unknown", "catalogue", "cut xml"],
)
def test_a_list_nobody_recognises_decides_nothing(
    watched: PortalGateway, man: Middleman, step: str, answer: bytes
) -> None:
    prepared = watched.prepare(invoice())
    watched.send(prepared)
    man.answers[step] = lambda _: answer
    with pytest.raises(Unreachable):
        watched.find(prepared)
