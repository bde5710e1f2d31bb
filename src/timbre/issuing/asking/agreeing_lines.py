"""What the lines of one request say together: which price, which discount, exempt or not."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from timbre.dte.codes import ANNULS, CORRECTS_TEXT, NOTAS, NOTAS_DE_CREDITO, SOLO_EXENTOS, TipoDte
from timbre.dte.errors import Fault
from timbre.dte.rules.notes import NOTES
from timbre.dte.taxes import IVA_RETENIDO
from timbre.issuing.asking import correction_code
from timbre.issuing.asking.leaves import decimal, number, text

Request = Mapping[str, Any]


def line_disagreements(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    """Faults of the lines, each by itself and among themselves."""
    yield from _prices(request, tipo)
    header, worthless = request.get("header") or {}, _may_be_worthless(request, tipo)
    for index, line in enumerate(request["details"]):
        path = f"details.{index}"
        yield from _missing(line, path, tipo, worthless=worthless)
        yield from _exemption(line, path, tipo)
        if header.get("vat_withheld") and text(line, "other_tax") not in ("", IVA_RETENIDO):
            message = "header.vat_withheld retiene todo el IVA (código 15): quita «other_tax», o lo otro."
            yield Fault("fields_contradict", f"{path}.other_tax", message)
        if _is_turned(line, tipo):
            message = "La cantidad de una nota de crédito se escribe sin el menos: se lee positiva."
            yield Fault("negative_quantity", f"{path}.quantity", message, warns=True)


def as_read(line: Request, tipo: TipoDte) -> Request:
    """The line with its quantity as it is read: a credit note's without the minus."""
    return {**line, "quantity": line["quantity"].lstrip("-")} if _is_turned(line, tipo) else line


def _is_turned(line: Request, tipo: TipoDte) -> bool:
    """The published API writes the quantities of a credit note with a minus."""
    return tipo in NOTAS_DE_CREDITO and (decimal(line, "quantity") or Decimal(0)) < 0


def _prices(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    """All net, or all gross; ``net_amounts`` says again which."""
    lines = list(enumerate(request["details"]))
    gross = [index for index, line in lines if line.get("gross_unit_price") is not None]
    net = [index for index, line in lines if line.get("unit_price") is not None]
    if gross and net:
        message = "Los precios van todos netos (unit_price) o todos con IVA (gross_unit_price)."
        yield Fault("mixed_prices", f"details.{gross[0]}.gross_unit_price", message)
        return
    said = (request.get("header") or {}).get("net_amounts")
    if tipo == TipoDte.BOLETA and ((said is True and gross) or (said is False and net)):
        field, kind = ("gross_unit_price", "con IVA") if gross else ("unit_price", "netos")
        message = f"«net_amounts» dice otra cosa que los precios, que son {kind} ({field}): quítalo."
        yield Fault("fields_contradict", "header.net_amounts", message)


def _may_be_worthless(request: Request, tipo: TipoDte) -> bool:
    """Whether it corrects text, or annuls a note, which may have."""
    codes = [(correction_code(each, tipo), each) for each in request.get("references") or ()]
    return tipo in NOTAS and any(
        code == CORRECTS_TEXT or (code == ANNULS and text(each, "dte_type_code") in NOTES)
        for code, each in codes
    )


def _missing(line: Request, path: str, tipo: TipoDte, *, worthless: bool) -> Iterator[Fault]:
    """Guides may have no value; notes about text neither value nor quantity (contract 2.9)."""
    priced = line.get("unit_price") is not None or line.get("gross_unit_price") is not None
    if worthless:
        return
    if line.get("quantity") is None and tipo != TipoDte.GUIA_DESPACHO:
        yield Fault("dte_field_required", f"{path}.quantity", "Falta «quantity».")
    if not (priced or tipo == TipoDte.GUIA_DESPACHO):
        yield Fault("dte_field_required", f"{path}.unit_price", "Falta «unit_price» (o «gross_unit_price»).")


def _exemption(line: Request, path: str, tipo: TipoDte) -> Iterator[Fault]:
    exempt, indicator = line.get("is_exempt"), number(line, "exempt_indicator")
    if exempt is not None and indicator is not None and exempt != (indicator == 1):
        message = f"«is_exempt» dice otra cosa que «exempt_indicator» {indicator}: quítalo."
        yield Fault("fields_contradict", f"{path}.is_exempt", message)
    elif exempt is False and tipo in SOLO_EXENTOS and indicator is None:
        message = f"En un documento {tipo:d} todas las líneas son exentas: quita «is_exempt»."
        yield Fault("fields_contradict", f"{path}.is_exempt", message)
