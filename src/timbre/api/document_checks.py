"""What must be there to read a document at all, and what of it is only there to be checked."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from timbre.accounts.errors import InvalidDocuments
from timbre.dte.codes import BOLETAS, EXPORTACIONES, TipoDte
from timbre.dte.errors import Fault
from timbre.dte.totals import line_amount
from timbre.issuing.asking import read_detalle, read_moneda
from timbre.issuing.asking.agreeing_lines import as_read

_WITHOUT_DEFAULTS = ("dte_type", "date_issued")
_NAMELESS = BOLETAS | EXPORTACIONES
"""Types whose receiver may be nobody's RUT: defaults write the SII's own for it."""


def check_documents(documents: list[dict[str, Any]], *, use_defaults: bool) -> None:
    """Raises InvalidDocuments with every fault. Takes out of the lines what was only there to be checked."""
    faults = {
        index: found
        for index, document in enumerate(documents)
        if (found := list(_faults(document, use_defaults=use_defaults)))
    }
    if faults:
        raise InvalidDocuments(faults)


def _faults(document: Mapping[str, Any], *, use_defaults: bool) -> Iterator[Fault]:
    for field in () if use_defaults else _WITHOUT_DEFAULTS:
        if field not in document:
            message = f"Falta «{field}». Con X-Use-Defaults: true lo completa Timbre."
            yield Fault("dte_field_required", field, message)
    tipo = TipoDte(int((document.get("dte_type") or {}).get("code", TipoDte.FACTURA)))
    if not document["document_receiver"].get("rut") and not (use_defaults and tipo in _NAMELESS):
        yield Fault("receiver_required", "document_receiver.rut", "Falta «document_receiver.rut».")
    for position, line in enumerate(document["details"]):
        yield from _line(position, line, document, tipo)


def _line(position: int, line: dict[str, Any], document: Mapping[str, Any], tipo: TipoDte) -> Iterator[Fault]:
    """``line_number`` and ``item_total`` are Timbre's to say; the caller's must agree with them."""
    number, total = line.pop("line_number", None), line.pop("item_total", None)
    if number is not None and number != position + 1:
        message = (
            f"La línea está en el lugar {position + 1} y dice ser la {number}: quita el número u ordénalas."
        )
        yield Fault("line_number_mismatch", f"details.{position}.line_number", message)
    if total is not None and Decimal(total) != (ours := _amount(line, document, tipo)):
        message = f"El total de la línea dice {total} y es {ours}: corrígelo o quítalo."
        yield Fault("item_total_mismatch", f"details.{position}.item_total", message)


def _amount(line: Mapping[str, Any], document: Mapping[str, Any], tipo: TipoDte) -> Decimal:
    """In the document's currency, with its discount and surcharge; with IVA when its price is."""
    moneda = read_moneda(document.get("export_data") or {})
    detalle = read_detalle(as_read(line, tipo), document.get("header") or {})
    return line_amount(detalle, moneda).monto
