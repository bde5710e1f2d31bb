"""A document's errors and history, in words."""

import re

from django.utils import timezone
from lxml import html

from desks import HOSTILE, Desk, at, desk, leave_in_doubt, said
from offices import documents_of, enrolled, factura, folios, office
from timbre.issuing.causes import CAUSES
from timbre.issuing.models import Batch, Document, State
from timbre.issuing.states import note
from visiting import text_of

__all__ = ["desk", "enrolled", "folios", "office"]


def test_an_error_has_the_siis_words_what_it_means_and_its_code(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(
        state=State.REFUSED, error_code="receiver_not_found", error_param="document_receiver.rut",
        sii_words="RUT NO EXISTE",
    )  # fmt: skip
    shown = said(desk.visitor.get(at(document)))
    assert "RUT NO EXISTE No se emitió. Revisa el RUT" in shown
    assert "Dato: RUT del receptor" in shown
    assert "receiver_not_found" in shown


def test_the_error_box_tells_cause_the_siis_words_the_way_out_and_whether_the_same_may_go_again(
    desk: Desk,
) -> None:
    (document,) = desk.issue(factura())
    for code, state, again in (("sii_rejected", State.REFUSED, "No."), ("expired", State.EXPIRED, "Sí.")):
        words = "El receptor no tiene giro" if code == "sii_rejected" else ""
        Document.objects.filter(pk=document.pk).update(state=state, error_code=code, sii_words=words)
        text = said(desk.visitor.get(at(document)))
        assert CAUSES[code].cause in text
        assert CAUSES[code].fix in text
        assert f"¿Sirve enviarlo otra vez sin cambiar nada? {again}" in text
        assert (f"Dice el SII: {words}" in text) == bool(words)


def test_the_history_tells_its_evidence_in_words(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document)
    now = timezone.now()
    note(
        document,
        "not_listed",
        "El SII no lista el folio 7.",
        now=now,
        asked="Lista de emitidos, folio 7.",
        listed=12,
        absent_since=now.isoformat(),
        digest="q3sDk0=",
        strange={"ñ": HOSTILE},
    )
    shown = desk.visitor.get(at(document))
    page = html.fromstring(text_of(shown))
    (step,) = page.xpath("//ol[@class='timeline']/li[1]")
    assert step.xpath(".//details/@open")
    told = dict(zip(step.xpath(".//dt/text()"), step.xpath(".//dd"), strict=True))
    assert list(told) == [
        "Se preguntó",
        "Documentos que listó el SII",
        "Huella de lo firmado",
        "El SII no lo lista desde",
        "strange",
    ]
    assert told["Documentos que listó el SII"].text_content() == "12"
    assert told["Huella de lo firmado"].xpath("code/text()") == ["q3sDk0="]
    assert told["El SII no lo lista desde"].xpath("time")
    assert "{{7*7}}" in told["strange"].text_content()
    assert HOSTILE not in text_of(shown)


def test_a_document_and_its_batch_name_the_scenario_they_were_made_with(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    batch = f"/sandbox/lotes/{document.batch_id}/"
    assert not any("Escenario" in text_of(desk.visitor.get(path)) for path in (at(document), batch))
    Batch.objects.update(scenario="answer_lost")
    for path in (at(document), batch):
        page = text_of(desk.visitor.get(path))
        assert "<dt>Escenario</dt><dd><code>answer_lost</code>" in page
        assert 'href="/sandbox/eventos/?de=do' in page


def test_while_it_is_on_its_way_the_page_asks_for_itself_until_there_is_news(desk: Desk) -> None:
    (document,) = documents_of(desk.office.ask(factura()))
    waiting = desk.visitor.get(at(document))
    (part,) = html.fromstring(text_of(waiting)).xpath('//*[@id="document"]')
    assert part.get("data-live")
    seen = re.fullmatch(r"\?visto=(.+)", part.get("hx-get"))
    assert seen
    asking = {"HTTP_HX_REQUEST": "true"}
    assert desk.visitor.client.get(at(document), {"visto": seen[1]}, **asking).status_code == 204
    assert "El PDF aparecerá aquí" in said(waiting)
    desk.office.work()
    news = desk.visitor.client.get(at(document), {"visto": seen[1]}, **asking)
    (part,) = html.fromstring(text_of(news)).xpath('//*[@id="document"]')
    assert part.get("data-live") is None
    assert html.fromstring(text_of(news)).xpath("//iframe")
