"""The ids by which a caller chooses an address or an activity of a taxpayer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from timbre.dte.errors import Fault
from timbre.taxpayers.models import MasterEntity

MOST = 10
"""Options that one message names."""
COMPLETES = {
    "address_id": ("address", "district"),
    "activity_id": ("business_activity", "activity_code"),
}
"""Id -> the required fields that it would have brought."""


def unknown_ids(
    party: Mapping[str, Any], path: str, rut: str, entity: MasterEntity | None
) -> Iterator[Fault]:
    """A fault for each id in a party that is none of its taxpayer's; None: nothing is known of the RUT.

    ``path`` is the party's in its document, empty where the ids stand alone.
    """
    for field, code in (("address_id", "address_id_unknown"), ("activity_id", "activity_id_unknown")):
        options = options_of(entity, field)
        if party.get(field) and party[field] not in options:
            yield Fault(code, f"{path}.{field}".lstrip("."), _explain(field, rut, entity, options))


def options_of(entity: MasterEntity | None, field: str) -> dict[str, str]:
    """Id -> words of all that ``address_id`` (``activity_id``) may name, in the order they are on file."""
    if entity is None:
        return {}
    on_file = entity.addresses.all() if field == "address_id" else entity.activities.all()
    return {each.pk: str(each) for each in on_file}


def tell_options(options: Sequence[str]) -> str:
    """``A; B y 3 más``: at most ten of them."""
    told = "; ".join(options[:MOST])
    return told + (f" y {len(options) - MOST} más" if len(options) > MOST else "")


def _explain(field: str, rut: str, entity: MasterEntity | None, options: Mapping[str, str]) -> str:
    one, many = ("una dirección", "direcciones") if field == "address_id" else ("un giro", "giros")
    if options:
        told = tell_options([f"{pk} ({words})" for pk, words in options.items()])
        return f"Ese id no es de {one} de {rut}. Opciones: {told}."
    if entity is None or not entity.name:
        look_up = f"GET /v2/master-entities/?rut={rut}"
        return f"Todavía no se conocen {many} de {rut}: búscalo primero con {look_up} y usa un id de ahí."
    return f"No hay {many} registrados en el SII para {rut}: quita {field} y escribe el dato."
