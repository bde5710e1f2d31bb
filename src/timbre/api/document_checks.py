"""What the shape of one document cannot say: fields that hang on each other."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from timbre.accounts.errors import InvalidDocuments
from timbre.dte.document import Detalle
from timbre.dte.errors import Fault
from timbre.dte.totals import line_amount

_WITHOUT_DEFAULTS = ("dte_type", "date_issued")


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
    for position, line in enumerate(document["details"]):
        yield from _line(position, line)


def _line(position: int, line: dict[str, Any]) -> Iterator[Fault]:
    """``line_number`` and ``item_total`` are Timbre's to say; the caller's must agree with them."""
    number, total = line.pop("line_number", None), line.pop("item_total", None)
    if number is not None and number != position + 1:
        message = (
            f"La línea está en el lugar {position + 1} y dice ser la {number}: quita el número u ordénalas."
        )
        yield Fault("line_number_mismatch", f"details.{position}.line_number", message)
    if total is not None and Decimal(total) != (ours := _amount(line)):
        message = f"El total de la línea dice {total} y es {ours}: corrígelo o quítalo."
        yield Fault("item_total_mismatch", f"details.{position}.item_total", message)


def _amount(line: Mapping[str, Any]) -> Decimal:
    detalle = Detalle(
        nombre=line["item_name"],
        cantidad=Decimal(line["quantity"]),
        precio=Decimal(line["unit_price"]),
        descuento_pct=Decimal(line.get("discount_percent", 0)),
    )
    return line_amount(detalle).monto
