"""Figures, dates and codes as they are written in Chile."""

from datetime import date
from decimal import Decimal

from timbre.dte.codes import FormaPago

_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
PAYMENT = {
    FormaPago.CONTADO: "Contado",
    FormaPago.CREDITO: "Crédito",
    FormaPago.GRATIS: "Sin costo",
}
_REFERENCES = {
    "30": "Factura",
    "32": "Factura exenta",
    "33": "Factura electrónica",
    "34": "Factura exenta electrónica",
    "35": "Boleta",
    "38": "Boleta exenta",
    "39": "Boleta electrónica",
    "40": "Liquidación factura",
    "41": "Boleta exenta electrónica",
    "43": "Liquidación factura electrónica",
    "45": "Factura de compra",
    "46": "Factura de compra electrónica",
    "50": "Guía de despacho",
    "52": "Guía de despacho electrónica",
    "55": "Nota de débito",
    "56": "Nota de débito electrónica",
    "60": "Nota de crédito",
    "61": "Nota de crédito electrónica",
    "103": "Liquidación",
    "110": "Factura de exportación electrónica",
    "111": "Nota de débito de exportación electrónica",
    "112": "Nota de crédito de exportación electrónica",
    "801": "Orden de compra",
    "802": "Nota de pedido",
    "803": "Contrato",
    "804": "Resolución",
    "805": "Proceso ChileCompra",
    "806": "Ficha ChileCompra",
    "807": "DUS",
    "808": "Conocimiento de embarque",
    "809": "Guía aérea",
    "810": "MIC/DTA",
    "811": "Carta de porte",
    "812": "Resolución del SNA",
    "813": "Pasaporte",
    "814": "Certificado de depósito",
    "815": "Vale de prenda",
    "820": "Acuerdo de plazo de pago",
    "SET": "Set de pruebas",
    "HES": "Hoja de entrada de servicio",
}
_ACTIONS = {1: "anula", 2: "corrige texto", 3: "corrige montos"}


def pesos(amount: int | Decimal) -> str:
    """``1234567`` as ``1.234.567``."""
    return f"{amount:,}".replace(",", ".")


def number(value: Decimal) -> str:
    """``1234.50`` as ``1.234,5``: every decimal that counts and no other."""
    whole, _, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "")


def long_date(day: date) -> str:
    """``14 de marzo de 2026``."""
    return f"{day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def short_date(day: date) -> str:
    """``14-03-2026``."""
    return f"{day:%d-%m-%Y}"


def reference_name(tipo: str) -> str:
    """A reference's type in words; a code of the parties' own stays as it is."""
    return _REFERENCES.get(tipo, tipo)


def reference_action(codigo: int | None) -> str:
    """What a reference does to the other document, empty when it only names it."""
    return _ACTIONS.get(codigo or 0, "")
