"""Boletas: large ones, and those of shows."""

from decimal import Decimal

from timbre.dte.codes import BOLETAS
from timbre.dte.rules.rule import Case, Found, Level, rule

NOBODY = "66666666-6"
LARGE_IN_UF = 135
LARGE_PERHAPS = Decimal(5_000_000)
"""Pesos. 135 UF are more since the UF passed $37.037 (2024): below it no boleta is large, whatever the UF."""
SHOW = 4
_SOURCE = "Formato boletas v4.2; Ley 21.713 (boletas de más de 135 UF)"


def _is_large(case: Case) -> bool:
    return case.uf is not None and case.totales.total > LARGE_IN_UF * case.uf


@rule(
    "large_boleta_receiver",
    "Una boleta de más de 135 UF identifica a quien compra.",
    source=_SOURCE,
    types=BOLETAS,
    sums=True,
)
def receiver(case: Case) -> Found:
    receptor = case.documento.receptor
    if _is_large(case) and (receptor.rut == NOBODY or not receptor.razon_social.strip()):
        field = "rut" if receptor.rut == NOBODY else "business_name"
        message = "La boleta pasa de 135 UF: identifica a quien compra con su RUT y su nombre."
        yield f"document_receiver.{field}", message


@rule(
    "large_boleta_payment",
    "Una boleta de más de 135 UF dice su medio de pago.",
    source=_SOURCE,
    types=BOLETAS,
    sums=True,
)
def payment(case: Case) -> Found:
    if _is_large(case) and case.documento.medio_pago is None:
        message = "La boleta pasa de 135 UF: di su medio de pago (1 efectivo, 2 tarjeta, 3 transferencia)."
        yield "header.payment_means", message


@rule(
    "uf_unknown",
    "Sin el valor de la UF (TIMBRE_UF) no se sabe si una boleta de $5.000.000 o más pasa de 135 UF.",
    source=_SOURCE,
    types=BOLETAS,
    level=Level.WARN,
    sums=True,
)
def unknown_uf(case: Case) -> Found:
    if case.uf is None and case.totales.total >= LARGE_PERHAPS:
        message = (
            "No se conoce el valor de la UF: si la boleta pasa de 135 UF, identifica a quien compra y di el "
            "medio de pago."
        )
        yield "details", message


@rule(
    "show_indicator_missing",
    "Una boleta de espectáculo por cuenta de terceros lleva indicador de servicio 4.",
    source="Formato boletas v4.2, IndServicio e InfoTicket",
    types=BOLETAS,
    level=Level.WARN,
)
def show(case: Case) -> Found:
    documento = case.documento
    if any(line.entrada for line in documento.detalles) and documento.indicador_servicio != SHOW:
        message = "La boleta trae entradas: su indicador de servicio debería ser 4 (espectáculos)."
        yield "header.service_indicator", message
