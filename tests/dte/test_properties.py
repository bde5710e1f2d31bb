"""Random documents of every type, from what is asked to the printed stamp.

What the rules accept is written as the schema wants, adds up as the SII works it out, verifies, and reads
back as it was asked. The arithmetic is done over again here, in fractions, from the SII's format alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pypdfium2
import pytest
import zxingcpp
from documents import documents
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from factories import EMISOR_RUT, NOW, TODAY, make_caf_xml, make_certificate
from timbre.dte.caf import Caf, open_caf
from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Referencia, Resolucion
from timbre.dte.parsing import encode
from timbre.dte.rules import judge_document
from timbre.dte.schema import validate
from timbre.dte.signature import sign, verify_dte
from timbre.dte.stamp import stamp, verify_stamp
from timbre.dte.steps import Paso, explain
from timbre.dte.totals import Totales, compute_totals
from timbre.dte.xml import build
from timbre.pdf.page import draw
from timbre.pdf.reading import read
from timbre.pdf.sheet import Formato

EXAMPLES = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same examples every time. Not shrunk: that takes minutes, and a document prints readably as it is."""
RESOLUCION = Resolucion(numero=80, fecha=date(2014, 8, 22))
EXEMPT_TYPES = {34, 41, 110, 111, 112}
EXPORT_TYPES = {110, 111, 112}
BOLETA_TYPES = {39, 41}
LAST_FOLIO = 9_999_999_999
RATES = {
    code: Fraction(rate)
    for code, rate in {
        "15": "19", "18": "5", "19": "12", "23": "15", "24": "31.5", "25": "20.5", "26": "20.5", "27": "10",
        "271": "18", "30": "10", "301": "19", "32": "8", "33": "8", "34": "4", "44": "15", "45": "50",
        "48": "14", "481": "19", "53": "0.5",
    }.items()
}  # fmt: skip
WITHHELD_OF_IVA = {"15", "30", "301", "32", "33", "34", "48", "481"}


@pytest.mark.parametrize("tipo", TipoDte, ids=str)
@EXAMPLES
@given(data=st.data())
def test_what_the_rules_accept_comes_out_right(tipo: TipoDte, data: st.DataObject) -> None:
    documento = data.draw(documents(tipo))
    assert [each for each in judge_document(documento, today=TODAY) if not each.warns] == []
    totales = compute_totals(documento)
    assert_worked_out_again(documento, totales)
    assert_steps_lead_there(documento, totales, explain(documento, totales))
    ted = stamp(documento, LAST_FOLIO, totales, caf_of(tipo), NOW)
    assert len(ted.encode("iso-8859-1")) <= 1000
    xml = encode(sign(build(documento, totales, LAST_FOLIO, ted, NOW), make_certificate()))
    validate(xml)
    verify_dte(xml)
    verify_stamp(ted_of(xml).decode("iso-8859-1"))
    assert_reads_back(documento, totales, xml)
    for formato in ("carta", "rollo") if tipo in BOLETA_TYPES else ("carta",):
        assert printed_stamp(xml, formato) == ted_of(xml)


@cache
def caf_of(tipo: TipoDte) -> Caf:
    """With as long a name as a CAF has."""
    name = "PANADERIA ÑANDU & HIJOS SOCIEDAD POR ACC"
    return open_caf(make_caf_xml(EMISOR_RUT, tipo.value, 1, LAST_FOLIO, razon_social=name))


def ted_of(xml: bytes) -> bytes:
    return xml[xml.index(b"<TED") : xml.index(b"</TED>") + 6]


# The arithmetic, over again


def half_away(amount: Fraction, places: int = 0) -> Fraction:
    scaled = abs(amount) * 10**places
    rounded = Fraction(int(scaled + Fraction(1, 2)), 10**places)
    return -rounded if amount < 0 else rounded


def places_of(documento: Documento) -> int:
    return 0 if documento.moneda.nombre == "PESO CL" else 2


def worth(line: Detalle, places: int) -> Fraction:
    quantity = Fraction(1) if line.cantidad is None else Fraction(line.cantidad)
    product = half_away(quantity * Fraction(line.precio or 0), places)
    discount = half_away(product * Fraction(line.descuento_pct) / 100, places) + Fraction(
        line.descuento_monto
    )
    surcharge = half_away(product * Fraction(line.recargo_pct) / 100, places) + Fraction(line.recargo_monto)
    return product - discount + surcharge


def adjusted(documento: Documento, lines: Fraction, index: int | None, *, amounts: bool = True) -> Fraction:
    """What lines of one IndExe (None, 1 or 2) come to after the global discounts and surcharges on them."""
    found = lines
    for each in documento.ajustes:
        if each.sobre.value != index or (each.pct is None and not amounts):
            continue
        amount = Fraction(each.monto or 0)
        if each.pct is not None:
            amount = half_away(lines * Fraction(each.pct) / 100, places_of(documento))
        found += amount if each.recargo else -amount
    return found


def assert_worked_out_again(documento: Documento, totales: Totales) -> None:
    places = places_of(documento)
    lines: dict[int | None, Fraction] = dict.fromkeys((None, 1, 2, 3, 4, 5, 6), Fraction(0))
    taxed: dict[str, Fraction] = {}
    for line, monto in zip(documento.detalles, totales.lineas, strict=True):
        amount = worth(line, places)
        assert monto.monto == amount
        index = 1 if documento.tipo in EXEMPT_TYPES and line.exencion is None else line.exencion
        lines[index] += amount
        if index is None and line.impuesto:
            taxed[line.impuesto] = taxed.get(line.impuesto, Fraction(0)) + amount
    affected = adjusted(documento, lines[None], None)
    exempt = adjusted(documento, lines[1], 1)
    net = half_away(affected / Fraction("1.19")) if documento.brutos else affected
    iva = affected - net if documento.brutos else half_away(net * 19 / 100)
    alone = len({line.impuesto for line in documento.detalles if line.exencion is None}) == 1
    taxes = {
        code: tax
        for code, amount in taxed.items()
        if (tax := half_away(adjusted(documento, amount, None, amounts=alone) * RATES[code] / 100))
    }
    withheld = sum((taxes[code] for code in taxes if code in {*WITHHELD_OF_IVA, "53"}), Fraction(0))
    of_iva = sum((taxes[code] for code in taxes if code in WITHHELD_OF_IVA), Fraction(0))
    total = net + exempt + iva + sum(taxes.values()) - 2 * withheld + lines[3]
    assert (totales.neto, totales.iva, totales.exento) == (net, iva, exempt)
    assert {each.codigo: each.monto for each in totales.impuestos} == taxes
    assert totales.iva_no_retenido == (iva - of_iva if 0 < of_iva < iva else 0)
    assert (totales.garantia, totales.no_facturable) == (
        lines[3],
        adjusted(documento, lines[2] - lines[6], 2),
    )
    assert totales.total == total
    unpaid = documento.tipo in EXPORT_TYPES and documento.forma_pago_exportacion == 21
    rate = Fraction(0) if unpaid else Fraction(documento.moneda.tipo_cambio)
    assert totales.total_en_pesos == half_away(total * rate)


def assert_steps_lead_there(documento: Documento, totales: Totales, steps: Sequence[Paso]) -> None:
    """Each step's figure rounds to its amount, and the amounts add up to the lines and to the totals."""
    places = places_of(documento)
    for step in steps:
        in_pesos = step.concepto == "Total en pesos"
        assert half_away(Fraction(step.exacto), 0 if in_pesos else places) == step.monto
    said = {step.concepto: step.monto for step in steps}
    assert len(said) == len(steps)
    for number, monto in enumerate(totales.lineas, 1):
        discount = said.get(f"Descuento de la línea {number}", 0)
        surcharge = said.get(f"Recargo de la línea {number}", 0)
        assert said[f"Línea {number}"] - discount + surcharge == monto.monto
        assert said.get(f"Monto de la línea {number}", monto.bruto) == monto.monto
    taxes = [(each, tax_step(said, each.codigo)) for each in totales.impuestos]
    added = sum(monto for each, monto in taxes if not each.retencion)
    withheld = sum(monto for each, monto in taxes if each.retencion)
    parts = said.get("Neto", 0) + said.get("IVA", 0) + said.get("Exento", 0)
    assert parts + added - withheld + totales.garantia == said["Total"] == totales.total
    assert said.get("No facturable, fuera del total", 0) == totales.no_facturable
    assert said.get("Total en pesos", totales.total) == totales.total_en_pesos


def tax_step(said: Mapping[str, Decimal], codigo: str) -> Decimal:
    """The tax itself; what begins with «Base» or «Parte» is on the way to it."""
    (found,) = (
        monto
        for concepto, monto in said.items()
        if concepto.endswith(f"(código {codigo})") and not concepto.startswith(("Base", "Parte"))
    )
    return found


# Reading back


def assert_reads_back(documento: Documento, totales: Totales, xml: bytes) -> None:
    emitido = read(xml)
    assert emitido.documento == as_written(documento, totales)
    assert emitido.folio == LAST_FOLIO
    assert emitido.ted.encode("iso-8859-1") == ted_of(xml)
    bases = {each.codigo: each.base for each in totales.impuestos}
    impuestos = tuple(replace(each, base=bases[each.codigo]) for each in emitido.totales.impuestos)
    assert replace(emitido.totales, impuestos=impuestos) == totales


def as_written(documento: Documento, totales: Totales) -> Documento:
    """The document as far as the format of its type has elements for it."""
    lines = tuple(
        replace(
            line,
            exencion=1 if documento.tipo in EXEMPT_TYPES and line.exencion is None else line.exencion,
            descuento_pct=line.descuento_pct if monto.descuento else 0,
            recargo_pct=line.recargo_pct if monto.recargo else 0,
        )
        for line, monto in zip(documento.detalles, totales.lineas, strict=True)
    )
    if documento.tipo not in BOLETA_TYPES:
        return replace(documento, detalles=lines)
    return replace(
        documento,
        detalles=lines,
        emisor=replace(documento.emisor, acteco="", telefono="", correo=""),
        receptor=replace(documento.receptor, giro=""),
        referencias=tuple(undated(each, documento.fecha_emision) for each in documento.referencias),
        brutos=documento.brutos or documento.tipo == TipoDte.BOLETA_EXENTA,
    )


def undated(referencia: Referencia, day: date) -> Referencia:
    """A boleta's reference has no date and reads as of the boleta's."""
    return replace(referencia, fecha=day)


def printed_stamp(xml: bytes, formato: Formato) -> bytes:
    """What a reader finds in the lower half of the last page: at a glance or, if not, looking harder."""
    with pypdfium2.PdfDocument(draw(xml, resolucion=RESOLUCION, formato=formato)) as pdf:
        page = pdf[len(pdf) - 1]
        for dpi, harder in ((200, False), (300, True), (400, True), (600, True)):
            image = page.render(scale=dpi / 72, grayscale=True, crop=(0, 0, 0, page.get_height() / 2))
            symbols = zxingcpp.read_barcodes(
                image.to_pil(),
                formats=zxingcpp.BarcodeFormat.PDF417,
                try_rotate=harder,
                try_downscale=harder,
                try_invert=False,
            )
            if symbols:
                break
    (symbol,) = symbols
    found: bytes = symbol.bytes
    return found
