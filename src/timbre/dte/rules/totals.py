"""What only the sums show."""

from decimal import Decimal

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.rules.rule import Case, Found, Level, rule

T = TipoDte
MOST_PAYMENTS = 30
_AFFECTED = frozenset({T.FACTURA, T.BOLETA})


@rule("amount_too_large", "Ningún monto pasa de 18 cifras.", source="DTE_v10.xsd, MontoType", sums=True)
def too_large(case: Case) -> Found:
    digits = 14 if case.documento.es_exportacion else 18
    limit = Decimal(10) ** digits
    for number, monto in enumerate(case.totales.lineas):
        if monto.monto >= limit:
            yield f"details.{number}", f"El monto de la línea {number + 1} pasa de {digits} cifras."
    if max(case.totales.total, case.totales.total_en_pesos / 10**4, abs(case.totales.no_facturable)) >= limit:
        yield "details", f"El total del documento pasa de {digits} cifras."


@rule(
    "negative_total",
    "Ni el neto, ni lo exento, ni el total son negativos.",
    source="DTE_v10.xsd, MontoType",
    sums=True,
)
def negative(case: Case) -> Found:
    totales = case.totales
    for amount, name in ((totales.neto, "neto"), (totales.exento, "exento"), (totales.total, "total")):
        if amount < 0:
            yield "details", f"El {name} del documento sería {amount}: no puede ser negativo."
            return


def all_exempt(documento: Documento) -> bool:
    """Whether the document should have been of the exempt type."""
    lines = documento.detalles
    return documento.tipo in _AFFECTED and bool(lines) and all(line.exencion == 1 for line in lines)


@rule(
    "all_lines_exempt",
    "Una 33 con todas sus líneas exentas es una 34; una 39, una 41.",
    source="Formato DTE v2.2, TipoDTE",
    types=_AFFECTED,
)
def exempt(case: Case) -> Found:
    if all_exempt(case.documento):
        tipo, right = (33, 34) if case.documento.tipo is T.FACTURA else (39, 41)
        message = f"Todas las líneas son exentas: el documento debe ser del tipo {right}, no {tipo}."
        yield "dte_type.code", message


@rule(
    "iva_is_zero",
    "El IVA de lo afecto es mayor que 0.",
    source="Validación del portal del SII: «Valor IVA debe ser mayor a 0»",
    types=frozenset({T.FACTURA, T.FACTURA_COMPRA, T.NOTA_DEBITO, T.NOTA_CREDITO}),
    sums=True,
)
def iva_is_zero(case: Case) -> Found:
    neto = case.totales.neto
    if case.totales.iva == 0 and (neto or _is_worthless(case.documento)):
        yield "details", f"El neto afecto es ${neto} y su IVA sería $0: el SII pide un IVA mayor que 0."


def _is_worthless(documento: Documento) -> bool:
    """Whether it is an invoice of nothing, which no exempt line excuses: notes may be."""
    if documento.tipo is T.FACTURA_COMPRA:
        return any(line.exencion is None for line in documento.detalles)
    return documento.tipo is T.FACTURA and bool(documento.detalles) and not all_exempt(documento)


@rule("payment_limit", "Un plan de pagos tiene hasta 30 pagos.", source="DTE_v10.xsd, MntPagos")
def payment_limit(case: Case) -> Found:
    if len(case.documento.pagos) > MOST_PAYMENTS:
        message = f"El documento trae {len(case.documento.pagos)} pagos; el SII admite {MOST_PAYMENTS}."
        yield "header.payments", message


@rule(
    "payments_differ",
    "Los pagos suman el total del documento.",
    source="Formato DTE v2.2, MntPagos",
    level=Level.WARN,
    sums=True,
)
def payments_differ(case: Case) -> Found:
    paid = sum((each.monto for each in case.documento.pagos), Decimal(0))
    if case.documento.pagos and paid != case.totales.total:
        yield "header.payments", f"Los pagos suman {paid} y el total del documento es {case.totales.total}."
