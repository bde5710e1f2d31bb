"""What the XSDs and the format's table of obligatoriness ask of every text field, by type of document."""

from dataclasses import dataclass

from timbre.dte.codes import BOLETAS, TipoDte

EVERY = frozenset(TipoDte)
NONE: frozenset[TipoDte] = frozenset()
_INVOICES = frozenset({TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.GUIA_DESPACHO})
_BOUGHT = _INVOICES | {TipoDte.FACTURA_COMPRA}
_EXPORT = frozenset({TipoDte.FACTURA_EXPORTACION})


@dataclass(frozen=True, slots=True)
class Field:
    """A text of the document: its attribute, the API's name for it, its Spanish label, its XSD length.

    ``required`` are the types that cannot do without it; of ``digits`` it must be a number above 0.
    """

    attribute: str
    name: str
    label: str
    longest: int
    required: frozenset[TipoDte] = NONE
    digits: bool = False

    def named(self, whose: str) -> str:
        """``La razón social del emisor``."""
        return f"{self.label[0].upper()}{self.label[1:]} {whose}"


EMISOR = (
    Field("razon_social", "business_name", "la razón social", 100, EVERY),
    Field("giro", "business_activity", "el giro", 80, EVERY),
    Field("acteco", "activity_code", "el código de actividad económica", 6, EVERY - BOLETAS, digits=True),
    Field("direccion", "address", "la dirección", 70, _BOUGHT | _EXPORT),
    Field("comuna", "district", "la comuna", 20, _INVOICES),
    Field("ciudad", "city", "la ciudad", 20, _EXPORT),
    Field("telefono", "phone_number", "el teléfono", 20),
    Field("correo", "email", "el correo", 80),
    Field("sucursal", "sii_branch_code", "el código de sucursal", 9, digits=True),
)
RECEPTOR = (
    Field("razon_social", "business_name", "la razón social", 100, EVERY - BOLETAS),
    Field("giro", "business_activity", "el giro", 40, _BOUGHT),
    Field("direccion", "address", "la dirección", 70, _BOUGHT | _EXPORT),
    Field("comuna", "district", "la comuna", 20, _BOUGHT),
    Field("ciudad", "city", "la ciudad", 20, _EXPORT),
    Field("contacto", "contact", "el contacto", 80),
    Field("correo", "email", "el correo", 80),
    Field("codigo_interno", "internal_code", "el código interno", 20),
    Field("id_extranjero", "foreign_id", "el número de identificación extranjero", 20),
    Field("nacionalidad", "nationality_code", "la nacionalidad", 3),
)
ENCABEZADO = (Field("condiciones_pago", "payment_terms", "la condición de pago", 100),)
PAGO = (Field("glosa", "description", "la glosa", 40),)
TRANSPORTE = (
    Field("patente", "transport_plate", "la patente", 8),
    Field("chofer_nombre", "driver_name", "el nombre del chofer", 30),
    Field("direccion", "destination_address", "la dirección de destino", 70),
    Field("comuna", "destination_district", "la comuna de destino", 20),
    Field("ciudad", "destination_city", "la ciudad de destino", 20),
)
BULTO = (
    Field("marcas", "marks", "las marcas", 255),
    Field("contenedor", "container_id", "el contenedor", 25),
    Field("sello", "seal", "el sello", 20),
    Field("emisor_sello", "seal_issuer", "el emisor del sello", 70),
)
DETALLE = (
    Field("nombre", "item_name", "el nombre", 80, EVERY),
    Field("descripcion", "item_description", "la descripción", 1000),
    Field("unidad", "unit", "la unidad de medida", 4),
    Field("codigo", "item_code", "el código", 35),
    Field("tipo_codigo", "item_type_code", "el tipo de código", 10),
)
ENTRADA = (
    Field("evento", "event_name", "el nombre del evento", 80, EVERY),
    Field("tipo", "ticket_type", "el tipo de entrada", 10, EVERY),
    Field("codigo_evento", "event_code", "el código del evento", 5, EVERY),
    Field("lugar", "event_place", "el lugar", 80, EVERY),
    Field("ubicacion", "event_location", "la ubicación", 20, EVERY),
    Field("fila", "row", "la fila", 3),
    Field("asiento", "seat", "el asiento", 3),
)
AJUSTE = (Field("glosa", "description", "la glosa", 45),)
REFERENCIA = (
    Field("tipo", "dte_type_code", "el tipo de documento", 3, EVERY),
    Field("folio", "reference_folio", "el folio", 18, EVERY),
    Field("razon", "reference_reason", "la razón", 90),
)
