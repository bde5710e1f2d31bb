from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from timbre.accounts.models import User
from timbre.accounts.people import normal

LONGEST = 200
"""Characters of a password: hashing more would be work for us and no gain for anybody."""

FAULTS = {
    "password_too_similar": "Se parece demasiado a tu correo: elige otra.",
    "password_too_common": "Es demasiado común: elige otra.",
    "password_entirely_numeric": "Son solo números: agrega letras.",
}
"""Where Django's own words do not say what to do."""


def _password(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    """What was typed is never sent back; spaces are part of it."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=LONGEST, strip=False, widget=widget, help_text=help_text)


def _new_password(label: str = "Contraseña") -> forms.CharField:
    return _password(label, "new-password", "Al menos 10 caracteres. Una frase que solo tú sepas sirve bien.")


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="Correo",
        max_length=254,
        error_messages={"invalid": "Escribe un correo electrónico válido, como ana@ejemplo.cl."},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        return normal(self.cleaned_data["email"])


class LogInForm(EmailForm):
    password = _password("Contraseña", "current-password")


class SignUpForm(EmailForm):
    password = _new_password()

    def clean(self) -> None:
        user = User(email=self.cleaned_data.get("email", ""))
        _judge(self, "password", user)


class ChooseForm(forms.Form):
    """A password for somebody whose link was good."""

    password = _new_password("Contraseña nueva")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean(self) -> None:
        _judge(self, "password", self.user)


class ChangeForm(ChooseForm):
    present = _password("Contraseña actual", "current-password")
    field_order = ("present", "password")


def _judge(form: forms.Form, field: str, user: User) -> None:
    """Django's validators, beside the field they speak of."""
    if field not in form.cleaned_data:
        return
    try:
        validate_password(form.cleaned_data[field], user)
    except forms.ValidationError as error:
        for fault in error.error_list:
            form.add_error(field, FAULTS.get(str(fault.code), fault))
