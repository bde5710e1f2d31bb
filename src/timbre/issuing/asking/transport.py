"""What a caller says of carriage and customs (contract 6.4, 6.5), read into the tax core's values."""

from collections.abc import Iterator, Mapping
from typing import Any

from timbre.dte.customs import puertos
from timbre.dte.document import Aduana, Bulto, GuiaExportacion, Transporte
from timbre.issuing.asking.leaves import day, decimal, number, text

Request = Mapping[str, Any]


def read_transporte(transport: Request, export: Request) -> Transporte | None:
    """Vehicle, driver, destination and customs; None when nothing is said of them."""
    found = Transporte(
        patente=text(transport, "transport_plate"),
        rut=text(transport, "transport_rut"),
        chofer_rut=text(transport, "driver_rut"),
        chofer_nombre=text(transport, "driver_name"),
        direccion=text(transport, "destination_address"),
        comuna=text(transport, "destination_district"),
        ciudad=text(transport, "destination_city"),
        aduana=_aduana(transport, export),
    )
    return None if found == Transporte() else found


def read_guia(transport: Request) -> GuiaExportacion | None:
    """Who moves goods on their way abroad; None for any other guide."""
    codigo = number(transport, "transfer_issuer_code")
    if codigo is None:
        return None
    return GuiaExportacion(
        codigo=codigo,
        resolucion=number(transport, "authorization_resolution_number"),
        fecha_resolucion=day(transport, "authorization_resolution_date"),
    )


def port(said: Request, field: str) -> int | None:
    """A port by its code, or by its name as the customs write it."""
    code, name = number(said, f"{field}_code"), text(said, f"{field}_name")
    if code is not None or not name:
        return code
    return next((each for each, known in puertos().items() if known == name), None)


def _aduana(transport: Request, export: Request) -> Aduana | None:
    said = {**transport, **export}
    found = Aduana(
        modalidad=number(said, "sale_mode_code"),
        clausula=number(said, "sale_clause_code"),
        # An amount or a weight of nothing is not written (Formato DTE v2.2: greater than 0).
        total_clausula=decimal(said, "sale_clause_amount") or None,
        via=number(said, "transport_way_code"),
        puerto_embarque=port(said, "departure_port"),
        puerto_desembarque=port(said, "arrival_port"),
        peso_bruto=decimal(said, "gross_weight") or None,
        unidad_peso_bruto=number(said, "gross_weight_unit_code"),
        peso_neto=decimal(said, "net_weight") or None,
        unidad_peso_neto=number(said, "net_weight_unit_code"),
        total_bultos=number(said, "total_packages"),
        bultos=tuple(_bultos(said)),
        flete=decimal(said, "freight_amount") or None,
        seguro=decimal(said, "insurance_amount") or None,
        pais_receptor=number(said, "receiver_country_code"),
        pais_destino=number(said, "destination_country_code"),
    )
    return None if found == Aduana() else found


def _bultos(said: Request) -> Iterator[Bulto]:
    """Each kind of package; one code with the total number says that all are of it."""
    for each in said.get("packages") or ():
        yield Bulto(
            tipo=int(each["type_code"]),
            cantidad=int(each["quantity"]),
            marcas=text(each, "marks"),
            contenedor=text(each, "container_id"),
            sello=text(each, "seal"),
            emisor_sello=text(each, "seal_issuer"),
        )
    tipo, total = number(said, "package_type_code"), number(said, "total_packages")
    if tipo is not None and total is not None and not said.get("packages"):
        yield Bulto(tipo=tipo, cantidad=total)
