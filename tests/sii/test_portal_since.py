"""What the SII has issued since a day: every page of its list, its own copies, and what each of them says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portal_cases import COMPANIES, ISSUER, invoice, receptor

from serving import Served
from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.portal.matching import content_key
from timbre.simulator.store import Issued

DAY = date(2026, 3, 14)


def test_the_copy_of_what_was_issued_says_what_was_asked(gateway: PortalGateway, sii: Served) -> None:
    asked = [invoice(), invoice(), exempt()]
    sent = [gateway.prepare(document) for document in asked[:1]]
    gateway.send(sent[0])
    for document in asked[1:]:
        sent.append(gateway.prepare(document))
        gateway.send(sent[-1])
    copies = [*copies_of(gateway, 33), *copies_of(gateway, 34)]
    assert [copy.content_key for copy in copies] == [content_key(document) for document in asked]
    assert [copy.digest for copy in copies] == [prepared.digest for prepared in sent]
    assert [copy.receptor for copy in copies] == [document.receptor.rut for document in asked]
    assert all(abs(datetime.now(UTC) - copy.signed_at) < timedelta(minutes=1) for copy in copies)
    assert all(copy.xml.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>') for copy in copies)


def test_whatever_says_something_else_has_another_key() -> None:
    asked = invoice()
    line = asked.detalles[0]
    others = [
        asked,
        invoice(receptor=receptor(COMPANIES[2])),
        invoice(fecha_emision=DAY - timedelta(days=1)),
        invoice(detalles=(replace(line, nombre=line.nombre + "."), *asked.detalles[1:])),
        invoice(detalles=(replace(line, cantidad=Decimal("2.6")), *asked.detalles[1:])),
        invoice(detalles=(*asked.detalles, line)),
        invoice(referencias=()),
        exempt(),
    ]
    assert len({content_key(each) for each in others}) == len(others)
    assert content_key(invoice(detalles=(replace(line, cantidad=Decimal("2.50")), *asked.detalles[1:]))) == (
        content_key(asked)
    )


def test_a_list_is_read_to_its_last_page(gateway: PortalGateway, sii: Served) -> None:
    for folio in range(1, 231):
        sii.store.issue(on_file(folio, DAY + timedelta(days=folio % 2)))
    pages = [gateway.list_issued(ISSUER.rut, 33, DAY, page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [100, 100, 30, 0]
    assert {row.folio for page in pages for row in page} == set(range(1, 231))
    later = gateway.list_issued(ISSUER.rut, 33, DAY + timedelta(days=1), 1)
    assert {row.fecha_emision for row in later} == {DAY + timedelta(days=1)}


def copies_of(gateway: PortalGateway, tipo: int) -> list:
    rows = gateway.list_issued(ISSUER.rut, tipo, DAY, 1)
    copies = gateway.fetch_copies(ISSUER.rut, tipo, DAY, tuple(row.folio for row in rows))
    return sorted(copies, key=lambda copy: copy.folio)


def exempt() -> Documento:
    return invoice(tipo=TipoDte.FACTURA_EXENTA)


def on_file(folio: int, fecha: date) -> Issued:
    return Issued(
        0, ISSUER.rut, 33, folio, fecha.isoformat(), COMPANIES[1].rut, "X", 1190, f"d{folio}", b"<DTE/>"
    )
