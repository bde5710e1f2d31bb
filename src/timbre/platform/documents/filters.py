"""The filters of the list, as they stand in its address."""

from typing import Any

from django import forms

from timbre.issuing.selecting import MAX_TEXT, Selection
from timbre.issuing.words import Estado
from timbre.platform.documents.words import TYPES

PAID = {"si": True, "no": False}
_MAX_AMOUNT = 10**15


class PesosField(forms.CharField):
    """Pesos as people write them, ``$ 1.234.567``; cleaned to a whole number, None for nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=24, required=False, **options)
        self.widget.attrs |= {"inputmode": "numeric", "size": "11", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        text = "".join(str(super().clean(value)).replace("$", "").replace(".", "").split())
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and int(text) < _MAX_AMOUNT):
            raise forms.ValidationError("Escribe pesos sin decimales, como 150.000.")
        return int(text)


class DayField(forms.DateField):
    """A day as browsers send it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        said = {"invalid": "Escribe una fecha como 2026-03-14."}
        super().__init__(
            required=False, widget=widget, input_formats=["%Y-%m-%d"], error_messages=said, **options
        )


class Filters(forms.Form):
    """What ``?q=…&tipo=33&estado=emitido&estado=en_duda…`` asks for; nothing of it is required."""

    prefix = None
    q = forms.CharField(label="Búsqueda", max_length=MAX_TEXT, required=False, widget=forms.HiddenInput)
    tipo = forms.TypedChoiceField(
        label="Tipo",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "Todos"), *TYPES.items()],
    )
    desde = DayField(label="Desde")
    hasta = DayField(label="Hasta")
    min = PesosField(label="Total desde $")
    max = PesosField(label="Total hasta $")
    pagado = forms.ChoiceField(
        label="Pago",
        required=False,
        choices=[("", "Todos"), ("si", "Pagados"), ("no", "Sin pagar")],
    )
    estado = forms.MultipleChoiceField(
        label="Estado", required=False, choices=Estado.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = self.cleaned_data
        for low, high, said in (
            ("desde", "hasta", "Es anterior a «Desde»."),
            ("min", "max", "Es menor que «Total desde»."),
        ):
            first, last = asked.get(low), asked.get(high)
            if first is not None and last is not None and last < first:
                self.add_error(high, said)
        return asked

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than everything."""
        return any(value not in (None, "", []) for value in self.cleaned_data.values())

    def selection(self, company_id: str) -> Selection:
        """What a form without faults asks for."""
        asked = self.cleaned_data
        return Selection(
            text=asked["q"],
            company=company_id,
            types=frozenset() if asked["tipo"] is None else frozenset({asked["tipo"]}),
            since=asked["desde"],
            until=asked["hasta"],
            at_least=asked["min"],
            at_most=asked["max"],
            estados=tuple(Estado(each) for each in asked["estado"]),
            is_paid=PAID.get(asked["pagado"]),
        )
