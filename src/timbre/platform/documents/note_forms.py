"""What a person writes to annul or to correct a document; each form makes its note."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from timbre.dte.errors import NotLatin1
from timbre.dte.text import to_latin1
from timbre.issuing import notes
from timbre.issuing.models import Document
from timbre.issuing.notes import Request

_LONGEST_TEXT = 500


class DteText(forms.CharField):
    """A text as the SII takes it; characters that it lacks are told by name."""

    def clean(self, value: Any) -> str:
        try:
            return to_latin1(str(super().clean(value)))
        except NotLatin1 as error:
            raise forms.ValidationError(f"El SII no admite estos caracteres: {error.characters}") from error


class Number(forms.CharField):
    """A number above 0 as Chile writes it, with a comma before its decimals and dots between thousands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        written = str(super().clean(value)).replace("$", "").strip()
        whole, _, decimals = written.partition(",")
        first, *thousands = whole.split(".")
        grouped = len(first) <= 3 and all(len(each) == 3 for each in thousands)
        digits = "".join([first, *thousands])
        plain = digits + (f".{decimals}" if decimals else "")
        right = (
            (not thousands or grouped) and f"{digits}{decimals}".isascii() and f"{digits}{decimals}".isdigit()
        )
        if not (right and digits and Decimal(plain) > 0):
            raise forms.ValidationError("Escribe un número mayor que 0, como 1.500 o 2,5.")
        return plain


class AnnulForm(forms.Form):
    reason = DteText(
        label="Razón",
        required=False,
        max_length=notes.RAZON - len(notes.ANULA) - 2,
        help_text="Va en la nota, después de la frase del SII.",
    )
    fields_of = {"references.0.reference_reason": "reason"}

    def note(self, document: Document, day: date) -> Request:
        return notes.annulment(document, day=day, reason=self.cleaned_data["reason"])


class TextForm(forms.Form):
    says = DteText(label="Donde dice", max_length=_LONGEST_TEXT)
    should_say = DteText(label="Debe decir", max_length=_LONGEST_TEXT)
    fields_of = {"details.0.item_name": "says", "details.0.item_description": "should_say"}

    def note(self, document: Document, day: date) -> Request:
        asked = self.cleaned_data
        return notes.correction_of_text(document, day=day, says=asked["says"], should_say=asked["should_say"])


class AmountsForm(forms.Form):
    kind = forms.ChoiceField(
        label="Corrección",
        choices=[("discount", "Rebajar: nota de crédito"), ("increase", "Aumentar: nota de débito")],
        initial="discount",
        widget=forms.RadioSelect,
    )
    item_name = DteText(label="Detalle", max_length=notes.NOMBRE, initial="Corrección de montos")
    quantity = Number(label="Cantidad", initial="1")
    unit_price = Number(
        label="Precio unitario, sin IVA", help_text="Por la API se pueden corregir varias líneas."
    )
    fields_of = {f"details.0.{each}": each for each in ("item_name", "quantity", "unit_price")}

    def note(self, document: Document, day: date) -> Request:
        asked = self.cleaned_data
        line = {field: asked[field] for field in ("item_name", "quantity", "unit_price")}
        return notes.correction_of_amounts(document, day=day, kind=asked["kind"], details=[line])
