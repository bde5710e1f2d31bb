"""What can stand in a document's way: why, what to do about it, and who does it. One catalogue for all.

The API's answers, the events and the screens take their words from here (docs/errors.md has the table).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from timbre.issuing.models import KNOWN_NOT_ISSUED, Document


class Remedy(Enum):
    """What helps."""

    WAIT = "wait"
    """Time: Timbre goes on by itself."""
    CREDENTIAL = "credential"
    """A credential mended: then Timbre goes on by itself with what waits."""
    RETRY = "retry"
    """The same sent again, or the batch retried: it can succeed without changing data."""
    DATA = "data"
    """Other data in a new document."""
    PERSON = "person"
    """A person who looks at the SII and says what is there (``documents/{id}/resolve/``)."""


GOES_ON = (Remedy.WAIT, Remedy.CREDENTIAL)


@dataclass(frozen=True, slots=True)
class Cause:
    """``names_data``: the document's own message is the better cause, because it names what is at fault."""

    cause: str
    fix: str
    remedy: Remedy
    names_data: bool = False

    def __str__(self) -> str:
        return f"{self.cause} {self.fix}"

    @property
    def retryable(self) -> bool:
        """Whether the very same can succeed when it is sent again. Never of what Timbre still works on."""
        return self.remedy is Remedy.RETRY

    @property
    def goes_on(self) -> bool:
        """Whether Timbre goes on by itself, at once or as soon as the credential is mended."""
        return self.remedy in GOES_ON


RESUMES = "Sus documentos esperan y siguen por sí solos en cuanto se corrija: no los envíes de nuevo."
LATER = "Sus documentos esperan y siguen entonces por sí solos: no los envíes de nuevo."
CAUSES: Mapping[str, Cause] = {
    # Waits
    "sii_unavailable": Cause(
        "El SII no responde.",
        "No hagas nada: Timbre sigue intentando por sí solo. No lo envíes de nuevo.",
        Remedy.WAIT,
    ),
    "sii_copy_missing": Cause(
        "El SII lo emitió y todavía no entrega su copia.",
        "Ya vale como documento. Timbre pide la copia de nuevo por sí solo.",
        Remedy.WAIT,
    ),
    "restored_unsent": Cause(
        "Se restauró un respaldo de antes de enviarlo, y Timbre averigua en el SII si fue emitido después.",
        "No lo envíes de nuevo: si el SII no lo tiene, se emite. Si ya no lo quieres, cancela su lote.",
        Remedy.WAIT,
    ),
    "cancel_asked": Cause(
        "Se pidió cancelarlo, y Timbre averigua si fue emitido después del respaldo que se restauró.",
        "No hagas nada: si el SII no lo tiene, queda cancelado. Si lo tiene, está emitido.",
        Remedy.WAIT,
    ),
    # The credential
    "sii_credentials_invalid": Cause(
        "El SII rechazó la clave tributaria de quien firma.",
        f"Corrige la clave de la credencial: tras varios intentos fallidos el SII bloquea. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    "login_refused": Cause(
        "El SII no dejó entrar a quien firma y no dijo un motivo que Timbre conozca.",
        f"Prueba la clave en sii.cl y, si entra, guárdala de nuevo en la credencial. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    "credential_locked": Cause(
        "El SII bloqueó por una hora a quien firma, por intentos fallidos.",
        f"Timbre espera esa hora. Prueba la clave en sii.cl y, si cambió, corrígela después. {LATER}",
        Remedy.CREDENTIAL,
    ),
    "sii_session_limit": Cause(
        "Quien firma tiene abiertas todas las sesiones que el SII permite.",
        f"Cierra las que tengas abiertas en sii.cl. Timbre vuelve a entrar dentro de una hora. {LATER}",
        Remedy.WAIT,
    ),
    "company_not_authorised": Cause(
        "Quien firma no está autorizado a emitir por esta empresa en el portal del SII.",
        f"El representante legal puede autorizarlo en sii.cl; o usa la credencial de otra persona. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    "certificate_missing": Cause(
        "Quien firma no tiene un certificado digital centralizado en el SII.",
        f"Súbelo en sii.cl, opción «Certificado digital», y vuelve a probar la credencial. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    "certificate_password_invalid": Cause(
        "La clave del certificado digital no es la correcta.",
        f"Corrígela en la credencial. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    "no_active_credentials": Cause(
        "La empresa no tiene ahora una credencial vigente.",
        f"Corrígela o agrega otra; si retiraste la empresa, cancela lo que ya no quieras emitir. {RESUMES}",
        Remedy.CREDENTIAL,
    ),
    # Not issued, for what was asked
    "address_not_registered": Cause(
        "La dirección no está registrada en el SII para ese RUT.",
        "No se emitió. Envíalo de nuevo con una dirección registrada; "
        "si la correcta es esta, regístrala primero en sii.cl y después reintenta el lote.",
        Remedy.DATA,
        names_data=True,
    ),
    "activity_not_registered": Cause(
        "El giro no está registrado en el SII para ese RUT.",
        "No se emitió. Envíalo de nuevo con un giro registrado; "
        "si el correcto es este, regístralo primero en sii.cl y después reintenta el lote.",
        Remedy.DATA,
        names_data=True,
    ),
    "receiver_not_found": Cause(
        "El SII no conoce el RUT del receptor.",
        "No se emitió. Revisa el RUT y envíalo de nuevo.",
        Remedy.DATA,
    ),
    "annulled_not_listed": Cause(
        "El SII no lista el documento que esta nota anula.",
        "No se emitió. Revisa el tipo y el folio de la referencia; "
        "si ese documento no es del portal del SII, por esta vía no se puede anular.",
        Remedy.DATA,
    ),
    "annulment_not_offered": Cause(
        "El SII no ofrece anular ese documento con una nota de crédito.",
        "No se emitió. Mira en sii.cl si ya está anulado.",
        Remedy.DATA,
    ),
    "sii_rejected": Cause(
        "El SII no aceptó el documento.",
        "No se emitió. Corrige el dato que nombra el SII y envíalo de nuevo.",
        Remedy.DATA,
    ),
    "not_available": Cause(
        "El documento pide algo que el portal del SII no ofrece.",
        "No se emitió. Quita ese dato y envíalo de nuevo.",
        Remedy.DATA,
    ),
    # Not issued, and another try may do
    "sii_page_mismatch": Cause(
        "Lo que el SII iba a firmar no era lo pedido.",
        "Timbre no firmó y nada se emitió. Si el dato está bien, reintenta; si se repite, envíalo corregido.",
        Remedy.RETRY,
    ),
    "folio_taken": Cause(
        "El SII usó los folios propuestos en otros documentos.",
        "No se emitió. Reintenta: se firmará con un folio nuevo.",
        Remedy.RETRY,
    ),
    "expired": Cause(
        "No se pudo emitir dentro de su plazo de 48 horas.",
        "No se emitió. Si todavía lo necesitas, reintenta.",
        Remedy.RETRY,
    ),
    "cancelled": Cause(
        "Se canceló antes de emitirse.",
        "No se emitió. Si lo necesitas después de todo, reintenta.",
        Remedy.RETRY,
    ),
    "resolved_not_issued": Cause(
        "Una persona confirmó que el SII no lo emitió.",
        "Si todavía lo necesitas, reintenta.",
        Remedy.RETRY,
    ),
    "internal_error": Cause(
        "Timbre falló varias veces al emitirlo.",
        "No se emitió. Reintenta; si se repite, avisa a quien opera Timbre.",
        Remedy.RETRY,
    ),
    "production_not_allowed": Cause(
        "Esta instalación no tiene producción habilitada.",
        "No se emitió. Pide a quien opera Timbre que la habilite y después reintenta.",
        Remedy.RETRY,
    ),
    # A person has to look
    "doubt_unresolved": Cause(
        "El SII no respondió al último paso y Timbre no pudo averiguar si lo emitió.",
        "Míralo en sii.cl y dile a Timbre lo que viste. No lo envíes de nuevo antes.",
        Remedy.PERSON,
        names_data=True,
    ),
    "files_missing": Cause(
        "El SII lo emitió y no entregó sus archivos.",
        "Míralo en sii.cl y dile a Timbre lo que viste. No lo envíes de nuevo.",
        Remedy.PERSON,
        names_data=True,
    ),
    "folio_duplicate": Cause(
        "El SII lo emitió con un folio que ya es de otro documento.",
        "Dos documentos dicen tener el mismo folio. Mira en sii.cl cuál es y dile a Timbre lo que viste.",
        Remedy.PERSON,
        names_data=True,
    ),
    "resolved_otherwise": Cause(
        "El SII lo emitió, y una persona había dicho otra cosa.",
        "Antes se dijo que no estaba emitido. Míralo en sii.cl y dile a Timbre lo que viste.",
        Remedy.PERSON,
        names_data=True,
    ),
    "sii_copy_differs": Cause(
        "La copia del SII con ese folio no es la que se envió.",
        "La copia del SII no coincide con lo enviado. Compáralas en sii.cl y dile a Timbre lo que viste.",
        Remedy.PERSON,
        names_data=True,
    ),
}
STUMBLED = Cause(
    "Timbre falló en este paso.",
    "No hagas nada: Timbre lo intenta de nuevo por sí solo. No lo envíes de nuevo.",
    Remedy.WAIT,
)
UNNAMED = Cause(
    "El SII no aceptó el documento.", "Lee lo que dice el SII antes de enviarlo de nuevo.", Remedy.DATA
)
"""For a code of an earlier or a later version."""


def cause_of(document: Document, code: str) -> Cause:
    """What a code means for this document: after a stumble Timbre goes on, until it has given up."""
    if code == "internal_error" and document.state not in KNOWN_NOT_ISSUED:
        return STUMBLED
    told = CAUSES.get(code, UNNAMED)
    return replace(told, cause=document.error_message) if told.names_data and document.error_message else told


def say(code: str) -> str:
    """Cause and fix in one text, when nothing more is known."""
    return str(CAUSES.get(code, UNNAMED))
