"""Discounts and surcharges on the whole document."""

from timbre.dte.codes import SOLO_EXENTOS
from timbre.dte.document import Base
from timbre.dte.rules.rule import Case, Found, rule
from timbre.dte.totals import round_half_up, subtotals

MOST = 20
_PERCENT = 100
_CHARGES = {"FLETE": "export_data.freight_amount", "SEGURO": "export_data.insurance_amount"}
"""Where the caller wrote what became a surcharge of an export."""


@rule(
    "adjustment_limit",
    "Un documento lleva hasta 20 descuentos y recargos globales.",
    source="DTE_v10.xsd, DscRcgGlobal",
)
def too_many(case: Case) -> Found:
    if len(case.documento.ajustes) > MOST:
        message = f"El documento lleva {len(case.documento.ajustes)} ajustes globales; el SII admite {MOST}."
        yield "global_adjustments", message


@rule(
    "adjustment_invalid",
    "Un ajuste global es un porcentaje o un monto, mayor que 0.",
    source="DTE_v10.xsd, ValorDR",
)
def value(case: Case) -> Found:
    for number, each in enumerate(case.documento.ajustes):
        path, which = f"global_adjustments.{number}", f"El ajuste global {number + 1}"
        if (each.pct is None) == (each.monto is None):
            yield f"{path}.percent", f"{which} debe traer percent o amount, uno de los dos."
        elif each.pct is not None and (not each.pct or (each.pct > _PERCENT and not each.recargo)):
            yield f"{path}.percent", f"{which} es {each.pct}: debe ser mayor que 0 y hasta 100 por ciento."
        elif each.monto is not None and not each.monto:
            yield f"{path}.amount", f"{which} debe ser mayor que 0."


@rule(
    "adjustment_base_not_allowed",
    "En un documento exento un ajuste global es sobre lo exento o lo no facturable; en una "
    "exportación, sobre lo exento.",
    source="Formato DTE v2.2, IndExeDR; MontoNF (una exportación no lo tiene)",
    types=SOLO_EXENTOS,
)
def base(case: Case) -> Found:
    allowed = {Base.EXENTO} if case.documento.es_exportacion else {Base.EXENTO, Base.NO_FACTURABLE}
    for number, each in enumerate(case.documento.ajustes):
        if each.sobre not in allowed:
            message = (
                f"Un documento tipo {case.documento.tipo:d} no tiene líneas así: usa applies_to «exempt»."
            )
            yield f"global_adjustments.{number}.applies_to", message


@rule(
    "adjustment_over_base",
    "Los descuentos globales no pasan de lo que suman sus líneas.",
    source="DTE_v10.xsd, Totales (montos no negativos)",
    sums=True,
)
def over_base(case: Case) -> Found:
    if not case.documento.ajustes:
        return
    lines = subtotals(case.documento, case.totales.lineas)
    left = dict(lines)
    for number, (each, monto) in enumerate(zip(case.documento.ajustes, case.totales.ajustes, strict=True)):
        left[each.sobre] += monto if each.recargo else -monto
        if each.pct is not None and lines[each.sobre] < 0:
            message = f"El ajuste global {number + 1} es un porcentaje de líneas que suman menos que 0."
            yield f"global_adjustments.{number}.percent", message
        elif not each.recargo and left[each.sobre] < 0:
            message = f"El descuento global {number + 1} es {monto} y pasa de lo que suman sus líneas."
            yield f"global_adjustments.{number}", message


@rule(
    "amount_not_whole",
    "En pesos, los ajustes globales, el flete y el seguro no llevan decimales.",
    source="Formato DTE v2.2, ValorDR",
)
def whole(case: Case) -> Found:
    moneda = case.documento.moneda
    for number, each in enumerate(case.documento.ajustes):
        if each.monto is not None and each.monto != round_half_up(each.monto, moneda.decimales):
            charge = _CHARGES.get(each.glosa) if case.documento.es_exportacion and each.recargo else None
            path = charge or f"global_adjustments.{number}.amount"
            yield (
                path,
                f"El monto {each.monto} tiene más decimales que los {moneda.decimales} de {moneda.nombre}.",
            )


@rule(
    "adjustment_must_be_percent",
    "Con líneas de distintos impuestos un ajuste global de lo afecto es un porcentaje.",
    source="Formato DTE v2.2, DscRcgGlobal",
)
def percent(case: Case) -> Found:
    affected = {line.impuesto for line in case.documento.detalles if line.exencion is None}
    if len(affected) < 2:
        return
    for number, each in enumerate(case.documento.ajustes):
        if each.sobre is Base.AFECTO and each.monto is not None:
            message = "Hay líneas de distintos impuestos: el ajuste global debe ser un porcentaje."
            yield f"global_adjustments.{number}.amount", message
