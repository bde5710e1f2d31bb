"""What DTE_v10.xsd and the format's table of obligatoriness ask of the text fields of types 33 and 34."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A text of the document: its attribute, the API's name for it, its Spanish label and its XSD length."""

    attribute: str
    name: str
    label: str
    longest: int
    required: bool = False
    digits: bool = False


EMISOR = (
    Field("razon_social", "business_name", "la razón social", 100, required=True),
    Field("giro", "business_activity", "el giro", 80, required=True),
    Field("acteco", "activity_code", "el código de actividad económica", 6, required=True, digits=True),
    Field("direccion", "address", "la dirección", 70, required=True),
    Field("comuna", "district", "la comuna", 20, required=True),
    Field("ciudad", "city", "la ciudad", 20),
    Field("telefono", "phone_number", "el teléfono", 20),
    Field("correo", "email", "el correo", 80),
    Field("sucursal", "sii_branch_code", "el código de sucursal", 9, digits=True),
)
RECEPTOR = (
    Field("razon_social", "business_name", "la razón social", 100, required=True),
    Field("giro", "business_activity", "el giro", 40, required=True),
    Field("direccion", "address", "la dirección", 70, required=True),
    Field("comuna", "district", "la comuna", 20, required=True),
    Field("ciudad", "city", "la ciudad", 20),
    Field("contacto", "contact", "el contacto", 80),
    Field("correo", "email", "el correo", 80),
)
DETALLE = (
    Field("nombre", "item_name", "el nombre", 80, required=True),
    Field("descripcion", "item_description", "la descripción", 1000),
    Field("unidad", "unit", "la unidad de medida", 4),
    Field("codigo", "item_code", "el código", 35),
    Field("tipo_codigo", "item_type_code", "el tipo de código", 10),
)
REFERENCIA = (
    Field("tipo", "dte_type_code", "el tipo de documento", 3, required=True),
    Field("folio", "reference_folio", "el folio", 18, required=True),
    Field("razon", "reference_reason", "la razón", 90),
)
