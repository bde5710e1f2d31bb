"""What stands in the way of a document: in anybody's way, or only in that of the gateway it would go by."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules import PORTAL, Capabilities, judge

_ANY_WAY = Capabilities(max_lines=60, max_references=40, mixed_exemption=True, types=frozenset(TipoDte))
"""All that a DTE has room for (DTE_v10.xsd)."""


def document_faults(documento: Documento, *, today: date) -> tuple[Fault, ...]:
    """What is wrong with the document itself, by whatever way it goes."""
    return judge(documento, _ANY_WAY, today=today)


def gateway_faults(documento: Documento, *, today: date) -> tuple[Fault, ...]:
    """What only the gateway cannot do."""
    of_document = {(fault.code, fault.path) for fault in document_faults(documento, today=today)}
    found = judge(documento, PORTAL, today=today)
    return tuple(fault for fault in found if (fault.code, fault.path) not in of_document)


def warnings_of(index: int, faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """The faults of one document as warnings of an answer."""
    return [
        {
            "document_index": index,
            "field": fault.path,
            "code": fault.code,
            "message": fault.message,
            "suggestion": None,
        }
        for fault in faults
    ]
