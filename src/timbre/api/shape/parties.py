"""The shapes of who issues and who receives."""

from typing import Annotated, Any, Required

from typing_extensions import TypedDict

from timbre.api.fields import STRICT, RutText, Text, TextOrNumber, wrong
from timbre.api.shape.codes import PAIS, Leaf
from timbre.api.shape.refused import COUNTRY

_LONGEST_ID = 64
"""More than any id has: what is cut here is no id, and nobody need carry it on."""


def _id(value: Any) -> str:
    if type(value) is not str:
        raise wrong("parameter_invalid", "Debe ser un texto: el id que trae la búsqueda por RUT.")
    return value[:_LONGEST_ID]


def _id_leaf(prefix: str, said: str) -> Leaf:
    return Leaf(_id, {"type": "string", "description": said, "examples": [f"{prefix}_4n0k7qwz2m9c8x1t"]})


_OF_THE_RUT = "de GET /v2/master-entities/?rut= para el mismo RUT. Vale también sin valores por defecto."
AddressId = Annotated[
    str, _id_leaf("addr", f"Una dirección {_OF_THE_RUT} Completa dirección, comuna, ciudad y sucursal.")
]
ActivityId = Annotated[str, _id_leaf("acti", f"Un giro {_OF_THE_RUT} Completa el giro y su código.")]


class Issuer(TypedDict, total=False):
    """Quién emite. Con valores por defecto basta el RUT. Lo escrito gana a los ids; ellos, a lo demás.

    En una 46 es la empresa que compra y emite; el proveedor es document_receiver.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    rut: Required[RutText]
    business_name: Text | None
    phone_number: Text | None
    email: Text | None
    business_activity: Text | None
    activity_code: TextOrNumber | None
    sii_branch_code: TextOrNumber | None
    address: Text | None
    district: Text | None
    city: Text | None
    address_id: AddressId | None
    activity_id: ActivityId | None


class Receiver(TypedDict, total=False):
    """Quién recibe. Con valores por defecto basta el RUT. Lo escrito gana a los ids; ellos, a lo demás.

    Sin RUT y con valores por defecto es 55555555-5 en exportaciones y 66666666-6 en boletas.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    rut: RutText | None
    business_name: Text | None
    contact: Text | None
    business_activity: Text | None
    address: Text | None
    district: Text | None
    city: Text | None
    internal_code: TextOrNumber | None
    nationality_code: Annotated[str, PAIS] | None
    foreign_id: TextOrNumber | None
    address_id: AddressId | None
    activity_id: ActivityId | None
    country: Annotated[None, COUNTRY]
