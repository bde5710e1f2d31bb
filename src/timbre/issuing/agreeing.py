"""What the fields of one request say together: contradictions, halves of a pair, fields of another type.

Here is only what a ``Documento`` no longer shows. What the SII makes of one, dte.rules judges.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from timbre.dte.codes import BOLETAS, EXPORTACIONES, NOTAS, SOLO_EXENTOS, TipoDte
from timbre.dte.errors import Fault
from timbre.issuing.agreeing_export import export_disagreements
from timbre.issuing.agreeing_lines import line_disagreements
from timbre.issuing.asking import ANULA, COMPRAS
from timbre.issuing.leaves import number, text

Request = Mapping[str, Any]
_ALL = frozenset(TipoDte)
_NOT_BOLETAS = _ALL - BOLETAS
_WITH_IVA = _ALL - SOLO_EXENTOS

ONLY_IN: dict[str, frozenset[TipoDte]] = {
    "export_data": EXPORTACIONES,
    "transport_data": _NOT_BOLETAS,
    "header.payment_method": _NOT_BOLETAS,
    "header.payment_means": BOLETAS,
    "header.payment_terms": _NOT_BOLETAS,
    "header.payments": _NOT_BOLETAS,
    "header.cancellation_date": _NOT_BOLETAS,
    "header.purchase_type": _NOT_BOLETAS - EXPORTACIONES,
    "header.purchase_transaction_type": _NOT_BOLETAS - EXPORTACIONES,
    "header.sale_transaction_type": _NOT_BOLETAS,
    "header.net_amounts": frozenset({TipoDte.BOLETA}),
    "header.vat_withheld": frozenset({TipoDte.FACTURA_COMPRA, TipoDte.NOTA_CREDITO, TipoDte.NOTA_DEBITO}),
    "details.ticket": BOLETAS,
    "details.show_item_type": BOLETAS,
    "details.other_tax": _WITH_IVA - BOLETAS,
    "details.withholding_agent": _WITH_IVA - BOLETAS,
    "references.global": _NOT_BOLETAS,
    "references.other_rut": _NOT_BOLETAS,
}
"""Field -> the types whose format has a place for it (DTE_v10.xsd, EnvioBOLETA_v11.xsd)."""


def disagreements(request: Request) -> Iterator[Fault]:
    """Every fault of what is said together, and warnings of what is read otherwise than written."""
    tipo = TipoDte(int(request["dte_type"]["code"]))
    yield from _misplaced(request, tipo)
    yield from _header(request.get("header") or {}, tipo)
    yield from line_disagreements(request, tipo)
    yield from _adjustments(request, tipo)
    yield from _references(request, tipo)
    yield from export_disagreements(request, tipo)


def _misplaced(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    """False and nothing ask for nothing, in whatever type."""
    for field, types in ONLY_IN.items():
        if tipo in types:
            continue
        for path in _said(request, field):
            told = ", ".join(str(each.value) for each in sorted(types))
            message = f"«{path}» no es de un documento {tipo:d}: solo lo tienen {told}. Quítalo."
            yield Fault("field_not_for_type", path, message)


def _said(request: Request, field: str) -> Iterator[str]:
    """The paths at which a field of the table was given."""
    block, _, name = field.partition(".")
    found = request.get(block)
    if not name:
        yield from [block] if found else []
    elif isinstance(found, list):
        yield from (f"{block}.{index}.{name}" for index, each in enumerate(found) if each.get(name))
    elif found and found.get(name):
        yield field


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


def _adjustments(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    for index, each in enumerate(request.get("global_adjustments") or ()):
        path = f"global_adjustments.{index}"
        if (each.get("percent") is None) == (each.get("amount") is None):
            message = "Un descuento o recargo global lleva «percent» o «amount»: uno de los dos."
            yield Fault("fields_contradict", f"{path}.percent", message)
        if each.get("applies_to") == "affected" and tipo in SOLO_EXENTOS:
            message = f"En un documento {tipo:d} todo es exento: usa exempt, o quita «applies_to»."
            yield Fault("fields_contradict", f"{path}.applies_to", message)


def _references(request: Request, tipo: TipoDte) -> Iterator[Fault]:
    for index, each in enumerate(request.get("references") or ()):
        path, code = f"references.{index}", number(each, "correction_code")
        if tipo in NOTAS and text(each, "reference_reason") == ANULA and code not in (None, 1):
            message = f"La razón dice que anula y «correction_code» es {code}: usa 1, o escribe otra razón."
            yield Fault("fields_contradict", f"{path}.correction_code", message)
        if each.get("global") and text(each, "reference_folio") != "0":
            message = "Una referencia global (global: true) es a muchos documentos: su folio es 0."
            yield Fault("fields_contradict", f"{path}.reference_folio", message)
