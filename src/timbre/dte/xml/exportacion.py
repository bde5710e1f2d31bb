"""``Exportaciones``: the types 110, 111 and 112 (DTE_v10.xsd; sii-protocols 1.9)."""

from decimal import Decimal

from timbre.dte.document import PESO_CL, Detalle, Documento
from timbre.dte.totals import Monto, Totales, to_pesos
from timbre.dte.xml import parts
from timbre.dte.xml.elements import amount, block, code, nonzero, text


def body(documento: Documento, totales: Totales, folio: int) -> str:
    """Everything before the stamp."""
    lines = zip(documento.detalles, totales.lineas, strict=True)
    adjusted = zip(documento.ajustes, totales.ajustes, strict=True)
    return "".join(
        (
            block(
                "Encabezado",
                _id_doc(documento, folio),
                parts.emisor(documento.emisor),
                parts.receptor(documento.receptor),
                parts.transporte(documento.transporte),
                _totales(documento, totales),
                _otra_moneda(documento, totales),
            ),
            *(_detalle(n, documento, line, monto) for n, (line, monto) in enumerate(lines, 1)),
            *(
                parts.ajuste(n, ajuste, nonzero("ValorDROtrMnda", _in_pesos(documento, monto)))
                for n, (ajuste, monto) in enumerate(adjusted, 1)
            ),
            *(parts.referencia(n, referencia) for n, referencia in enumerate(documento.referencias, 1)),
        )
    )


def _id_doc(documento: Documento, folio: int) -> str:
    return block(
        "IdDoc",
        code("TipoDTE", documento.tipo.value),
        code("Folio", folio),
        code("FchEmis", documento.fecha_emision),
        code("TipoDespacho", documento.tipo_despacho),
        code("IndServicio", documento.indicador_servicio),
        parts.payment(documento),
    )


def _totales(documento: Documento, totales: Totales) -> str:
    return block(
        "Totales",
        text("TpoMoneda", documento.moneda.nombre),
        amount("MntExe", totales.exento),
        amount("MntTotal", totales.total),
    )


def _otra_moneda(documento: Documento, totales: Totales) -> str:
    """In pesos, and always there: without it the SII refuses (HED-3-834)."""
    return block(
        "OtraMoneda",
        text("TpoMoneda", PESO_CL),
        nonzero("TpoCambio", documento.moneda.tipo_cambio),
        amount("MntExeOtrMnda", totales.exento_en_pesos),
        amount("MntTotOtrMnda", totales.total_en_pesos),
    )


def _in_pesos(documento: Documento, monto: Decimal) -> Decimal:
    return to_pesos(monto * documento.cambio)


def _detalle(number: int, documento: Documento, detalle: Detalle, monto: Monto) -> str:
    return block(
        "Detalle",
        code("NroLinDet", number),
        parts.item(detalle),
        code("IndExe", documento.exencion_de(detalle)),
        text("NmbItem", detalle.nombre),
        text("DscItem", detalle.descripcion),
        parts.quantity(detalle, monto),
        amount("MontoItem", monto.monto),
    )
