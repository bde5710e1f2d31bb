"""The form EFXP as it arrives: judged field by field, and given back normalised for the preview.

The real page computes in the browser and its CGI trusts it; this one recomputes everything, so that what
passes here has a fair chance there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from timbre.dte.rut import check_digit
from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import FACTURA, TASA_IVA, line_value, parse_number, sum_up
from timbre.simulator.fields import (
    LINE_FIELDS,
    MAX_LINES,
    MAX_PAYMENTS,
    MAX_REFERENCES,
    NOT_SIMULATED,
    PAYMENT_FIELDS,
    PREVIEW_FIELDS,
    REFERENCE_FIELDS,
    TYPES,
)
from timbre.simulator.latin import has_controls
from timbre.simulator.taxpayers import Taxpayer, find_taxpayer

Fields = Mapping[str, str]

_INTEGER = re.compile(r"[0-9]{1,18}")


def judge_form(fields: Fields, company: Taxpayer) -> dict[str, str]:
    """The normalised fields of the preview, or a Refusal whose alert names the first fault."""
    form = _Form(fields)
    tipo = form.judge_type()
    form.judge_texts()
    form.judge_issuer(company)
    form.judge_dates_and_payment()
    form.judge_receiver()
    amounts = form.judge_lines()
    form.judge_references()
    form.judge_totals(tipo, amounts)
    return {name: form.kept.get(name, "") for name in PREVIEW_FIELDS}


def parse_day(text: str, earliest: date, latest: date = date(2050, 12, 31)) -> date | None:
    """A day as the form writes it (YYYY-MM-DD) inside the window, else None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if earliest <= day <= latest else None


def receiver_of(fields: Fields) -> str | None:
    """The canonical RUT of the receiver typed into the form; None when it is none or its digit is wrong."""
    body, dv = fields.get("EFXP_RUT_RECEP", "").strip(), fields.get("EFXP_DV_RECEP", "").strip().upper()
    if not re.fullmatch(r"[0-9]{1,8}", body) or check_digit(int(body)) != dv:
        return None
    return f"{int(body)}-{dv}"


class _Form:
    """The fields under judgement and those already found right (``kept``)."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.kept: dict[str, str] = {"INDICA_PRIMERA_EJECUCION": "1", "ES_BORR": "FALSE"}

    def _get(self, name: str) -> str:
        return self._fields.get(name, "").strip()

    def _keep(self, name: str, alert: str, right: Callable[[str], object]) -> str:
        value = self._get(name)
        if not right(value):
            raise Refusal(alert)
        self.kept[name] = value
        return value

    def judge_type(self) -> int:
        self._keep("PTDC_CODIGO", alerts.TIPO_NO_DISPONIBLE, lambda v: v in map(str, TYPES))
        return int(self.kept["PTDC_CODIGO"])

    def judge_texts(self) -> None:
        for name, value in self._fields.items():
            text = re.sub(r"[\r\n\t]", " ", value) if name.startswith("EFXP_DSC_ITEM_") else value
            if has_controls(text):
                raise Refusal(alerts.CARACTERES)
        for name in NOT_SIMULATED:
            if self._get(name) not in ("", "0"):
                raise Refusal(alerts.NO_SIMULADO.format(n=name))

    def judge_issuer(self, company: Taxpayer) -> None:
        keep, get = self._keep, self._get
        place = (get("EFXP_DIR_ORIGEN"), get("EFXP_CMNA_ORIGEN"), get("EFXP_CDG_SII_SUCUR"))
        on_file = {(a.direccion, a.comuna, a.sucursal) for a in company.addresses}
        codes = {activity.codigo for activity in company.activities}
        lines_of_business = {a.glosa[:70].rstrip() for a in company.activities}
        keep("EFXP_RZN_SOC", alerts.RAZON_SOCIAL_EMISOR, lambda v: v == company.razon_social)
        keep("EFXP_GIRO_EMIS", alerts.GIRO_EMISOR, lambda v: v in lines_of_business)
        keep("EFXP_ACTECO", alerts.ACTECO_EMISOR, lambda v: v in codes)
        if get("EFXP_ACTECO_SELECT") not in ("", get("EFXP_ACTECO")):
            raise Refusal(alerts.ACTECO_EMISOR)
        for name in ("EFXP_DIR_ORIGEN", "EFXP_CMNA_ORIGEN", "EFXP_CDG_SII_SUCUR"):
            keep(name, alerts.DIRECCION_EMISOR, lambda _: place in on_file)
        keep("EFXP_CIUDAD_ORIGEN", alerts.CIUDAD_EMISOR, lambda v: 0 < len(v) <= 15)
        keep("EFXP_EMAIL_EMISOR", alerts.CORREO_EMISOR, lambda v: len(v) <= 30)
        keep("EFXP_FONO_EMISOR", alerts.CORREO_EMISOR, lambda v: len(v) <= 14)
        keep("EFXP_TIPOVENTA_SELECT", alerts.TIPO_TRANSACCION, re.compile("[1-4]?").fullmatch)
        keep("EFXP_TIPOCOMPRA_SELECT", alerts.TIPO_TRANSACCION, re.compile("[1-7]?").fullmatch)

    def judge_dates_and_payment(self) -> None:
        keep, first = self._keep, date(2003, 4, 1)
        keep("EFXP_FCH_EMIS", alerts.FECHA_EMISION, lambda v: parse_day(v, first))
        keep("EFXP_FMA_PAGO", alerts.FORMA_PAGO, lambda v: v in ("1", "2", "3"))
        keep("EFXP_FCH_VENC", alerts.VENCIMIENTO, lambda v: not v or parse_day(v, first))
        switch = keep("PAGO_SI_NO", alerts.PAGOS, lambda v: v in ("", "SiChecked"))
        for n in range(1, MAX_PAYMENTS + 1):
            filled = any(self._get(f"EFXP_{name}_{n:03}") for name in PAYMENT_FIELDS)
            if not filled:
                continue
            keep(f"EFXP_FCH_PAGO_{n:03}", alerts.PAGOS, lambda v: switch and parse_day(v, first))
            keep(f"EFXP_MNT_PAGO_{n:03}", alerts.PAGOS, _INTEGER.fullmatch)
            keep(f"EFXP_GLOSA_PAGOS_{n:03}", alerts.PAGOS, lambda v: len(v) <= 40)

    def judge_receiver(self) -> None:
        rut = receiver_of(self._fields)
        receiver = find_taxpayer(rut) if rut else None
        if receiver is None:
            raise Refusal(alerts.RUT_RECEPTOR)
        keep = self._keep
        place = (self._get("EFXP_DIR_RECEP"), self._get("EFXP_CMNA_RECEP"))
        on_file = {(a.direccion, a.comuna) for a in receiver.addresses}
        giros = {text for a in receiver.activities for text in (a.glosa, a.glosa[:40].rstrip())}
        self.kept["EFXP_RUT_RECEP"], self.kept["EFXP_DV_RECEP"] = receiver.rut.split("-")
        keep("EFXP_RZN_SOC_RECEP", alerts.RAZON_SOCIAL_RECEPTOR, lambda v: v == receiver.razon_social)
        for name in ("EFXP_DIR_RECEP", "EFXP_CMNA_RECEP"):
            keep(name, alerts.DIRECCION_RECEPTOR, lambda _: place in on_file)
        keep("EFXP_GIRO_RECEP", alerts.GIRO_RECEPTOR, lambda v: v in giros)
        self.kept["EFXP_GIRO_RECEP"] = self.kept["EFXP_GIRO_RECEP"][:40].rstrip()
        keep("EFXP_CIUDAD_RECEP", alerts.CIUDAD_RECEPTOR, lambda v: 0 < len(v) <= 15)
        keep("EFXP_CONTACTO", alerts.CONTACTO, lambda v: len(v) <= 80)

    def judge_lines(self) -> list[int]:
        """What each line is worth. Lines start at 01 and leave no gap."""
        filled = self._numbers(LINE_FIELDS, 2)
        if not filled:
            raise Refusal(alerts.SIN_DETALLE)
        if filled[-1] > MAX_LINES:
            raise Refusal(alerts.DEMASIADAS_LINEAS)
        if filled != list(range(1, len(filled) + 1)):
            raise Refusal(alerts.LINEA.format(n=len(filled)))
        self.kept["CANT_DET"] = str(len(filled))
        return [self._judge_line(n) for n in filled]

    def _numbers(self, names: Sequence[str], width: int) -> list[int]:
        """The numbers of the rows in which any of the fields says something, in order."""
        pattern = re.compile(rf"EFXP_(?:{'|'.join(names)})_([0-9]{{{width}}})")
        matches = ((pattern.fullmatch(name), value) for name, value in self._fields.items())
        return sorted({int(found[1]) for found, value in matches if found and value.strip() not in ("", "0")})

    def _judge_line(self, n: int) -> int:
        keep, wrong = self._keep, alerts.LINEA.format(n=n)
        keep(f"EFXP_NMB_{n:02}", wrong, lambda v: 0 < len(v) <= 80)
        keep(f"EFXP_UNMD_{n:02}", wrong, lambda v: len(v) <= 4)
        self.kept[f"EFXP_DSC_ITEM_{n:02}"] = re.sub(r"[\r\n\t]+", " ", self._get(f"EFXP_DSC_ITEM_{n:02}"))
        if len(self.kept[f"EFXP_DSC_ITEM_{n:02}"]) > 1000 or self._get(f"EFXP_OTRO_IMP_{n:02}"):
            raise Refusal(wrong)
        self._judge_code(n)
        quantity = self._number(f"EFXP_QTY_{n:02}", wrong)
        price = self._number(f"EFXP_PRC_{n:02}", wrong)
        discount = self._number(f"EFXP_PCTD_{n:02}", wrong) or Decimal(0)
        if quantity == 0 or discount > 100 or discount != round(discount, 2):
            raise Refusal(wrong)
        _, amount = line_value(quantity, price, discount)
        stated = keep(f"EFXP_SUBT_{n:02}", alerts.SUBTOTAL_LINEA.format(n=n), lambda v: _pesos(v) == amount)
        self.kept[f"EFXP_SUBT_{n:02}"] = stated or "0"
        return amount

    def _number(self, name: str, alert: str) -> Decimal | None:
        text = self._keep(name, alert, lambda v: not v or parse_number(v) is not None)
        return parse_number(text)

    def _judge_code(self, n: int) -> None:
        alert = alerts.CODIGO_LINEA.format(n=n)
        switch = self._keep("COD_SI_NO", alert, lambda v: v in ("", "SiChecked"))
        code = self._keep(f"EFXP_COD_{n:02}", alert, lambda v: len(v) <= 35 and (switch or not v))
        self._keep(f"EFXP_TPO_COD_{n:02}", alert, lambda v: len(v) <= 10 and (v or not code))

    def judge_references(self) -> None:
        filled = self._numbers(REFERENCE_FIELDS, 3)
        if filled and filled[-1] > MAX_REFERENCES:
            raise Refusal(alerts.DEMASIADAS_REFERENCIAS)
        switch = self._get("REF_SI_NO")
        self.kept["REF_SI_NO"] = switch
        for n in filled:
            wrong = alerts.REFERENCIA.format(n=n)
            if switch != "SiChecked" or n > len(filled):
                raise Refusal(wrong)
            self._judge_reference(n, wrong)

    def _judge_reference(self, n: int, wrong: str) -> None:
        keep = self._keep
        is_global = keep(f"EFXP_IND_GLOBAL_{n:03}", wrong, lambda v: v in ("", "1"))
        keep(f"EFXP_TPO_DOC_REF_{n:03}", wrong, re.compile("[0-9A-Z]{1,3}").fullmatch)
        keep(f"EFXP_FOLIO_REF_{n:03}", wrong, lambda v: v == "0" if is_global else 0 < len(v) <= 18)
        keep(f"EFXP_FCH_REF_{n:03}", wrong, lambda v: parse_day(v, date(2002, 8, 1)))
        keep(f"EFXP_CODIGO_REF_{n:03}", wrong, lambda v: v in ("", "1", "2", "3"))
        keep(f"EFXP_RAZON_REF_{n:03}", wrong, lambda v: len(v) <= 90)

    def judge_totals(self, tipo: int, amounts: list[int]) -> None:
        totals = sum_up(tipo, amounts)
        affected = tipo == FACTURA
        self._keep("EFXP_SUBTOTAL", alerts.SUBTOTAL, lambda v: v == str(sum(amounts)))
        self._keep("EFXP_MNT_NETO", alerts.NETO, lambda v: v == str(sum(amounts)))
        if affected and not totals.iva:
            raise Refusal(alerts.IVA_CERO)
        rate = re.compile(rf"{TASA_IVA}(\.0+)?" if affected else rf"({TASA_IVA}|0)?(\.0+)?")
        self._keep("EFXP_TASA_IVA", alerts.IVA, rate.fullmatch)
        self._keep("EFXP_IVA", alerts.IVA, lambda v: v == str(totals.iva) or (not affected and not v))
        self._keep("EFXP_MNT_TOTAL", alerts.TOTAL, lambda v: v == str(totals.total))
        if not affected:
            self.kept["EFXP_TASA_IVA"] = self.kept["EFXP_IVA"] = ""


def _pesos(text: str) -> int:
    """Whole pesos of a field; blank is 0, anything else is -1 and so never right."""
    if not text:
        return 0
    return int(text) if _INTEGER.fullmatch(text) else -1
