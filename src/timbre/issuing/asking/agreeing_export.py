"""What carriage, customs and money of one request say together (contract 6.4, 6.5)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from timbre.dte.codes import EXPORTACIONES, TipoDte
from timbre.dte.customs import puertos
from timbre.dte.errors import Fault
from timbre.issuing.asking.leaves import decimal, number, text

Request = Mapping[str, Any]
PESOS = 200
"""Chile's own currency among the customs' codes."""
_TWICE = (
    ("export_data.receiver_nationality_code", "document_receiver.nationality_code"),
    ("export_data.tax_id_receptor", "document_receiver.foreign_id"),
    ("export_data.export_type", "header.service_indicator"),
)
"""Fields that say the same thing."""


def export_disagreements(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    """Faults of ``transport_data`` and ``export_data``, each by itself and with all else."""
    transport, export = request.get("transport_data") or {}, request.get("export_data") or {}
    yield from _transport(transport)
    yield from _customs(transport, "transport_data")
    yield from _customs(export, "export_data")
    for field in sorted(transport.keys() & export.keys()):
        if transport[field] != export[field]:
            message = f"«{field}» dice otra cosa en transport_data: déjalo solo en export_data."
            yield Fault("fields_contradict", f"export_data.{field}", message)
    yield from _said_twice(request)
    if tipo in EXPORTACIONES:
        yield from _money(export)


def _transport(transport: Request) -> Iterator[Fault]:
    resolution = ("authorization_resolution_number", "authorization_resolution_date")
    if any(transport.get(field) is not None for field in resolution) and not transport.get(
        "transfer_issuer_code"
    ):
        message = "Falta «transfer_issuer_code»: la resolución es de quien traslada."
        yield Fault("dte_field_required", "transport_data.transfer_issuer_code", message)


def _customs(said: Request, block: str) -> Iterator[Fault]:
    for which in ("departure_port", "arrival_port"):
        code, name = number(said, f"{which}_code"), text(said, f"{which}_name")
        if code is not None and name and puertos()[code] != name:
            message = f"El puerto {code} es {puertos()[code]}, no {name}: envía solo el código."
            yield Fault("fields_contradict", f"{block}.{which}_name", message)
    if said.get("package_type_code") and said.get("packages"):
        message = "Los tipos de bulto van en «packages» o en «package_type_code», no en ambos."
        yield Fault("fields_contradict", f"{block}.package_type_code", message)
    if said.get("package_type_code") and said.get("total_packages") is None:
        message = "Falta «total_packages»: cuántos bultos son de ese tipo."
        yield Fault("dte_field_required", f"{block}.total_packages", message)


def _said_twice(request: Request) -> Iterator[Fault]:
    for one, other in _TWICE:
        said, again = _at(request, one), _at(request, other)
        if said not in ("", "0") and again and said != again:
            message = f"«{one}» dice {said} y «{other}», {again}: envía solo uno."
            yield Fault("fields_contradict", one, message)


def _at(request: Request, path: str) -> str:
    block, _, field = path.partition(".")
    return text(request.get(block) or {}, field)


def _money(export: Request) -> Iterator[Fault]:
    code, rate = number(export, "currency_code"), decimal(export, "exchange_rate")
    if code is None:
        message = "Falta «currency_code»: la moneda de la exportación (13 DOLAR USA, 142 EURO, 200 PESO CL)."
        yield Fault("dte_field_required", "export_data.currency_code", message)
    elif code == PESOS and rate not in (None, Decimal(1)):
        message = "La moneda es PESO CL: su tipo de cambio es 1, quítalo."
        yield Fault("fields_contradict", "export_data.exchange_rate", message)
