"""GET /v2/rules/: what a document is held to before it costs a folio."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from timbre.api.answers import Page, RuleTold
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import Tipo
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import read_query
from timbre.dte.rules import CATALOGUE, WARNINGS, Level, Listed, listed
from timbre.issuing.judging import capabilities_of
from timbre.issuing.originals import COMPARISONS

router = Router(tags=["Reglas"])
PAGE_SIZE = 200


class RuleQuery(Paged, total=False):
    dte_type_code: Tipo


QUERY = TypeAdapter(RuleQuery)


@router.get("/rules/", summary="Leer las reglas", **documented(query=QUERY, answers={200: Page[RuleTold]}))
def list_rules(request: HttpRequest) -> HttpResponse:
    """Lo que se exige a cada tipo de documento antes de gastar un folio, y lo que el portal no admite.

    level: refuse rechaza (422), warn solo advierte, enforced es una advertencia que quien opera exige.
    """
    query = read_query(request, QUERY)
    wanted = query.get("dte_type_code")
    way = listed(capabilities_of(scope_of(request).environment))
    told = [_rule(each) for each in (*CATALOGUE, *COMPARISONS, *way)]
    rows = [each for each in told if wanted is None or wanted in each["dte_types"]]
    return respond(page_of(request, rows, query, list, PAGE_SIZE))


def _rule(rule: Listed) -> dict[str, Any]:
    warns = rule.level is Level.WARN
    enforced = rule.code in settings.ENFORCED_RULES & WARNINGS
    return {
        "id": rule.name,
        "code": rule.code,
        "description": rule.says,
        "level": "enforced" if warns and enforced else rule.level.value,
        "since": rule.since.isoformat() if rule.since else None,
        "source": rule.source,
        "dte_types": [str(tipo.value) for tipo in sorted(rule.types)],
    }
