"""The shape of a batch as its caller writes it (contract 2.9, 6). What the content must be, dte.rules judges.

What passes holds only the keys that were given. Texts are Latin-1, RUTs canonical, numbers decimal texts (see
fields), codes the SII's or the customs' own as texts, counts numbers. Null is the same as not given. What
fields say together, issuing.agreeing judges.
"""

from typing import Annotated, Any, Literal, Required

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from timbre.api.fields import STRICT as STRICT
from timbre.api.fields import AdditionalInfo, Day, ExternalId, JsonObject, Money, Payment, Text, Tipo
from timbre.api.shape.codes import one_of
from timbre.api.shape.customs import ExportData, TransportData
from timbre.api.shape.lines import GlobalAdjustment, Line, Reference
from timbre.api.shape.parties import Issuer, Receiver
from timbre.api.shape.refused import CURRENCY, FEES, FOLIO

MAX_DOCUMENTS = 500

SERVICIOS = {
    "1": "servicios periódicos domiciliarios (en boletas: periódicos)",
    "2": "otros servicios periódicos (en boletas: periódicos domiciliarios)",
    "3": "servicios (en boletas: ventas y servicios)",
    "4": "hotelería (exportación); espectáculo por cuenta de otro (boletas)",
    "5": "transporte terrestre internacional (exportación)",
}
"""IndServicio; 1 and 2 are swapped between invoices and boletas (sii-protocols 1.3)."""
MEDIOS = {"1": "efectivo", "2": "tarjeta", "3": "transferencia", "4": "cheque", "5": "otro"}
COMPRAS = {
    "1": "del giro",
    "2": "en supermercados",
    "3": "bienes raíces",
    "4": "activo fijo",
    "5": "con IVA uso común",
    "6": "sin derecho a crédito",
    "7": "que no corresponde incluir",
}
COMPRAS_DEL_CONTRATO = {"1": "del giro", "2": "ajena al giro, sin crédito", "3": "activo fijo"}
VENTAS = {"1": "del giro", "2": "de activo fijo", "3": "de bienes raíces", "4": "otra"}


class DteType(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    code: Tipo


class PaymentPlanned(TypedDict, total=False):
    """Un pago de un plan de pagos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    date: Required[Day]
    amount: Required[Money]
    description: Text | None


class Header(TypedDict, total=False):
    """Cómo y cuándo se paga, de qué período es, qué clase de venta o compra es."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    payment_method: Payment | None
    payment_means: Annotated[str, one_of(MEDIOS)] | None
    payment_terms: Text | None
    payments: Annotated[list[PaymentPlanned], Field(max_length=30)] | None
    due_date: Day | None
    cancellation_date: Day | None
    period_from: Day | None
    period_to: Day | None
    service_indicator: Annotated[str, one_of(SERVICIOS)] | None
    net_amounts: bool | None
    vat_withheld: bool | None
    purchase_type: Annotated[str, one_of(COMPRAS)] | None
    purchase_transaction_type: Annotated[str, one_of(COMPRAS_DEL_CONTRATO)] | None
    sale_transaction_type: Annotated[str, one_of(VENTAS)] | None
    retention_type: Annotated[None, FEES]
    authorized_user_rut: Annotated[None, FEES]
    currency: Annotated[None, CURRENCY]


class DocumentAsked(TypedDict, total=False):
    """Un documento por emitir."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    dte_type: DteType | None
    date_issued: Day | None
    document_issuer: Required[Issuer]
    document_receiver: Required[Receiver]
    details: Required[list[Line]]
    header: Header | None
    global_adjustments: Annotated[list[GlobalAdjustment], Field(max_length=20)] | None
    references: list[Reference] | None
    transport_data: TransportData | None
    export_data: ExportData | None
    external_id: ExternalId | None
    json_param: JsonObject | None
    additional_info: AdditionalInfo | None
    folio: Annotated[None, FOLIO]


_ONE_TO_MANY: dict[str, Any] = {"minItems": 1, "maxItems": MAX_DOCUMENTS}


class BatchAsked(TypedDict, total=False):
    """De 1 a 500 documentos que se aceptan juntos, o ninguno."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    documents: Required[Annotated[list[DocumentAsked], Field(json_schema_extra=_ONE_TO_MANY)]]
    use_default: bool | None
    state: Literal["issued", "draft"] | None
    preview: bool | None


BATCH = TypeAdapter(BatchAsked)
