"""How every form looks, and the fields that Chile's forms share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from timbre.accounts.errors import Rejection
from timbre.dte.errors import InvalidRut
from timbre.dte.rut import parse_rut, with_hyphen


class Renderer(TemplatesSetting):
    """Fields with their label above, help below, and the fault beside them."""

    field_template_name = "platform/field.html"
    form_template_name = "platform/form.html"


class RutField(forms.CharField):
    """A RUT as people write it, with or without dots and hyphen; cleaned to ``76543210-3``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "RUT")
        super().__init__(max_length=20, **options)
        self.widget.attrs |= {
            "data-rut": "",
            "inputmode": "text",
            "autocomplete": "off",
            "spellcheck": "false",
        }

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            return parse_rut(with_hyphen("".join(text.split())))
        except InvalidRut as error:
            raise forms.ValidationError(str(error)) from error


def blame(form: forms.Form, rejection: Rejection, fields: Mapping[str, str] | None = None) -> None:
    """Puts what the domain refused beside the field it speaks of, or on top of the form.

    ``fields`` translates the rejection's ``param`` to the form's own names where they differ.
    """
    name = (fields or {}).get(rejection.param, rejection.param)
    form.add_error(name if name in form.fields else None, rejection.message)
