"""As much as the schema lets through: the longest texts, the largest amounts, the most of everything."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from papers import ADUANA, CARRIED, make_paper
from seeing import collisions, outside, picture, texts

from factories import EMISOR, LINEA, RECEPTOR, TODAY, make_documento, make_signed_dte
from timbre.dte.codes import TipoDte
from timbre.dte.document import (
    Ajuste,
    Base,
    Bulto,
    Documento,
    GuiaExportacion,
    Pago,
    Referencia,
    Resolucion,
)
from timbre.dte.taxes import IMPUESTOS
from timbre.pdf.page import draw

RESOLUCION = Resolucion(numero=80, fecha=date(2014, 8, 22))
LARGEST = Decimal("999999999999.999999")
LONG_EMISOR = replace(
    EMISOR,
    razon_social="W" * 100,
    giro="W" * 80,
    direccion="W" * 70,
    comuna="W" * 20,
    ciudad="W" * 20,
    telefono="9" * 20,
    correo="w" * 80,
)
LONG_RECEPTOR = replace(
    RECEPTOR,
    razon_social="W" * 100,
    giro="W" * 40,
    direccion="W" * 70,
    comuna="W" * 20,
    ciudad="W" * 20,
    contacto="W" * 80,
    correo="w" * 80,
    codigo_interno="W" * 20,
    id_extranjero="W" * 20,
    nacionalidad="563",
)
LONG_LINE = replace(
    LINEA,
    nombre="W" * 80,
    cantidad=Decimal("999999.999999"),
    precio=LARGEST,
    descripcion="W" * 1000,
    unidad="WWWW",
    codigo="W" * 35,
    descuento_pct=Decimal("12.55"),
    recargo_monto=Decimal(10**17),
)
PACKAGE = Bulto(
    tipo=75, cantidad=10**9, marcas="W" * 255, contenedor="W" * 25, sello="W" * 20, emisor_sello="W" * 70
)
LONG_TRANSPORT = replace(
    CARRIED,
    direccion="W" * 70,
    comuna="W" * 20,
    ciudad="W" * 20,
    chofer_nombre="W" * 30,
    aduana=replace(ADUANA, bultos=(PACKAGE,) * 10, total_bultos=10**17, flete=Decimal(10**13)),
)


def longest(tipo: TipoDte, lines: int) -> Documento:
    """Sixty lines would be no other case than a few: each takes half a page."""
    codes = ["", *sorted(IMPUESTOS)] if tipo is TipoDte.FACTURA else [""]
    base = Base.EXENTO if make_paper(tipo).es_exportacion else Base.AFECTO
    return replace(
        make_paper(tipo),
        emisor=LONG_EMISOR,
        receptor=LONG_RECEPTOR,
        detalles=tuple(replace(LONG_LINE, impuesto=codes[n % len(codes)]) for n in range(lines)),
        ajustes=tuple(Ajuste(pct=Decimal("0.5"), glosa="W" * 45, sobre=base) for _ in range(20)),
        referencias=tuple(
            Referencia(tipo="112", folio=f"{n:018}", fecha=TODAY, razon="W" * 90, rut_otro="11111111-1")
            for n in range(40)
        ),
        pagos=tuple(Pago(fecha=TODAY, monto=Decimal(10**17), glosa="W" * 40) for _ in range(30)),
        condiciones_pago="W" * 100,
        transporte=LONG_TRANSPORT,
        guia_exportacion=GuiaExportacion(codigo=4, resolucion=999_999, fecha_resolucion=TODAY),
    )


def print_of(documento: Documento) -> bytes:
    return draw(make_signed_dte(documento, idk=300), resolucion=RESOLUCION)


@pytest.mark.parametrize(
    "tipo", [TipoDte.FACTURA, TipoDte.BOLETA, TipoDte.GUIA_DESPACHO, TipoDte.FACTURA_EXPORTACION]
)
def test_the_most_of_everything_stays_in_its_place(tipo: TipoDte) -> None:
    pdf = print_of(longest(tipo, 21))
    assert not collisions(pdf)
    assert not outside(pdf)
    assert len(zxingcpp.read_barcodes(picture(pdf))) == 1
    together = "".join(texts(pdf))
    assert all(f"{n:018}" in together for n in range(40))


def test_sixty_lines_with_descriptions_of_a_thousand_letters_lose_none_of_them() -> None:
    line = replace(LINEA, descripcion="x" * 999 + "y")
    together = "".join(texts(print_of(make_documento(detalles=(line,) * 60))))
    assert together.count("x") >= 60 * 999
    assert together.count("y") >= 60


def test_an_amount_of_eighteen_digits_is_there_to_the_last_one() -> None:
    line = replace(LINEA, cantidad=Decimal(1), precio=Decimal("840336134453.781513"), unidad="")
    line = replace(line, cantidad=Decimal("999999.5"))
    (text,) = texts(print_of(make_documento(detalles=(line,))))
    assert "840.336.134.453,781513" in text
    assert "840.335.714.285.714.286" in text


@pytest.mark.parametrize("many", range(1, 50, 3))
def test_totals_and_stamp_stand_once_and_on_the_last_page(many: int) -> None:
    pages = texts(print_of(replace(make_paper(TipoDte.FACTURA), detalles=(LINEA,) * many)))
    assert [page.count("Timbre Electrónico SII") for page in pages] == [0] * (len(pages) - 1) + [1]
    assert [page.count("Monto neto") for page in pages] == [0] * (len(pages) - 1) + [1]
