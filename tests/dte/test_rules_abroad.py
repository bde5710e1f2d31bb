"""What an export has no element for is refused, and not left out."""

from dataclasses import replace
from decimal import Decimal

import pytest

from factories import TODAY, make_of
from timbre.dte.codes import EXPORTACIONES, TipoDte
from timbre.dte.document import Aduana, Ajuste, Base, Bulto, Documento, Transporte
from timbre.dte.rules import judge_document


def refusals(documento: Documento) -> set[tuple[str, str]]:
    faults = judge_document(documento, today=TODAY)
    return {(fault.code, fault.path) for fault in faults if not fault.warns}


@pytest.mark.parametrize("tipo", sorted(EXPORTACIONES))
def test_an_export_adjusts_nothing_that_is_not_billable(tipo: TipoDte) -> None:
    charge = Ajuste(recargo=True, monto=Decimal(10), sobre=Base.NO_FACTURABLE)
    documento = make_of(tipo)
    refused = ("adjustment_base_not_allowed", f"global_adjustments.{len(documento.ajustes)}.applies_to")
    assert refused in refusals(replace(documento, ajustes=(*documento.ajustes, charge)))


def test_packages_of_a_kind_are_counted_in_ten_digits() -> None:
    crates = Bulto(tipo=80, cantidad=10**10, marcas="PAN")
    carried = Transporte(aduana=Aduana(modalidad=1, clausula=5, pais_destino=510, bultos=(crates,)))
    documento = make_of(TipoDte.FACTURA_EXPORTACION, transporte=carried)
    assert ("package_limit", "export_data.packages.0.quantity") in refusals(documento)
