"""Every type from what was asked to issued XML and PDF, and every element of it changed on the way."""

import contextlib
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree
from portal_cases import ISSUER, invoice, settled
from portal_documents import DOCUMENTS, export, full_invoice, item, note
from tampering import altered, in_request

from middleman import Middleman
from serving import Served
from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.signature import verify_dte
from timbre.sii.gateway import Refused, SiiError
from timbre.sii.portal.form import fill
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.portal.matching import content_key
from timbre.sii.portal.readback import compare

OF_THE_DOCUMENT = re.compile("E[FD][XF][PE]_|AGENTE|TIPO_P|PAGO_SI|OTRO_IMP_SI")
"""The names of what says something of the document; the rest is the page's own."""
PREVIEW = "mipeDisplayPreView.cgi"
SIGN_PAGE, SIGN = "mipeGenXMLFirma.cgi", "postFirmaDigital.cgi"
OPTIONAL = {"TpoTranCompra", "TpoTranVenta", "IndExe", "TmstFirma"}
"""What the portal may leave out without saying anything else; a missing TmstFirma the SII itself refuses."""
STAMP = "{*}TED"
CHECKED_IN_THE_STAMP = ("RE", "TD", "F", "FE", "RR", "MNT")

each_type = pytest.mark.parametrize("documento", DOCUMENTS.values(), ids=DOCUMENTS)


def issue_what_is_annulled(gateway: PortalGateway, documento: Documento) -> None:
    if any(referencia.codigo == 1 for referencia in documento.referencias):
        gateway.send(gateway.prepare(invoice()))


@each_type
def test_every_type_is_issued_exactly_as_it_was_prepared(
    gateway: PortalGateway, sii: Served, documento: Documento
) -> None:
    issue_what_is_annulled(gateway, documento)
    prepared = gateway.prepare(documento)
    issued = gateway.send(prepared)
    (kept,) = (each for each in sii.store.issued(ISSUER.rut) if each.tipo == documento.tipo)
    assert (kept.folio, kept.xml) == (issued.folio, prepared.xml)
    assert verify_dte(prepared.xml).digest_value == prepared.digest
    assert gateway.find(prepared) == issued
    assert gateway.fetch_pdf(ISSUER.rut, issued).startswith(b"%PDF")
    day, folios = documento.fecha_emision, (issued.folio,)
    assert gateway.fetch_digests(ISSUER.rut, documento.tipo, day, folios) == {issued.folio: prepared.digest}
    (copy,) = gateway.fetch_copies(ISSUER.rut, documento.tipo, day, folios)
    assert copy.content_key == content_key(documento)
    (listed,) = gateway.list_issued(ISSUER.rut, documento.tipo, day, 1)
    assert listed.codigo == issued.codigo


def test_the_list_of_a_type_holds_no_other(gateway: PortalGateway) -> None:
    for documento in (invoice(), note(), note(TipoDte.NOTA_DEBITO)):
        gateway.send(gateway.prepare(documento))
    for tipo in (33, 61, 56):
        (only,) = gateway.list_issued(ISSUER.rut, tipo, invoice().fecha_emision, 1)
        assert only.folio == 1
    assert gateway.list_issued(ISSUER.rut, 52, invoice().fecha_emision, 1) == ()


def test_the_amounts_of_an_export_are_in_its_currency_and_in_pesos(
    gateway: PortalGateway, sii: Served
) -> None:
    gateway.send(gateway.prepare(export()))
    xml = sii.store.issued()[0].xml.decode("latin-1")
    for text in (
        "<TpoMoneda>DOLAR USA</TpoMoneda><MntExe>1910.25</MntExe><MntTotal>1910.25</MntTotal>",
        "<MntTotOtrMnda>1786984</MntTotOtrMnda>",
        "<GlosaDR>FLETE</GlosaDR>",
        "<MNT>1910.25</MNT>",
    ):
        assert text in xml
    (copy,) = gateway.fetch_copies(ISSUER.rut, 110, export().fecha_emision, (1,))
    assert copy.total == 1_786_984


def test_an_export_costs_no_look_up(gateway: PortalGateway, watched: PortalGateway, man: Middleman) -> None:
    watched.check(ISSUER.rut)
    man.seen.clear()
    watched.prepare(export())
    assert man.steps().count("mipeGenFacEx.cgi") == 1
    assert man.steps()[-3:] == ["mipeDisplayPreView.cgi", SIGN_PAGE, SIGN]


def test_ten_lines_and_three_references_fit_every_type(gateway: PortalGateway) -> None:
    lines = tuple(item(f"Artículo {n}", 1000 + n, impuesto="27" if n % 2 else "") for n in range(10))
    references = tuple(replace(note().referencias[0], folio=f"{n}", codigo=3) for n in (7, 8, 9))
    for documento in (full_invoice(), DOCUMENTS["52"], DOCUMENTS["61"], DOCUMENTS["56"]):
        full = replace(documento, detalles=lines, referencias=references)
        assert gateway.prepare(full).folio == 1


@pytest.mark.parametrize("pct", ["0.01", "33.33", "99.99"])
def test_any_discount_on_the_whole_comes_back_to_the_peso(gateway: PortalGateway, pct: str) -> None:
    (discount,) = full_invoice().ajustes
    for lines in (full_invoice().detalles, (item("Vino", "99999.5", impuesto="25"), item("Copa", "123.45"))):
        asked = replace(full_invoice(), ajustes=(replace(discount, pct=Decimal(pct)),), detalles=lines)
        assert gateway.prepare(asked).folio == 1


def test_a_note_to_a_stranger_or_without_its_code_is_refused(gateway: PortalGateway) -> None:
    with pytest.raises(Refused) as refused:
        gateway.prepare(note(referencias=invoice().referencias))
    assert (refused.value.reason, refused.value.field) == ("not_available", "references.0.correction_code")


@pytest.mark.parametrize("name", ["33", "46", "52", "61", "110"])
def test_a_types_own_field_changed_on_its_way_to_the_preview_is_never_signed(
    watched: PortalGateway, man: Middleman, name: str
) -> None:
    documento = DOCUMENTS[name]
    issue_what_is_annulled(watched, documento)
    ordinary = fill({}, settled(invoice()))
    own = {each: value for each, value in fill({}, settled(documento)).items() if each not in ordinary}
    assert own
    signed = []
    for field in filter(OF_THE_DOCUMENT.match, own):
        man.requests[PREVIEW] = in_request(field, altered)
        man.seen.clear()
        with contextlib.suppress(SiiError):
            watched.prepare(documento)
        signed += [field] if SIGN in man.steps() else []
    assert signed == []


@each_type
def test_every_element_changed_or_left_out_of_the_proposal_is_noticed_before_it_is_signed(
    watched: PortalGateway, man: Middleman, documento: Documento
) -> None:
    issue_what_is_annulled(watched, documento)
    proposed: list[bytes] = []

    def keep(body: bytes) -> bytes:
        proposed.append(body)
        return body

    man.answers[SIGN_PAGE] = keep
    watched.prepare(documento)
    (page,) = proposed
    found = re.search(r"<\?xml.*</DTE>", page.decode("latin-1"), re.DOTALL)
    assert found
    text, asked = found[0], settled(documento)
    assert compare(asked, text, idk=999) == 1
    made = dict(mutations(text))
    assert len(made) > 100
    assert [what for what, tampered in made.items() if not is_noticed(asked, tampered)] == []


def is_noticed(asked: Documento, text: str) -> bool:
    try:
        compare(asked, text, idk=999)
    except Refused as refused:
        return refused.reason == "sii_page_mismatch"
    return False


def mutations(text: str) -> Iterator[tuple[str, str]]:
    """The XML with each element's text changed, each element left out, each repeated."""
    root = etree.fromstring(text.encode("latin-1"))
    paths = [root.getroottree().getpath(element) for element in root.iter() if isinstance(element.tag, str)]
    for path in paths:
        (element,) = root.xpath(path)
        if element in (root, root[-1]):
            continue
        name = etree.QName(element).localname
        stamp = next(element.iterancestors(STAMP), None)
        if stamp is not None:
            if name not in CHECKED_IN_THE_STAMP or etree.QName(element.getparent()).localname != "DD":
                continue
        elif name == "TED":
            continue
        if len(element) == 0 and name not in ("Folio", "TmstFirma"):
            yield f"changed {path}", edited(root, path, "change")
        if name not in OPTIONAL:
            yield f"left out {path}", edited(root, path, "remove")
        if stamp is None:
            yield f"repeated {path}", edited(root, path, "repeat")


def edited(root: etree._Element, path: str, how: str) -> str:
    own = deepcopy(root)
    (element,) = own.xpath(path)
    parent = element.getparent()
    match how:
        case "change":
            last = element.text[-1]
            element.text = element.text[:-1] + (str((int(last) + 1) % 10) if last.isdigit() else "¤")
        case "remove":
            parent.remove(element)
        case "repeat":
            parent.insert(parent.index(element), deepcopy(element))
    return '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + etree.tostring(own, encoding="unicode")
