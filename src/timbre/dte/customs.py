"""The customs' tables that exports and guides of exported goods need (sii-protocols 1.9).

Each is code -> name as the SII prints it; a code is the customs' own, no ISO code.
"""

import csv
from functools import cache
from importlib.resources import files

_FOLDER = files("timbre.dte") / "tables"


@cache
def monedas() -> dict[int, str]:
    """Currencies, by the names DTE_v10.xsd admits in TpoMoneda."""
    return _read("currencies")


@cache
def paises() -> dict[int, str]:
    return _read("countries")


@cache
def puertos() -> dict[int, str]:
    return _read("ports")


@cache
def unidades() -> dict[int, str]:
    """Units of weight and count."""
    return _read("units")


@cache
def bultos() -> dict[int, str]:
    """Kinds of package."""
    return _read("packages")


@cache
def vias() -> dict[int, str]:
    """Ways of transport."""
    return _read("ways")


@cache
def modalidades() -> dict[int, str]:
    """Sale modes (CodModVenta)."""
    return _terms("CodModVenta")


@cache
def clausulas() -> dict[int, str]:
    """Sale clauses (CodClauVenta): CIF, FOB and the like."""
    return _terms("CodClauVenta")


@cache
def formas_de_pago() -> dict[int, str]:
    """How an export is paid (FmaPagExp)."""
    return _terms("FmaPagExp")


def _read(name: str) -> dict[int, str]:
    return {int(row["code"]): row["name"] for row in _rows(name)}


def _terms(table: str) -> dict[int, str]:
    return {int(row["code"]): row["meaning"] for row in _rows("terms") if row["table"] == table}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((_FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
