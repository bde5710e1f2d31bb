"""The SII's code lists that the core needs."""

from enum import IntEnum


class TipoDte(IntEnum):
    """Types of electronic tax document; the number is the SII's."""

    FACTURA = 33
    FACTURA_EXENTA = 34
    BOLETA = 39
    BOLETA_EXENTA = 41
    FACTURA_COMPRA = 46
    GUIA_DESPACHO = 52
    NOTA_DEBITO = 56
    NOTA_CREDITO = 61
    FACTURA_EXPORTACION = 110
    NOTA_DEBITO_EXPORTACION = 111
    NOTA_CREDITO_EXPORTACION = 112


BOLETAS = frozenset({TipoDte.BOLETA, TipoDte.BOLETA_EXENTA})
EXPORTACIONES = frozenset(
    {TipoDte.FACTURA_EXPORTACION, TipoDte.NOTA_DEBITO_EXPORTACION, TipoDte.NOTA_CREDITO_EXPORTACION}
)
NOTAS = frozenset(
    {
        TipoDte.NOTA_DEBITO,
        TipoDte.NOTA_CREDITO,
        TipoDte.NOTA_DEBITO_EXPORTACION,
        TipoDte.NOTA_CREDITO_EXPORTACION,
    }
)
NOTAS_DE_CREDITO = frozenset({TipoDte.NOTA_CREDITO, TipoDte.NOTA_CREDITO_EXPORTACION})
ANNULS, CORRECTS_TEXT, CORRECTS_AMOUNTS = 1, 2, 3
"""What a note does to the document that it names (CodRef)."""
ANULA = "ANULA DOCUMENTO DE LA REFERENCIA"
"""The reason of a note that annuls, when its issuer gives none of their own."""
SOLO_EXENTOS = frozenset({TipoDte.FACTURA_EXENTA, TipoDte.BOLETA_EXENTA}) | EXPORTACIONES
"""Types that carry no IVA: each of their lines is exempt."""


class FormaPago(IntEnum):
    """How an invoice is paid (FmaPago). Left out, the SII reads credit."""

    CONTADO = 1
    CREDITO = 2
    GRATIS = 3


NOMBRES: dict[TipoDte, str] = {
    TipoDte.FACTURA: "Factura Electrónica",
    TipoDte.FACTURA_EXENTA: "Factura No Afecta o Exenta Electrónica",
    TipoDte.BOLETA: "Boleta Electrónica",
    TipoDte.BOLETA_EXENTA: "Boleta Exenta Electrónica",
    TipoDte.FACTURA_COMPRA: "Factura de Compra Electrónica",
    TipoDte.GUIA_DESPACHO: "Guía de Despacho Electrónica",
    TipoDte.NOTA_DEBITO: "Nota de Débito Electrónica",
    TipoDte.NOTA_CREDITO: "Nota de Crédito Electrónica",
    TipoDte.FACTURA_EXPORTACION: "Factura de Exportación Electrónica",
    TipoDte.NOTA_DEBITO_EXPORTACION: "Nota de Débito de Exportación Electrónica",
    TipoDte.NOTA_CREDITO_EXPORTACION: "Nota de Crédito de Exportación Electrónica",
}

SIN_PAGO = 21
"""FmaPagExp of an export nobody pays for: its amounts in pesos are 0 (SII HED-1-803)."""

IDK_SIMULATOR = 999
"""The CAF authority of the simulator. Whatever carries it is no tax document, and production refuses it."""
IDK_PRODUCTION = 300
"""The SII's CAF authority in production (palena)."""
