"""The figures of a document, of every block that has some."""

from collections.abc import Iterator
from decimal import Decimal

from timbre.dte.document import Aduana, Detalle, Documento

Figure = tuple[Decimal, str, str, int, int]
"""A value, its path and Spanish label, its most decimals and the most digits before them."""
_CUSTOMS = (
    ("total_clausula", "sale_clause_amount", "El total de la cláusula de venta", 2, 16),
    ("peso_bruto", "gross_weight", "El peso bruto", 2, 8),
    ("peso_neto", "net_weight", "El peso neto", 2, 8),
    ("flete", "freight_amount", "El flete", 2, 14),
    ("seguro", "insurance_amount", "El seguro", 2, 14),
)


def wild_figures(documento: Documento) -> tuple[Figure, ...]:
    """Those that may break a rule: all but what is plainly within its signs, digits and decimals."""
    return tuple(each for each in _figures(documento) if not _plain(each))


def _plain(figure: Figure) -> bool:
    value, _, _, decimals, digits = figure
    _, figures, exponent = value.as_tuple()
    if not isinstance(exponent, int) or value.is_signed():
        return False
    return -exponent <= decimals and len(figures) + exponent <= digits


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
