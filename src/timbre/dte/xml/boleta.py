"""``Documento`` of the types 39 and 41: names and fields of their own (EnvioBOLETA_v11.xsd, formato v4.2)."""

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Entrada, Receptor, Referencia
from timbre.dte.totals import Monto, Totales
from timbre.dte.xml import parts
from timbre.dte.xml.elements import amount, block, code, flag, nonzero, text

_SALES_AND_SERVICES = 3
"""IndServicio when nobody says another: the schema wants one."""


def body(documento: Documento, totales: Totales, folio: int) -> str:
    """Everything before the stamp."""
    lines = zip(documento.detalles, totales.lineas, strict=True)
    return "".join(
        (
            block(
                "Encabezado",
                _id_doc(documento, folio),
                _emisor(documento.emisor),
                _receptor(documento.receptor),
                _totales(documento, totales),
            ),
            *(_detalle(n, documento, line, monto) for n, (line, monto) in enumerate(lines, 1)),
            *(parts.ajuste(n, ajuste) for n, ajuste in enumerate(documento.ajustes, 1)),
            *(_referencia(n, referencia) for n, referencia in enumerate(documento.referencias, 1)),
        )
    )


def _id_doc(documento: Documento, folio: int) -> str:
    """IndMntNeto marks the boleta whose prices are net: the ordinary one's include IVA."""
    return block(
        "IdDoc",
        code("TipoDTE", documento.tipo.value),
        code("Folio", folio),
        code("FchEmis", documento.fecha_emision),
        code("IndServicio", documento.indicador_servicio or _SALES_AND_SERVICES),
        flag("IndMntNeto", 2, when=documento.tipo is TipoDte.BOLETA and not documento.brutos),
        code("PeriodoDesde", documento.periodo_desde),
        code("PeriodoHasta", documento.periodo_hasta),
        code("FchVenc", documento.fecha_vencimiento),
        code("MedioPago", documento.medio_pago),
    )


def _emisor(emisor: Emisor) -> str:
    return block(
        "Emisor",
        text("RUTEmisor", emisor.rut),
        text("RznSocEmisor", emisor.razon_social),
        text("GiroEmisor", emisor.giro),
        text("CdgSIISucur", emisor.sucursal),
        text("DirOrigen", emisor.direccion),
        text("CmnaOrigen", emisor.comuna),
        text("CiudadOrigen", emisor.ciudad),
    )


def _receptor(receptor: Receptor) -> str:
    return block(
        "Receptor",
        text("RUTRecep", receptor.rut),
        text("CdgIntRecep", receptor.codigo_interno),
        text("RznSocRecep", receptor.razon_social),
        text("Contacto", receptor.contacto),
        text("CorreoRecep", receptor.correo),
        text("DirRecep", receptor.direccion),
        text("CmnaRecep", receptor.comuna),
        text("CiudadRecep", receptor.ciudad),
    )


def _totales(documento: Documento, totales: Totales) -> str:
    """Without TasaIVA, for which a boleta has no element."""
    affected = totales.tasa_iva is not None
    owed = totales.total + totales.no_facturable
    return block(
        "Totales",
        amount("MntNeto", totales.neto) if affected else "",
        amount("MntExe", totales.exento) if totales.exento or documento.tipo is TipoDte.BOLETA_EXENTA else "",
        amount("IVA", totales.iva) if affected else "",
        amount("MntTotal", totales.total),
        nonzero("MontoNF", totales.no_facturable),
        amount("TotalPeriodo", owed) if totales.no_facturable else "",
    )


def _detalle(number: int, documento: Documento, detalle: Detalle, monto: Monto) -> str:
    return block(
        "Detalle",
        code("NroLinDet", number),
        parts.item(detalle),
        code("IndExe", documento.exencion_de(detalle)),
        text("ItemEspectaculo", detalle.espectaculo),
        text("NmbItem", detalle.nombre),
        _info_ticket(detalle.entrada) if detalle.entrada else "",
        text("DscItem", detalle.descripcion),
        parts.quantity(detalle, monto),
        amount("MontoItem", monto.monto),
    )


def _info_ticket(entrada: Entrada) -> str:
    return block(
        "InfoTicket",
        code("FolioTicket", entrada.folio),
        text("FchGenera", entrada.generada),
        text("NmbEvento", entrada.evento),
        text("TpoTicket", entrada.tipo),
        text("CdgEvento", entrada.codigo_evento),
        text("FchEvento", entrada.fecha_evento),
        text("LugarEvento", entrada.lugar),
        text("UbicEvento", entrada.ubicacion),
        text("FilaUbicEvento", entrada.fila),
        text("AsntoUbicEvento", entrada.asiento),
    )


def _referencia(number: int, referencia: Referencia) -> str:
    """Without a day: a boleta's reference has none."""
    return block(
        "Referencia",
        code("NroLinRef", number),
        text("TpoDocRef", referencia.tipo),
        text("FolioRef", referencia.folio),
        code("CodRef", referencia.codigo),
        text("RazonRef", referencia.razon),
    )
