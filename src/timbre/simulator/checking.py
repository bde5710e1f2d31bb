"""A form under judgement: what was typed, and what of it was already found right."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from timbre.dte.rut import check_digit
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import CERO, parse_number

Fields = Mapping[str, str]
FIRST_DAY = date(2003, 4, 1)
CHECKED = "SiChecked"
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,2})?")
"""Wider than a price or a quantity: a line's product and the totals have up to 18 digits."""


class Form:
    """The fields as posted; ``kept`` are those found right, normalised for the preview."""

    def __init__(self, fields: Fields, tipo: int) -> None:
        self.fields = fields
        self.tipo = tipo
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def keep(self, name: str, alert: str, right: Callable[[str], object]) -> str:
        """The field's value, kept. Raises Refusal with the alert when it is not right."""
        value = self.get(name)
        if not right(value):
            raise Refusal(alert)
        self.kept[name] = value
        return value

    def keep_number(self, name: str, alert: str, places: int = 6) -> Decimal | None:
        """A number of at most so many decimals, kept; None for blank."""
        text = self.keep(name, alert, lambda v: not v or parse_number(v) is not None)
        number = parse_number(text)
        if number is not None and number != round(number, places):
            raise Refusal(alert)
        return number

    def keep_amount(self, name: str, alert: str, amount: Decimal) -> None:
        """A field that must say this very amount; blank says 0."""
        self.keep(name, alert, lambda v: (Decimal(v) if _AMOUNT.fullmatch(v) else not v and CERO) == amount)
        self.kept[name] = self.kept[name] or "0"

    def keep_rut(self, body: str, dv: str, alert: str) -> str:
        """A RUT in two fields, both blank or with its right digit: canonical, or blank."""
        rut = self.keep(body, alert, lambda v: not v or rut_of(v, self.get(dv)))
        self.keep(dv, alert, lambda v: bool(v) == bool(rut))
        self.kept[dv] = self.kept[dv].upper()
        return rut_of(rut, self.get(dv)) or ""

    def switch(self, name: str, alert: str) -> bool:
        """One of the form's SiChecked switches."""
        return self.keep(name, alert, lambda v: v in ("", CHECKED)) == CHECKED

    def rows(self, names: Sequence[str], width: int, prefix: str = "EFXP") -> list[int]:
        """The numbers of the rows in which any of the fields says something, in order."""
        pattern = re.compile(rf"{prefix}_(?:{'|'.join(names)})_([0-9]{{{width}}})")
        matches = ((pattern.fullmatch(name), value) for name, value in self.fields.items())
        return sorted({int(found[1]) for found, value in matches if found and value.strip() not in ("", "0")})


def parse_day(text: str, earliest: date, latest: date = date(2050, 12, 31)) -> date | None:
    """A day as the form writes it (YYYY-MM-DD) inside the window, else None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if earliest <= day <= latest else None


def rut_of(body: str, dv: str) -> str | None:
    """The canonical RUT of two fields; None when it is none or its digit is wrong."""
    body, dv = body.strip(), dv.strip().upper()
    if not re.fullmatch(r"[0-9]{1,8}", body) or check_digit(int(body)) != dv:
        return None
    return f"{int(body)}-{dv}"


def receiver_of(fields: Fields) -> str | None:
    """The canonical RUT of the receiver typed into the form; None when it is none or its digit is wrong."""
    return rut_of(fields.get("EFXP_RUT_RECEP", ""), fields.get("EFXP_DV_RECEP", ""))
