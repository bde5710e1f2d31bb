"""``X-Use-Defaults``: what the caller leaves out, filled from what is on file. What was sent always wins."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from timbre.dte.codes import FormaPago, TipoDte
from timbre.taxpayers.models import MasterEntity

GIRO_RECEPTOR = 40
"""GiroRecep is 40 characters in the XSD and the SII's own glosas are longer: a default is cut."""
GIRO_EMISOR = 80
RAZON_SOCIAL, COMUNA = 100, 20


def fill_document(request: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Type 33, issued today (Chile), on credit, unless said otherwise."""
    header = {"payment_method": str(FormaPago.CREDITO.value)} | _given(request.get("header") or {})
    defaults = {"dte_type": {"code": str(TipoDte.FACTURA.value)}, "date_issued": today.isoformat()}
    return defaults | _given(request) | {"header": header}


def fill_issuer(issuer: Mapping[str, Any], entity: MasterEntity) -> dict[str, Any]:
    """The issuer's name, first address and first activity on file, unless said otherwise."""
    return _party(entity, GIRO_EMISOR) | _branch(entity) | _given(issuer)


def fill_receiver(receiver: Mapping[str, Any], entity: MasterEntity) -> dict[str, Any]:
    """The receiver's name, first address and first activity on file, unless said otherwise."""
    return _party(entity, GIRO_RECEPTOR) | _given(receiver)


def lacks_data(receiver: Mapping[str, Any]) -> bool:
    """Whether a receiver still has to be looked up at the SII before its document can be issued."""
    return not all(receiver.get(f) for f in ("business_name", "business_activity", "address", "district"))


def _party(entity: MasterEntity, giro_length: int) -> dict[str, Any]:
    filled: dict[str, Any] = {"business_name": entity.name[:RAZON_SOCIAL]} if entity.name else {}
    for activity in list(entity.activities.all())[:1]:
        filled |= {"business_activity": activity.glosa[:giro_length].strip()}
    for address in list(entity.addresses.all())[:1]:
        place = {"district": address.comuna[:COMUNA], "city": address.ciudad[:COMUNA]}
        filled |= {"address": address.direccion} | place
    return filled


def _branch(entity: MasterEntity) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for activity in list(entity.activities.all())[:1]:
        filled |= {"activity_code": activity.codigo}
    for address in list(entity.addresses.all())[:1]:
        filled |= {"sii_branch_code": address.sucursal} if address.sucursal else {}
    return filled


def _given(source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in source.items() if value not in (None, "")}
