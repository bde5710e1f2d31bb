"""What stands in the way of a document: in anybody's way, or only in that of the gateway it would go by."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings

from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules import (
    PORTAL,
    PORTAL_PRODUCTION,
    Capabilities,
    Criteria,
    judge,
    judge_document,
    judge_gateway,
)
from timbre.issuing.defaults import lacks_data
from timbre.issuing.locating import locate
from timbre.issuing.models import Document
from timbre.issuing.originals import note_faults
from timbre.work.environments import Environment


def faults_of(documento: Documento, environment: str, *, today: date) -> tuple[Fault, ...]:
    """All that is wrong with a document that is to be issued now, warnings among it."""
    return judge(documento, capabilities_of(environment), today=today, criteria=_criteria())


def document_faults(documento: Documento, *, today: date) -> tuple[Fault, ...]:
    """What is wrong with the document itself, by whatever way it goes, warnings among it."""
    return judge_document(documento, today=today, criteria=_criteria())


def gateway_faults(documento: Documento, environment: str) -> tuple[Fault, ...]:
    """What only the gateway cannot do."""
    return judge_gateway(documento, capabilities_of(environment))


def draft_faults(draft: Document, documento: Documento, *, today: date) -> list[Fault]:
    """All that is wrong with a draft if it were issued now, warnings among it."""
    # Drafted with defaults, its receiver may still have to be asked for: the worker does that.
    to_look_up = lacks_data(draft.request["document_receiver"])
    found = [*faults_of(documento, draft.environment, today=today)]
    if all(each.warns for each in found):
        found += [fault for _, fault in note_faults({0: (draft.company_id, documento)})]
    told = locate(found, draft.request)
    return [each for each in told if not (to_look_up and each.code == "receiver_data_incomplete")]


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


def capabilities_of(environment: str) -> Capabilities:
    """What the gateway of an environment can carry."""
    return PORTAL_PRODUCTION if environment == Environment.PRODUCTION else PORTAL


def _criteria() -> Criteria:
    return Criteria(settings.UF, settings.ENFORCED_RULES)
