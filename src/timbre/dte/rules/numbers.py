"""Figures that can be figured with: within the XSD's digits, decimals and signs."""

from collections.abc import Iterator
from decimal import Decimal

from timbre.dte.document import Aduana, Detalle, Documento
from timbre.dte.rules.rule import Case, Found, rule

_XSD = "DTE_v10.xsd, Dec12_6Type y PctType"
_PRICE_LIMIT = Decimal(10) ** 12
_RATE_LIMIT = Decimal(10) ** 6
Figure = tuple[Decimal, str, str, int, int]
"""A value, its path and Spanish label, its most decimals and the most digits before them."""
_PERCENTS = (
    ("descuento_pct", "discount_percent", "El descuento"),
    ("recargo_pct", "surcharge_percent", "El recargo"),
)
_CUSTOMS = (
    ("total_clausula", "sale_clause_amount", "El total de la cláusula de venta", 2, 16),
    ("peso_bruto", "gross_weight", "El peso bruto", 2, 8),
    ("peso_neto", "net_weight", "El peso neto", 2, 8),
    ("flete", "freight_amount", "El flete", 2, 14),
    ("seguro", "insurance_amount", "El seguro", 2, 14),
)


def _decimals(value: Decimal, most: int) -> bool:
    """Whether it has more decimals than that; trailing zeros are none."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -most:
        return False
    return value != round(value, most)


def _figures(documento: Documento) -> Iterator[Figure]:
    """Every figure that was given."""
    price = "gross_unit_price" if documento.brutos else "unit_price"
    for number, line in enumerate(documento.detalles):
        yield from _line_figures(line, f"details.{number}.", f" de la línea {number + 1}", price)
    for number, ajuste in enumerate(documento.ajustes):
        for value, name in ((ajuste.pct, "percent"), (ajuste.monto, "amount")):
            if value is not None:
                path = f"global_adjustments.{number}.{name}"
                yield value, path, f"El ajuste global {number + 1}", 2, 16
    for number, pago in enumerate(documento.pagos):
        yield pago.monto, f"header.payments.{number}.amount", f"El pago {number + 1}", 0, 18
    if documento.moneda.tipo_cambio != 1:
        yield documento.moneda.tipo_cambio, "export_data.exchange_rate", "El tipo de cambio", 4, 6
    aduana = documento.transporte.aduana if documento.transporte else None
    if aduana:
        yield from _customs_figures(aduana, "export_data" if documento.es_exportacion else "transport_data")


def _line_figures(line: Detalle, path: str, whose: str, price: str) -> Iterator[Figure]:
    if line.precio:
        yield line.precio, path + price, "El precio" + whose, 6, 12
    if line.cantidad:
        yield line.cantidad, path + "quantity", "La cantidad" + whose, 6, 12
    if line.descuento_monto:
        yield line.descuento_monto, path + "discount_amount", "El descuento" + whose, 2, 16
    if line.recargo_monto:
        yield line.recargo_monto, path + "surcharge_amount", "El recargo" + whose, 2, 16


def _customs_figures(aduana: Aduana, block: str) -> Iterator[Figure]:
    for attribute, name, label, decimals, digits in _CUSTOMS:
        value = getattr(aduana, attribute)
        if value is not None:
            yield value, f"{block}.{name}", label, decimals, digits


def _wild(case: Case) -> tuple[Figure, ...]:
    """Figures that may break a rule: all but those that are plainly in order."""
    return tuple(each for each in _figures(case.documento) if not _plain(each))


def _plain(figure: Figure) -> bool:
    value, _, _, decimals, digits = figure
    _, figures, exponent = value.as_tuple()
    if not isinstance(exponent, int) or value.is_signed():
        return False
    return -exponent <= decimals and len(figures) + exponent <= digits


@rule("invalid_number", "Todo monto, precio y cantidad es un número finito.", source="DTE_v10.xsd")
def finite(case: Case) -> Found:
    for value, path, label, _, _ in _wild(case):
        if not value.is_finite():
            yield path, f"{label} no es un número."


@rule("negative_amount", "Precios, cantidades, descuentos y pagos no son negativos.", source=_XSD)
def negative(case: Case) -> Found:
    for value, path, label, _, _ in _wild(case):
        if value.is_finite() and value < 0:
            how = " Para restar usa un descuento." if path.endswith(("quantity", "unit_price")) else ""
            yield path, f"{label} es {value}: no puede ser negativo.{how}"


@rule("amount_too_large", "Precios y cantidades caben en 12 cifras enteras; montos, en 18.", source=_XSD)
def too_large(case: Case) -> Found:
    for value, path, label, _, digits in _wild(case):
        if value.is_finite() and value >= Decimal(10) ** digits:
            yield path, f"{label} pasa de {digits} cifras enteras."


@rule(
    "too_many_decimals",
    "Precios y cantidades llevan hasta 6 decimales; porcentajes, hasta 2.",
    source=_XSD,
)
def too_many_decimals(case: Case) -> Found:
    for value, path, label, most, _ in _wild(case):
        if value.is_finite() and 0 <= value < _PRICE_LIMIT**2 and _decimals(value, most):
            yield path, f"{label} es {value}: caben a lo más {most} decimales."
    for number, line in enumerate(case.documento.detalles):
        for attribute, name, label in _PERCENTS:
            value = getattr(line, attribute)
            if value and value.is_finite() and 0 < value <= 100 and _decimals(value, 2):
                message = f"{label} de la línea {number + 1} es {value}: caben a lo más 2 decimales."
                yield f"details.{number}.{name}", message


@rule("invalid_quantity", "Una cantidad que se dice es mayor que 0.", source="DTE_v10.xsd, QtyItem")
def zero_quantity(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.cantidad is not None and not line.cantidad:
            yield f"details.{number}.quantity", f"La cantidad de la línea {number + 1} debe ser mayor que 0."


@rule("discount_out_of_range", "El descuento de una línea es de 0 a 100 por ciento.", source="DTE_v10.xsd")
def discount_percent(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        percent = line.descuento_pct
        if percent and not (percent.is_finite() and 0 <= percent <= 100):
            message = (
                f"El descuento de la línea {number + 1} es {percent}: debe ser un porcentaje entre 0 y 100."
            )
            yield f"details.{number}.discount_percent", message


@rule(
    "surcharge_out_of_range",
    "El recargo de una línea es de 0 a 999,99 por ciento; en una boleta, hasta 100.",
    source="DTE_v10.xsd y EnvioBOLETA_v11.xsd, RecargoPct",
)
def surcharge_percent(case: Case) -> Found:
    most = 100 if case.documento.es_boleta else Decimal("999.99")
    for number, line in enumerate(case.documento.detalles):
        percent = line.recargo_pct
        if percent and not (percent.is_finite() and 0 <= percent <= most):
            message = f"El recargo de la línea {number + 1} es {percent}: debe ser de 0 a {most} por ciento."
            yield f"details.{number}.surcharge_percent", message


@rule(
    "invalid_exchange_rate",
    "El tipo de cambio es mayor que 0 y menor que un millón.",
    source="DTE_v10.xsd, TpoCambio",
)
def exchange_rate(case: Case) -> Found:
    rate = case.documento.moneda.tipo_cambio
    if rate.is_finite() and not 0 < rate < _RATE_LIMIT:
        message = f"El tipo de cambio es {rate}: debe ser mayor que 0 y menor que {_RATE_LIMIT}."
        yield "export_data.exchange_rate", message
