"""A man in the middle changes one thing at a time, in every request and every answer that counts.

Whatever he touches, nothing is issued with another content than what was asked: the gateway or the simulator
refuses. What was asked is taken from an invoice issued before he starts, not from the gateway's own reading.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from portal_cases import LOGIN, Jar, invoice
from tampering import altered, in_request

from middleman import Middleman, stand_between
from serving import Served, serve_simulator
from timbre.sii.gateway import SiiError
from timbre.sii.portal.form import fill
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport
from timbre.simulator.form import PREVIEW_FIELDS

LOOK_UP, PREVIEW, PROPOSE = "mipeGenFacEx.cgi", "mipeDisplayPreView.cgi", "mipeGenXMLFirma.cgi"
SIGN, SEND = "postFirmaDigital.cgi", "mipeSendXML.cgi"
SIGN_FIELDS = ("nombre", "dato", "rut", "dv", "clave", "nodo", "nodoId", "nameSpace")
SEND_FIELDS = (
    *("TMST_SIGN", "PTDC_CODIGO", "EFXP_FOLIO", "EFXP_RUT_RUT_EMP", "txtPlainText", "txtSignText"),
    *("nombre", "clave", "nodo", "nodoId", "nameSpace"),
)
FORM_FIELDS = tuple(fill({}, invoice()))
"""What the gateway fills in; what it only passes on of the page's own form says nothing of the document."""
RECOMPUTED = {"CANT_DET", "ES_BORR"} | (set(FORM_FIELDS) - set(PREVIEW_FIELDS))
"""Fields for the eye (date combos, switches), or that the SII works out anew: they change no document."""


@dataclass
class Office:
    """A simulator with a man in the middle, and the content of an invoice nobody tampered with."""

    sii: Served
    man: Middleman
    gateway: PortalGateway
    asked: str = ""

    def issue(self) -> bool:
        """Whether the invoice was issued after all; any refusal of the gateway's is an answer."""
        before = len(self.sii.store.issued())
        try:
            self.gateway.send(self.gateway.prepare(invoice()))
        except SiiError:
            return len(self.sii.store.issued()) > before
        return True

    def contents(self) -> set[str]:
        return {content_of(document.xml) for document in self.sii.store.issued()}


def content_of(xml: bytes) -> str:
    """The invoice without what differs between twins: its id, folio, stamp, times and signature."""
    text = xml.decode("latin-1").partition("</Documento>")[0]
    without = r' ID="[^"]*"|<Folio>\d+</Folio>|<TED .*?</TED>|<TmstFirma>[^<]*</TmstFirma>'
    return re.sub(without, "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Office]:
    path = tmp_path_factory.mktemp("mutations")
    shutil.copy(keys, path)
    with serve_simulator(path) as sii, stand_between(sii.origin) as man:
        transport = Transport(man.origin)
        made = Office(sii, man, PortalGateway(transport, LOGIN, Jar()))
        assert made.issue()
        (made.asked,) = made.contents()
        man.seen.clear()
        yield made
        transport.close()


@pytest.fixture(autouse=True)
def honest_again(office: Office) -> Iterator[None]:
    yield
    office.man.requests.clear()
    office.man.answers.clear()
    office.man.changed = False
    office.man.seen.clear()
    assert office.contents() == {office.asked}


@pytest.mark.parametrize("name", FORM_FIELDS)
def test_a_field_changed_on_its_way_to_the_preview_issues_nothing_else(office: Office, name: str) -> None:
    office.man.requests[PREVIEW] = in_request(name, altered)
    issued = office.issue()
    assert office.man.changed
    assert not issued or name in RECOMPUTED


@pytest.mark.parametrize("name", PREVIEW_FIELDS)
def test_a_field_changed_on_its_way_to_the_sign_page_issues_nothing(office: Office, name: str) -> None:
    office.man.requests[PROPOSE] = in_request(name, altered)
    assert not office.issue()
    assert office.man.changed


@pytest.mark.parametrize("name", SIGN_FIELDS)
def test_a_field_changed_on_its_way_to_the_signer_issues_nothing(office: Office, name: str) -> None:
    change = altered if name != "clave" else lambda _: "certificado-malo"
    office.man.requests[SIGN] = in_request(name, change, encoding="utf-8")
    assert not office.issue()
    assert office.man.changed


@pytest.mark.parametrize("name", SEND_FIELDS)
def test_a_field_changed_on_its_way_to_be_issued_issues_nothing(office: Office, name: str) -> None:
    change = altered if name != "clave" else lambda _: "certificado-malo"
    office.man.requests[SEND] = in_request(name, change)
    assert not office.issue()
    assert office.man.changed


@pytest.mark.parametrize("name", ["EFXP_RUT_RECEP", "EFXP_DV_RECEP", "PTDC_CODIGO"])
def test_another_receiver_or_type_looked_up_issues_nothing(office: Office, name: str) -> None:
    office.man.requests[LOOK_UP] = in_request(name, altered)
    assert not office.issue()
    assert office.man.changed


def test_the_lists_above_name_every_field_on_the_wire(office: Office) -> None:
    assert office.issue()
    for step, listed in ((PROPOSE, PREVIEW_FIELDS), (SIGN, SIGN_FIELDS), (SEND, SEND_FIELDS)):
        (body,) = (body for seen, body in office.man.seen if seen == step)
        assert {name for name, _ in parse_qsl(body.decode(), keep_blank_values=True)} == set(listed)


@pytest.mark.parametrize("name", PREVIEW_FIELDS)
def test_a_field_changed_in_the_preview_issues_nothing(office: Office, name: str) -> None:
    def tamper(body: bytes) -> bytes:
        def change(found: re.Match[bytes]) -> bytes:
            value = unescape(found[2].decode("latin-1"))
            return found[1] + altered(value).encode("latin-1") + b'"'

        return re.sub(rb'(name="%s" value=")([^"]*)"' % name.encode(), change, body)

    office.man.answers[PREVIEW] = tamper
    assert not office.issue()
    assert office.man.changed
    assert PROPOSE not in office.man.steps() or not name.startswith("EFXP_")


@pytest.mark.parametrize("name", ["TMST_SIGN", "PTDC_CODIGO", "EFXP_FOLIO", "EFXP_RUT_RUT_EMP"])
def test_a_field_changed_in_the_sign_page_issues_nothing(office: Office, name: str) -> None:
    office.man.answers[PROPOSE] = lambda body: re.sub(
        rb'(name="%s"[^>]* value="[^"]*)"' % name.encode(), rb'\g<1>9"', body
    )
    assert not office.issue()
    assert office.man.changed


TEXTS = re.compile(rb">([^<>]+)</(\w+)>")
DOCUMENT_LEAVES = 71
"""How many elements with text the proposed XML of the invoice has, stamp included."""


def leaves(body: bytes) -> list[re.Match[bytes]]:
    start, end = body.index(b"<Documento"), body.index(b"</Documento>")
    return list(TEXTS.finditer(body, start, end))


def test_the_positions_below_are_all_there_are(office: Office) -> None:
    found: list[int] = []

    def count(body: bytes) -> bytes:
        found.append(len(leaves(body)))
        return body

    office.man.answers[PROPOSE] = count
    assert office.issue()
    assert found == [DOCUMENT_LEAVES]


@pytest.mark.parametrize("position", range(DOCUMENT_LEAVES))
def test_an_element_changed_in_the_proposed_xml_issues_nothing(office: Office, position: int) -> None:
    def tamper(body: bytes) -> bytes:
        start, end = leaves(body)[position].span(1)
        return body[:start] + altered(body[start:end].decode("latin-1")).encode("latin-1") + body[end:]

    office.man.answers[PROPOSE] = tamper
    assert not office.issue()
    assert office.man.changed


@pytest.mark.parametrize(
    "extra",
    [
        b"<Detalle><NroLinDet>3</NroLinDet><NmbItem>x</NmbItem><MontoItem>0</MontoItem></Detalle>",
        b"<Referencia><NroLinRef>2</NroLinRef></Referencia>",
        b"<DscRcgGlobal><TpoMov>R</TpoMov></DscRcgGlobal>",
        b"<CdgVendedor>x</CdgVendedor>",
    ],
)
def test_an_element_nobody_asked_for_is_never_signed(office: Office, extra: bytes) -> None:
    office.man.answers[PROPOSE] = lambda body: body.replace(b"<TED ", extra + b"<TED ", 1)
    assert not office.issue()
    assert office.man.changed
    assert SIGN not in office.man.steps()


@pytest.mark.parametrize("percent", range(0, 100, 2))
def test_a_byte_changed_in_the_signed_text_issues_nothing(office: Office, percent: int) -> None:
    def tamper(body: bytes) -> bytes:
        start, end = body.index(b"<Documento"), body.rindex(b"</Signature>")
        place = start + (end - start) * percent // 100
        while not body[place : place + 1].isalnum():
            place += 1
        return body[:place] + (b"b" if body[place : place + 1] == b"a" else b"a") + body[place + 1 :]

    office.man.answers[SIGN] = tamper
    assert not office.issue()
    assert office.man.changed
