"""One document on screen: its PDF, XML and data, for whom it belongs to alone."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from desks import SANDBOX, Desk, at, desk, leave_in_doubt, said
from offices import enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.issuing.models import DocumentState, Reference, State, StoredFile
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["desk", "enrolled", "folios", "office"]
SCREENS = ("one", "pdf", "xml", "issued", "not-issued")


def test_an_issued_document_is_told_with_its_pdf_and_its_xml(desk: Desk) -> None:
    lines = [
        {"item_name": "Pan amasado", "quantity": "40.5", "unit_price": "1990.5", "unit": "KG"},
        {"item_name": "Flete", "quantity": "1", "unit_price": "10000", "discount_percent": "12.5"},
    ]
    (document,) = desk.issue(factura(details=lines, external_id="venta-9", json_param={"tienda": "Ñuñoa"}))
    shown = desk.visitor.get(at(document))
    page = html.fromstring(text_of(shown))
    (frame,) = page.xpath("//iframe/@src")
    assert frame.startswith(at(document, "pdf"))
    text = said(shown)
    for told in (
        f"Factura {document.folio}", "Emitido", "40,5 KG", "1.990,5", "$ 80.615", "menos 12,5 %", "$ 8.750",
        "Neto $ 89.365", "IVA 19 % $ 16.979", "Total $ 106.344", "39.002.002‑3", "venta-9",
        '"tienda": "Ñuñoa"', document.batch_id, "La copia del SII lleva la misma firma",
        "Recibido: se emitirá",
    ):  # fmt: skip
        assert told in text
    xml = bytes(document.files.get(kind="xml").content)
    (shown_xml,) = page.xpath('//*[@id="xml-text"]')
    assert shown_xml.text.strip() == xml.decode("iso-8859-1").strip()


def test_the_files_are_the_bytes_as_stored_and_only_our_page_frames_them(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    stored = {f.kind: bytes(f.content) for f in document.files.filter(current=True)}
    pdf, xml = (desk.visitor.get(at(document, kind)) for kind in ("pdf", "xml"))
    assert (pdf.content, xml.content) == (stored["pdf"], stored["xml"])
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["X-Frame-Options"] == "SAMEORIGIN"
    assert pdf["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert pdf["X-Content-Type-Options"] == "nosniff"
    assert pdf["Content-Disposition"] == f'inline; filename="F33-{document.folio}.pdf"'
    saved = desk.visitor.get(at(document, "pdf"), descargar="1")
    assert saved["Content-Disposition"].startswith("attachment")
    assert xml["Content-Type"] == "application/xml; charset=iso-8859-1"
    assert xml["X-Frame-Options"] == "DENY"
    assert xml["Content-Disposition"] == f'attachment; filename="F33-{document.folio}.xml"'


def test_signed_bytes_that_were_never_issued_are_not_handed_out(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    StoredFile.objects.filter(document=document).update(current=False)
    assert [desk.visitor.get(at(document, kind)).status_code for kind in ("pdf", "xml")] == [404, 404]
    assert "No hay PDF" in said(desk.visitor.get(at(document)))


def test_the_page_reads_no_pdf_and_asks_little_however_much_there_is(desk: Desk) -> None:
    first, *_ = desk.issue(*[factura() for _ in range(3)])
    now = timezone.now()
    DocumentState.objects.bulk_create(
        DocumentState(document=first, at=now, code="x", description=f"Paso {n}", evidence={"n": n})
        for n in range(60)
    )
    hook = Webhook.objects.create(
        user_id=first.user_id,
        environment=SANDBOX,
        company=first.company,
        url="https://a.cl/x",
        created_at=now,
    )
    for _ in range(60):
        event = Event.objects.create(
            user_id=first.user_id, environment=SANDBOX, type="document.issued", company=first.company,
            document_id=first.pk, data={}, created_at=now,
        )  # fmt: skip
        Delivery.objects.create(event=event, webhook=hook)
        Reference.objects.create(document=first, company=first.company, tipo="33", folio=str(first.folio))
    with CaptureQueriesContext(connection) as queries:
        shown = desk.visitor.get(at(first))
    assert shown.status_code == 200
    assert len(queries) <= MOST_QUERIES
    contents = [q["sql"] for q in queries if '"content"' in q["sql"]]
    assert len(contents) == 1
    assert "'xml'" in contents[0]


def test_a_stranger_finds_none_of_it(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document)
    stranger = Visitor(User.objects.named("extrana@example.com"))
    page = reverse("account", kwargs={"environment": SANDBOX})
    for screen in SCREENS:
        assert stranger.get(at(document, screen)).status_code == 404
        assert desk.visitor.get(at(document, screen, Environment.PRODUCTION)).status_code == 404
    for button in ("pay", "issued", "not-issued"):
        sent = stranger.post(at(document, button), {"pagado": "si"}, page=page)
        assert sent.status_code == 404
        assert document.receiver_rut not in text_of(sent)
    document.refresh_from_db()
    assert (document.state, document.is_paid) == (State.IN_DOUBT, False)
    assert stranger.client.get(at(document)).status_code == 404
    stranger.client.logout()
    for screen in SCREENS:
        assert stranger.get(at(document, screen))["Location"].startswith(reverse("login"))
