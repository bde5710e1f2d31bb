"""The shapes of carriage and of customs (contract 6.4, 6.5)."""

import re
from typing import Annotated, Any, Required

from pydantic import Field
from typing_extensions import TypedDict

from timbre.api.fields import STRICT, Day, Money, Number, RutText, Text, TextOrNumber, read_text, wrong
from timbre.api.shape.codes import (
    BULTO,
    CLAUSULA,
    MODALIDAD,
    MONEDA,
    NOMBRE_DE_PUERTO,
    PAGO_DE_EXPORTACION,
    PAIS,
    PUERTO,
    UNIDAD,
    VIA,
    Leaf,
    counted,
    one_of,
    short,
)
from timbre.api.shape.refused import CURRENCY_DAY, TIMBER

TRASLADOS = {
    "1": "venta",
    "2": "venta por efectuar",
    "3": "consignación",
    "4": "entrega gratuita",
    "5": "traslado interno",
    "6": "otro que no es venta",
    "7": "devolución",
    "8": "traslado para exportación",
    "9": "venta para exportación",
}
DESPACHOS = {
    "1": "por cuenta de quien recibe",
    "2": "por cuenta del emisor a instalaciones del cliente",
    "3": "por cuenta del emisor a otras instalaciones",
}
QUIEN_TRASLADA = {
    "1": "exportador",
    "2": "agente de aduana",
    "3": "vendedor",
    "4": "contribuyente autorizado",
}
SERVICIOS_DE_EXPORTACION = {"0": "bienes", "3": "servicios", "4": "hotelería", "5": "transporte terrestre"}
_DRIVERS_NAME = 30
_RUT = re.compile(r"\d{1,8}-[\dK]", re.ASCII)


def _plate(value: Any) -> str:
    text: str = short(8).read(value)
    return text.upper()


def _drivers_name(value: Any) -> str:
    """NombreChofer has 30 characters; the published API cuts what is longer."""
    return read_text(value)[:_DRIVERS_NAME].rstrip()


def _carriers_rut(value: Any) -> str:
    """Its check digit is warned of, not refused (contract 6.4)."""
    rut = value.replace(".", "").strip().upper() if type(value) is str else ""
    if not _RUT.fullmatch(rut):
        raise wrong("invalid_rut", "El RUT debe ser un texto como 76543210-3.")
    return rut


Count = Annotated[int, counted(1)]


class Package(TypedDict, total=False):
    """Los bultos de un tipo."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    type_code: Required[Annotated[str, BULTO]]
    quantity: Required[Count]
    marks: Text | None
    container_id: TextOrNumber | None
    seal: TextOrNumber | None
    seal_issuer: Text | None


class Customs(TypedDict, total=False):
    """Lo que Aduana quiere saber, de una exportación o de una guía de lo que se exporta."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    departure_port_code: Annotated[str, PUERTO] | None
    departure_port_name: Annotated[str, NOMBRE_DE_PUERTO] | None
    arrival_port_code: Annotated[str, PUERTO] | None
    arrival_port_name: Annotated[str, NOMBRE_DE_PUERTO] | None
    transport_way_code: Annotated[str, VIA] | None
    gross_weight: Number | None
    gross_weight_unit_code: Annotated[str, UNIDAD] | None
    net_weight: Number | None
    net_weight_unit_code: Annotated[str, UNIDAD] | None
    total_packages: Count | None
    package_type_code: Annotated[str, BULTO] | None
    packages: Annotated[list[Package], Field(max_length=10)] | None


class TransportData(Customs, total=False):
    """Quién lleva los bienes, adónde, y por qué. Los datos de Aduana son de los traslados 8 y 9."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    transport_type: Annotated[str, one_of(TRASLADOS)] | None
    dispatch_type: Annotated[str, one_of(DESPACHOS)] | None
    transport_rut: Annotated[str, Leaf(_carriers_rut, {"type": "string", "examples": ["76543210-3"]})] | None
    transport_plate: Annotated[str, Leaf(_plate, {"type": "string", "maxLength": 8})] | None
    driver_rut: RutText | None
    driver_name: (
        Annotated[str, Leaf(_drivers_name, {"type": "string", "description": "Se corta en 30 caracteres."})]
        | None
    )
    destination_address: Text | None
    destination_district: Text | None
    destination_city: Text | None
    transfer_issuer_code: Annotated[str, one_of(QUIEN_TRASLADA)] | None
    authorization_resolution_number: Annotated[int, counted(0, digits=6)] | None
    authorization_resolution_date: Day | None
    timber_enabled: Annotated[None, TIMBER]
    comuna_rol: Annotated[None, TIMBER]
    manzana_rol: Annotated[None, TIMBER]
    predio_rol: Annotated[None, TIMBER]
    geo_ref_system: Annotated[None, TIMBER]
    latitude: Annotated[None, TIMBER]
    longitude: Annotated[None, TIMBER]
    conaf_plan_code: Annotated[None, TIMBER]


class ExportData(Customs, total=False):
    """Lo propio de una exportación (110, 111, 112). Los montos van en la moneda de currency_code."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    currency_code: Annotated[str, MONEDA] | None
    exchange_rate: Money | None
    destination_country_code: Annotated[str, PAIS] | None
    receiver_country_code: Annotated[str, PAIS] | None
    receiver_nationality_code: Annotated[str, PAIS] | None
    tax_id_receptor: TextOrNumber | None
    sale_mode_code: Annotated[str, MODALIDAD] | None
    sale_clause_code: Annotated[str, CLAUSULA] | None
    sale_clause_amount: Money | None
    freight_amount: Money | None
    insurance_amount: Money | None
    export_payment_method_code: Annotated[str, PAGO_DE_EXPORTACION] | None
    export_type: Annotated[str, one_of(SERVICIOS_DE_EXPORTACION)] | None
    currency_day: Annotated[None, CURRENCY_DAY]
