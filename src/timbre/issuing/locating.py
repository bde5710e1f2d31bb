"""Where in a request a fault stands, for what the rules call by one name and callers write under another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from timbre.dte.errors import Fault
from timbre.issuing.asking.leaves import decimal

Request = Mapping[str, Any]
_CUSTOMS = ("export_data", "transport_data")
"""Either block may hold what customs is told (contract 6.4, 6.5)."""
_CHARGES = ("freight_amount", "insurance_amount")
"""What becomes an adjustment of an export, after the caller's own."""
_OTHER_NAMES = {
    "header.purchase_type": "header.purchase_transaction_type",
    "header.service_indicator": "export_data.export_type",
    "document_receiver.foreign_id": "export_data.tax_id_receptor",
    "document_receiver.nationality_code": "export_data.receiver_nationality_code",
}
_LINE_NAMES = {
    "is_exempt": "exempt_indicator",
    "exempt_indicator": "is_exempt",
    "other_tax": "header.vat_withheld",
    "withholding_agent": "header.vat_withheld",
}
"""Field of a line -> another of it, or one that stands for it in every line."""


def locate(faults: Iterable[Fault], request: Request) -> list[Fault]:
    """The faults at what their caller wrote, each once; as they came when nothing else was written either."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        paths = (fault.path, *_others(fault.path, request))
        path = next((each for each in paths if holds(request, each)), fault.path)
        found.setdefault((fault.code, path), replace(fault, path=path))
    return list(found.values())


def _others(path: str, request: Request) -> Iterator[str]:
    block, _, field = path.partition(".")
    number, _, name = field.partition(".")
    if path in _OTHER_NAMES:
        yield _OTHER_NAMES[path]
    if block in _CUSTOMS:
        (other,) = set(_CUSTOMS) - {block}
        yield path.replace(block, other, 1)
    if block == "global_adjustments" and number:
        yield from _charges(int(number), request)
    if block == "details" and name in _LINE_NAMES:
        other = _LINE_NAMES[name]
        yield other if "." in other else f"details.{number}.{other}"


def _charges(number: int, request: Request) -> Iterator[str]:
    """The charge that became the adjustment of this number."""
    export = request.get("export_data") or {}
    said = [each for each in _CHARGES if decimal(export, each)]
    place = number - len(request.get("global_adjustments") or ())
    if 0 <= place < len(said):
        yield f"export_data.{said[place]}"


def holds(request: Request, path: str) -> bool:
    """Whether something is said there."""
    found: Any = request
    for key in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            return False
    return found not in (None, False)
