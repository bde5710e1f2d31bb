"""What a person says of a webhook."""

from collections.abc import Sequence
from typing import Any

from django import forms

from timbre.taxpayers.models import Company
from timbre.webhooks.catalogue import EVENTS, HAPPENING
from timbre.webhooks.guard import MAX_URL
from timbre.work.environments import Environment

USUAL = ("document.issued", "document.issue_failed")
TOLD = (*HAPPENING, "document.paid", "document.unpaid")
"""What happens by itself, and what happens when somebody says so."""
WHEN = {
    "document.issued": "Tiene folio, y sus XML y PDF están guardados.",
    "document.issue_failed": "Es seguro que no se emitió; dice por qué.",
    "document.updated": "Quedó en duda y una persona debe decidir.",
    "document.in_doubt": "Lo mismo, con lo que se sabe y qué hacer.",
    "document.unknown": "Tras restaurar un respaldo: el SII tiene uno que Timbre no conoce.",
    "document.paid": "Alguien lo marcó como pagado.",
    "document.unpaid": "Alguien lo marcó como no pagado.",
    "batch.completed": "Todos los documentos del lote terminaron.",
    "credential.validated": "El SII aceptó la clave de una persona.",
    "credential.invalid": "El SII rechazó la clave de una persona.",
    "webhook.disabled": "Un webhook de la empresa dejó de recibir: lo cuenta a los demás.",
}
_URL_HELP = {
    Environment.SANDBOX: "Empieza con https:// (en sandbox también sirve http://). No puede apuntar a una "
    "red privada ni llevar usuario o contraseña.",
    Environment.PRODUCTION: "Empieza con https://. No puede apuntar a una red privada ni a este servidor, ni "
    "llevar usuario o contraseña.",
}


class EventBoxes(forms.CheckboxSelectMultiple):
    """A box for each event: those that happen, and behind a fold those that do not happen yet."""

    template_name = "platform/hooks/events.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().create_option(name, value, *args, **kwargs) | {"when": WHEN.get(value, "")}


class WebhookForm(forms.Form):
    """For a new webhook of one of ``companies``, or to change one when there are none to choose from."""

    company = forms.ChoiceField(label="Empresa", help_text="Recibe lo que pasa con esta empresa.")
    url = forms.CharField(
        label="URL",
        max_length=MAX_URL,
        widget=forms.URLInput(attrs={"placeholder": "https://erp.ejemplo.cl/timbre", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label="Eventos",
        widget=EventBoxes,
        error_messages={"required": "Elige al menos un evento."},
    )
    inline_files = forms.BooleanField(
        label="XML y PDF dentro del envío",
        required=False,
        help_text="Van en base64, además de los enlaces: para un servidor que no puede descargarlos. "
        "Un envío así pesa unos cientos de KB.",
    )
    both = forms.BooleanField(
        label="También los eventos de sandbox",
        required=False,
        help_text="Llegan los de la misma empresa en sandbox, con is_sandbox: true.",
    )
    is_active = forms.BooleanField(
        label="Activo",
        required=False,
        initial=True,
        help_text="Si lo desmarcas queda en pausa: no recibe nada.",
    )

    def __init__(
        self, *args: Any, companies: Sequence[Company] = (), environment: Environment, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].help_text = _URL_HELP[environment]
        self.fields["events"].choices = _choices()  # type: ignore[attr-defined]
        if companies:
            named = [(company.pk, company.entity.name or company.entity.rut) for company in companies]
            first = [("", "Elige una empresa")] if len(named) > 1 else []
            self.fields["company"].choices = first + named  # type: ignore[attr-defined]
        else:
            del self.fields["company"]
        if environment == Environment.SANDBOX:
            del self.fields["both"]

    def asked(self, environment: Environment) -> dict[str, Any]:
        """What it says, by the names of ``webhooks.endpoints``."""
        said = self.cleaned_data
        return {
            "url": said["url"],
            "events": said["events"],
            "is_active": said["is_active"],
            "inline_files": said["inline_files"],
            "environment": "both" if said.get("both") else environment,
        }


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    later = [event for event in EVENTS if event not in (*TOLD, "webhook.test")]
    return [
        ("", [(event, EVENTS[event]) for event in TOLD]),
        ("Otros, que Timbre todavía no envía", [(event, EVENTS[event]) for event in later]),
    ]
