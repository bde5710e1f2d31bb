"""Who issues and who buys: their RUTs."""

from functools import lru_cache

from timbre.dte.errors import InvalidRut
from timbre.dte.rules.rule import Case, Found, rule
from timbre.dte.rut import parse_rut


@lru_cache(maxsize=4096)
def rut_fault(rut: str) -> str:
    """What is wrong with a RUT, in Spanish; empty when nothing is."""
    try:
        parse_rut(rut)
    except InvalidRut as error:
        return str(error)
    return ""


@rule(
    "invalid_rut",
    "El RUT del emisor y el del receptor tienen su dígito verificador.",
    source="DTE_v10.xsd, RUTType",
)
def ruts(case: Case) -> Found:
    for party, path in (
        (case.documento.emisor, "document_issuer.rut"),
        (case.documento.receptor, "document_receiver.rut"),
    ):
        if message := rut_fault(party.rut):
            yield path, message
