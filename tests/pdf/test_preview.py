from dataclasses import replace
from decimal import Decimal

import pytest
import zxingcpp
from papers import make_paper
from seeing import collisions, outside, picture, sizes, texts

from factories import LINEA
from timbre.dte.codes import BOLETAS, TipoDte
from timbre.dte.document import Documento
from timbre.dte.steps import Paso, explain
from timbre.dte.totals import compute_totals
from timbre.pdf.preview import draw_preview
from timbre.pdf.sheet import Formato, UnfitCopy


def preview_of(documento: Documento, *, cedible: bool = False, formato: Formato = "carta") -> bytes:
    totales = compute_totals(documento)
    pasos = explain(documento, totales)
    return draw_preview(documento, totales, pasos, cedible=cedible, formato=formato)


@pytest.mark.parametrize("tipo", TipoDte)
def test_every_page_of_a_preview_says_that_it_is_none(tipo: TipoDte) -> None:
    pdf = preview_of(make_paper(tipo))
    for text in texts(pdf):
        assert "VISTA PREVIA" in text
        assert "SIN VALIDEZ" in text
        assert "N° sin asignar" in text
    assert set(sizes(pdf)) == {(612, 792)}


@pytest.mark.parametrize("tipo", TipoDte)
def test_a_preview_has_neither_folio_nor_stamp(tipo: TipoDte) -> None:
    pdf = preview_of(make_paper(tipo))
    assert not zxingcpp.read_barcodes(picture(pdf, 0))
    together = "".join(texts(pdf))
    assert "Timbre Electrónico" not in together
    assert "CEDIBLE" not in together


def test_a_preview_shows_what_the_document_will() -> None:
    first, *_ = texts(preview_of(make_paper(TipoDte.FACTURA)))
    words = " ".join(first.split())
    for said in ("FACTURA ELECTRÓNICA", "Pan amasado", "Monto neto $ 10.732", "Total $ 25.897"):
        assert said in words


def test_each_step_is_told_with_what_it_was_before_rounding() -> None:
    _, steps = texts(preview_of(make_paper(TipoDte.FACTURA)))
    words = " ".join(steps.split())
    assert "Cálculo paso a paso" in words
    assert "IVA 19 % de $ 10.732 2.039,08 2.039" in words


def test_the_steps_of_an_export_are_in_its_currency_and_the_last_one_in_pesos() -> None:
    words = " ".join("".join(texts(preview_of(make_paper(TipoDte.FACTURA_EXPORTACION)))).split())
    assert "Total DOLAR USA 11.373,95 11.373,95 11.373,95" in words
    assert "Total en pesos DOLAR USA 11.373,95 × $ 950,25 10.808.095,9875 10.808.096 " in f"{words} "


def test_an_endless_quotient_is_shown_to_six_decimals_and_said_to_go_on() -> None:
    documento = make_paper(TipoDte.BOLETA)
    step = Paso("Neto", "$ 10 / 3", Decimal(10) / Decimal(3), Decimal(3))
    _, steps = texts(draw_preview(documento, compute_totals(documento), [step]))
    assert "3,333333..." in steps


def test_steps_of_sixty_lines_flow_over_pages() -> None:
    documento = replace(make_paper(TipoDte.FACTURA), detalles=(LINEA,) * 60)
    pdf = preview_of(documento)
    pages = [text for text in texts(pdf) if "Cálculo paso a paso" in text]
    assert len(pages) > 1
    assert "Línea 60" in "".join(pages)


def test_long_steps_stand_beside_each_other() -> None:
    documento = make_paper(TipoDte.FACTURA)
    step = Paso("Concepto " * 40, "1 + " * 100 + "1", Decimal("1e23") / 3, Decimal("1e17"))
    pdf = draw_preview(documento, compute_totals(documento), [step] * 20)
    marked = {"VISTA PREVIA", "SIN VALIDEZ"}
    found = [pair for pair in collisions(pdf) if not any(mark in text for text in pair for mark in marked)]
    assert len(sizes(pdf)) > 2
    assert not outside(pdf)
    assert not found


def test_the_same_draft_gives_the_same_bytes() -> None:
    assert preview_of(make_paper(TipoDte.FACTURA)) == preview_of(make_paper(TipoDte.FACTURA))


@pytest.mark.parametrize("tipo", sorted(BOLETAS))
def test_a_boleta_is_previewed_on_the_roll_it_will_be_with_its_steps_at_the_end(tipo: TipoDte) -> None:
    pdf = preview_of(make_paper(tipo), formato="rollo")
    ((width, _),) = sizes(pdf)
    assert width == pytest.approx(80 * 72 / 25.4, abs=0.1)
    (text,) = texts(pdf)
    order = ("N° sin asignar", "Pan amasado", "$ 11.944", "Cálculo paso a paso", "Línea 1", "Exacto: 11.944")
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert not zxingcpp.read_barcodes(picture(pdf))
    assert not outside(pdf)
    found = [pair for pair in collisions(pdf) if not any("VISTA" in text or "SIN" in text for text in pair)]
    assert not found


def test_every_page_of_a_roll_too_long_for_one_says_that_it_is_a_preview() -> None:
    line = replace(LINEA, descripcion="palabra " * 125)
    pdf = preview_of(replace(make_paper(TipoDte.BOLETA), detalles=(line,) * 100), formato="rollo")
    assert len(sizes(pdf)) > 1
    for text in texts(pdf):
        assert "VISTA PREVIA" in text
        assert "SIN VALIDEZ" in text


@pytest.mark.parametrize(
    ("tipo", "legend"),
    [
        (TipoDte.FACTURA, "CEDIBLE"),
        (TipoDte.FACTURA_EXENTA, "CEDIBLE"),
        (TipoDte.FACTURA_COMPRA, "CEDIBLE"),
        (TipoDte.GUIA_DESPACHO, "CEDIBLE CON SU FACTURA"),
    ],
)
def test_the_copy_that_will_be_assigned_says_so_once_and_has_its_receipt(tipo: TipoDte, legend: str) -> None:
    together = "\n".join(texts(preview_of(make_paper(tipo), cedible=True)))
    assert together.count("CEDIBLE") == 1
    assert legend in together.splitlines()
    assert "Acuse de Recibo" in together
    assert "VISTA PREVIA" in together


@pytest.mark.parametrize("tipo", sorted(set(TipoDte) - BOLETAS))
def test_nothing_but_a_boleta_is_previewed_on_a_roll(tipo: TipoDte) -> None:
    with pytest.raises(UnfitCopy, match="rollo"):
        preview_of(make_paper(tipo), formato="rollo")


def test_what_cannot_be_assigned_has_no_such_preview() -> None:
    with pytest.raises(UnfitCopy, match="no tiene copia cedible"):
        preview_of(make_paper(TipoDte.NOTA_CREDITO), cedible=True)
