"""Invoices from what was asked to issued XML and PDF, against the simulator over HTTP."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from portal_cases import ISSUER, LOGIN, RECEIVER, Connect, Jar, emisor, exempt_invoice, invoice, receptor

from middleman import Middleman
from serving import Served
from timbre.dte.document import Detalle, Documento
from timbre.dte.signature import verify_dte
from timbre.sii.gateway import Issued, Refused
from timbre.sii.portal.gateway import PortalGateway
from timbre.simulator.taxpayers import COMPANIES, UNKNOWN


@pytest.mark.parametrize("documento", [invoice(), exempt_invoice()], ids=["33", "34"])
def test_an_invoice_is_issued_exactly_as_it_was_prepared(
    gateway: PortalGateway, sii: Served, documento: Documento
) -> None:
    prepared = gateway.prepare(documento)
    assert sii.store.issued() == []
    issued = gateway.send(prepared)
    (kept,) = sii.store.issued(ISSUER.rut)
    assert (kept.folio, str(kept.codigo), kept.tipo) == (issued.folio, issued.codigo, documento.tipo)
    assert kept.xml == prepared.xml
    assert verify_dte(prepared.xml).digest_value == prepared.digest
    assert gateway.fetch_pdf(ISSUER.rut, issued).startswith(b"%PDF")
    assert gateway.find(prepared) == issued
    digests = gateway.fetch_digests(ISSUER.rut, documento.tipo, documento.fecha_emision, (issued.folio, 99))
    assert digests == {issued.folio: prepared.digest}


def test_a_document_costs_seven_requests_and_the_session_is_opened_once(
    connect: Connect, man: Middleman
) -> None:
    jar = Jar()
    gateway = PortalGateway(connect(man.origin), LOGIN, jar)
    issue(gateway, invoice())
    first = man.steps()
    man.seen.clear()
    issue(gateway, invoice())
    assert man.steps() == [
        "mipeGenFacEx.cgi",
        "mipeGenFacEx.cgi",
        "mipeDisplayPreView.cgi",
        "mipeGenXMLFirma.cgi",
        "postFirmaDigital.cgi",
        "mipeSendXML.cgi",
        "mipeDisplayPDF.cgi",
    ]
    assert set(first) - set(man.steps()) == {
        "IngresoRutClave.html",
        "CAutInicio.cgi",
        "mipeSelEmpresa.cgi",
        "getCertDigital.cgi",
    }
    man.seen.clear()
    issue(PortalGateway(connect(man.origin), LOGIN, jar), invoice())
    assert len(man.steps()) == 7


def issue(gateway: PortalGateway, documento: Documento) -> Issued:
    issued = gateway.send(gateway.prepare(documento))
    gateway.fetch_pdf(documento.emisor.rut, issued)
    return issued


def test_nothing_of_the_login_is_in_what_is_kept(gateway: PortalGateway, jar: Jar) -> None:
    prepared = gateway.prepare(invoice())
    kept = repr(prepared) + repr(jar.cookies) + repr(LOGIN)
    assert LOGIN.clave not in kept
    assert LOGIN.certificate_password not in kept


def test_one_session_serves_several_companies_one_after_another(gateway: PortalGateway, sii: Served) -> None:
    other = COMPANIES[3]
    for known in (ISSUER, other, ISSUER):
        gateway.send(gateway.prepare(invoice(emisor=emisor(known))))
    assert [len(sii.store.issued(known.rut)) for known in (ISSUER, other)] == [2, 1]


def test_checking_a_company_tells_what_the_sii_has_on_file(gateway: PortalGateway, jar: Jar) -> None:
    found = gateway.check(ISSUER.rut)
    assert (found.rut, found.razon_social) == (ISSUER.rut, ISSUER.razon_social)
    assert [(a.direccion, a.comuna, a.ciudad, a.sucursal) for a in found.direcciones] == [
        (a.direccion, a.comuna, a.ciudad, a.sucursal) for a in ISSUER.addresses
    ]
    assert [(a.codigo, a.glosa) for a in found.actividades] == [
        (a.codigo, a.glosa) for a in ISSUER.activities
    ]
    session = jar.cookies["CSESSIONID"]
    gateway.check(ISSUER.rut)
    assert jar.cookies["CSESSIONID"] != session


def test_a_checked_session_is_not_left_open_twice(gateway: PortalGateway, sii: Served, jar: Jar) -> None:
    gateway.check(ISSUER.rut)
    old = dict(jar.cookies)
    gateway.check(ISSUER.rut)
    assert sii.store.find_session(old["CSESSIONID"], old["TOKEN"]) is None
    gateway.log_out()
    assert jar.cookies == {}


def test_any_taxpayer_is_looked_up_and_an_unknown_one_is_none(gateway: PortalGateway) -> None:
    found = gateway.look_up(RECEIVER.rut, ISSUER.rut)
    assert found is not None
    assert (found.razon_social, len(found.direcciones)) == (RECEIVER.razon_social, len(RECEIVER.addresses))
    assert gateway.look_up(min(UNKNOWN), ISSUER.rut) is None


def test_an_unknown_receiver_is_refused_by_its_field(gateway: PortalGateway) -> None:
    with pytest.raises(Refused) as refused:
        gateway.prepare(invoice(receptor=replace(receptor(), rut=min(UNKNOWN))))
    assert (refused.value.reason, refused.value.field) == ("receiver_not_found", "document_receiver.rut")


def test_a_verdict_of_the_sii_is_passed_on_in_its_words(gateway: PortalGateway) -> None:
    worthless = Detalle(nombre="Regalo", cantidad=Decimal(1), precio=Decimal(1))
    with pytest.raises(Refused) as refused:
        gateway.prepare(invoice(detalles=(worthless,)))
    assert (refused.value.reason, refused.value.sii_words) == ("sii_rejected", "Valor IVA debe ser mayor a 0")


@pytest.mark.parametrize("quantity", ["1", "0.333333", "1234.5"])
@pytest.mark.parametrize("price", ["0.5", "99999999.999999", "1000"])
def test_quantities_and_prices_come_back_as_they_were(
    gateway: PortalGateway, quantity: str, price: str
) -> None:
    line = Detalle(nombre="Cable por metro", cantidad=Decimal(quantity), precio=Decimal(price))
    lines = (line, Detalle(nombre="Instalación", cantidad=Decimal(1), precio=Decimal(50000)))
    assert gateway.prepare(invoice(detalles=lines)).folio == 1


def test_a_full_form_is_issued(gateway: PortalGateway, sii: Served) -> None:
    line = Detalle(nombre="Ítem n.° 1 «ñ»", cantidad=Decimal(1), precio=Decimal(1000), descripcion="x" * 1000)
    reference = invoice().referencias[0]
    documento = invoice(
        detalles=(*[line] * 9, Detalle(nombre="Sin costo")),
        referencias=tuple(replace(reference, folio=str(n), codigo=n) for n in (1, 2, 3)),
    )
    gateway.send(gateway.prepare(documento))
    assert sii.store.issued()[0].total == 10710


def test_a_day_with_more_copies_than_a_download_holds_is_split(gateway: PortalGateway) -> None:
    digests = {}
    line = (Detalle(nombre="Uno", cantidad=Decimal(1), precio=Decimal(1000)),)
    for number in range(23):
        to = receptor(COMPANIES[1]) if number < 21 else receptor(COMPANIES[2])
        documento = invoice(detalles=line, receptor=to)
        prepared = gateway.prepare(documento)
        gateway.send(prepared)
        digests[prepared.folio] = prepared.digest
    wanted = (1, 2, 21, 22, 23)
    found = gateway.fetch_digests(ISSUER.rut, 33, documento.fecha_emision, wanted)
    assert found == {folio: digests[folio] for folio in wanted}
    assert gateway.fetch_digests(ISSUER.rut, 33, date(2026, 3, 15), wanted) == {}
