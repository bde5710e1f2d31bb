"""The lines and the references of the form."""

import re
from datetime import date

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import ADDITIONAL, CERO, NOTAS, Line, line_value
from timbre.simulator.checking import Form, parse_day
from timbre.simulator.fields import LINE_FIELDS, MAX_LINES, MAX_REFERENCES, REFERENCE_FIELDS
from timbre.simulator.form.export import HOTEL, PASSPORT, Export

TAX_DOCUMENTS = frozenset(
    "30 32 33 34 35 38 39 40 41 43 45 46 50 52 55 56 60 61 103 110 111 112".split()  # noqa: SIM905 - a table
)
"""Types of reference a note may be about, on paper or not."""
ANNULS, CORRECTS_TEXT = "1", "2"


def judge_lines(form: Form, export: Export | None) -> list[Line]:
    """What each line is worth. Lines start at 01 and leave no gap."""
    filled = form.rows(LINE_FIELDS, 2)
    if not filled:
        raise Refusal(alerts.SIN_DETALLE)
    if filled[-1] > MAX_LINES:
        raise Refusal(alerts.DEMASIADAS_LINEAS)
    if filled != list(range(1, len(filled) + 1)):
        raise Refusal(alerts.LINEA.format(n=len(filled)))
    form.kept["CANT_DET"] = str(len(filled))
    return [_judge_line(form, n, export.decimals if export else 0) for n in filled]


def _judge_line(form: Form, n: int, decimals: int) -> Line:
    keep, wrong = form.keep, alerts.LINEA.format(n=n)
    keep(f"EFXP_NMB_{n:02}", wrong, lambda v: 0 < len(v) <= 80)
    keep(f"EFXP_DSC_ITEM_{n:02}", wrong, lambda v: len(v) <= 1000)
    keep(f"EFXP_UNMD_{n:02}", wrong, lambda v: len(v) <= 4)
    keep(f"DESCRIP_{n:02}", wrong, lambda v: v in ("", "SiChecked"))
    _judge_code(form, n)
    quantity = form.keep_number(f"EFXP_QTY_{n:02}", wrong)
    price = form.keep_number(f"EFXP_PRC_{n:02}", wrong)
    pct = form.keep_number(f"EFXP_PCTD_{n:02}", wrong, places=2) or CERO
    if quantity == 0 or pct > 100:
        raise Refusal(wrong)
    discount, amount = line_value(quantity, price, pct, decimals)
    if discount != round(discount):
        raise Refusal(alerts.DESCUENTO_LINEA.format(n=n))
    form.keep_amount(f"EFXP_SUBT_{n:02}", alerts.SUBTOTAL_LINEA.format(n=n), amount)
    return Line(amount, _judge_tax(form, n))


def _judge_tax(form: Form, n: int) -> str:
    alert = alerts.OTRO_IMPUESTO.format(n=n)
    switch = form.switch("OTRO_IMP_SI_NO", alert)
    name = f"EFXP_OTRO_IMP_{n:02}"
    code = form.keep(name, alert, lambda v: v in ("", "0") or (switch and v in ADDITIONAL))
    form.kept[name] = code if code in ADDITIONAL else ""
    return form.kept[name]


def _judge_code(form: Form, n: int) -> None:
    alert = alerts.CODIGO_LINEA.format(n=n)
    switch = form.switch("COD_SI_NO", alert)
    code = form.keep(f"EFXP_COD_{n:02}", alert, lambda v: len(v) <= 35 and (switch or not v))
    form.keep(f"EFXP_TPO_COD_{n:02}", alert, lambda v: len(v) <= 10 and bool(v) == bool(code))


def judge_references(form: Form) -> None:
    filled = form.rows(REFERENCE_FIELDS, 3)
    if filled and filled[-1] > MAX_REFERENCES:
        raise Refusal(alerts.DEMASIADAS_REFERENCIAS)
    form.kept["REF_SI_NO"] = switch = form.get("REF_SI_NO")
    for n in filled:
        wrong = alerts.REFERENCIA.format(n=n)
        if switch != "SiChecked" or n > len(filled):
            raise Refusal(wrong)
        _judge_reference(form, n, wrong)
    kinds = {form.kept[f"EFXP_TPO_DOC_REF_{n:03}"] for n in filled}
    if form.tipo in NOTAS:
        _judge_note(kinds, codes_of(form))
    if form.get("EDFE_IND_SERVICIO") == HOTEL and PASSPORT not in kinds:
        raise Refusal(alerts.SIN_PASAPORTE)


def _judge_reference(form: Form, n: int, wrong: str) -> None:
    keep = form.keep
    is_global = keep(f"EFXP_IND_GLOBAL_{n:03}", wrong, lambda v: v in ("", "1"))
    keep(f"EFXP_TPO_DOC_REF_{n:03}", wrong, re.compile("[0-9A-Z]{1,3}").fullmatch)
    keep(f"EFXP_FOLIO_REF_{n:03}", wrong, lambda v: v == "0" if is_global else 0 < len(v) <= 18)
    keep(f"EFXP_FCH_REF_{n:03}", wrong, lambda v: parse_day(v, date(2002, 8, 1)))
    keep(f"EFXP_CODIGO_REF_{n:03}", wrong, lambda v: v in ("", "1", "2", "3"))
    keep(f"EFXP_RAZON_REF_{n:03}", wrong, lambda v: len(v) <= 90)


def codes_of(form: Form) -> list[str]:
    """CodRef of each reference already found right, blank where it has none."""
    rows = (f"{n:03}" for n in range(1, MAX_REFERENCES + 1))
    return [form.kept[f"EFXP_CODIGO_REF_{row}"] for row in rows if form.kept.get(f"EFXP_TPO_DOC_REF_{row}")]


def _judge_note(kinds: set[str], codes: list[str]) -> None:
    """A note is about a tax document (REF-3-415) and says what it does to it (REF-3-758); one that is
    annulled or reworded stands alone (notes 1.8).
    """
    if not kinds & TAX_DOCUMENTS:
        raise Refusal(alerts.NOTA_SIN_REFERENCIA)
    if "" in codes:
        raise Refusal(alerts.NOTA_SIN_CODIGO)
    if len(codes) > 1 and (ANNULS in codes or CORRECTS_TEXT in codes):
        raise Refusal(alerts.NOTA_DE_UN_DOCUMENTO)
