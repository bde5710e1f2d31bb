"""Who issues, who receives, who carries, and how it is paid, as typed into the form."""

import re

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import EXPORTACION, FACTURA, FACTURA_COMPRA, FACTURA_EXENTA, GUIA
from timbre.simulator.checking import FIRST_DAY, Form, parse_day, receiver_of
from timbre.simulator.fields import MAX_PAYMENTS, PAYMENT_FIELDS
from timbre.simulator.taxpayers import EXTRANJERO, Taxpayer, find_taxpayer

_INTERNAL = "5"
"""IndTraslado of goods that stay with their owner."""
_PAID = (FACTURA, FACTURA_EXENTA, FACTURA_COMPRA)
"""Types whose form of payment must be chosen."""
_INTEGER = re.compile(r"[0-9]{1,18}")


def judge_issuer(form: Form, company: Taxpayer) -> None:
    keep, get = form.keep, form.get
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
    _judge_transaction(form)


def _judge_transaction(form: Form) -> None:
    # An export's XML has no place for either: only the ordinary one can be left out unsaid.
    sale, purchase = ("1?", "1?") if form.tipo == EXPORTACION else ("[1-4]?", "[1-7]?")
    form.keep("EFXP_TIPOVENTA_SELECT", alerts.TIPO_TRANSACCION, re.compile(sale).fullmatch)
    form.keep("EFXP_TIPOCOMPRA_SELECT", alerts.TIPO_TRANSACCION, re.compile(purchase).fullmatch)


def judge_payment(form: Form) -> None:
    keep, terms = form.keep, ("1", "2", "3") if form.tipo in _PAID else ("", "1", "2", "3")
    keep("EFXP_FCH_EMIS", alerts.FECHA_EMISION, lambda v: parse_day(v, FIRST_DAY))
    keep("EFXP_FMA_PAGO", alerts.FORMA_PAGO, lambda v: v in terms)
    keep("EFXP_FCH_VENC", alerts.VENCIMIENTO, lambda v: not v or parse_day(v, FIRST_DAY))
    switch = form.switch("PAGO_SI_NO", alerts.PAGOS)
    filled = form.rows(PAYMENT_FIELDS, 3)
    if filled != list(range(1, len(filled) + 1)) or len(filled) > MAX_PAYMENTS:
        raise Refusal(alerts.PAGOS)
    for n in filled:
        keep(f"EFXP_FCH_PAGO_{n:03}", alerts.PAGOS, lambda v: switch and parse_day(v, FIRST_DAY))
        keep(f"EFXP_MNT_PAGO_{n:03}", alerts.PAGOS, _INTEGER.fullmatch)
        keep(f"EFXP_GLOSA_PAGOS_{n:03}", alerts.PAGOS, lambda v: len(v) <= 40)


def judge_receiver(form: Form, company: Taxpayer) -> None:
    rut = receiver_of(form.fields)
    if form.tipo == EXPORTACION:
        _judge_foreigner(form, rut)
    else:
        _judge_registered(form, find_taxpayer(rut) if rut else None)
    form.kept["EFXP_RUT_RECEP"], form.kept["EFXP_DV_RECEP"] = (rut or "-").split("-")
    form.keep("EFXP_CONTACTO", alerts.CONTACTO, lambda v: len(v) <= 80)
    if form.tipo == GUIA:
        form.keep("EFXP_IND_VENTA", alerts.TRASLADO, re.compile("[1-9]").fullmatch)
        if form.get("EFXP_IND_VENTA") == _INTERNAL and rut != company.rut:
            raise Refusal(alerts.TRASLADO_INTERNO)


def _judge_registered(form: Form, receiver: Taxpayer | None) -> None:
    if receiver is None:
        raise Refusal(alerts.RUT_RECEPTOR)
    keep = form.keep
    place = (form.get("EFXP_DIR_RECEP"), form.get("EFXP_CMNA_RECEP"))
    on_file = {(a.direccion, a.comuna) for a in receiver.addresses}
    giros = {text for a in receiver.activities for text in (a.glosa, a.glosa[:40].rstrip())}
    keep("EFXP_RZN_SOC_RECEP", alerts.RAZON_SOCIAL_RECEPTOR, lambda v: v == receiver.razon_social)
    for name in ("EFXP_DIR_RECEP", "EFXP_CMNA_RECEP"):
        keep(name, alerts.DIRECCION_RECEPTOR, lambda _: place in on_file)
    keep("EFXP_GIRO_RECEP", alerts.GIRO_RECEPTOR, lambda v: v in giros)
    form.kept["EFXP_GIRO_RECEP"] = form.kept["EFXP_GIRO_RECEP"][:40].rstrip()
    keep("EFXP_CIUDAD_RECEP", alerts.CIUDAD_RECEPTOR, lambda v: 0 < len(v) <= 15)


def _judge_foreigner(form: Form, rut: str | None) -> None:
    """A foreign receiver is on nobody's file: its data are as typed, within the format's lengths."""
    keep = form.keep
    if rut != EXTRANJERO:
        raise Refusal(alerts.RECEPTOR_EXTRANJERO)
    keep("EFXP_RZN_SOC_RECEP", alerts.RAZON_SOCIAL_RECEPTOR, lambda v: 0 < len(v) <= 100)
    keep("EFXP_DIR_RECEP", alerts.DIRECCION_RECEPTOR, lambda v: 0 < len(v) <= 70)
    keep("EFXP_CMNA_RECEP", alerts.DIRECCION_RECEPTOR, lambda v: len(v) <= 20)
    keep("EFXP_CIUDAD_RECEP", alerts.CIUDAD_RECEPTOR, lambda v: len(v) <= 20)
    keep("EFXP_GIRO_RECEP", alerts.GIRO_RECEPTOR, lambda v: len(v) <= 40)
    keep("EDFE_NUM_ID", alerts.EXTRANJERO, lambda v: len(v) <= 20)
    keep("EDFE_NACIONALIDAD", alerts.EXTRANJERO, re.compile("([1-9][0-9]{0,2})?").fullmatch)


def judge_transport(form: Form) -> None:
    alert = alerts.TRANSPORTE
    form.keep_rut("EFXP_RUT_TRANSPORTE", "EFXP_DV_TRANSPORTE", alert)
    form.keep("EFXP_PATENTE", alert, lambda v: len(v) <= 8)
    driver = form.keep_rut("EFXP_RUT_CHOFER", "EFXP_DV_CHOFER", alert)
    form.keep("EFXP_NOMBRE_CHOFER", alert, lambda v: bool(v) == bool(driver) and len(v) <= 30)
