"""Dispatch guides, and goods on the road."""

from datetime import date
from typing import Any

from timbre.dte.codes import TipoDte
from timbre.dte.document import Transporte
from timbre.dte.rules.fields import ADUANA, customs_of
from timbre.dte.rules.parties import rut_fault
from timbre.dte.rules.rule import Case, Found, Level, rule

GUIDE = frozenset({TipoDte.GUIA_DESPACHO})
INTERNAL = 5
ABROAD = (8, 9)
RES_154 = date(2026, 5, 1)
"""In force for guides as the press tells it (Res. Ex. SII 154 of 2025-11-05): for the operator to enforce."""
_RES_154_SOURCE = "Res. Ex. SII N° 154 de 2025 (vigencia según la prensa; la exige quien opera Timbre)"
_NONE = Transporte()
_WANTED_ABROAD = ("puerto_embarque", "puerto_desembarque", "peso_bruto", "unidad_peso_bruto")


@rule(
    "transfer_type_required",
    "Una guía de despacho dice el tipo de traslado.",
    source="Formato DTE v2.2, IndTraslado",
    types=GUIDE,
)
def transfer_type(case: Case) -> Found:
    if case.documento.indicador_traslado is None:
        message = "Falta el tipo de traslado: 1 venta, 5 traslado interno, 6 otro que no es venta."
        yield "transport_data.transport_type", message


@rule(
    "internal_transfer_receiver",
    "En un traslado interno el receptor es el mismo emisor.",
    source="Formato DTE v2.2, IndTraslado 5",
    types=GUIDE,
)
def internal_receiver(case: Case) -> Found:
    documento = case.documento
    if documento.indicador_traslado == INTERNAL and documento.receptor.rut != documento.emisor.rut:
        message = f"Un traslado interno es a la misma empresa: el receptor debe ser {documento.emisor.rut}."
        yield "document_receiver.rut", message


@rule(
    "dispatch_type_not_allowed",
    "Un traslado interno no lleva tipo de despacho.",
    source="Formato DTE v2.2, TipoDespacho (el SII lo repara)",
    types=GUIDE,
)
def internal_dispatch(case: Case) -> Found:
    documento = case.documento
    if documento.indicador_traslado == INTERNAL and documento.tipo_despacho is not None:
        yield "transport_data.dispatch_type", "Un traslado interno (5) no lleva tipo de despacho: quítalo."


@rule(
    "guide_export_data_missing",
    "Una guía de traslado 8 o 9 dice quién traslada, los puertos y el peso bruto.",
    source="Formato DTE v2.2, GuiaExport y Aduana",
    types=GUIDE,
)
def abroad(case: Case) -> Found:
    documento, aduana = case.documento, customs_of(case.documento)
    if documento.indicador_traslado not in ABROAD:
        return
    if documento.guia_exportacion is None:
        message = "Falta quién traslada: 1 exportador, 2 agente de aduana, 3 vendedor, 4 autorizado."
        yield "transport_data.transfer_issuer_code", message
    for attribute in _WANTED_ABROAD:
        if aduana is None or getattr(aduana, attribute) is None:
            name, label = ADUANA[attribute]
            yield f"transport_data.{name}", f"Falta {label} de una guía de traslado para exportación."


@rule(
    "field_not_for_type",
    "Solo una guía de traslado 8 o 9 dice quién traslada para exportar.",
    source="Formato DTE v2.2, GuiaExport",
    types=GUIDE,
)
def not_abroad(case: Case) -> Found:
    if case.documento.guia_exportacion and case.documento.indicador_traslado not in ABROAD:
        message = "Este dato es solo de guías de traslado 8 o 9: quítalo."
        yield "transport_data.transfer_issuer_code", message


@rule(
    "guide_packages_missing",
    "Una guía de traslado 8 o 9 dice sus bultos y de qué tipo son.",
    source="Formato DTE v2.2, TotBultos y TipoBultos",
    types=GUIDE,
    level=Level.WARN,
)
def packages(case: Case) -> Found:
    aduana = customs_of(case.documento)
    if case.documento.indicador_traslado in ABROAD and not (aduana and aduana.bultos):
        yield "transport_data.total_packages", "Faltan los bultos: total_packages y package_type_code."


@rule("driver_incomplete", "El RUT y el nombre del chofer van juntos.", source="DTE_v10.xsd, Chofer")
def driver(case: Case) -> Found:
    carriage = case.documento.transporte or _NONE
    if bool(carriage.chofer_rut) != bool(carriage.chofer_nombre):
        field, label = ("driver_name", "nombre") if carriage.chofer_rut else ("driver_rut", "RUT")
        yield f"transport_data.{field}", f"Falta el {label} del chofer: van los dos o ninguno."


@rule("invalid_rut", "El RUT del chofer tiene su dígito verificador.", source="DTE_v10.xsd, RUTChofer")
def driver_rut(case: Case) -> Found:
    carriage = case.documento.transporte or _NONE
    if carriage.chofer_rut and (message := rut_fault(carriage.chofer_rut)):
        yield "transport_data.driver_rut", message


@rule(
    "invalid_rut",
    "El RUT del transportista tiene su dígito verificador.",
    source="Formato DTE v2.2, RUTTrans",
    level=Level.WARN,
)
def carrier_rut(case: Case) -> Found:
    carriage = case.documento.transporte or _NONE
    if carriage.rut and (message := rut_fault(carriage.rut)):
        yield "transport_data.transport_rut", message


def _lacking(owner: Any, wanted: tuple[tuple[str, str], ...]) -> str:
    missing = [label for attribute, label in wanted if not getattr(owner, attribute)]
    return ", ".join(missing)


@rule(
    "transport_data_missing",
    "Una guía dice la patente, el transportista y el chofer.",
    source=_RES_154_SOURCE,
    types=GUIDE,
    level=Level.WARN,
    since=RES_154,
)
def carriage_data(case: Case) -> Found:
    wanted = (
        ("patente", "la patente"),
        ("rut", "el RUT del transportista"),
        ("chofer_rut", "el RUT del chofer"),
        ("chofer_nombre", "el nombre del chofer"),
    )
    if missing := _lacking(case.documento.transporte or _NONE, wanted):
        yield "transport_data", f"La guía no dice {missing}."


@rule(
    "destination_missing",
    "Una guía dice la dirección y la comuna de destino.",
    source=f"{_RES_154_SOURCE}; Formato DTE v2.2, CmnaDest",
    types=GUIDE,
    level=Level.WARN,
    since=RES_154,
)
def destination(case: Case) -> Found:
    wanted = (("direccion", "la dirección de destino"), ("comuna", "la comuna de destino"))
    if missing := _lacking(case.documento.transporte or _NONE, wanted):
        yield "transport_data.destination_address", f"La guía no dice {missing}."
