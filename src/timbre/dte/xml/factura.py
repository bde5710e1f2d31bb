"""``Documento`` of the types 33, 34, 46, 52, 56 and 61 (DTE_v10.xsd)."""

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento
from timbre.dte.totals import ImpuestoAplicado, Monto, Totales
from timbre.dte.xml import parts
from timbre.dte.xml.elements import amount, block, code, flag, nonzero, text


def body(documento: Documento, totales: Totales, folio: int) -> str:
    """Everything before the stamp."""
    lines = zip(documento.detalles, totales.lineas, strict=True)
    return "".join(
        (
            block(
                "Encabezado",
                _id_doc(documento, folio),
                parts.emisor(documento.emisor, documento.guia_exportacion),
                parts.receptor(documento.receptor),
                parts.transporte(documento.transporte),
                _totales(documento, totales),
            ),
            *(_detalle(n, documento, line, monto) for n, (line, monto) in enumerate(lines, 1)),
            *(parts.ajuste(n, ajuste) for n, ajuste in enumerate(documento.ajustes, 1)),
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
        code("IndTraslado", documento.indicador_traslado),
        code("IndServicio", documento.indicador_servicio),
        flag("MntBruto", 1, when=documento.brutos),
        code("TpoTranCompra", documento.tipo_compra),
        code("TpoTranVenta", documento.tipo_venta),
        parts.payment(documento),
    )


def _totales(documento: Documento, totales: Totales) -> str:
    """A document of no value carries MntTotal 0 alone, an exempt one no net, no rate and no IVA."""
    affected = totales.tasa_iva is not None
    owed = totales.total + totales.no_facturable
    return block(
        "Totales",
        amount("MntNeto", totales.neto) if affected else "",
        amount("MntExe", totales.exento)
        if totales.exento or documento.tipo is TipoDte.FACTURA_EXENTA
        else "",
        nonzero("TasaIVA", totales.tasa_iva),
        amount("IVA", totales.iva) if affected else "",
        *map(_impto_reten, totales.impuestos),
        nonzero("IVANoRet", totales.iva_no_retenido),
        nonzero("GrntDep", totales.garantia),
        amount("MntTotal", totales.total),
        nonzero("MontoNF", totales.no_facturable),
        amount("MontoPeriodo", owed) if totales.no_facturable else "",
    )


def _impto_reten(impuesto: ImpuestoAplicado) -> str:
    if not impuesto.monto:
        return ""
    return block(
        "ImptoReten",
        text("TipoImp", impuesto.codigo),
        nonzero("TasaImp", impuesto.tasa),
        amount("MontoImp", impuesto.monto),
    )


def _detalle(number: int, documento: Documento, detalle: Detalle, monto: Monto) -> str:
    return block(
        "Detalle",
        code("NroLinDet", number),
        parts.item(detalle),
        code("IndExe", documento.exencion_de(detalle)),
        block("Retenedor", text("IndAgente", "R")) if detalle.agente_retenedor else "",
        text("NmbItem", detalle.nombre),
        text("DscItem", detalle.descripcion),
        parts.quantity(detalle, monto),
        text("CodImpAdic", detalle.impuesto),
        amount("MontoItem", monto.monto),
    )
