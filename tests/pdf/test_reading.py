from dataclasses import replace
from decimal import Decimal

import pytest
from papers import make_paper

from factories import TODAY, make_documento, make_signed_dte
from timbre.dte.codes import BOLETAS, SOLO_EXENTOS, TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.totals import Totales, compute_totals
from timbre.pdf.reading import read


def as_the_xml_can_say_it(documento: Documento) -> Documento:
    """Lines of an exempt type are marked; a boleta has neither Acteco nor days of references."""
    lines = tuple(replace(line, exencion=documento.exencion_de(line)) for line in documento.detalles)
    said = replace(documento, detalles=lines)
    if documento.tipo not in BOLETAS:
        return said
    return replace(
        said,
        emisor=replace(said.emisor, acteco=""),
        referencias=tuple(replace(each, fecha=said.fecha_emision) for each in said.referencias),
    )


def without_what_no_xml_says(totales: Totales) -> Totales:
    """A tax's base is written nowhere."""
    return replace(totales, impuestos=tuple(replace(each, base=Decimal(0)) for each in totales.impuestos))


@pytest.mark.parametrize("tipo", TipoDte)
def test_what_is_read_is_what_was_asked(tipo: TipoDte) -> None:
    asked = make_paper(tipo)
    assert read(make_signed_dte(asked)).documento == as_the_xml_can_say_it(asked)


@pytest.mark.parametrize("tipo", TipoDte)
def test_the_amounts_read_are_those_worked_out(tipo: TipoDte) -> None:
    asked = make_paper(tipo)
    found = read(make_signed_dte(asked)).totales
    assert without_what_no_xml_says(found) == without_what_no_xml_says(compute_totals(asked))


@pytest.mark.parametrize("tipo", sorted(SOLO_EXENTOS))
def test_every_line_of_an_exempt_type_reads_as_exempt(tipo: TipoDte) -> None:
    assert all(line.exencion == 1 for line in read(make_signed_dte(make_paper(tipo))).documento.detalles)


def test_net_prices_of_a_boleta_are_told_from_gross_ones() -> None:
    gross = make_paper(TipoDte.BOLETA)
    assert read(make_signed_dte(gross)).documento.brutos
    assert not read(make_signed_dte(replace(gross, brutos=False))).documento.brutos


def test_gross_prices_of_an_invoice_are_told_from_net_ones() -> None:
    assert read(make_signed_dte(make_documento(brutos=True))).documento.brutos
    assert not read(make_signed_dte()).documento.brutos


def test_a_boletas_reference_code_that_is_no_number_does_nothing() -> None:
    xml = make_signed_dte(make_paper(TipoDte.BOLETA)).replace(
        b"<RazonRef>", b"<CodRef>VALE</CodRef><RazonRef>", 1
    )
    (reference,) = read(xml).documento.referencias
    assert reference.codigo is None
    assert reference.fecha == TODAY


def test_texts_over_several_lines_are_read_on_one() -> None:
    xml = make_signed_dte().replace(b"Pan amasado", b"Pan\n  amasado\t", 1)
    assert read(xml).documento.detalles[0].nombre == "Pan amasado"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"<ValorDR>5<", b"<ValorDR>cinco<"),
        (b"<TpoMov>D<", b"<IndExeDR>9</IndExeDR><TpoMov>D<"),
        (b"<MontoImp>", b"<MontoImp>x"),
        (b"<QtyItem>3<", b"<QtyItem>1E999999999<"),
        (b"<QtyItem>3<", b"<QtyItem>NaN<"),
        (b"<MntTotal>", b"<MntTotal>" + b"9" * 24),
        (b"<FchPago>2026-04-13<", b"<FchPago>abril<"),
        (b"<IndExe>3<", b"<IndExe>tres<"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused(was: bytes, now: bytes) -> None:
    xml = make_signed_dte(make_paper(TipoDte.FACTURA))
    assert was in xml
    with pytest.raises(InvalidXml):
        read(xml.replace(was, now, 1))
