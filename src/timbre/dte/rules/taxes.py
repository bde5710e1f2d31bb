"""Additional taxes and withholdings: which codes, where."""

from timbre.dte.codes import BOLETAS, SOLO_EXENTOS, TipoDte
from timbre.dte.rules.rule import EVERY, Case, Found, Level, rule
from timbre.dte.taxes import IVA_RETENIDO, rate_of, withholds_iva

T = TipoDte
_UNTAXED = SOLO_EXENTOS | BOLETAS
_WITHHOLDING = frozenset({T.FACTURA_COMPRA, T.NOTA_DEBITO, T.NOTA_CREDITO})


@rule(
    "field_not_for_type",
    "Boletas, documentos exentos y exportaciones no llevan impuestos adicionales ni retenciones.",
    source="Formato DTE v2.2, CodImpAdic; EnvioBOLETA_v11.xsd",
    types=_UNTAXED,
)
def untaxed_type(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.impuesto or line.agente_retenedor:
            field = "other_tax" if line.impuesto else "withholding_agent"
            message = f"Un documento tipo {case.documento.tipo:d} no lleva impuestos adicionales: quítalo."
            yield f"details.{number}.{field}", message


@rule(
    "field_not_for_type",
    "Una línea exenta no lleva impuestos adicionales.",
    source="Formato DTE v2.2, CodImpAdic",
    types=EVERY - _UNTAXED,
)
def untaxed_line(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.exencion is not None and line.impuesto not in ("", IVA_RETENIDO):
            message = f"La línea {number + 1} no está afecta a IVA: no lleva impuestos adicionales."
            yield f"details.{number}.other_tax", message


@rule(
    "other_tax_unknown",
    "Un impuesto adicional tiene una tasa conocida el día de la emisión.",
    source="Formato DTE v2.2, anexo de códigos de impuestos",
    types=EVERY - _UNTAXED,
)
def unknown(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.impuesto and rate_of(line.impuesto, case.documento.fecha_emision) is None:
            message = (
                f"Timbre no calcula el impuesto «{line.impuesto}»: no es un porcentaje conocido de la línea "
                f"el {case.documento.fecha_emision}."
            )
            yield f"details.{number}.other_tax", message


@rule(
    "gross_with_other_taxes",
    "Con impuestos adicionales los precios son netos.",
    source="Formato DTE v2.2, MntBruto",
    types=EVERY - _UNTAXED,
)
def gross(case: Case) -> Found:
    if case.documento.brutos:
        for number, line in enumerate(case.documento.detalles):
            if line.impuesto:
                message = "Con impuestos adicionales o retenciones los precios van netos: usa unit_price."
                yield f"details.{number}.other_tax", message


@rule(
    "withholding_unusual",
    "Las retenciones de IVA son de facturas de compra y sus notas.",
    source="Formato DTE v2.2, IVANoRet",
    types=EVERY - _UNTAXED - _WITHHOLDING,
    level=Level.WARN,
)
def withholding_elsewhere(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if withholds_iva(line.impuesto):
            message = (
                f"El código {line.impuesto} es una retención: lo usual es en una factura de compra (46)."
            )
            yield f"details.{number}.other_tax", message


@rule(
    "withholding_missing",
    "Una factura de compra retiene el IVA, o parte de él, en sus líneas afectas.",
    source="SII HED-2-300 y HED-2-302",
    types=frozenset({T.FACTURA_COMPRA}),
    level=Level.WARN,
)
def withholding_missing(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.exencion is None and not withholds_iva(line.impuesto):
            message = (
                f"La línea {number + 1} no retiene IVA: usa header.vat_withheld, o el código en other_tax."
            )
            yield f"details.{number}.other_tax", message


@rule(
    "withholding_agent_missing",
    "Quien retiene se marca como agente retenedor en la línea.",
    source="Formato DTE v2.2, IndAgente",
    types=frozenset({T.FACTURA_COMPRA}),
    level=Level.WARN,
)
def agent_missing(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if withholds_iva(line.impuesto) and not line.agente_retenedor:
            message = f"La línea {number + 1} retiene IVA y no dice withholding_agent: true."
            yield f"details.{number}.withholding_agent", message


@rule(
    "purchase_type_required",
    "Una factura de compra dice qué compra.",
    source="Formato DTE v2.2, TpoTranCompra; contrato de la API",
    types=frozenset({T.FACTURA_COMPRA}),
)
def purchase_type(case: Case) -> Found:
    if case.documento.tipo_compra is None:
        message = "Falta el tipo de compra: 1 del giro, 2 ajena al giro, 3 activo fijo."
        yield "header.purchase_transaction_type", message
