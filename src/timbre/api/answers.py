"""The shapes of the API's answers, as its OpenAPI tells them. The tests hold every answer against them."""

from typing import Any, Generic, Literal, NotRequired, TypeVar

from typing_extensions import TypedDict

from timbre.api.shape import STRICT

T = TypeVar("T")

DocumentStatus = Literal[
    "created", "processing", "success", "invalid", "temporary_error", "permanent_error", "incomplete"
]
BatchStatus = Literal["created", "processing", "completed", "failed"]


class Meta(TypedDict):
    page: int
    page_size: int
    total: int
    total_pages: int


class Links(TypedDict):
    next: str | None
    prev: str | None


class Page(TypedDict, Generic[T]):
    """Una página de una lista."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    data: list[T]
    meta: Meta
    links: Links


class Warned(TypedDict):
    """Lo que una key «lenient» envió y no se usó, o un posible duplicado."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    document_index: int | None
    field: str
    code: str
    message: str
    suggestion: str | None


class RuleTold(TypedDict):
    """Una regla. since es el día desde el que rige para lo que se emite; null si rige siempre."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    code: str
    description: str
    level: Literal["refuse", "warn", "enforced"]
    since: str | None
    source: str
    dte_types: list[str]


class Taxpayer(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str | None
    name: str
    tax_id: str


class DteTypeTold(TypedDict):
    code: str
    description: str


class Named(TypedDict):
    id: str | None
    name: str


class District(Named):
    city: Named


class AddressTold(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    address: str
    district: District
    sii_branch_code: str | None
    phone: None


class ActivityTold(TypedDict):
    id: str
    code: str
    name: str


class Entity(TypedDict):
    """Un contribuyente, con lo que el SII tiene registrado de él."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    tax_id: str
    name: str
    email: None
    addresses: list[AddressTold]
    activities: list[ActivityTold]


class CredentialType(TypedDict):
    id: int
    name: str


class CredentialTold(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    user: str
    credential_type: CredentialType
    created_at: str
    verified_at: str | None
    status: Literal["PENDING", "VALID", "INVALID"]
    reason: str | None
    is_default: bool
    master_entity: Taxpayer
    master_entities: list[Taxpayer]
    warnings: NotRequired[list[Warned]]


class Standing(TypedDict):
    id: str
    user: str
    status: Literal["PENDING", "VALID", "INVALID"]
    reason: str | None
    is_default: bool
    verified_at: str | None


class CompanyTold(TypedDict):
    """Una empresa enrolada: la credencial que habla por ella y sus valores por defecto."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    master_entity: Taxpayer
    environment: Literal["sandbox", "production"]
    gateway: Literal["portal"]
    credential: Standing | None
    address_id: str | None
    activity_id: str | None
    email: str | None
    phone: str | None
    payment_method: str | None
    has_logo: bool
    created_at: str
    warnings: NotRequired[list[Warned]]


class EnrollmentStarted(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    enrollment_id: str
    status: str
    user_rut: str
    credential: None
    message: str
    warnings: NotRequired[list[Warned]]


class EnrollmentError(TypedDict):
    code: str
    message: str


class EnrollmentTold(TypedDict):
    """Cómo va, o cómo terminó, una prueba de la clave en el SII."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    enrollment_id: str
    status: Literal["pending", "valid", "invalid", "error"]
    user_rut: str
    error: EnrollmentError | None
    credential: CredentialTold | None
    credential_id: str
    master_entity_id: str
    created_at: str
    finished_at: str | None


class Connection(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    connection_id: str
    company_id: str
    provider: str
    type: str
    name: str
    tax_id: str
    environment: Literal["sandbox", "production"]
    status: Literal["active", "requires_action", "inactive"]
    last_verified_at: str | None
    business_activity: str | None
    activity_code: int | None
    address: str | None
    district: str | None
    city: str | None


class Connections(TypedDict):
    data: list[Connection]
    total: int
    limit: int


class WebhookTold(TypedDict):
    """secret viene solo en la respuesta que crea el webhook, o su secreto.

    De los envíos intentados en las últimas 24 horas (sent_24h), success_rate_24h es el porcentaje que llegó.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    master_entity_id: str
    url: str
    events: list[str]
    events_display: list[str]
    secret: str | None
    is_active: bool
    environment: Literal["sandbox", "production", "both"]
    api_version: int
    inline_files: bool
    last_status_code: int | None
    last_sent_at: str | None
    success_rate: float
    sent_24h: int
    delivered_24h: int
    success_rate_24h: float | None
    pending: int
    rest_until: str | None
    failing_since: str | None
    disables_at: str | None
    disabled_at: str | None
    disabled_reason: Literal["gone", "failing"] | None
    previous_secret_until: str | None
    created_at: str
    updated_at: str
    warnings: NotRequired[list[Warned]]


class TestSent(TypedDict):
    success: bool
    delivery_id: str
    message: str


class Replayed(TypedDict):
    """Cuántos envíos van en camino."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    success: bool
    deliveries: int
    message: str


class EventData(TypedDict):
    object: dict[str, Any]


class EventTold(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: int
    object: Literal["event"]
    type: str
    created: str
    data: EventData


class Events(TypedDict):
    """has_more dice si hay más; el siguiente cursor es el id del último evento."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    object: Literal["list"]
    url: str
    has_more: bool
    data: list[EventTold]
