import re
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from lxml import etree
from portal_client import COMPANY, PORTAL, Portal, alert_of, invoice

from serving import Served
from timbre.simulator import alerts
from timbre.simulator.store import Issued, Store

BACKUP = {"RUT_EMP": "39001001", "DV_EMP": "K", "ORIGEN": "ENV", "TPO_ARCHIVO": "dte"}


def fill(store: Store, count: int, *, fecha: str = "2026-11-20", tipo: int = 33) -> None:
    """Documents on file without the way to them: only what lists and backups read."""
    first = store.next_folio(COMPANY, tipo)
    for folio in range(first, first + count):
        xml = f"<DTE><Folio>{folio}</Folio></DTE>".encode("latin-1")
        store.issue(Issued(0, COMPANY, tipo, folio, fecha, "39002002-3", "PEÑA & HIJOS", 1190, "d", xml))


def folios(answer: str) -> list[int]:
    return [int(folio) for folio in re.findall(r"Electronica</td>\n<td>(\d+)</td>", answer)]


def test_an_issued_document_is_listed_opened_and_downloaded(sii: Served, portal: Portal) -> None:
    portal.issue(invoice())
    (issued,) = sii.store.issued(COMPANY)
    listing = portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", TPO_DOC="33").text
    assert 'id="tablaDatos"' in listing
    assert f"mipeGesDocEmi.cgi?ALL_PAGE_ANT=2&CODIGO={issued.codigo}" in listing
    assert "<td>39002002-3<td>PANADERÍA PEÑA &amp; HIJOS LIMITADA (SANDBOX)</td>" in listing
    assert "<td>24275</td>" in listing
    opened = portal.get(f"{PORTAL}mipeGesDocEmi.cgi", ALL_PAGE_ANT="2", CODIGO=str(issued.codigo)).text
    assert f"DHDR_CODIGO={issued.codigo}" in opened
    assert issued.codigo != issued.folio


@pytest.mark.parametrize("page", ["mipeGesDocEmi.cgi?CODIGO=", "mipeDisplayPDF.cgi?DHDR_CODIGO="])
def test_a_document_is_shown_to_its_own_company_only(sii: Served, portal: Portal, page: str) -> None:
    fill(sii.store, 1)
    (issued,) = sii.store.issued(COMPANY)
    portal.choose("39003003-7")
    assert alert_of(portal.get(f"{PORTAL}{page}{issued.codigo}")) == alerts.DOCUMENTO_INEXISTENTE


def test_the_list_shows_a_hundred_a_page_newest_first(sii: Served, portal: Portal) -> None:
    fill(sii.store, 101)
    first = portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", NUM_PAG="1").text
    second = portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", NUM_PAG="2").text
    assert folios(first) == list(range(101, 1, -1))
    assert folios(second) == [1]
    assert "Página 1 de 2" in first
    assert "Página 2 de 2" in second


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"FOLIO": "2"}, [2]),
        ({"FEC_DESDE": "2026-11-21"}, [3]),
        ({"FEC_HASTA": "2026-11-20"}, [2, 1]),
        ({"RUT_RECP": "39002002"}, [3, 2, 1]),
        ({"RUT_RECP": "39003003"}, []),
        ({"TPO_DOC": "34"}, []),
        ({"ESTADO": "EMI"}, [3, 2, 1]),
        ({"ESTADO": "PRV"}, []),
    ],
)
def test_the_list_is_filtered(sii: Served, portal: Portal, filters: dict[str, str], found: list[int]) -> None:
    fill(sii.store, 2)
    fill(sii.store, 1, fecha="2026-11-21")
    assert folios(portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", **filters).text) == found


@pytest.mark.parametrize("filters", [{"FEC_DESDE": "20-11-2026"}, {"FOLIO": "1 OR 1=1"}, {"TPO_DOC": "x"}])
def test_what_is_no_filter_is_refused(portal: Portal, filters: dict[str, str]) -> None:
    assert alert_of(portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", **filters)) == alerts.FILTRO


def test_the_pdf417_on_the_pdf_is_the_stamp_byte_for_byte(sii: Served, portal: Portal) -> None:
    portal.issue(invoice())
    (issued,) = sii.store.issued(COMPANY)
    answer = portal.get(f"{PORTAL}mipeDisplayPDF.cgi", DHDR_CODIGO=str(issued.codigo))
    assert answer.headers["Content-Type"] == "application/pdf"
    ted = re.search(rb"<TED.*</TED>", issued.xml)
    assert ted
    pdf = pypdfium2.PdfDocument(BytesIO(answer.content))
    image = pdf[0].render(scale=4).to_pil()
    (barcode,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.PDF417)
    assert barcode.bytes == ted[0]


def test_the_backup_is_a_bare_set_of_the_signed_documents(sii: Served, portal: Portal) -> None:
    portal.issue(invoice())
    (issued,) = sii.store.issued(COMPANY)
    assert "Respaldo" in portal.get(f"{PORTAL}auth.cgi").text
    assert "total de documentos 1" in portal.post(f"{PORTAL}lista_documentos.cgi", BACKUP).text
    answer = portal.get(f"{PORTAL}download.cgi", **BACKUP, DOWNLOAD="XML")
    assert answer.content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<SetDTE>\n<DTE ')
    root = etree.fromstring(answer.content)
    assert root.findtext(".//{*}DigestValue") == issued.digest
    assert issued.xml.split(b"\n", 1)[1] in answer.content


def test_the_twenty_first_document_turns_the_backup_into_an_error_page(sii: Served, portal: Portal) -> None:
    fill(sii.store, 20)
    assert portal.get(f"{PORTAL}download.cgi", **BACKUP).content.count(b"<Folio>") == 20
    fill(sii.store, 1)
    assert "total de documentos 21" in portal.post(f"{PORTAL}lista_documentos.cgi", BACKUP).text
    assert alert_of(portal.get(f"{PORTAL}download.cgi", **BACKUP)) == alerts.DEMASIADOS_DOCUMENTOS


def test_a_folio_silently_drops_the_closing_date_of_the_backup(sii: Served, portal: Portal) -> None:
    fill(sii.store, 1, fecha="2026-11-25")
    until = BACKUP | {"FEC_HASTA": "2026-11-20"}
    assert alert_of(portal.get(f"{PORTAL}download.cgi", **until)) == alerts.SIN_INFORMACION
    assert b"<Folio>1<" in portal.get(f"{PORTAL}download.cgi", **until, FOLIO="1").content


def test_nothing_to_back_up_is_said_so(portal: Portal) -> None:
    assert alert_of(portal.post(f"{PORTAL}lista_documentos.cgi", BACKUP)) == alerts.SIN_INFORMACION
    received = BACKUP | {"ORIGEN": "RCP"}
    assert alert_of(portal.get(f"{PORTAL}download.cgi", **received)) == alerts.SIN_INFORMACION


def test_a_backup_is_of_the_chosen_company(portal: Portal) -> None:
    other = BACKUP | {"RUT_EMP": "39003003", "DV_EMP": "7"}
    assert alert_of(portal.post(f"{PORTAL}lista_documentos.cgi", other)) == alerts.EMPRESA_NO_AUTORIZADA
