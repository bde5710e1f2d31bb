"""The lines of a DTE's detail and its global adjustments as values."""

from decimal import Decimal

from timbre.dte.document import Ajuste, Base, Detalle, Entrada
from timbre.pdf.nodes import Node, to_decimal


def read_detalle(node: Node) -> Detalle:
    """A percentage stands for its amount, which goes with it in the XML."""
    descuento_pct, recargo_pct = node.amount("DescuentoPct"), node.amount("RecargoPct")
    ticket = node.maybe_child("InfoTicket")
    return Detalle(
        nombre=node.text("NmbItem"),
        cantidad=node.decimal("QtyItem"),
        precio=node.decimal("PrcItem"),
        descripcion=node.text("DscItem"),
        unidad=node.text("UnmdItem"),
        codigo=node.text("CdgItem/VlrCodigo"),
        tipo_codigo=node.text("CdgItem/TpoCodigo"),
        descuento_pct=descuento_pct,
        descuento_monto=Decimal(0) if descuento_pct else node.amount("DescuentoMonto"),
        recargo_pct=recargo_pct,
        recargo_monto=Decimal(0) if recargo_pct else node.amount("RecargoMonto"),
        exencion=node.number("IndExe"),
        impuesto=node.text("CodImpAdic"),
        agente_retenedor=node.text("Retenedor/IndAgente") == "R",
        espectaculo=node.text("ItemEspectaculo"),
        entrada=_entrada(ticket) if ticket else None,
    )


def _entrada(node: Node) -> Entrada:
    return Entrada(
        folio=node.value("FolioTicket", int),
        generada=node.text("FchGenera"),
        evento=node.text("NmbEvento"),
        tipo=node.text("TpoTicket"),
        codigo_evento=node.text("CdgEvento"),
        fecha_evento=node.text("FchEvento"),
        lugar=node.text("LugarEvento"),
        ubicacion=node.text("UbicEvento"),
        fila=node.text("FilaUbicEvento"),
        asiento=node.text("AsntoUbicEvento"),
    )


def read_ajuste(node: Node) -> Ajuste:
    valor, is_percent = node.value("ValorDR", to_decimal), node.text("TpoValor") == "%"
    return Ajuste(
        recargo=node.text("TpoMov") == "R",
        pct=valor if is_percent else None,
        monto=None if is_percent else valor,
        sobre=Base(node.number("IndExeDR")),
        glosa=node.text("GlosaDR"),
    )
