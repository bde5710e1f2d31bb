"""The documents of a batch, filled in and read. What is known is read once for all of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from timbre.accounts.scope import Scope
from timbre.dte.codes import BOLETAS, TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.issuing.asking import to_documento
from timbre.issuing.asking.agreeing import disagreements
from timbre.issuing.asking.agreeing_lines import as_read
from timbre.issuing.choosing import COMPLETES, unknown_ids
from timbre.issuing.defaults import Sources, fill_document, fill_issuer, fill_receiver
from timbre.issuing.issuers import Issuer, find_issuers, find_receivers
from timbre.taxpayers.models import MasterEntity

_INCOMPLETE = frozenset({"issuer_data_incomplete", "receiver_data_incomplete"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One document of a batch, filled and read.

    ``filled`` tells from where (path -> source), ``unknown`` which of its ids are none of its parties',
    ``disagreements`` what it says that does not go together.
    """

    request: dict[str, Any]
    filled: Sources
    documento: Documento
    issuer: Issuer
    fingerprint: str
    unknown: tuple[Fault, ...]
    disagreements: tuple[Fault, ...]

    def excuses(self, fault: Fault) -> bool:
        """Whether a field is missing only because the id that should have brought it is unknown."""
        return fault.code in _INCOMPLETE and fault.path in {
            f"{party}.{field}"
            for party, _, id_field in (each.path.rpartition(".") for each in self.unknown)
            for field in COMPLETES[id_field]
        }


def fill_in(
    scope: Scope, documents: Sequence[Mapping[str, Any]], *, use_defaults: bool, today: date
) -> list[Asked]:
    """The documents with what their ids name and, with defaults, with all else that is known.

    Raises Rejection for an issuer that is not enrolled or has no active credential.
    """
    issuers = find_issuers(scope, [each["document_issuer"]["rut"] for each in documents])
    receivers = [each["document_receiver"] for each in documents if each["document_receiver"].get("rut")]
    wanted = {each["rut"] for each in receivers if use_defaults or any(each.get(id_) for id_ in COMPLETES)}
    known = find_receivers(scope, wanted) if wanted else {}
    return [_fill_in(each, issuers, known, use_defaults=use_defaults, today=today) for each in documents]


def _fill_in(
    document: Mapping[str, Any],
    issuers: Mapping[str, Issuer],
    receivers: Mapping[str, MasterEntity],
    *,
    use_defaults: bool,
    today: date,
) -> Asked:
    issuer = issuers[document["document_issuer"]["rut"]]
    request, filled = dict(document), Sources()
    if use_defaults:
        request, filled = fill_document(document, issuer.company, today)
    asks, takes = request["document_issuer"], request["document_receiver"]
    tipo, receiver = TipoDte(int(request["dte_type"]["code"])), receivers.get(takes["rut"])
    found = (*disagreements(request),)
    parties = {
        "document_issuer": fill_issuer(asks, issuer.company, use_defaults=use_defaults),
        # A boleta tells of its receiver what its caller tells, and no more.
        "document_receiver": fill_receiver(
            takes, receiver, use_defaults=use_defaults and tipo not in BOLETAS
        ),
    }
    for party, (values, sources) in parties.items():
        request[party] = values
        filled |= {f"{party}.{field}": source for field, source in sources.items()}
    request["details"] = [as_read(line, tipo) for line in request["details"]]
    unknown = (
        *unknown_ids(asks, "document_issuer", asks["rut"], issuer.entity),
        *unknown_ids(takes, "document_receiver", takes["rut"], receiver),
    )
    return Asked(request, filled, to_documento(request), issuer, _fingerprint(request), unknown, found)


def _fingerprint(request: Mapping[str, Any]) -> str:
    content = {k: v for k, v in request.items() if k not in {"external_id", "json_param", "additional_info"}}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
