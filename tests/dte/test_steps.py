from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from factories import LINEA, make_documento
from timbre.dte.codes import TipoDte
from timbre.dte.document import Ajuste, Base, Documento, Moneda
from timbre.dte.steps import explain
from timbre.dte.totals import compute_totals


def told(documento: Documento) -> Sequence[tuple[str, str, str, str]]:
    steps = explain(documento, compute_totals(documento))
    return [(each.concepto, each.formula, f"{each.exacto:f}", f"{each.monto:f}") for each in steps]


def test_an_accountant_can_follow_an_invoice_from_its_lines_to_its_total() -> None:
    documento = make_documento(
        detalles=(
            replace(LINEA, cantidad=Decimal("2.5")),
            replace(LINEA, cantidad=Decimal(1), precio=Decimal(1000), exencion=1),
            replace(LINEA, cantidad=None, precio=None),
        )
    )
    assert told(documento) == [
        ("Línea 1", "2,5 × $ 1.990,5", "4976.25", "4976"),
        ("Línea 2", "1 × $ 1.000", "1000", "1000"),
        ("Línea 3", "sin precio", "0", "0"),
        ("Neto", "$ 4.976", "4976", "4976"),
        ("IVA", "19 % de $ 4.976", "945.44", "945"),
        ("Exento", "$ 1.000", "1000", "1000"),
        ("Total", "$ 4.976 + $ 1.000 + $ 945", "6921", "6921"),
    ]


def test_discounts_and_surcharges_are_told_on_what_they_are_of() -> None:
    documento = make_documento(
        detalles=(replace(LINEA, descuento_pct=Decimal("12.5"), recargo_monto=Decimal(100)),),
        ajustes=(Ajuste(pct=Decimal(3), glosa="Pronto pago"), Ajuste(recargo=True, monto=Decimal(50))),
    )
    assert told(documento) == [
        ("Línea 1", "3 × $ 1.990,5", "5971.5", "5972"),
        ("Descuento de la línea 1", "12,5 % de $ 5.972", "746.5", "747"),
        ("Recargo de la línea 1", "$ 100", "100", "100"),
        ("Monto de la línea 1", "$ 5.972 - $ 747 + $ 100", "5325", "5325"),
        ("Descuento global 1, Pronto pago", "3 % de $ 5.325", "159.75", "160"),
        ("Recargo global 2, afecto", "$ 50", "50", "50"),
        ("Neto", "$ 5.325 - $ 160 + $ 50", "5215", "5215"),
        ("IVA", "19 % de $ 5.215", "990.85", "991"),
        ("Total", "$ 5.215 + $ 991", "6206", "6206"),
    ]


def test_of_gross_prices_the_net_comes_first_and_the_iva_is_the_rest() -> None:
    documento = make_documento(
        tipo=TipoDte.BOLETA,
        brutos=True,
        detalles=(replace(LINEA, cantidad=Decimal(1), precio=Decimal(1000)),),
    )
    steps = told(documento)
    assert [step[:2] for step in steps[1:]] == [
        ("Afecto, IVA incluido", "$ 1.000"),
        ("Neto", "$ 1.000 ÷ 1,19"),
        ("IVA", "$ 1.000 - $ 840"),
        ("Total", "$ 840 + $ 160"),
    ]
    assert steps[2][2].startswith("840.336134")
    assert steps[2][3] == "840"


def test_a_tax_of_some_lines_shows_its_share_of_what_is_off_the_whole() -> None:
    documento = make_documento(
        detalles=(LINEA, replace(LINEA, cantidad=Decimal(1), precio=Decimal(1005), impuesto="25")),
        ajustes=(Ajuste(pct=Decimal(10)),),
    )
    assert told(documento)[5:] == [
        ("Parte del ajuste global 1 en Vinos (código 25)", "10 % de $ 1.005", "100.5", "101"),
        ("Base de Vinos (código 25)", "$ 1.005 - $ 101", "904", "904"),
        ("Vinos (código 25)", "20,5 % de $ 904", "185.32", "185"),
        ("Total", "$ 6.279 + $ 1.193 + $ 185", "7657", "7657"),
    ]


def test_what_is_withheld_is_taken_off_and_the_rest_is_told() -> None:
    documento = make_documento(
        tipo=TipoDte.FACTURA_COMPRA,
        detalles=(replace(LINEA, cantidad=Decimal(1), precio=Decimal(1000), impuesto="32"),),
    )
    assert told(documento)[3:] == [
        ("IVA retenido ganado (código 32)", "8 % de $ 1.000", "80", "80"),
        ("IVA no retenido", "$ 190 - $ 80", "110", "110"),
        ("Total", "$ 1.000 + $ 190 - $ 80", "1110", "1110"),
    ]


def test_the_guarantee_is_in_the_total_and_what_is_not_billable_beside_it() -> None:
    documento = make_documento(
        detalles=(
            replace(LINEA, cantidad=Decimal(1), precio=Decimal(1000)),
            replace(LINEA, cantidad=Decimal(2), precio=Decimal(100), exencion=3),
            replace(LINEA, cantidad=Decimal(1), precio=Decimal(30), exencion=6),
        )
    )
    assert told(documento)[-2:] == [
        ("Total", "$ 1.000 + $ 190 + $ 200", "1390", "1390"),
        ("No facturable, fuera del total", "-$ 30", "-30", "-30"),
    ]


def test_an_export_ends_in_pesos() -> None:
    documento = make_documento(
        tipo=TipoDte.FACTURA_EXPORTACION,
        moneda=Moneda("DOLAR USA", Decimal("951.25")),
        ajustes=(Ajuste(recargo=True, monto=Decimal("12.5"), sobre=Base.EXENTO, glosa="FLETE"),),
    )
    assert told(documento) == [
        ("Línea 1", "3 × DOLAR USA 1.990,5", "5971.5", "5971.50"),
        ("Recargo global 1, FLETE", "DOLAR USA 12,5", "12.5", "12.50"),
        ("Exento", "DOLAR USA 5.971,5 + DOLAR USA 12,5", "5984.00", "5984.00"),
        ("Total", "DOLAR USA 5.984", "5984.00", "5984.00"),
        ("Total en pesos", "DOLAR USA 5.984 × $ 951,25", "5692280.0000", "5692280"),
    ]


def test_a_document_of_no_value_comes_to_zero() -> None:
    documento = make_documento(
        tipo=TipoDte.GUIA_DESPACHO, detalles=(replace(LINEA, cantidad=None, precio=None),)
    )
    assert told(documento) == [("Línea 1", "sin precio", "0", "0"), ("Total", "$ 0", "0", "0")]
