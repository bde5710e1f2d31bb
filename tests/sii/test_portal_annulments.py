"""The notes that annul a 34 or a 46: by the portal's own way, and read back before they are signed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from portal_cases import ISSUER, invoice, settled
from portal_documents import full_exempt_invoice, note, purchase
from tampering import altered
from test_portal_all_types import is_noticed, mutations

from middleman import Middleman
from serving import Served
from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Referencia
from timbre.dte.signature import verify_dte
from timbre.sii.gateway import Absent, InDoubt, Issued, Refused, SiiError, Unreachable
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.portal.matching import content_key
from timbre.simulator.annulling import RAZON
from timbre.simulator.app import chile_now

LIST, PAGE, LINK = "mipeAdminDocsEmi.cgi", "mipeGesDocEmi.cgi", "mipeGenNotaAnulacion.cgi"
FORM_PREVIEW, SIGN_PAGE, SIGN, SEND = (
    "mipeDisplayPreView.cgi", "mipeGenXMLFirma.cgi", "postFirmaDigital.cgi", "mipeSendXML.cgi",
)  # fmt: skip


def annulment(original: Documento, folio: int = 1, **changes: object) -> Documento:
    """What annuls an invoice, as it is asked for: its lines over again, exempt by their own word in a 61."""
    exempt = original.tipo is TipoDte.FACTURA_EXENTA
    lines = tuple(replace(line, exencion=1) if exempt else line for line in original.detalles)
    reference = Referencia(
        tipo=str(original.tipo.value),
        folio=str(folio),
        fecha=original.fecha_emision,
        razon="ANULA DOCUMENTO DE LA REFERENCIA: el cliente se arrepintió",
        codigo=1,
    )
    asked = note(
        fecha_emision=chile_now().date(), detalles=lines, ajustes=original.ajustes, referencias=(reference,)
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


ORIGINALS = {"34": full_exempt_invoice(), "46": purchase()}
each_kind = pytest.mark.parametrize("original", ORIGINALS.values(), ids=ORIGINALS)


def issue(gateway: PortalGateway, documento: Documento) -> Issued:
    return gateway.send(gateway.prepare(documento))


@each_kind
def test_a_note_repeats_what_it_annuls_and_the_sii_has_no_objection(
    gateway: PortalGateway, sii: Served, original: Documento
) -> None:
    issue(gateway, original)
    asked = annulment(original)
    prepared = gateway.prepare(asked)
    issued = gateway.send(prepared)
    kept, annulled = sii.store.issued(ISSUER.rut)
    assert (kept.tipo, kept.folio, kept.xml) == (61, issued.folio, prepared.xml)
    assert (kept.total, kept.objected_at) == (annulled.total, None)
    assert verify_dte(prepared.xml).digest_value == prepared.digest
    assert gateway.find(prepared) == issued
    (copy,) = gateway.fetch_copies(ISSUER.rut, 61, asked.fecha_emision, (issued.folio,))
    assert copy.content_key == content_key(asked)
    assert f"<RazonRef>{RAZON}</RazonRef>".encode() in prepared.xml


def test_the_second_of_two_exempt_invoices_is_the_one_annulled(gateway: PortalGateway, sii: Served) -> None:
    first = full_exempt_invoice()
    second = replace(first, detalles=(Detalle(nombre="Otra cosa", cantidad=Decimal(1), precio=Decimal(777)),))
    for each in (first, second):
        issue(gateway, each)
    issue(gateway, annulment(replace(second), 2))
    xml = sii.store.issued(ISSUER.rut)[0].xml.decode("latin-1")
    assert "<FolioRef>2</FolioRef>" in xml
    assert "<NmbItem>Otra cosa</NmbItem>" in xml


@each_kind
def test_the_folio_it_would_have_is_proposed(gateway: PortalGateway, original: Documento) -> None:
    issue(gateway, original)
    assert gateway.propose(annulment(original)) == 1


def test_the_form_serves_every_other_note(watched: PortalGateway, man: Middleman) -> None:
    issue(watched, invoice())
    issue(watched, note())
    assert FORM_PREVIEW in man.steps()
    assert not {PAGE, LINK} & set(man.steps())


@each_kind
def test_the_page_s_own_link_is_followed(watched: PortalGateway, man: Middleman, original: Documento) -> None:
    issue(watched, original)
    man.seen.clear()
    watched.prepare(annulment(original))
    assert man.steps()[-5:] == [LIST, PAGE, LINK, SIGN_PAGE, SIGN]
    assert FORM_PREVIEW not in man.steps()


@pytest.mark.parametrize("folio", ["2", "0", "", "x"])
def test_what_the_sii_does_not_list_is_not_annulled(gateway: PortalGateway, folio: str) -> None:
    issue(gateway, full_exempt_invoice())
    asked = annulment(full_exempt_invoice())
    (reference,) = asked.referencias
    with pytest.raises(Refused) as refused:
        gateway.prepare(replace(asked, referencias=(replace(reference, folio=folio),)))
    assert (refused.value.reason, refused.value.field) == (
        "annulled_not_listed",
        "references.0.reference_folio",
    )


@pytest.mark.parametrize(
    "link",
    [
        b"https://elsewhere.example/cgi-bin/Portal001/x.cgi",
        b"http://www1.sii.cl/cgi-bin/Portal001/x.cgi",
        b"//elsewhere.example/cgi-bin/Portal001/x.cgi",
        b"/cgi-bin/Portal001/../other/x.cgi",
        b"/cgi-bin/Portal001/%2e%2e/other/x.cgi",
        b"/cgi-bin/Portal001/sub/x.cgi",
        b"/cgi-bin/Other/x.cgi",
        b"javascript:go",
    ],
)
def test_no_link_leads_out_of_the_portal(watched: PortalGateway, man: Middleman, link: bytes) -> None:
    issue(watched, full_exempt_invoice())
    man.answers[PAGE] = lambda body: body.replace(b"/cgi-bin/Portal001/" + LINK.encode(), link)
    man.seen.clear()
    with pytest.raises(Refused, match="annulment_not_offered"):
        watched.prepare(annulment(full_exempt_invoice()))
    assert man.steps()[-1] == PAGE


@pytest.mark.parametrize(
    ("old", "new"), [(b"TIPO_NOTA=61", b"TIPO_NOTA=56"), (b"EHDR_CODIGO=", b"EHDR_CODIGO=9")]
)
def test_a_link_to_another_note_or_of_another_document_is_not_followed(
    watched: PortalGateway, man: Middleman, old: bytes, new: bytes
) -> None:
    issue(watched, full_exempt_invoice())
    man.answers[PAGE] = lambda body: body.replace(b"?" + old, b"?" + new).replace(b"&" + old, b"&" + new)
    with pytest.raises(Refused, match="annulment_not_offered"):
        watched.prepare(annulment(full_exempt_invoice()))


def test_an_unknown_page_is_no_answer(watched: PortalGateway, man: Middleman) -> None:
    issue(watched, full_exempt_invoice())
    man.answers[PAGE] = lambda _: b"<html><title>Otra cosa</title><body>Hola</body></html>"
    with pytest.raises(Unreachable):
        watched.prepare(annulment(full_exempt_invoice()))


WRONG = {
    "date_issued": {"fecha_emision": date(2026, 3, 20)},
    "document_receiver.contact": {"receptor": replace(invoice().receptor, contacto="Otra persona")},
    "references.0.reference_date": {},
    "details.0.item_name": {},
}


@pytest.mark.parametrize("field", WRONG)
def test_a_note_that_says_anything_else_is_refused_before_it_is_signed(
    watched: PortalGateway, man: Middleman, field: str
) -> None:
    original = full_exempt_invoice()
    issue(watched, original)
    asked = annulment(original, **WRONG[field])
    if field.startswith("references"):
        other_day = replace(asked.referencias[0], fecha=date(2026, 3, 1))
        asked = replace(asked, referencias=(other_day,))
    if field.startswith("details"):
        asked = replace(asked, detalles=(replace(asked.detalles[0], nombre="Otro"), *asked.detalles[1:]))
    man.seen.clear()
    with pytest.raises(Refused) as refused:
        watched.prepare(asked)
    assert (refused.value.reason, refused.value.field) == ("sii_page_mismatch", field)
    assert SIGN not in man.steps()


@each_kind
def test_every_element_of_the_note_is_read_back_before_it_is_signed(
    watched: PortalGateway, man: Middleman, original: Documento
) -> None:
    issue(watched, original)
    asked = annulment(original)
    proposed: list[bytes] = []
    man.answers[SIGN_PAGE] = lambda body: proposed.append(body) or body
    watched.prepare(asked)
    found = re.search(r"<\?xml.*</DTE>", proposed[0].decode("latin-1"), re.DOTALL)
    assert found
    (reference,) = asked.referencias
    told = replace(settled(asked), referencias=(replace(reference, razon=RAZON),))
    made = dict(mutations(found[0]))
    made |= (
        {"exemption left out": found[0].replace("<IndExe>1</IndExe>", "", 1)} if "IndExe>" in found[0] else {}
    )
    assert len(made) > 80
    assert [what for what, tampered in made.items() if not is_noticed(told, tampered)] == []


def in_page(name: bytes) -> Callable[[bytes], bytes]:
    """Changes one hidden field of a page."""
    field = re.compile(b'(name="' + name + b'" value=")([^"]+)')

    def change(found: re.Match[bytes]) -> bytes:
        return found[1] + altered(found[2].decode("latin-1")).encode("latin-1")

    return lambda body: field.sub(change, body)


@each_kind
def test_a_field_of_the_filled_preview_changed_on_its_way_back_issues_nothing(
    watched: PortalGateway, man: Middleman, sii: Served, original: Documento
) -> None:
    issue(watched, original)
    before = len(sii.store.issued())
    filled = re.compile(rb'name="(EFXP_[A-Z_0-9]+|AGENTE_RETENEDOR|EHDR_CODIGO)" value="([^"]+)"')
    proposed: list[bytes] = []
    man.answers[LINK] = lambda body: proposed.append(body) or body
    watched.prepare(annulment(original))
    names = [name for name, _ in filled.findall(proposed[0])]
    assert len(names) > 30
    for name in names:
        man.answers[LINK] = in_page(name)
        with pytest.raises(SiiError):
            watched.prepare(annulment(original))
    assert len(sii.store.issued()) == before


@each_kind
def test_a_lost_answer_is_found_out_by_the_sii_s_list(
    watched: PortalGateway, man: Middleman, sii: Served, original: Documento
) -> None:
    issue(watched, original)
    prepared = watched.prepare(annulment(original))
    man.cut_before.add(SEND)
    with pytest.raises(InDoubt):
        watched.send(prepared)
    assert watched.find(prepared) == Absent()
    man.cut_before.clear()
    man.cut_after.add(SEND)
    with pytest.raises(InDoubt):
        watched.send(prepared)
    kept = sii.store.issued(ISSUER.rut)[0]
    assert kept.tipo == 61
    assert watched.find(prepared) == Issued(prepared.folio, str(kept.codigo))


def test_a_session_lost_at_the_filled_preview_is_renewed(watched: PortalGateway, man: Middleman) -> None:
    issue(watched, full_exempt_invoice())
    lost = [b"<html><body>Usted no se encuentra autenticado<p>CODIGO: 01.01.203.500.720.28</body></html>"]
    man.answers[LINK] = lambda body: lost.pop() if lost else body
    assert watched.prepare(annulment(full_exempt_invoice())).folio == 1
