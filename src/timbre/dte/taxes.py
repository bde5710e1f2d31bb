"""Additional taxes and withholdings: the SII's codes and, by date, their rates (tables/tax-codes.csv).

A rate holds from its date on until the next one of its code. Taxes whose amount is no percentage of the line
(diesel, gasoline, gas: UTM by litre), or whose base the API has no field for, have no rate here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

IVA_RETENIDO = "15"
"""The whole IVA, withheld by the author of a 46."""
NOT_OF_IVA = "53"
"""Withheld from newspaper sellers, of their income tax: the IVA stays whole."""
_FORMAT = date(2003, 4, 1)
_LEY_20780 = date(2014, 10, 1)
"""Raised the taxes on drinks; what they were before is not in the sources."""


@dataclass(frozen=True, slots=True)
class Impuesto:
    """One code: its name in Spanish, whether it is withheld (subtracted from the total) or added, and its
    rates in percent by the date they begin.
    """

    codigo: str
    nombre: str
    retencion: bool
    tasas: tuple[tuple[date, Decimal], ...]

    def tasa_al(self, day: date) -> Decimal | None:
        """The rate in force on a day, in percent; None before the first that is known."""
        known = [rate for since, rate in self.tasas if since <= day]
        return known[-1] if known else None


def _added(codigo: str, nombre: str, tasa: str, since: date = _FORMAT) -> Impuesto:
    return Impuesto(codigo, nombre, retencion=False, tasas=((since, Decimal(tasa)),))


def _withheld(codigo: str, nombre: str, tasa: str, since: date = _FORMAT) -> Impuesto:
    return Impuesto(codigo, nombre, retencion=True, tasas=((since, Decimal(tasa)),))


IMPUESTOS: dict[str, Impuesto] = {
    each.codigo: each
    for each in (
        _withheld(IVA_RETENIDO, "IVA retenido total", "19"),
        _added("18", "IVA anticipado carne", "5"),
        _added("19", "IVA anticipado harina", "12"),
        _added("23", "Impuesto adicional art. 37 a), b) y c)", "15"),
        _added("24", "Licores, piscos, whisky y aguardientes", "31.5", _LEY_20780),
        _added("25", "Vinos", "20.5", _LEY_20780),
        _added("26", "Cervezas y otras bebidas alcohólicas", "20.5", _LEY_20780),
        _added("27", "Bebidas analcohólicas y minerales", "10", _LEY_20780),
        _added("271", "Bebidas con alto contenido de azúcar", "18", _LEY_20780),
        _withheld("30", "IVA retenido legumbres", "10"),
        _withheld("301", "IVA retenido legumbres, total", "19"),
        _withheld("31", "IVA retenido productos silvestres", "19"),
        _withheld("32", "IVA retenido ganado", "8"),
        _withheld("321", "IVA retenido ganado, total", "19"),
        _withheld("33", "IVA retenido madera", "8"),
        _withheld("331", "IVA retenido madera, total", "19"),
        _withheld("34", "IVA retenido trigo", "4"),
        _withheld("341", "IVA retenido trigo, total", "19"),
        _withheld("36", "IVA retenido arroz", "10"),
        _withheld("361", "IVA retenido arroz, total", "19"),
        _withheld("37", "IVA retenido hidrobiológicas", "10"),
        _withheld("371", "IVA retenido hidrobiológicas, total", "19"),
        _withheld("38", "IVA retenido chatarra", "19"),
        _withheld("39", "IVA retenido PPA", "19"),
        _withheld("41", "IVA retenido construcción", "19"),
        _added("44", "Impuesto adicional art. 37 e), h), i) y l)", "15"),
        _added("45", "Impuesto adicional art. 37 j)", "50"),
        _withheld("46", "IVA retenido oro", "19"),
        _withheld("47", "IVA retenido cartones", "19"),
        _withheld("48", "IVA retenido frambuesas y pasas", "14"),
        _withheld("481", "IVA retenido frambuesas, total", "19"),
        _withheld("53", "Retención suplementeros", "0.5"),
    )
}


def withholds_iva(codigo: str) -> bool:
    """Whether it takes the IVA, or part of it, from what the seller is paid."""
    return codigo != NOT_OF_IVA and codigo in IMPUESTOS and IMPUESTOS[codigo].retencion


def rate_of(codigo: str, day: date) -> Decimal | None:
    """The rate of a code on a day, in percent; None for a code or a day without a known rate."""
    known = IMPUESTOS.get(codigo)
    return known.tasa_al(day) if known else None
