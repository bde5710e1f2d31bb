from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone

from timbre.accounts.models import KeyScope
from timbre.dte.clock import CHILE, today_in_chile

FURTHEST = timedelta(days=3650)
HELP = {
    KeyScope.READ: "Leer: ver empresas, lotes, documentos y eventos",
    KeyScope.ISSUE: "Emitir: enviar lotes, cancelarlos, reintentarlos, resolver dudas y anotar pagos",
    KeyScope.MANAGE: "Administrar: empresas, credenciales y webhooks",
}


class KeyForm(forms.Form):
    """What a new key is called, may do, and until when."""

    name = forms.CharField(
        label="Nombre", max_length=80, help_text="Para reconocerla: «ERP bodega», «Pruebas de Ana»."
    )
    scopes = forms.MultipleChoiceField(
        label="Permisos",
        choices=list(HELP.items()),
        initial=KeyScope.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Elige al menos un permiso."},
    )
    unknown = forms.ChoiceField(
        label="Ante un campo que no existe",
        choices=[
            ("strict", "Estricta: rechaza el lote completo y dice qué campo sobra"),
            ("lenient", "Tolerante: emite sin ese campo y lo advierte en la respuesta"),
        ],
        initial="strict",
        widget=forms.RadioSelect,
        help_text="Estricta protege de un nombre mal escrito. Tolerante, si tu programa envía de más.",
    )
    expiry = forms.ChoiceField(
        label="Vence",
        choices=[
            ("never", "Nunca"),
            ("30", "En 30 días"),
            ("90", "En 90 días"),
            ("365", "En un año"),
            ("date", "En la fecha que indico"),
        ],
        initial="never",
    )
    last_day = forms.DateField(
        label="Último día",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Solo si elegiste una fecha. La clave sirve hasta el final de ese día en Chile.",
    )

    def clean(self) -> None:
        expiry, last_day = self.cleaned_data.get("expiry"), self.cleaned_data.get("last_day")
        if expiry == "date" and "last_day" not in self.errors:
            fault = _fault(last_day, today_in_chile(timezone.now()))
            if fault:
                self.add_error("last_day", fault)
        elif expiry and last_day:
            self.add_error("expiry", "Escribiste un último día: elige «En la fecha que indico», o bórralo.")

    def expires_at(self, now: datetime) -> datetime | None:
        """When the key of this (valid) form stops opening; None for never."""
        expiry = self.cleaned_data["expiry"]
        if expiry == "date":
            return datetime.combine(self.cleaned_data["last_day"] + timedelta(days=1), time(), CHILE)
        return None if expiry == "never" else now + timedelta(days=int(expiry))


def _fault(chosen: date | None, today: date) -> str:
    if chosen is None:
        return "Indica el último día en que la clave debe servir."
    if chosen < today:
        return "Ese día ya pasó."
    if chosen > today + FURTHEST:
        return "Elige una fecha dentro de los próximos diez años, o «Nunca»."
    return ""
