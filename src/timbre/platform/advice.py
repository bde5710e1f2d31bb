"""What stands in a document's way, for people: what happened, what it means, the one button that helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.urls import reverse

from timbre.issuing.models import Document, State
from timbre.issuing.words import error_of


@dataclass(frozen=True, slots=True)
class Action:
    """A button: ``screen`` and ``kwargs`` name its address; ``posts`` when it does something there."""

    label: str
    screen: str
    kwargs: Mapping[str, str]
    posts: bool = False

    @property
    def address(self) -> str:
        return reverse(self.screen, kwargs=dict(self.kwargs))


@dataclass(frozen=True, slots=True)
class Advice:
    """``happened`` has the SII's words when there are any; ``action`` is None when waiting is right."""

    happened: str
    means: str
    action: Action | None = None


class Help(Enum):
    """What helps: a credential mended, another try, a person's word, another document; or time."""

    CREDENTIAL = "Revisar la credencial"
    RETRY = "Reintentar lo no emitido del lote"
    RESOLVE = "Resolver"
    READ = "Ver lo que se envió"
    WAIT = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a code. ``happened`` is empty where the document's own message says it better."""

    happened: str
    means: str
    help: Help


RESUMES = "Sus documentos esperan y siguen por sí solos en cuanto se corrija: no los envíes de nuevo."
CODES: Mapping[str, Told] = {
    # Waits: Timbre goes on by itself.
    "sii_unavailable": Told(
        "El SII no responde.",
        "No hagas nada: Timbre sigue intentando por sí solo. No lo envíes de nuevo.",
        Help.WAIT,
    ),
    "sii_copy_missing": Told(
        "El SII lo emitió y todavía no entrega su copia.",
        "Ya vale como documento. Timbre pide la copia de nuevo por sí solo.",
        Help.WAIT,
    ),
    # The credential
    "sii_credentials_invalid": Told(
        "El SII rechazó la clave tributaria de quien firma.",
        f"Corrige la clave de la credencial: tras varios intentos fallidos el SII bloquea. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "login_refused": Told(
        "El SII no dejó entrar a quien firma y no dijo un motivo que Timbre conozca.",
        f"Prueba la clave en sii.cl y, si entra, guárdala de nuevo en la credencial. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "credential_locked": Told(
        "El SII bloqueó por una hora a quien firma, por intentos fallidos.",
        f"Timbre espera esa hora. Mientras, prueba la clave en sii.cl y, si cambió, corrígela. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "sii_session_limit": Told(
        "Quien firma tiene abiertas todas las sesiones que el SII permite.",
        f"Cierra las que tengas abiertas en sii.cl. Timbre vuelve a entrar dentro de una hora. {RESUMES}",
        Help.WAIT,
    ),
    "company_not_authorised": Told(
        "Quien firma no está autorizado a emitir por esta empresa en el portal del SII.",
        f"El representante legal puede autorizarlo en sii.cl; o usa la credencial de otra persona. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "certificate_missing": Told(
        "Quien firma no tiene un certificado digital centralizado en el SII.",
        f"Súbelo en sii.cl, opción «Certificado digital», y vuelve a probar la credencial. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "certificate_password_invalid": Told(
        "La clave del certificado digital no es la correcta.",
        f"Corrígela en la credencial. {RESUMES}",
        Help.CREDENTIAL,
    ),
    "no_active_credentials": Told(
        "La empresa no tiene ahora una credencial vigente.",
        f"Corrígela o agrega otra; si retiraste la empresa, cancela lo que ya no quieras emitir. {RESUMES}",
        Help.CREDENTIAL,
    ),
    # Not issued, for what was asked
    "address_not_registered": Told(
        "",
        "No se emitió. Envíalo de nuevo con una dirección registrada; "
        "si la correcta es esta, regístrala primero en sii.cl y después reintenta el lote.",
        Help.READ,
    ),
    "activity_not_registered": Told(
        "",
        "No se emitió. Envíalo de nuevo con un giro registrado; "
        "si el correcto es este, regístralo primero en sii.cl y después reintenta el lote.",
        Help.READ,
    ),
    "receiver_not_found": Told(
        "El SII no conoce el RUT del receptor.",
        "No se emitió. Revisa el RUT y envíalo de nuevo.",
        Help.READ,
    ),
    "sii_rejected": Told(
        "El SII no aceptó el documento.",
        "No se emitió. Corrige el dato que nombra el SII y envíalo de nuevo.",
        Help.READ,
    ),
    "not_available": Told(
        "El documento pide algo que el portal del SII no ofrece.",
        "No se emitió. Quita ese dato y envíalo de nuevo.",
        Help.READ,
    ),
    "sii_page_mismatch": Told(
        "Lo que el SII iba a firmar no era lo pedido.",
        "Timbre no firmó y nada se emitió. Si el dato está bien, reintenta; si se repite, envíalo corregido.",
        Help.RETRY,
    ),
    # Not issued, and another try may do
    "folio_taken": Told(
        "El SII usó los folios propuestos en otros documentos.",
        "No se emitió. Reintenta: se firmará con un folio nuevo.",
        Help.RETRY,
    ),
    "expired": Told(
        "No se pudo emitir dentro de su plazo de 48 horas.",
        "No se emitió. Si todavía lo necesitas, reintenta.",
        Help.RETRY,
    ),
    "cancelled": Told(
        "Se canceló antes de emitirse.",
        "No se emitió. Si lo necesitas después de todo, reintenta.",
        Help.RETRY,
    ),
    "resolved_not_issued": Told(
        "Una persona confirmó que el SII no lo emitió.",
        "Si todavía lo necesitas, reintenta.",
        Help.RETRY,
    ),
    "internal_error": Told(
        "Timbre falló varias veces al emitirlo.",
        "No se emitió. Reintenta; si se repite, avisa a quien opera Timbre.",
        Help.RETRY,
    ),
    "production_not_allowed": Told(
        "Esta instalación no tiene producción habilitada.",
        "No se emitió. Pide a quien opera Timbre que la habilite y después reintenta.",
        Help.RETRY,
    ),
    # A person has to look
    "doubt_unresolved": Told(
        "El SII no respondió al último paso y Timbre no pudo averiguar si lo emitió.",
        "Míralo en sii.cl y dile a Timbre lo que viste. No lo envíes de nuevo antes.",
        Help.RESOLVE,
    ),
    "files_missing": Told(
        "El SII lo emitió y no entregó sus archivos.",
        "Míralo en sii.cl y dile a Timbre lo que viste. No lo envíes de nuevo.",
        Help.RESOLVE,
    ),
    "folio_duplicate": Told(
        "",
        "Dos documentos dicen tener el mismo folio. Mira en sii.cl cuál es y dile a Timbre lo que viste.",
        Help.RESOLVE,
    ),
    "resolved_otherwise": Told(
        "",
        "Antes se dijo que no estaba emitido. Míralo en sii.cl y dile a Timbre lo que viste.",
        Help.RESOLVE,
    ),
    "sii_copy_differs": Told(
        "",
        "La copia del SII no coincide con lo enviado. Compáralas en sii.cl y dile a Timbre lo que viste.",
        Help.RESOLVE,
    ),
}
DOUBT = Advice(
    "El SII no respondió al último paso.",
    "Timbre está averiguando si quedó emitido. No lo envíes de nuevo.",
)
STUMBLED = Told(
    "Timbre falló en este paso.",
    "No hagas nada: Timbre lo intenta de nuevo por sí solo. No lo envíes de nuevo.",
    Help.WAIT,
)


def advise(document: Document) -> Advice | None:
    """What to tell of a document; None when nothing stands in its way.

    While in doubt, Timbre itself looks: whatever delays a look is not the reader's business yet.
    """
    if document.state == State.IN_DOUBT:
        return DOUBT
    fault = error_of(document)
    if fault is None:
        return None
    told = _told(document, str(fault["code"]))
    happened = document.sii_words or told.happened or document.error_message
    return Advice(happened, told.means, _action(told.help, document))


def _told(document: Document, code: str) -> Told:
    if code == "internal_error" and document.state in (State.RECEIVED, State.ISSUED):
        return STUMBLED
    return CODES[code]


def _action(helps: Help, document: Document) -> Action | None:
    here = {"environment": document.environment}
    if helps is Help.CREDENTIAL:
        return Action(helps.value, "companies-one", {**here, "company_id": document.company_id})
    if helps is Help.RETRY:
        return Action(helps.value, "batches-retry", {**here, "batch_id": document.batch_id}, posts=True)
    if helps in (Help.RESOLVE, Help.READ):
        return Action(helps.value, "documents-one", {**here, "document_id": document.pk})
    return None
