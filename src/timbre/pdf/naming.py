"""The SII's codes as a reader knows them (sii-protocols 1.3, 1.5, 1.8; tables of documents and transfers)."""

from timbre.dte.codes import FormaPago
from timbre.dte.taxes import IMPUESTOS

PAYMENT = {
    FormaPago.CONTADO: "Contado",
    FormaPago.CREDITO: "Crédito",
    FormaPago.GRATIS: "Sin costo",
}
MEANS = {1: "Efectivo", 2: "Tarjeta", 3: "Transferencia", 4: "Cheque", 5: "Otro"}
TRANSFER = {
    1: "Operación constituye venta",
    2: "Ventas por efectuar",
    3: "Consignaciones",
    4: "Entrega gratuita",
    5: "Traslado interno",
    6: "Otros traslados no venta",
    7: "Guía de devolución",
    8: "Traslado para exportación",
    9: "Venta para exportación",
}
SALES = frozenset({1, 9})
"""Transfers that are sales: only theirs can be assigned, with the invoice."""
DISPATCH = {
    1: "Por cuenta del receptor",
    2: "Por cuenta del emisor a instalaciones del cliente",
    3: "Por cuenta del emisor a otras instalaciones",
}
MOVER = {1: "Exportador", 2: "Agente de aduana", 3: "Vendedor", 4: "Contribuyente autorizado"}
MARKS = {
    1: "exento",
    2: "no facturable",
    3: "garantía",
    4: "sin venta",
    5: "a rebajar",
    6: "no facturable (-)",
}
_SERVICES = {
    1: "Servicios periódicos domiciliarios",
    2: "Otros servicios periódicos",
    3: "Servicios",
    4: "Servicios de hotelería",
    5: "Transporte terrestre internacional",
}
_BOLETA_SERVICES = {
    1: "Servicios periódicos",
    2: "Servicios periódicos domiciliarios",
    4: "Espectáculo emitido por cuenta de terceros",
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


def reference_name(tipo: str) -> str:
    """A reference's type in words; a code of the parties' own stays as it is."""
    return _REFERENCES.get(tipo, tipo)


def reference_action(codigo: int | None) -> str:
    """What a reference does to the other document, empty when it only names it."""
    return _ACTIONS.get(codigo or 0, "")


def service_name(indicador: int | None, *, es_boleta: bool) -> str:
    """What kind of service is billed. Codes 1 and 2 of a boleta are those of an invoice the other way round;
    its 3, goods and services alike, needs no words. A code that is not known stays as it is.
    """
    if indicador is None or (es_boleta and indicador == 3):
        return ""
    known = _BOLETA_SERVICES if es_boleta else _SERVICES
    return known.get(indicador, str(indicador))


def tax_name(codigo: str) -> str:
    """What a tax or a withholding is called; where the table names what is taxed, the tax on it."""
    known = IMPUESTOS.get(codigo)
    name = known.nombre if known else f"código {codigo}"
    return name if name.startswith(("IVA", "Impuesto", "Retención")) else f"Impuesto: {name}"


def named(table: dict[int, str], codigo: int | None) -> str:
    """A customs' code in words: its name, or the code itself when the table lacks it."""
    return "" if codigo is None else table.get(codigo, str(codigo))
