"""How the totals of a document came about, step by step, for the accountant who goes over a preview.

Each step says what was worked out (``exacto``) and what the document carries (``monto``): the exact figure
rounded half away from zero, to whole pesos or to the decimals of an export's currency (``totals``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from timbre.dte.document import PESO_CL, PESOS, Base, Documento, Moneda
from timbre.dte.taxes import IMPUESTOS
from timbre.dte.totals import (
    CERO,
    TASA_IVA,
    ImpuestoAplicado,
    Monto,
    Totales,
    adjustment,
    by_tax,
    subtotals,
)

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_OF_BASE = {Base.AFECTO: "afecto", Base.EXENTO: "exento", Base.NO_FACTURABLE: "no facturable"}
_SWAPPED = str.maketrans(".,", ",.")
_TO_GROSS = 1 + TASA_IVA / 100


@dataclass(frozen=True, slots=True)
class Paso:
    """One step. ``concepto`` and ``formula`` are Spanish with Chile's numbers; ``exacto`` is as it was before
    rounding (a quotient to 60 digits), ``monto`` after. Discounts and withholdings are not negative here:
    the step that takes them off says so in its formula. ``moneda`` is what ``monto`` is in: pesos, or an
    export's own.
    """

    concepto: str
    formula: str
    exacto: Decimal
    monto: Decimal
    moneda: Moneda = PESOS

    @property
    def formula_bound(self) -> str:
        """The formula as it is set in lines: a peso sign stays with its figure."""
        return self.formula.replace("$ ", "$\N{NO-BREAK SPACE}")


def explain(documento: Documento, totales: Totales) -> tuple[Paso, ...]:
    """Every step from the lines to the total, in order; ``totales`` are the document's own."""
    with localcontext(_EXACT):
        return (
            *_lines(documento, totales),
            *_adjustments(documento, totales),
            *_amounts(documento, totales),
        )


def _lines(documento: Documento, totales: Totales) -> Iterator[Paso]:
    moneda = documento.moneda
    for number, (detalle, monto) in enumerate(zip(documento.detalles, totales.lineas, strict=True), 1):
        cantidad = Decimal(1) if detalle.cantidad is None else detalle.cantidad
        if detalle.precio is None:
            formula = "sin precio"
        else:
            formula = f"{_number(cantidad)} × {_money(detalle.precio, moneda)}"
        yield Paso(f"Línea {number}", formula, cantidad * (detalle.precio or CERO), monto.bruto, moneda)
        for name, pct, found in (
            ("Descuento", detalle.descuento_pct, monto.descuento),
            ("Recargo", detalle.recargo_pct, monto.recargo),
        ):
            if found:
                base = monto.bruto if pct else found
                yield _share(f"{name} de la línea {number}", pct or None, base, found, moneda)
        if monto.descuento or monto.recargo:
            yield _sum(f"Monto de la línea {number}", _terms(monto), moneda)


def _terms(monto: Monto) -> list[Decimal]:
    return [monto.bruto, *([-monto.descuento] if monto.descuento else []), *filter(None, [monto.recargo])]


def _adjustments(documento: Documento, totales: Totales) -> Iterator[Paso]:
    """Each global adjustment over what its lines add up to, whatever the other adjustments take off."""
    before = subtotals(documento, totales.lineas)
    pairs = zip(documento.ajustes, totales.ajustes, strict=True)
    for number, (ajuste, monto) in enumerate(pairs, 1):
        kind = "Recargo" if ajuste.recargo else "Descuento"
        concepto = f"{kind} global {number}, {ajuste.glosa or _OF_BASE[ajuste.sobre]}"
        base = before[ajuste.sobre] if ajuste.pct is not None else ajuste.monto or CERO
        yield _share(concepto, ajuste.pct, base, monto, documento.moneda)


def _amounts(documento: Documento, totales: Totales) -> Iterator[Paso]:
    moneda = documento.moneda
    affected, exempt, not_billable = (_adjusted(documento, totales, sobre) for sobre in Base)
    if any(affected):
        yield from _net(affected, totales, gross=documento.brutos)
    if any(exempt):
        yield _sum("Exento", exempt, moneda)
    for each in totales.impuestos:
        yield from _tax(each, documento, totales)
    if totales.iva_no_retenido:
        yield _sum("IVA no retenido", [totales.iva, totales.iva_no_retenido - totales.iva], moneda)
    yield _sum("Total", _of_total(totales), moneda)
    if any(not_billable):
        yield _sum("No facturable, fuera del total", not_billable, moneda)
    if documento.es_exportacion and documento.cambio != 1:
        yield Paso(
            "Total en pesos",
            f"{_money(totales.total, moneda)} × {_money(documento.cambio, PESOS)}",
            totales.total * documento.cambio,
            totales.total_en_pesos,
        )


def _adjusted(documento: Documento, totales: Totales, sobre: Base) -> list[Decimal]:
    """The lines of a base added up, then what each global adjustment puts on it or takes off."""
    pairs = zip(documento.ajustes, totales.ajustes, strict=True)
    return [
        subtotals(documento, totales.lineas)[sobre],
        *(monto if each.recargo else -monto for each, monto in pairs if each.sobre is sobre),
    ]


def _net(affected: list[Decimal], totales: Totales, *, gross: bool) -> Iterator[Paso]:
    """Of gross prices first the net, then the IVA as the rest; of net ones the other way."""
    if gross:
        whole = sum(affected, CERO)
        yield _sum("Afecto, IVA incluido", affected, PESOS)
        formula = f"{_money(whole, PESOS)} ÷ {_number(_TO_GROSS)}"
        yield Paso("Neto", formula, whole / _TO_GROSS, totales.neto)
        yield _sum("IVA", [whole, -totales.neto], PESOS)
    else:
        yield _sum("Neto", affected, PESOS)
        yield _share("IVA", TASA_IVA, totales.neto, totales.iva, PESOS)


def _tax(impuesto: ImpuestoAplicado, documento: Documento, totales: Totales) -> Iterator[Paso]:
    """Of a code that is not every affected line's, first its share of the adjustments; then the tax."""
    name = f"{IMPUESTOS[impuesto.codigo].nombre} (código {impuesto.codigo})"
    lines = by_tax(documento, totales.lineas)[impuesto.codigo]
    if impuesto.base not in (lines, totales.neto):
        terms = [lines]
        for number, ajuste in enumerate(documento.ajustes, 1):
            if ajuste.sobre is Base.AFECTO and ajuste.pct is not None:
                monto = adjustment(ajuste, lines)
                yield _share(f"Parte del ajuste global {number} en {name}", ajuste.pct, lines, monto, PESOS)
                terms.append(monto if ajuste.recargo else -monto)
        yield _sum(f"Base de {name}", terms, PESOS)
    yield _share(name, impuesto.tasa, impuesto.base, impuesto.monto, PESOS)


def _of_total(totales: Totales) -> list[Decimal]:
    taxes = (-each.monto if each.retencion else each.monto for each in totales.impuestos)
    terms = [totales.neto, totales.exento, totales.iva, *taxes, totales.garantia]
    return [term for term in terms if term] or [CERO]


def _share(concepto: str, pct: Decimal | None, base: Decimal, monto: Decimal, moneda: Moneda) -> Paso:
    """A percentage of a base; without one, the base is an amount that was given."""
    if pct is None:
        return Paso(concepto, _money(base, moneda), base, monto, moneda)
    return Paso(concepto, f"{_number(pct)} % de {_money(base, moneda)}", base * pct / 100, monto, moneda)


def _sum(concepto: str, terms: list[Decimal], moneda: Moneda) -> Paso:
    first, *others = terms
    shown = "".join(f" {'-' if term < 0 else '+'} {_money(abs(term), moneda)}" for term in others)
    whole = sum(terms, CERO)
    return Paso(concepto, _money(first, moneda) + shown, whole, whole, moneda)


def _money(amount: Decimal, moneda: Moneda) -> str:
    sign = "$" if moneda.nombre == PESO_CL else moneda.nombre
    return f"{'-' if amount < 0 else ''}{sign} {_number(abs(amount))}"


def _number(value: Decimal) -> str:
    """``1.990,5``: dots between thousands, a comma before the decimals that say something."""
    return f"{value.normalize():,f}".translate(_SWAPPED)
