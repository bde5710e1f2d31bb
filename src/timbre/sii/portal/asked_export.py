"""What carriage, customs and a foreign currency should read like in the portal's XML (1.9)."""

from collections.abc import Iterator

from timbre.dte.document import PESO_CL, Aduana, Bulto, Documento, Receptor, Transporte
from timbre.dte.totals import Totales

Rows = Iterator[tuple[str, object, str]]
"""(path below its block, value, field of the request)."""


def foreigner(receptor: Receptor) -> Rows:
    """Receptor/Extranjero; fields below document_receiver."""
    yield "Extranjero/NumId", receptor.id_extranjero, "foreign_id"
    yield "Extranjero/Nacionalidad", receptor.nacionalidad, "nationality_code"


def transport(transporte: Transporte | None) -> Rows:
    """Below Transporte."""
    if transporte is None:
        return
    yield "Patente", transporte.patente, "transport_data.transport_plate"
    yield "RUTTrans", transporte.rut, "transport_data.transport_rut"
    yield "Chofer/RUTChofer", transporte.chofer_rut, "transport_data.driver_rut"
    yield "Chofer/NombreChofer", transporte.chofer_nombre, "transport_data.driver_name"
    if transporte.aduana is not None:
        for name, value, field in _customs(transporte.aduana):
            yield f"Aduana/{name}", value, f"export_data.{field}"


def _customs(aduana: Aduana) -> Rows:
    yield "CodModVenta", aduana.modalidad, "sale_mode_code"
    yield "CodClauVenta", aduana.clausula, "sale_clause_code"
    yield "TotClauVenta", aduana.total_clausula, "sale_clause_amount"
    yield "CodViaTransp", aduana.via, "transport_way_code"
    yield "CodPtoEmbarque", aduana.puerto_embarque, "departure_port_code"
    yield "CodPtoDesemb", aduana.puerto_desembarque, "arrival_port_code"
    yield "PesoBruto", aduana.peso_bruto, "gross_weight"
    yield "CodUnidPesoBruto", aduana.unidad_peso_bruto, "gross_weight_unit_code"
    yield "PesoNeto", aduana.peso_neto, "net_weight"
    yield "CodUnidPesoNeto", aduana.unidad_peso_neto, "net_weight_unit_code"
    yield "TotBultos", aduana.total_bultos, "total_packages"
    for index, bulto in enumerate(aduana.bultos):
        yield from _package(index, bulto)
    yield "MntFlete", aduana.flete, "freight_amount"
    yield "MntSeguro", aduana.seguro, "insurance_amount"
    yield "CodPaisRecep", aduana.pais_receptor, "receiver_country_code"
    yield "CodPaisDestin", aduana.pais_destino, "destination_country_code"


def _package(index: int, bulto: Bulto) -> Rows:
    for name, value, field in (
        ("CodTpoBultos", bulto.tipo, "type_code"),
        ("CantBultos", bulto.cantidad, "quantity"),
        ("Marcas", bulto.marcas, "marks"),
        ("IdContainer", bulto.contenedor, "container_id"),
        ("Sello", bulto.sello, "seal"),
        ("EmisorSello", bulto.emisor_sello, "seal_issuer"),
    ):
        yield f"TipoBultos.{index}/{name}", value, f"packages.{index}.{field}"


def export_totals(documento: Documento, totales: Totales) -> Iterator[tuple[str, object]]:
    """(path below Encabezado, value). In pesos always, too (HED-3-834); what nobody pays for is worth 0."""
    moneda = documento.moneda
    yield "Totales/TpoMoneda", moneda.nombre
    yield "Totales/MntExe", totales.exento
    yield "Totales/MntTotal", totales.total
    yield "OtraMoneda/TpoMoneda", PESO_CL
    yield "OtraMoneda/TpoCambio", moneda.tipo_cambio
    yield "OtraMoneda/MntExeOtrMnda", totales.exento_en_pesos
    yield "OtraMoneda/MntTotOtrMnda", totales.total_en_pesos
