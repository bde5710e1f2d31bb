"""A signed DTE's XML as values: what is printed comes from the signed text alone."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import InvalidOperation

from lxml import etree

from timbre.dte.caf import flatten
from timbre.dte.codes import BOLETAS, FormaPago, TipoDte
from timbre.dte.document import Documento, Emisor, GuiaExportacion, Moneda, Pago, Receptor, Referencia
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, parse_xml
from timbre.dte.totals import Totales
from timbre.pdf.nodes import Node
from timbre.pdf.reading_lines import read_ajuste, read_detalle
from timbre.pdf.reading_totals import read_moneda, read_totales
from timbre.pdf.reading_transport import read_transporte

_TED = re.compile(r"<TED\b.*?</TED>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitido:
    """A document that has its folio. ``ted`` is the flattened stamp, ``idk`` the authority of its CAF."""

    documento: Documento
    folio: int
    totales: Totales
    ted: str
    idk: int


def read(xml: bytes) -> Emitido:
    """The document in one ``<DTE>`` of any type, with or without the SII's namespace. Verifies no signature.

    It is what was asked for wherever the XML says it; lines of an exempt type read as exempt (IndExe 1),
    a boleta's references, which have no date, read as of its day. Raises InvalidXml when something that every
    document has is missing or is no value of its kind.
    """
    root = parse_xml(xml)
    whole = Node(root)
    node = whole.maybe_child("Documento") or whole.child("Exportaciones")
    try:
        documento = _documento(node, read_moneda(node))
        return Emitido(
            documento=documento,
            folio=node.value("Encabezado/IdDoc/Folio", int),
            totales=read_totales(node, documento),
            ted=_ted(xml, root),
            idk=node.value("TED/DD/CAF/DA/IDK", int),
        )
    except (ValueError, InvalidOperation) as error:
        raise InvalidXml(f"El DTE trae un valor que no corresponde: {error}") from error


def _documento(node: Node, moneda: Moneda) -> Documento:
    header, emisor = node.child("Encabezado/IdDoc"), node.child("Encabezado/Emisor")
    tipo = header.value("TipoDTE", lambda text: TipoDte(int(text)))
    day = header.value("FchEmis", date.fromisoformat)
    transporte, guia = node.maybe_child("Encabezado/Transporte"), emisor.maybe_child("GuiaExport")
    return Documento(
        tipo=tipo,
        fecha_emision=day,
        emisor=_emisor(emisor),
        receptor=_receptor(node.child("Encabezado/Receptor")),
        detalles=tuple(read_detalle(line) for line in node.children("Detalle")),
        ajustes=tuple(read_ajuste(each) for each in node.children("DscRcgGlobal")),
        referencias=tuple(_referencia(each, day) for each in node.children("Referencia")),
        brutos=not header.text("IndMntNeto") if tipo in BOLETAS else header.text("MntBruto") == "1",
        forma_pago=header.maybe("FmaPago", lambda text: FormaPago(int(text))),
        forma_pago_exportacion=header.number("FmaPagExp"),
        fecha_vencimiento=header.day("FchVenc"),
        fecha_cancelacion=header.day("FchCancel"),
        pagos=tuple(_pago(each) for each in header.children("MntPagos")),
        condiciones_pago=header.text("TermPagoGlosa"),
        medio_pago=header.number("MedioPago") if tipo in BOLETAS else None,
        periodo_desde=header.day("PeriodoDesde"),
        periodo_hasta=header.day("PeriodoHasta"),
        indicador_servicio=header.number("IndServicio"),
        tipo_despacho=header.number("TipoDespacho"),
        indicador_traslado=header.number("IndTraslado"),
        tipo_compra=header.number("TpoTranCompra"),
        tipo_venta=header.number("TpoTranVenta"),
        transporte=read_transporte(transporte) if transporte else None,
        guia_exportacion=_guia_exportacion(guia) if guia else None,
        moneda=moneda,
    )


def _emisor(node: Node) -> Emisor:
    """A boleta's issuer has element names of its own."""
    return Emisor(
        rut=node.value("RUTEmisor", str),
        razon_social=node.text("RznSoc", "RznSocEmisor"),
        giro=node.text("GiroEmis", "GiroEmisor"),
        acteco=node.text("Acteco"),
        direccion=node.text("DirOrigen"),
        comuna=node.text("CmnaOrigen"),
        ciudad=node.text("CiudadOrigen"),
        telefono=node.text("Telefono"),
        correo=node.text("CorreoEmisor"),
        sucursal=node.text("CdgSIISucur"),
    )


def _receptor(node: Node) -> Receptor:
    return Receptor(
        rut=node.value("RUTRecep", str),
        razon_social=node.text("RznSocRecep"),
        giro=node.text("GiroRecep"),
        direccion=node.text("DirRecep"),
        comuna=node.text("CmnaRecep"),
        ciudad=node.text("CiudadRecep"),
        contacto=node.text("Contacto"),
        correo=node.text("CorreoRecep"),
        codigo_interno=node.text("CdgIntRecep"),
        id_extranjero=node.text("Extranjero/NumId"),
        nacionalidad=node.text("Extranjero/Nacionalidad"),
    )


def _guia_exportacion(node: Node) -> GuiaExportacion:
    return GuiaExportacion(
        codigo=node.value("CdgTraslado", int),
        resolucion=node.number("FolioAut"),
        fecha_resolucion=node.day("FchAut"),
    )


def _pago(node: Node) -> Pago:
    return Pago(
        fecha=node.value("FchPago", date.fromisoformat),
        monto=node.amount("MntPago"),
        glosa=node.text("GlosaPagos"),
    )


def _referencia(node: Node, day: date) -> Referencia:
    """CodRef of a boleta may be any text; what is no number does nothing to another document."""
    codigo = node.text("CodRef")
    return Referencia(
        tipo=node.text("TpoDocRef"),
        folio=node.text("FolioRef"),
        fecha=node.day("FchRef") or day,
        razon=node.text("RazonRef"),
        codigo=int(codigo) if codigo.isdecimal() else None,
        es_global=node.text("IndGlobal") == "1",
        rut_otro=node.text("RUTOtr"),
    )


def _ted(xml: bytes, root: etree._Element) -> str:
    """The stamp's own characters: what was signed must be what is printed."""
    text = xml.decode(root.getroottree().docinfo.encoding or "utf-8")
    found = _TED.search(text)
    if found is None:
        raise InvalidXml("Al DTE le falta el timbre (TED).")
    return flatten(found.group()).replace(f' xmlns="{SII_NAMESPACE}"', "")
