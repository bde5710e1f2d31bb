from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from papers import make_paper
from seeing import collisions, outside, picture, sizes, texts

from factories import LINEA, make_documento, make_signed_dte
from timbre.dte.codes import BOLETAS, TipoDte
from timbre.dte.document import Documento, Resolucion
from timbre.pdf.page import draw
from timbre.pdf.sheet import UnfitCopy

RESOLUCION = Resolucion(numero=80, fecha=date(2014, 8, 22))
MILLIMETRE = 72 / 25.4


def print_of(documento: Documento, idk: int = 300) -> bytes:
    return draw(make_signed_dte(documento, idk=idk), resolucion=RESOLUCION, formato="rollo")


def long_boleta(lines: int) -> Documento:
    line = replace(LINEA, nombre="Nombre " * 11, descripcion="palabra " * 125, codigo="C" * 35)
    many = tuple(replace(line, unidad=f"{n:04}"[-4:]) for n in range(lines))
    return replace(make_paper(TipoDte.BOLETA), detalles=many)


@pytest.mark.parametrize("tipo", sorted(BOLETAS))
def test_a_boleta_on_a_roll_is_eighty_millimetres_wide_and_as_high_as_it_needs(tipo: TipoDte) -> None:
    ((width, height),) = sizes(print_of(make_paper(tipo)))
    ((_, higher),) = sizes(print_of(replace(make_paper(tipo), detalles=(LINEA,) * 20)))
    assert width == pytest.approx(80 * MILLIMETRE, abs=0.1)
    assert higher > height


@pytest.mark.parametrize("tipo", sorted(BOLETAS))
def test_the_stamp_on_a_roll_reads_back_at_a_thermal_printers_resolution(tipo: TipoDte) -> None:
    xml = make_signed_dte(make_paper(tipo))
    image = picture(draw(xml, resolucion=RESOLUCION, formato="rollo"), dpi=203)
    (symbol,) = zxingcpp.read_barcodes(image)
    assert symbol.bytes == xml[xml.index(b"<TED") : xml.index(b"</TED>") + 6]
    at = symbol.position
    assert (at.top_right.x - at.top_left.x) / 203 * 2.54 >= 4.5
    assert 2 <= (at.bottom_left.y - at.top_left.y) / 203 * 2.54 <= 4.05


def test_what_a_roll_says_stands_in_the_siis_order() -> None:
    (text,) = texts(print_of(make_paper(TipoDte.BOLETA)))
    order = (
        "R.U.T.: 77.777.777-7",
        "BOLETA ELECTRÓNICA",
        "N° 1",
        "S.I.I. - ÑUÑOA",
        "PANADERÍA ÑANDÚ",
        "Giro: Elaboración",
        "Señor(es)",
        "14 de marzo de 2026",
        "Referencias Caja 4",
        "Pan amasado",
        "Entrada N° 77",
        "3 kg x 1.990,5",
        "Libro nuevo",
        "Exento",
        "Monto neto",
        "I.V.A. 19%",
        "Total",
        "Timbre Electrónico SII",
        "Res. 80 de 2014 - Verifique documento: www.sii.cl",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize("tipo", sorted(BOLETAS))
def test_no_text_of_a_roll_stands_on_another_or_in_the_border(tipo: TipoDte) -> None:
    pdf = print_of(make_paper(tipo))
    assert not collisions(pdf)
    assert not outside(pdf)


def test_a_boleta_of_a_thousand_lines_loses_none() -> None:
    lines = tuple(replace(LINEA, nombre=f"Producto {n:04}") for n in range(1000))
    pdf = print_of(replace(make_paper(TipoDte.BOLETA), detalles=lines))
    together = "".join(texts(pdf))
    assert all(line.nombre in together for line in lines)
    assert all(height <= 14_400 for _, height in sizes(pdf))
    assert [text.count("Timbre Electrónico SII") for text in texts(pdf)][-1] == 1


def test_a_roll_longer_than_a_page_can_be_goes_on_without_collisions() -> None:
    pdf = print_of(long_boleta(90))
    assert len(sizes(pdf)) > 1
    assert not collisions(pdf)
    assert not outside(pdf)


def test_the_largest_amounts_stay_on_the_roll() -> None:
    line = replace(LINEA, cantidad=Decimal("999999.999999"), precio=Decimal("999999999999.999999"))
    pdf = print_of(replace(make_paper(TipoDte.BOLETA), detalles=(line,)))
    assert "x 999.999.999.999,999999" in texts(pdf)[0]
    assert not collisions(pdf)
    assert not outside(pdf)


def test_a_boleta_of_the_simulator_is_marked_all_along_the_roll() -> None:
    documento = replace(make_paper(TipoDte.BOLETA), detalles=(LINEA,) * 30)
    (text,) = texts(print_of(documento, idk=999))
    assert text.count("SIN VALIDEZ TRIBUTARIA") > 2
    assert "SIN VALIDEZ" not in texts(print_of(documento))[0]


def test_only_a_boleta_goes_on_a_roll() -> None:
    with pytest.raises(UnfitCopy, match="rollo"):
        print_of(make_documento())


def test_the_same_boleta_gives_the_same_bytes() -> None:
    assert print_of(make_paper(TipoDte.BOLETA)) == print_of(make_paper(TipoDte.BOLETA))
