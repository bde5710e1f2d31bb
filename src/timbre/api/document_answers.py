"""The shapes of what is told of batches and documents (issuing.presenting)."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from timbre.api.answers import BatchStatus, DocumentStatus, DteTypeTold, Taxpayer, Warned
from timbre.api.shape import STRICT


class OtherTax(TypedDict):
    """Un impuesto adicional o una retención: el código del SII, la tasa en por ciento y el monto."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    code: str
    rate: float
    amount: float


class Totals(TypedDict):
    """Pesos (en una exportación, su moneda); las tasas, en por ciento. Lo retenido se resta del total."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    net_amount: float
    exempt_amount: float
    iva_rate: float
    iva_amount: float
    other_taxes: list[OtherTax]
    not_billable_amount: float
    total_amount: float


class LineTold(TypedDict):
    """Una línea como se pidió; con precio con IVA, unit_price lo repite."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    line_number: NotRequired[int]
    item_name: str
    item_description: str | None
    quantity: float | None
    unit_price: float | None
    gross_unit_price: float | None
    unit: str | None
    item_code: str | None
    item_type_code: str | None
    discount_percent: float | None
    discount_amount: float | None
    surcharge_percent: float | None
    surcharge_amount: float | None
    is_exempt: bool | None
    exempt_indicator: str | None
    other_tax: str | None
    withholding_agent: bool | None
    show_item_type: str | None
    ticket: dict[str, Any] | None


class DocumentError(TypedDict):
    """message trae las palabras del SII cuando las hay; cause, por qué; fix, qué hacer.

    retryable dice si lo mismo puede resultar al enviarlo otra vez; es false mientras Timbre sigue solo.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    code: str
    type: str
    message: str
    user_message: str
    param: str | None
    cause: str
    fix: str
    retryable: bool
    sii_words: str | None


class Filled(TypedDict):
    """Un campo que no enviaste: cómo quedó y de dónde salió.

    source es address_id o activity_id (lo trae el id que enviaste), company (los datos por defecto de la
    empresa), master_entity (lo que el SII tiene registrado del RUT) o timbre (lo corriente en ese tipo).
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    field: str
    value: str
    source: Literal["address_id", "activity_id", "company", "master_entity", "timbre"]


class DocumentSummary(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    folio: str | None
    date_issued: str
    amount_with_iva: float
    receiver_id: str | None
    is_draft: bool
    can_be_issued: bool
    dte_type: DteTypeTold
    sender: Taxpayer
    receiver: Taxpayer
    items: list[LineTold]
    document_total: Totals
    filled: list[Filled]
    pdf_url: str | None
    pdf_download_url: str | None
    retention_type: None
    export_data: dict[str, Any] | None


class BatchDocument(TypedDict):
    """Un documento del lote y en qué va."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    index: int
    status: DocumentStatus
    in_doubt: bool
    confirmation_pending: bool
    external_id: str | None
    document: DocumentSummary
    errors: list[DocumentError] | None


class BatchAccepted(TypedDict):
    """Recibido, que no es emitido."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    batch_id: str
    status: BatchStatus
    created_at: str
    total_documents: int
    message: str
    documents: list[BatchDocument]
    warnings: NotRequired[list[Warned]]


class BatchLine(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    batch_id: str
    status: BatchStatus
    environment: str
    idempotency_key: str | None
    created_at: str
    updated_at: str


class BatchTold(BatchLine):
    """Terminado cuando es completed o failed (ninguno emitido)."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    total_documents: int
    documents: list[BatchDocument]


class DocumentItem(TypedDict):
    """Los amount_* van en pesos. De una exportación, exchange_rate y original_amount dicen lo demás."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    batch_id: str
    index: int
    external_id: str | None
    folio: str | None
    date_issued: str
    dte_type_code: str
    dte_type_description: str
    amount_with_iva: float
    amount_without_iva: float
    amount_iva: float
    currency: str
    exchange_rate: str | None
    original_amount: str | None
    sender_id: str
    sender_name: str
    sender_tax_id: str
    receiver_id: str | None
    receiver_name: str
    receiver_tax_id: str
    status: DocumentStatus
    in_doubt: bool
    confirmation_pending: bool
    state: str
    error: DocumentError | None
    is_paid: bool
    has_credit_note: bool
    has_trace: bool
    is_sandbox: bool
    json_param: dict[str, Any] | None
    additional_info: str | None
    created_at: str
    updated_at: str


class NamedBy(TypedDict):
    """Una nota u otro documento que nombra a este; correction_code 1 anula, 2 corrige texto, 3 montos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    dte_type_code: str
    folio: str | None
    date_issued: str
    correction_code: str | None
    status: DocumentStatus


class StateLabel(TypedDict):
    label: str
    description: str
    state_type: str


class DocumentTold(DocumentItem):
    """pdf es un enlace que dura una hora; xml, el texto completo."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    pdf: str | None
    pdf_url: str | None
    xml: str | None
    xml_error: None
    xml_confirmed_at: str | None
    header: dict[str, Any]
    document_issuer: dict[str, Any]
    document_receiver: dict[str, Any]
    document_total: Totals
    details: list[LineTold]
    global_adjustments: list[dict[str, Any]]
    references: list[dict[str, Any]]
    transport_data: dict[str, Any] | None
    export_data: dict[str, Any] | None
    referenced_by: list[NamedBy]
    filled: list[Filled]
    traces: list[Any]
    document_states: list[StateLabel]


class StateTold(TypedDict):
    """Una cosa que le pasó al documento; actor dice quién la hizo y evidence, en qué se apoya.

    De cada mirada al SII: asked (qué se le preguntó), listed (filas de su lista), codigo y sii_digest (lo que
    tiene con ese folio), proposed (el folio que propone), why (por qué no se sabe).
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    event_code: str
    event_description: str
    event_date: str
    responsable_rut: None
    responsable_dv: None
    rejected_by_user: None
    accepted_by_user: None
    actor: str
    evidence: dict[str, Any]


class States(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    success: bool
    document_id: str
    folio: str | None
    states: list[StateTold]
    document: DocumentItem


class PaidStatus(TypedDict):
    paid_status: str


class DocumentSettled(DocumentItem):
    document_status: PaidStatus


class StateRegistered(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    success: bool
    event_registered: bool
    message: str
    document: DocumentSettled
    warnings: NotRequired[list[Warned]]
