from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
import zxingcpp
from papers import ADUANA, CARRIED, make_paper
from PIL import Image
from seeing import collisions, outside, picture, texts

from factories import LINEA, TODAY, make_documento, make_signed_dte
from timbre.dte.codes import BOLETAS, EXPORTACIONES, NOTAS, TipoDte
from timbre.dte.document import Documento, Referencia, Resolucion
from timbre.pdf.page import draw
from timbre.pdf.sheet import UnfitCopy

RESOLUCION = Resolucion(numero=80, fecha=date(2014, 8, 22))
NAMES = {
    TipoDte.FACTURA: "FACTURA ELECTRÓNICA",
    TipoDte.FACTURA_EXENTA: "FACTURA NO AFECTA O EXENTA ELECTRÓNICA",
    TipoDte.BOLETA: "BOLETA ELECTRÓNICA",
    TipoDte.BOLETA_EXENTA: "BOLETA EXENTA ELECTRÓNICA",
    TipoDte.FACTURA_COMPRA: "FACTURA DE COMPRA ELECTRÓNICA",
    TipoDte.GUIA_DESPACHO: "GUÍA DE DESPACHO ELECTRÓNICA",
    TipoDte.NOTA_DEBITO: "NOTA DE DÉBITO ELECTRÓNICA",
    TipoDte.NOTA_CREDITO: "NOTA DE CRÉDITO ELECTRÓNICA",
    TipoDte.FACTURA_EXPORTACION: "FACTURA DE EXPORTACIÓN ELECTRÓNICA",
    TipoDte.NOTA_DEBITO_EXPORTACION: "NOTA DE DÉBITO DE EXPORTACIÓN ELECTRÓNICA",
    TipoDte.NOTA_CREDITO_EXPORTACION: "NOTA DE CRÉDITO DE EXPORTACIÓN ELECTRÓNICA",
}
TRANSFERS = {
    1: "Operación constituye venta",
    2: "Ventas por efectuar",
    3: "Consignaciones",
    4: "Entrega gratuita",
    5: "Traslado interno",
    6: "Otros traslados no venta",
    7: "Guía de devolución",
    8: "Traslado para exportación",
    9: "Venta para exportación",
}


def print_of(documento: Documento, *, cedible: bool = False, logo: bytes | None = None) -> bytes:
    """As the SII's own authority would have it: without the simulator's mark."""
    return draw(make_signed_dte(documento, idk=300), resolucion=RESOLUCION, cedible=cedible, logo=logo)


def words_of(documento: Documento, *, cedible: bool = False) -> str:
    """The one page's text with its line ends as blanks."""
    (text,) = texts(print_of(documento, cedible=cedible))
    return " ".join(text.split())


def make_logo(width: int = 400, height: int = 200) -> bytes:
    """A blue picture on nothing, as PNG."""
    image = Image.new("RGBA", (width, height), (0, 0, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, width // 4, height // 4))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("tipo", TipoDte)
def test_the_box_says_which_document_it_is(tipo: TipoDte) -> None:
    assert f"R.U.T.: 77.777.777-7 {NAMES[tipo]} N° 1 S.I.I. - ÑUÑOA" in words_of(make_paper(tipo))


@pytest.mark.parametrize("tipo", TipoDte)
def test_the_printed_stamp_of_each_type_reads_back_byte_for_byte(tipo: TipoDte) -> None:
    xml = make_signed_dte(make_paper(tipo))
    (symbol,) = zxingcpp.read_barcodes(picture(draw(xml, resolucion=RESOLUCION)))
    assert symbol.bytes == xml[xml.index(b"<TED") : xml.index(b"</TED>") + 6]


@pytest.mark.parametrize("tipo", TipoDte)
def test_no_text_of_any_type_stands_on_another_or_in_the_border(tipo: TipoDte) -> None:
    pdf = print_of(make_paper(tipo), logo=make_logo())
    assert not collisions(pdf)
    assert not outside(pdf)


@pytest.mark.parametrize("tipo", [TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.FACTURA_COMPRA])
def test_an_invoice_has_a_receipt_and_a_copy_that_can_be_assigned(tipo: TipoDte) -> None:
    assert "Acuse de Recibo" in words_of(make_paper(tipo))
    assert words_of(make_paper(tipo), cedible=True).endswith("CEDIBLE")


@pytest.mark.parametrize("tipo", sorted(NOTAS | EXPORTACIONES | BOLETAS))
def test_a_note_an_export_and_a_boleta_have_neither(tipo: TipoDte) -> None:
    words = words_of(make_paper(tipo))
    assert "Acuse" not in words
    assert "19.983" not in words
    assert "CEDIBLE" not in words
    with pytest.raises(UnfitCopy, match="no tiene copia cedible"):
        print_of(make_paper(tipo), cedible=True)


@pytest.mark.parametrize("transfer", [1, 9])
def test_a_guide_of_a_sale_is_assigned_with_its_invoice(transfer: int) -> None:
    guide = replace(make_paper(TipoDte.GUIA_DESPACHO), indicador_traslado=transfer)
    words = words_of(guide, cedible=True)
    assert words.endswith("CEDIBLE CON SU FACTURA")
    assert "Acuse de Recibo" in words


@pytest.mark.parametrize("transfer", [2, 3, 4, 5, 6, 7, 8])
def test_a_guide_of_no_sale_cannot_be_assigned(transfer: int) -> None:
    guide = replace(make_paper(TipoDte.GUIA_DESPACHO), indicador_traslado=transfer)
    assert "Acuse" not in words_of(guide)
    with pytest.raises(UnfitCopy):
        print_of(guide, cedible=True)


@pytest.mark.parametrize(("transfer", "name"), TRANSFERS.items())
def test_a_guide_says_in_words_what_it_moves_for(transfer: int, name: str) -> None:
    guide = replace(make_paper(TipoDte.GUIA_DESPACHO), indicador_traslado=transfer)
    assert f"Traslado {name}" in words_of(guide)


def test_a_guide_says_who_carries_what_where() -> None:
    words = words_of(make_paper(TipoDte.GUIA_DESPACHO))
    for said in (
        "Despacho Por cuenta del emisor a instalaciones del cliente",
        "Traslada Exportador, Res. N° 1234 de 06-05-2020",
        "Destino Camino Viejo km 3, Rancagua, Rancagua",
        "Patente ABCD12",
        "Transportista 99.999.999-9",
        "Chofer Juan Núñez · 11.111.111-1",
        "Embarque SAN ANTONIO",
        "Peso bruto 1.250,5 KN",
    ):
        assert said in words


def test_a_clauses_cents_are_printed_in_pesos_too() -> None:
    guide = make_paper(TipoDte.GUIA_DESPACHO)
    carried = replace(CARRIED, aduana=ADUANA)
    assert "Cláusula FOB $ 12.345,67" in words_of(replace(guide, transporte=carried))


def test_a_guide_without_value_shows_its_total_alone() -> None:
    moved = replace(LINEA, precio=None)
    words = words_of(replace(make_paper(TipoDte.GUIA_DESPACHO), detalles=(moved,), indicador_traslado=5))
    assert "Total $ 0" in words
    for label in ("Monto neto", "I.V.A.", "Exento"):
        assert label not in words


def test_an_invoice_shows_all_that_makes_its_total() -> None:
    words = words_of(make_paper(TipoDte.FACTURA))
    for said in (
        "Monto neto $ 10.732",
        "Exento $ 5.972",
        "I.V.A. 19% $ 2.039",
        "Impuesto: Vinos 20,5% $ 1.182",
        "Garantía de envases $ 5.972",
        "Total $ 25.897",
        "Monto no facturable $ 5.972",
        "Total del período $ 31.869",
        "Descuento global 5% sobre lo afecto: Cliente frecuente -565",
        "Descuento 12,5%: -$ 747",
        "Recargo: +$ 100",
        "exento",
        "no facturable",
        "garantía",
    ):
        assert said in words


def test_an_invoice_shows_its_references_its_plan_of_payments_and_its_period() -> None:
    words = words_of(make_paper(TipoDte.FACTURA))
    for said in (
        "Orden de compra N° OC-77 del 14-03-2026: Compra de marzo",
        "Guía de despacho electrónica global del 14-03-2026",
        "13-04-2026: $ 9.000 · Primera cuota",
        "13-05-2026: $ 9.000",
        "Condiciones A 60 días, mitad y mitad",
        "Período 01-03-2026 al 31-03-2026",
        "Servicio Servicios",
    ):
        assert said in words


def test_what_was_withheld_in_a_purchase_is_taken_off() -> None:
    words = words_of(make_paper(TipoDte.FACTURA_COMPRA))
    assert "IVA retenido total 19% -$ 1.135" in words
    assert "Total $ 5.972" in words
    assert "IVA retenido total (retiene quien emite)" in words


def test_iva_that_was_not_withheld_is_said() -> None:
    line = replace(LINEA, precio=Decimal(1000), impuesto="30", agente_retenedor=True)
    words = words_of(replace(make_paper(TipoDte.FACTURA_COMPRA), detalles=(line,)))
    assert "IVA retenido legumbres 10% -$ 300" in words
    assert "I.V.A. no retenido $ 270" in words


@pytest.mark.parametrize(("codigo", "action"), [(1, "anula"), (2, "corrige texto"), (3, "corrige montos")])
def test_a_note_says_in_words_what_it_does(codigo: int, action: str) -> None:
    reference = Referencia(tipo="33", folio="120", fecha=TODAY, razon="Error", codigo=codigo)
    words = words_of(make_documento(tipo=TipoDte.NOTA_CREDITO, referencias=(reference,)))
    assert f"Factura electrónica N° 120 del 14-03-2026: {action} · Error" in words


def test_a_reference_to_another_taxpayers_document_says_whose_it_is() -> None:
    reference = Referencia(tipo="52", folio="9", fecha=TODAY, rut_otro="99999999-9")
    words = words_of(make_documento(referencias=(reference,)))
    assert "Guía de despacho electrónica N° 9 de 99.999.999-9 del 14-03-2026" in words


def test_an_export_is_in_its_currency_and_in_pesos() -> None:
    words = words_of(make_paper(TipoDte.FACTURA_EXPORTACION))
    for said in (
        "9,1235 10.948,20",
        "Recargo global: Flete +350,25",
        "Recargo global: Seguro +75,50",
        "Exento 11.373,95",
        "Total DOLAR USA 11.373,95",
        "Tipo de cambio 950,25",
        "Total en pesos $ 10.808.096",
    ):
        assert said in words
    assert "I.V.A." not in words


def test_an_export_says_in_words_what_customs_want_to_know() -> None:
    words = words_of(make_paper(TipoDte.FACTURA_EXPORTACION))
    for said in (
        "Nacionalidad ALEMANIA",
        "ID extranjero DE811223344",
        "Modalidad A firme",
        "Cláusula FOB 12.345,67 DOLAR USA",
        "Vía Marítima, fluvial y lacustre",
        "Embarque SAN ANTONIO",
        "Desembarque HALIFAX",
        "País destino ALEMANIA",
        "Peso neto 1.200 KN",
        "Flete 350,25 DOLAR USA",
        "Seguro 75,50 DOLAR USA",
        "2 CONTENEDOR REFRIGERADO, marcas VIÑA ÑANDÚ 1-2, contenedor MSKU1234567, sello S-99 de Naviera",
        "Pago export. Cobranza hasta 1 año",
    ):
        assert said in words


def test_a_boleta_shows_its_iva_and_its_ticket() -> None:
    words = words_of(make_paper(TipoDte.BOLETA))
    for said in (
        "Monto neto $ 5.018",
        "Exento $ 5.972",
        "I.V.A. 19% $ 954",
        "Total $ 11.944",
        "Medio de pago Tarjeta",
        "Entrada N° 77 General, generada 14-03-2026 10:00",
        "Concierto de otoño (C-12), 01-04-2026 21:30, Teatro Caupolicán",
        "Ubicación Platea alta, fila 12, asiento 7",
        "Referencias Caja 4",
    ):
        assert said in words


def test_the_head_says_when_prices_are_not_as_one_expects() -> None:
    assert "Precio con IVA" in words_of(make_documento(brutos=True))
    assert "Precio con IVA" not in words_of(make_paper(TipoDte.BOLETA))
    assert "Precio neto" in words_of(replace(make_paper(TipoDte.BOLETA), brutos=False))


@pytest.mark.parametrize(("width", "height"), [(400, 200), (50, 800), (800, 20)])
def test_a_logo_takes_at_most_a_fifth_of_the_sheet_at_its_upper_left(width: int, height: int) -> None:
    image = picture(print_of(make_documento(), logo=make_logo(width, height)), dpi=72).convert("RGB")
    blue = [
        (x, y)
        for x in range(image.width)
        for y in range(image.height)
        if image.getpixel((x, y)) == (0, 0, 255)
    ]
    columns, rows = {x for x, _ in blue}, {y for _, y in blue}
    assert min(columns) < 60
    assert min(rows) < 60
    assert max(columns) - min(columns) <= 612 / 5
    assert max(rows) - min(rows) <= 792 / 5


def test_the_issuers_own_site_stands_under_the_stamp_of_its_boletas() -> None:
    xml = make_signed_dte(make_paper(TipoDte.BOLETA))
    (text,) = texts(draw(xml, resolucion=RESOLUCION, site="boletas.example.cl"))
    assert "Res. 80 de 2014 - Verifique documento: boletas.example.cl" in text
