"""What a person writes to annul or to correct a document; each form makes its note."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from timbre.dte.errors import NotLatin1
from timbre.dte.rules.gateways import PORTAL
from timbre.dte.text import to_latin1
from timbre.issuing import notes
from timbre.issuing.models import Document
from timbre.issuing.notes import Request

_LONGEST_TEXT = 500
LINE = ("item_name", "quantity", "unit_price")
"""The fields of a line; on a form each with the number of its line, ``item_name_1``."""
_UNTOUCHED = {"kind": "discount", "item_name_1": "Corrección de montos", "quantity_1": "1"}


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
    """The lines that lower or raise a total, as many as the portal's form has. One left blank is none."""

    template_name = "platform/documents/amounts.html"
    kind = forms.ChoiceField(
        label="Corrección",
        choices=[("discount", "Rebajar: nota de crédito"), ("increase", "Aumentar: nota de débito")],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, str] | None = None, *, one_more: bool = False) -> None:
        """``one_more`` line than was typed: asked for before anything is judged."""
        written = _UNTOUCHED if data is None else data
        lines = _typed(written)
        if not lines or (one_more and len(lines) < PORTAL.max_lines):
            lines.append({})
        said = {"kind": written.get("kind", "")} | {
            f"{field}_{number}": text for number, line in enumerate(lines, 1) for field, text in line.items()
        }
        super().__init__(None if data is None or one_more else said, initial=said)
        self.numbers = range(1, len(lines) + 1)
        for number in self.numbers:
            self.fields.update(_line(number))
        if one_more:
            self.fields[f"item_name_{len(lines)}"].widget.attrs["autofocus"] = True

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        return [[self[f"{field}_{number}"] for field in LINE] for number in self.numbers]

    @property
    def has_room(self) -> bool:
        return len(self.numbers) < PORTAL.max_lines

    @property
    def fields_of(self) -> dict[str, str]:
        return {f"details.{n - 1}.{field}": f"{field}_{n}" for n in self.numbers for field in LINE}

    def note(self, document: Document, day: date) -> Request:
        asked = self.cleaned_data
        lines = [{field: asked[f"{field}_{number}"] for field in LINE} for number in self.numbers]
        return notes.correction_of_amounts(document, day=day, kind=asked["kind"], details=lines)


def _line(number: int) -> dict[str, forms.Field]:
    fields = (
        DteText(label="Detalle", max_length=notes.NOMBRE),
        Number(label="Cantidad"),
        Number(label="Precio unitario, sin IVA"),
    )
    return {f"{name}_{number}": field for name, field in zip(LINE, fields, strict=True)}


def _typed(data: Mapping[str, str]) -> list[dict[str, str]]:
    """The lines of which anything was typed, in their order."""
    numbers = range(1, PORTAL.max_lines + 1)
    lines = ({field: data.get(f"{field}_{number}", "") for field in LINE} for number in numbers)
    return [line for line in lines if any(text.strip() for text in line.values())]
