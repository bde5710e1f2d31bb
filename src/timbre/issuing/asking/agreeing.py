"""What the fields of one request say together: contradictions, halves of a pair, fields of another type.

Here is only what a ``Documento`` no longer shows. What the SII makes of one, dte.rules judges.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from timbre.dte.codes import EXPORTACIONES, NOTAS, TipoDte
from timbre.dte.errors import Fault
from timbre.issuing.asking import ANULA, COMPRAS
from timbre.issuing.asking.agreeing_export import export_disagreements
from timbre.issuing.asking.agreeing_lines import line_disagreements
from timbre.issuing.asking.leaves import number, text

Request = Mapping[str, Any]
ONLY_IN: dict[str, frozenset[TipoDte]] = {
    "export_data": EXPORTACIONES,
    "header.net_amounts": frozenset({TipoDte.BOLETA}),
    "header.vat_withheld": frozenset({TipoDte.FACTURA_COMPRA, TipoDte.NOTA_CREDITO, TipoDte.NOTA_DEBITO}),
}
"""Field -> the types in which it says something."""


def disagreements(request: Request) -> Iterator[Fault]:
    """Every fault of what is said together, and warnings of what is read otherwise than written."""
    tipo = TipoDte(int(request["dte_type"]["code"]))
    yield from _misplaced(request, tipo)
    yield from _header(request.get("header") or {}, tipo)
    yield from line_disagreements(request, tipo)
    yield from _references(request, tipo)
    yield from export_disagreements(request, tipo)


def _misplaced(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    """False and nothing ask for nothing, in whatever type."""
    for path, types in ONLY_IN.items():
        block, _, field = path.partition(".")
        found = request.get(block)
        if tipo not in types and (found and (not field or found.get(field))):
            told = ", ".join(str(each.value) for each in sorted(types))
            message = f"«{path}» no es de un documento {tipo:d}, sino de {told}: quítalo."
            yield Fault("field_not_for_type", path, message)


def _header(header: Request, tipo: TipoDte) -> Iterator[Fault]:
    purchase, contracts = number(header, "purchase_type"), text(header, "purchase_transaction_type")
    if purchase and contracts and purchase != COMPRAS[contracts]:
        message = (
            f"«purchase_transaction_type» {contracts} es «purchase_type» {COMPRAS[contracts]}, y dice"
            f" {purchase}: envía solo uno."
        )
        yield Fault("fields_contradict", "header.purchase_type", message)
    if tipo in EXPORTACIONES and header.get("sale_transaction_type"):
        message = "El formato de las exportaciones no tiene tipo de venta: se guarda y no va en el DTE."
        yield Fault("field_not_in_format", "header.sale_transaction_type", message, warns=True)


def _references(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    for index, each in enumerate(request.get("references") or ()):
        path, code = f"references.{index}", number(each, "correction_code")
        if tipo in NOTAS and text(each, "reference_reason") == ANULA and code not in (None, 1):
            message = f"La razón dice que anula y «correction_code» es {code}: usa 1, o escribe otra razón."
            yield Fault("fields_contradict", f"{path}.correction_code", message)
