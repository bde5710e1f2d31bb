"""The shape of a batch as its caller writes it (contract 2.9). What the content must be, dte.rules judges.

What passes holds only the keys that were given. Texts are Latin-1, RUTs canonical, and ``quantity``,
``unit_price`` and ``discount_percent`` decimal texts (see fields). Null is the same as not given.
"""

from typing import Annotated, Any, Literal, Required

from pydantic import ConfigDict, Field, PlainValidator, TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from timbre.api.fields import (
    Day,
    ExternalId,
    JsonObject,
    NotOffered,
    Number,
    Payment,
    RutText,
    Text,
    TextOrNumber,
    Tipo,
    wrong,
)

STRICT = ConfigDict(extra="forbid")
MAX_DOCUMENTS = 500


_LONGEST_ID = 64
"""More than any id has: what is cut here is no id, and nobody need carry it on."""


def _id(value: Any) -> str:
    if type(value) is not str:
        raise wrong("parameter_invalid", "Debe ser un texto: el id que trae la búsqueda por RUT.")
    return value[:_LONGEST_ID]


def _id_kind(prefix: str, said: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "description": said, "examples": [f"{prefix}_4n0k7qwz2m9c8x1t"]})


_OF_THE_RUT = "de GET /v2/master-entities/?rut= para el mismo RUT. Vale también sin valores por defecto."
AddressId = Annotated[
    str,
    PlainValidator(_id),
    _id_kind("addr", f"Una dirección {_OF_THE_RUT} Completa dirección, comuna, ciudad y sucursal."),
]
ActivityId = Annotated[
    str,
    PlainValidator(_id),
    _id_kind("acti", f"Un giro {_OF_THE_RUT} Completa el giro y su código."),
]


class DteType(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    code: Tipo


class Issuer(TypedDict, total=False):
    """Quién emite. Con valores por defecto basta el RUT. Lo escrito gana a los ids; ellos, a lo demás."""

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
    """Quién recibe. Con valores por defecto basta el RUT. Lo escrito gana a los ids; ellos, a lo demás."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    rut: Required[RutText]
    business_name: Text | None
    contact: Text | None
    business_activity: Text | None
    address: Text | None
    district: Text | None
    city: Text | None
    address_id: AddressId | None
    activity_id: ActivityId | None
    country: NotOffered


class Line(TypedDict, total=False):
    """Una línea, con precio neto."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    item_name: Required[Text]
    quantity: Required[Number]
    unit_price: Required[Number]
    item_description: Text | None
    discount_percent: Number | None
    item_code: Text | None
    item_type_code: TextOrNumber | None
    unit: Text | None
    is_exempt: bool | None
    line_number: int | None
    item_total: Number | None
    gross_unit_price: NotOffered
    other_tax: NotOffered
    show_item_type: NotOffered
    ticket: NotOffered


class Header(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    payment_method: Payment | None
    due_date: Day | None
    purchase_transaction_type: NotOffered
    sale_transaction_type: NotOffered
    vat_withheld: NotOffered
    retention_type: NotOffered
    authorized_user_rut: NotOffered
    purchase_type: NotOffered
    currency: NotOffered


class Reference(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    dte_type_code: Required[TextOrNumber]
    reference_folio: Required[TextOrNumber]
    reference_date: Required[Day]
    reference_reason: Text | None


class DocumentAsked(TypedDict, total=False):
    """Un documento por emitir."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    dte_type: DteType | None
    date_issued: Day | None
    document_issuer: Required[Issuer]
    document_receiver: Required[Receiver]
    details: Required[list[Line]]
    header: Header | None
    references: list[Reference] | None
    external_id: ExternalId | None
    json_param: JsonObject | None
    additional_info: (
        Annotated[Text, Field(description="Hasta 1.000 caracteres; se devuelve, no se imprime.")] | None
    )
    folio: NotOffered
    export_data: NotOffered
    transport_data: NotOffered
    global_adjustments: NotOffered


_ONE_TO_MANY: dict[str, Any] = {"minItems": 1, "maxItems": MAX_DOCUMENTS}


class BatchAsked(TypedDict, total=False):
    """De 1 a 500 documentos que se aceptan juntos, o ninguno."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    documents: Required[Annotated[list[DocumentAsked], Field(json_schema_extra=_ONE_TO_MANY)]]
    use_default: bool | None
    state: Literal["issued"] | None
    preview: NotOffered


BATCH = TypeAdapter(BatchAsked)
