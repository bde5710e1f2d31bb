"""The totals of the form: worked out anew, whatever the page's script said."""

import re
from collections.abc import Sequence

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import CERO, GUIA, NOTAS, SIN_IVA, TASA_IVA, Line, Sums, sum_up
from timbre.simulator.checking import Form
from timbre.simulator.form.export import Export
from timbre.simulator.form.lines import ANNULS, CORRECTS_TEXT, codes_of


def judge_totals(form: Form, lines: Sequence[Line], export: Export | None) -> None:
    pct = form.keep_number("EFXP_PCT_DESC", alerts.DESCUENTO_GLOBAL, places=2) or CERO
    if pct > 100:
        raise Refusal(alerts.DESCUENTO_GLOBAL)
    surcharges = export.surcharges if export else ()
    sums = sum_up(form.tipo, lines, pct, surcharges, export.decimals if export else 0)
    form.keep_amount("EFXP_SUBTOTAL", alerts.SUBTOTAL, sums.subtotal)
    form.keep_amount("EFXP_MNT_DESC", alerts.DESCUENTO_GLOBAL, sums.descuento)
    form.keep_amount("EFXP_MNT_NETO", alerts.NETO, sums.neto)
    _judge_iva(form, sums)
    form.keep_amount("EFXP_OTRO_IMP_TOTAL", alerts.OTRO_IMPUESTO_TOTAL, sums.adicional)
    form.keep_amount("EFXP_MNT_TOTAL", alerts.TOTAL, sums.total)


def _judge_iva(form: Form, sums: Sums) -> None:
    exempt = form.tipo in SIN_IVA
    if not exempt:
        _judge_worth(form, sums)
    idle = exempt or not sums.neto
    rate = re.compile(rf"({TASA_IVA}|0)?(\.0+)?" if idle else rf"{TASA_IVA}(\.0+)?")
    form.keep("EFXP_TASA_IVA", alerts.IVA, rate.fullmatch)
    form.keep_amount("EFXP_IVA", alerts.IVA, sums.iva)
    if exempt:
        form.kept["EFXP_TASA_IVA"] = form.kept["EFXP_IVA"] = ""


def _judge_worth(form: Form, sums: Sums) -> None:
    """What must be worth something is, and a note that only rewords is worth nothing (1.6, 1.8)."""
    codes = codes_of(form) if form.tipo in NOTAS else []
    if CORRECTS_TEXT in codes and sums.total:
        raise Refusal(alerts.TEXTO_CON_MONTO)
    may_be_nothing = form.tipo == GUIA or CORRECTS_TEXT in codes or ANNULS in codes
    if not sums.iva and not (may_be_nothing and (not sums.neto or form.tipo == GUIA)):
        raise Refusal(alerts.IVA_CERO)
