"""What invoices, guides, notes and exports write alike (DTE_v10.xsd; sii-protocols 1.3 to 1.8)."""

from timbre.dte.document import (
    Aduana,
    Ajuste,
    Bulto,
    Detalle,
    Documento,
    Emisor,
    GuiaExportacion,
    Pago,
    Receptor,
    Referencia,
    Transporte,
)
from timbre.dte.totals import Monto
from timbre.dte.xml.elements import amount, block, code, flag, nonzero, text

_OWN_CODE = "INT1"
"""TpoCodigo of a code whose caller did not say whose it is: the issuer's own."""


def payment(documento: Documento) -> str:
    """IdDoc from FmaPago to its end."""
    return "".join(
        (
            code("FmaPago", documento.forma_pago and documento.forma_pago.value),
            code("FmaPagExp", documento.forma_pago_exportacion),
            code("FchCancel", documento.fecha_cancelacion),
            *map(_pago, documento.pagos),
            code("PeriodoDesde", documento.periodo_desde),
            code("PeriodoHasta", documento.periodo_hasta),
            text("TermPagoGlosa", documento.condiciones_pago),
            code("FchVenc", documento.fecha_vencimiento),
        )
    )


def _pago(pago: Pago) -> str:
    return block(
        "MntPagos",
        code("FchPago", pago.fecha),
        amount("MntPago", pago.monto),
        text("GlosaPagos", pago.glosa),
    )


def emisor(emisor: Emisor, guia: GuiaExportacion | None = None) -> str:
    return block(
        "Emisor",
        text("RUTEmisor", emisor.rut),
        text("RznSoc", emisor.razon_social),
        text("GiroEmis", emisor.giro),
        text("Telefono", emisor.telefono),
        text("CorreoEmisor", emisor.correo),
        text("Acteco", emisor.acteco),
        _guia_export(guia) if guia else "",
        text("CdgSIISucur", emisor.sucursal),
        text("DirOrigen", emisor.direccion),
        text("CmnaOrigen", emisor.comuna),
        text("CiudadOrigen", emisor.ciudad),
    )


def receptor(receptor: Receptor) -> str:
    return block(
        "Receptor",
        text("RUTRecep", receptor.rut),
        text("CdgIntRecep", receptor.codigo_interno),
        text("RznSocRecep", receptor.razon_social),
        _extranjero(receptor) if receptor.id_extranjero or receptor.nacionalidad else "",
        text("GiroRecep", receptor.giro),
        text("Contacto", receptor.contacto),
        text("CorreoRecep", receptor.correo),
        text("DirRecep", receptor.direccion),
        text("CmnaRecep", receptor.comuna),
        text("CiudadRecep", receptor.ciudad),
    )


def _extranjero(receptor: Receptor) -> str:
    return block(
        "Extranjero",
        text("NumId", receptor.id_extranjero),
        text("Nacionalidad", receptor.nacionalidad),
    )


def transporte(transporte: Transporte | None) -> str:
    if transporte is None:
        return ""
    return block(
        "Transporte",
        text("Patente", transporte.patente),
        text("RUTTrans", transporte.rut),
        block(
            "Chofer",
            text("RUTChofer", transporte.chofer_rut),
            text("NombreChofer", transporte.chofer_nombre),
        ),
        text("DirDest", transporte.direccion),
        text("CmnaDest", transporte.comuna),
        text("CiudadDest", transporte.ciudad),
        _aduana(transporte.aduana) if transporte.aduana else "",
    )


def item(detalle: Detalle) -> str:
    """CdgItem."""
    if not detalle.codigo:
        return ""
    return block(
        "CdgItem", text("TpoCodigo", detalle.tipo_codigo or _OWN_CODE), text("VlrCodigo", detalle.codigo)
    )


def quantity(detalle: Detalle, monto: Monto) -> str:
    """A line from QtyItem to RecargoMonto. A percentage goes only with its amount."""
    return "".join(
        (
            nonzero("QtyItem", detalle.cantidad),
            text("UnmdItem", detalle.unidad),
            nonzero("PrcItem", detalle.precio),
            nonzero("DescuentoPct", detalle.descuento_pct) if monto.descuento else "",
            nonzero("DescuentoMonto", monto.descuento),
            nonzero("RecargoPct", detalle.recargo_pct) if monto.recargo else "",
            nonzero("RecargoMonto", monto.recargo),
        )
    )


def ajuste(number: int, ajuste: Ajuste, otra_moneda: str = "") -> str:
    """DscRcgGlobal; an export's says its worth in pesos too (``otra_moneda``)."""
    return block(
        "DscRcgGlobal",
        code("NroLinDR", number),
        text("TpoMov", "R" if ajuste.recargo else "D"),
        text("GlosaDR", ajuste.glosa),
        text("TpoValor", "$" if ajuste.pct is None else "%"),
        nonzero("ValorDR", ajuste.monto if ajuste.pct is None else ajuste.pct),
        otra_moneda,
        code("IndExeDR", ajuste.sobre.value),
    )


def referencia(number: int, referencia: Referencia) -> str:
    return block(
        "Referencia",
        code("NroLinRef", number),
        text("TpoDocRef", referencia.tipo),
        flag("IndGlobal", 1, when=referencia.es_global),
        text("FolioRef", referencia.folio),
        text("RUTOtr", referencia.rut_otro),
        code("FchRef", referencia.fecha),
        code("CodRef", referencia.codigo),
        text("RazonRef", referencia.razon),
    )


def _guia_export(guia: GuiaExportacion) -> str:
    return block(
        "GuiaExport",
        code("CdgTraslado", guia.codigo),
        code("FolioAut", guia.resolucion),
        code("FchAut", guia.fecha_resolucion),
    )


def _aduana(aduana: Aduana) -> str:
    return block(
        "Aduana",
        code("CodModVenta", aduana.modalidad),
        code("CodClauVenta", aduana.clausula),
        nonzero("TotClauVenta", aduana.total_clausula),
        code("CodViaTransp", aduana.via),
        code("CodPtoEmbarque", aduana.puerto_embarque),
        code("CodPtoDesemb", aduana.puerto_desembarque),
        nonzero("PesoBruto", aduana.peso_bruto),
        code("CodUnidPesoBruto", aduana.unidad_peso_bruto),
        nonzero("PesoNeto", aduana.peso_neto),
        code("CodUnidPesoNeto", aduana.unidad_peso_neto),
        code("TotBultos", aduana.total_bultos),
        *map(_bulto, aduana.bultos),
        nonzero("MntFlete", aduana.flete),
        nonzero("MntSeguro", aduana.seguro),
        code("CodPaisRecep", aduana.pais_receptor),
        code("CodPaisDestin", aduana.pais_destino),
    )


def _bulto(bulto: Bulto) -> str:
    return block(
        "TipoBultos",
        code("CodTpoBultos", bulto.tipo),
        code("CantBultos", bulto.cantidad),
        text("Marcas", bulto.marcas),
        text("IdContainer", bulto.contenedor),
        text("Sello", bulto.sello),
        text("EmisorSello", bulto.emisor_sello),
    )
