"""Judging a document: every fault at once, in the order in which its caller wrote it."""

from collections.abc import Iterable
from datetime import date

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules import (
    adjustments,
    boletas,
    dates,
    exports,
    fields,
    lines,
    notes,
    numbers,
    parties,
    references,
    taxes,
    texts,
    totals,
    transport,
)
from timbre.dte.rules.gateways import Capabilities, judge_gateway
from timbre.dte.rules.rule import REGISTER, Case, Criteria, Level, Rule

MODULES = (
    numbers,
    texts,
    fields,
    parties,
    dates,
    lines,
    taxes,
    adjustments,
    totals,
    references,
    notes,
    transport,
    exports,
    boletas,
)
"""In the order of judging: figures first, because sums need them sound."""
CATALOGUE: tuple[Rule, ...] = tuple(
    each for module in MODULES for each in REGISTER if each.find.__module__ == module.__name__
)
"""Every rule of documents, whatever way they take to the SII."""
WARNINGS = frozenset(each.code for each in CATALOGUE if each.level is Level.WARN)
"""Codes that an operator may enforce."""
_RULES = {tipo: tuple(each for each in CATALOGUE if tipo in each.types) for tipo in TipoDte}
_SECTIONS = (
    "dte_type",
    "date_issued",
    "document_issuer",
    "document_receiver",
    "header",
    "transport_data",
    "export_data",
    "details",
    "global_adjustments",
    "references",
)
_PLACES = {name: place for place, name in enumerate(_SECTIONS)}
_PLAIN = Criteria()


def judge(
    documento: Documento, capabilities: Capabilities, *, today: date, criteria: Criteria = _PLAIN
) -> tuple[Fault, ...]:
    """Every fault of the document, of its own and of the way it is to take; ``today`` is Chile's.

    A warning about what the way cannot carry is left out: nobody could heed it.
    """
    own = judge_document(documento, today=today, criteria=criteria)
    known = {(each.code, each.path) for each in own}
    way = judge_gateway(documento, capabilities)
    return _in_reading_order(
        [
            *(each for each in own if each.code not in capabilities.spares),
            *(each for each in way if (each.code, each.path) not in known),
        ]
    )


def judge_document(documento: Documento, *, today: date, criteria: Criteria = _PLAIN) -> tuple[Fault, ...]:
    """What is wrong with the document itself, whatever way it takes: all there is to a draft."""
    case = Case(documento, today, criteria.uf)
    faults: list[Fault] = []
    sound = True
    for each in _RULES[documento.tipo]:
        if not sound and each.sums:
            continue
        if each.since is not None and documento.fecha_emision < each.since:
            continue
        for path, message in each.find(case):
            faults.append(Fault(each.code, path, message, each.warns(criteria)))
            sound = sound and each.find.__module__ != numbers.__name__
    return _in_reading_order(faults)


def _in_reading_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    found = tuple(faults)
    return found if len(found) < 2 else tuple(sorted(found, key=_place))


def _place(fault: Fault) -> tuple[int, int]:
    section, _, rest = fault.path.partition(".")
    number = rest.partition(".")[0]
    return _PLACES.get(section, len(_PLACES)), int(number) if number.isdecimal() else -1
