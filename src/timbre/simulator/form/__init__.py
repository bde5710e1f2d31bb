"""The form EFXP as it arrives: judged field by field, and given back normalised for the preview.

The real page computes in the browser and its CGI trusts it; this one recomputes everything, so that what
passes here has a fair chance there.
"""

import re

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import EXPORTACION
from timbre.simulator.checking import Fields, Form
from timbre.simulator.fields import PREVIEW_FIELDS, TYPES, not_simulated, template_of, withholder_of
from timbre.simulator.form.export import judge_export
from timbre.simulator.form.lines import judge_lines, judge_references
from timbre.simulator.form.parties import judge_issuer, judge_payment, judge_receiver, judge_transport
from timbre.simulator.form.totals import judge_totals
from timbre.simulator.latin import has_controls
from timbre.simulator.taxpayers import Taxpayer


def judge_form(fields: Fields, company: Taxpayer) -> dict[str, str]:
    """The normalised fields of the preview, or a Refusal whose alert names the first fault."""
    tipo = judge_type(fields)
    form = Form(fields, tipo)
    form.kept |= {"INDICA_PRIMERA_EJECUCION": "1", "ES_BORR": "FALSE", "PTDC_CODIGO": str(tipo)}
    form.kept |= {"TIPO_PLANTILLA": template_of(tipo), "AGENTE_RETENEDOR": withholder_of(tipo)}
    _judge_texts(form)
    judge_issuer(form, company)
    judge_payment(form)
    judge_receiver(form, company)
    judge_transport(form)
    export = judge_export(form) if tipo == EXPORTACION else None
    lines = judge_lines(form, export)
    judge_references(form)
    judge_totals(form, lines, export)
    _judge_the_pages_own(form)
    return {name: form.kept.get(name, "") for name in PREVIEW_FIELDS}


def judge_type(fields: Fields) -> int:
    """The type of document, with the template and the withholding agent its form goes with."""
    wanted = fields.get("PTDC_CODIGO", "").strip()
    if wanted not in map(str, TYPES):
        raise Refusal(alerts.TIPO_NO_DISPONIBLE)
    tipo = int(wanted)
    if fields.get("AGENTE_RETENEDOR", "").strip() != withholder_of(tipo):
        raise Refusal(alerts.AGENTE_RETENEDOR)
    if fields.get("TIPO_PLANTILLA", "").strip() != template_of(tipo):
        raise Refusal(alerts.PLANTILLA)
    return tipo


def _judge_texts(form: Form) -> None:
    for name, value in form.fields.items():
        text = re.sub(r"[\r\n\t]", " ", value) if name.startswith("EFXP_DSC_ITEM_") else value
        if has_controls(text):
            raise Refusal(alerts.CARACTERES)
    strange = not_simulated(form.fields, form.tipo)
    if strange:
        raise Refusal(alerts.NO_SIMULADO.format(n=strange[:60]))


def _judge_the_pages_own(form: Form) -> None:
    """What the page's script posts beside the document says the same as the document, or nothing."""
    twins = {"IVA_TEMP": "EFXP_IVA", "MNT_NETO_TEMP": "EFXP_MNT_NETO", "EFXP_ACTECO_SELECT": "EFXP_ACTECO"}
    twins |= {f"{name}_DEFUALT": name for name in ("EFXP_DIR_ORIGEN", "EFXP_DIR_RECEP", "EFXP_IND_VENTA")}
    for own, name in twins.items():
        if form.get(own) not in ("", "0", form.get(name)):
            raise Refusal(alerts.NO_SIMULADO.format(n=own))
    if form.get("CANT_DET") not in ("", form.kept["CANT_DET"]):
        raise Refusal(alerts.SIN_DETALLE)
    _judge_combos(form, "EFXP_FCH_EMIS", "cbo_{}_boleta", alerts.FECHA_EMISION)
    for n in (1, 2, 3):
        combos = f"cbo_{{}}_boleta_ref_{n:02}"
        _judge_combos(form, f"EFXP_FCH_REF_{n:03}", combos, alerts.REFERENCIA.format(n=n))


def _judge_combos(form: Form, name: str, combos: str, alert: str) -> None:
    parts = dict(zip(("anio", "mes", "dia"), form.get(name).split("-"), strict=False))
    for combo in ("anio", "mes", "dia"):
        typed = form.get(combos.format(combo))
        if typed and typed.zfill(2) != parts.get(combo):
            raise Refusal(alert)
