"""Figures that can be figured with: within the XSD's digits, decimals and signs."""

from decimal import Decimal

from timbre.dte.rules.rule import Case, Found, rule

_XSD = "DTE_v10.xsd, Dec12_6Type y PctType"
_PRICE_LIMIT = Decimal(10) ** 12
_RATE_LIMIT = Decimal(10) ** 6
_PERCENTS = (
    ("descuento_pct", "discount_percent", "El descuento"),
    ("recargo_pct", "surcharge_percent", "El recargo"),
)


def _decimals(value: Decimal, most: int) -> bool:
    """Whether it has more decimals than that; trailing zeros are none."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -most:
        return False
    return value != round(value, most)


@rule("invalid_number", "Todo monto, precio y cantidad es un número finito.", source="DTE_v10.xsd")
def finite(case: Case) -> Found:
    for value, path, label, _, _ in case.wild:
        if not value.is_finite():
            yield path, f"{label} no es un número."


@rule("negative_amount", "Precios, cantidades, descuentos y pagos no son negativos.", source=_XSD)
def negative(case: Case) -> Found:
    for value, path, label, _, _ in case.wild:
        if value.is_finite() and value < 0:
            how = " Para restar usa un descuento." if path.endswith(("quantity", "unit_price")) else ""
            yield path, f"{label} es {value}: no puede ser negativo.{how}"


@rule("amount_too_large", "Precios y cantidades caben en 12 cifras enteras; montos, en 18.", source=_XSD)
def too_large(case: Case) -> Found:
    for value, path, label, _, digits in case.wild:
        if value.is_finite() and value >= Decimal(10) ** digits:
            yield path, f"{label} pasa de {digits} cifras enteras."


@rule(
    "too_many_decimals",
    "Precios y cantidades llevan hasta 6 decimales; porcentajes, hasta 2.",
    source=_XSD,
)
def too_many_decimals(case: Case) -> Found:
    for value, path, label, most, _ in case.wild:
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
