"""Transport and customs of a DTE as values."""

from timbre.dte.document import Aduana, Bulto, Transporte
from timbre.pdf.nodes import Node, to_decimal


def read_transporte(node: Node) -> Transporte:
    aduana = node.maybe_child("Aduana")
    return Transporte(
        patente=node.text("Patente"),
        rut=node.text("RUTTrans"),
        chofer_rut=node.text("Chofer/RUTChofer"),
        chofer_nombre=node.text("Chofer/NombreChofer"),
        direccion=node.text("DirDest"),
        comuna=node.text("CmnaDest"),
        ciudad=node.text("CiudadDest"),
        aduana=_aduana(aduana) if aduana else None,
    )


def _aduana(node: Node) -> Aduana:
    return Aduana(
        modalidad=node.number("CodModVenta"),
        clausula=node.number("CodClauVenta"),
        total_clausula=node.decimal("TotClauVenta"),
        via=node.number("CodViaTransp"),
        puerto_embarque=node.number("CodPtoEmbarque"),
        puerto_desembarque=node.number("CodPtoDesemb"),
        peso_bruto=node.decimal("PesoBruto"),
        unidad_peso_bruto=node.number("CodUnidPesoBruto"),
        peso_neto=node.decimal("PesoNeto"),
        unidad_peso_neto=node.number("CodUnidPesoNeto"),
        total_bultos=node.number("TotBultos"),
        bultos=tuple(_bulto(each) for each in node.children("TipoBultos")),
        flete=node.maybe("MntFlete", to_decimal),
        seguro=node.maybe("MntSeguro", to_decimal),
        pais_receptor=node.number("CodPaisRecep"),
        pais_destino=node.number("CodPaisDestin"),
    )


def _bulto(node: Node) -> Bulto:
    return Bulto(
        tipo=node.value("CodTpoBultos", int),
        cantidad=node.value("CantBultos", int),
        marcas=node.text("Marcas"),
        contenedor=node.text("IdContainer"),
        sello=node.text("Sello"),
        emisor_sello=node.text("EmisorSello"),
    )
