"""The part of the form that only an export (110) has: currency, customs, packages (protocol notes 1.9).

No source gives the real form's names: ``EDFE_*`` here are the simulator's own (docs/sandbox.md).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.checking import Form
from timbre.simulator.fields import MAX_PACKAGES, PACKAGE_FIELDS

PESO_CL = "PESO CL"
_NAMES = """
    BOLIVAR, BOLIVIANO, CHELIN, CORONA DIN, CORONA NOR, CORONA SC, CRUZEIRO REAL, DIRHAM, DOLAR AUST,
    DOLAR CAN, DOLAR HK, DOLAR NZ, DOLAR SIN, DOLAR TAI, DOLAR USA, DRACMA, ESCUDO, EURO, FLORIN,
    FRANCO BEL, FRANCO FR, FRANCO SZ, GUARANI, LIBRA EST, LIRA, MARCO AL, MARCO FIN, NUEVO SOL,
    OTRAS MONEDAS, PESETA, PESO, PESO CL, PESO COL, PESO MEX, PESO URUG, RAND, RENMINBI, RUPIA, SUCRE, YEN
"""
CURRENCIES = frozenset(name.strip() for name in _NAMES.split(","))
WITHOUT_PAYMENT = "21"
"""FmaPagExp of what nobody pays: its amounts in pesos are 0 (HED-1-803)."""
_PAYMENTS = ("", "1", "2", "11", "12", WITHOUT_PAYMENT, "32")
_TABLES = {
    "MOD_VENTA": "1 2 3 4 9",
    "CLAU_VENTA": "1 2 3 4 5 6 8 9 10 11 12 17 18",
    "VIA_TRANSP": "1 4 5 6 7 8 9 10",
}
_OF_GOODS = ("MOD_VENTA", "PAIS_DESTIN")
"""What an export of goods cannot go without."""
HOTEL, PASSPORT = "4", "813"
"""IndServicio of a hotel, and the reference it goes with: the guest's passport (notes 1.9)."""
_CODES = {
    "PTO_EMBARQUE": 4,
    "PTO_DESEMB": 4,
    "UNID_PESO_BRUTO": 2,
    "UNID_PESO_NETO": 2,
    "PAIS_RECEP": 3,
    "PAIS_DESTIN": 3,
    "TOT_BULTOS": 18,
}
_TEXTS = {"MARCAS": 255, "CONTAINER": 25, "SELLO": 20, "EMISOR_SELLO": 70}


@dataclass(frozen=True, slots=True)
class Export:
    """What an export's currency and charges mean for its sums."""

    decimals: int
    surcharges: tuple[Decimal, ...]


def decimals_of(currency: str) -> int:
    """Two everywhere but in Chile's own."""
    return 0 if currency == PESO_CL else 2


def judge_export(form: Form) -> Export:
    """Keeps the EDFE_* fields. Raises the Refusal of the first that is not right."""
    currency = form.keep("EDFE_MONEDA", alerts.MONEDA, lambda v: v in CURRENCIES)
    rate = form.keep_number("EDFE_TIPO_CAMBIO", alerts.TIPO_CAMBIO, places=4)
    right = rate in (None, 1) if currency == PESO_CL else rate is not None and 0 < rate < 1_000_000
    if not right:
        raise Refusal(alerts.TIPO_CAMBIO)
    form.keep("EDFE_FMA_PAG_EXP", alerts.FORMA_PAGO, lambda v: v in _PAYMENTS)
    service = form.keep("EDFE_IND_SERVICIO", _alert("IND_SERVICIO"), lambda v: v in ("", "3", "4", "5"))
    _judge_customs(form, goods=not service)
    _judge_packages(form)
    decimals = decimals_of(currency)
    charges = (_positive(form, name, decimals) for name in ("FLETE", "SEGURO"))
    return Export(decimals, tuple(charge for charge in charges if charge))


def _alert(name: str) -> str:
    return alerts.ADUANA.format(n=f"EDFE_{name}")


def _judge_customs(form: Form, *, goods: bool) -> None:
    for name, codes in _TABLES.items():
        form.keep(f"EDFE_{name}", _alert(name), ["", *codes.split()].__contains__)
    for name, width in _CODES.items():
        code = re.compile(rf"([1-9][0-9]{{0,{width - 1}}})?")
        form.keep(f"EDFE_{name}", _alert(name), code.fullmatch)
    for name in _OF_GOODS if goods else ():
        form.keep(f"EDFE_{name}", _alert(name), bool)
    _positive(form, "TOT_CLAU_VENTA", 2)
    for name in ("PESO_BRUTO", "PESO_NETO"):
        weight = _positive(form, name, 2)
        unit = form.get(f"EDFE_UNID_{name}")
        if bool(weight) != bool(unit) or (weight and weight >= 10**8):
            raise Refusal(_alert(name))


def _positive(form: Form, name: str, places: int) -> Decimal | None:
    """An amount, kept; None for blank. Zero is none."""
    number = form.keep_number(f"EDFE_{name}", _alert(name), places)
    if number == 0:
        raise Refusal(_alert(name))
    return number


def _judge_packages(form: Form) -> None:
    filled = form.rows(PACKAGE_FIELDS, 2, prefix="EDFE")
    if filled != list(range(1, len(filled) + 1)) or len(filled) > MAX_PACKAGES:
        raise Refusal(alerts.BULTOS)
    for n in filled:
        form.keep(f"EDFE_TPO_BULTO_{n:02}", alerts.BULTOS, re.compile("[1-9][0-9]{0,2}").fullmatch)
        form.keep(f"EDFE_CANT_BULTO_{n:02}", alerts.BULTOS, re.compile("[1-9][0-9]{0,9}").fullmatch)
        for name, most in _TEXTS.items():
            form.keep(f"EDFE_{name}_{n:02}", alerts.BULTOS, re.compile(rf".{{0,{most}}}").fullmatch)
