"""The companies, one of them, and what its buttons do."""

from django.conf import settings
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.enrolling import enroll
from timbre.enrolling.standing import with_credentials
from timbre.issuing.restore.straying import is_comparing, recent_strays
from timbre.platform.companies.rows import PAYMENTS, Access, Row, accesses, company_of, matching, name_of
from timbre.platform.frame import ScreenRequest, address, confirm, do, screen, show
from timbre.platform.pages import page_of
from timbre.taxpayers.logos import logo_of
from timbre.taxpayers.lookups import know
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment

MAX_SEARCH = 100


@require_GET
@screen
def index(request: ScreenRequest) -> HttpResponse:
    """The companies of this environment, or those that were retired (``?retiradas=1``)."""
    retired = request.GET.get("retiradas") == "1"
    text = request.GET.get("buscar", "").strip()[:MAX_SEARCH]
    mine = Company.within(request.scope).select_related("entity").order_by("entity__name", "entity__rut")
    shown = list(mine.exclude(unenrolled_at=None)) if retired else request.frame.companies
    found = [company.pk for company in matching(shown, text)]
    rows = with_credentials(mine.filter(pk__in=found), request.scope)
    page = page_of(request, rows.annotate(webhook_count=Count("webhooks")), total=len(found))
    context = {
        "rows": [Row(company) for company in page.rows],
        "page": page,
        "text": text,
        "retired": retired,
        "none": not shown,
        "shut": is_shut(request),
    }
    return show(request, "companies/index.html", context)


@require_GET
@screen
def one(request: ScreenRequest, company_id: str) -> HttpResponse:
    """All there is to know of a company, and its buttons."""
    company = company_of(request, company_id)
    webhooks = Webhook.within(request.scope).filter(company=company).order_by("created_at")
    context = _facts(request, company) | {
        "webhooks": webhooks,
        "logo": logo_of(company),
        "payment": PAYMENTS.get(company.payment_method, ""),
        "comparing": is_comparing(company),
        "strays": recent_strays(request.scope, company, timezone.now()),
    }
    return show(request, "companies/one.html", context)


@require_GET
@screen
def result(request: ScreenRequest, company_id: str) -> HttpResponse:
    """What the SII said meanwhile; 204 while it is what the page already shows (``?visto=``)."""
    context = _facts(request, company_of(request, company_id))
    if context["seen"] == request.GET.get("visto"):
        return HttpResponse(status=204)
    return show(request, "companies/result.html", context)


@require_POST
@screen
def ask_again(request: ScreenRequest, company_id: str) -> HttpResponse:
    """The SII is asked what it has on file of the company now."""
    company = company_of(request, company_id)
    return do(
        request,
        lambda: _ask(request, company.entity),
        done="El SII respondió: estos son los datos que tiene hoy.",
        back=address(request, "companies-one", company_id=company.pk),
    )


@require_http_methods(["GET", "POST"])
@screen
def unenrol(request: ScreenRequest, company_id: str) -> HttpResponseBase:
    """Takes the company out, once a person has confirmed it."""
    company = company_of(request, company_id)
    name = name_of(company.entity)
    if request.method == "GET":
        return confirm(
            request,
            ask=f"¿Retirar {name}?",
            explain="Timbre olvida todas sus claves y no emite más por ella. Lo que aún no sale espera hasta "
            "48 horas, por si la enrolas de nuevo, y después vence: cancela antes los lotes que no quieras. "
            "Sus documentos, sus archivos y sus webhooks se quedan.",
            button=f"Retirar {name}",
            back=address(request, "companies-one", company_id=company.pk),
        )
    return do(
        request,
        lambda: enroll.unenroll(request.scope, company.entity_id, now=timezone.now()),
        done=f"{name} fue retirada. Sus documentos siguen aquí.",
        back=address(request, "companies"),
    )


def is_shut(request: ScreenRequest) -> bool:
    """Whether this is production on an installation that does not speak to the true SII."""
    return request.frame.environment == Environment.PRODUCTION and not settings.PRODUCTION


def _facts(request: ScreenRequest, company: Company) -> dict[str, object]:
    shown = accesses(request, company)
    return {
        "company": company,
        "name": name_of(company.entity),
        "addresses": list(company.entity.addresses.all()),
        "activities": list(company.entity.activities.all()),
        "accesses": shown,
        "can_ask": any(each.credential.status == Credential.Status.VALID for each in shown),
        "every": min((each.every for each in shown if each.every), default=0),
        "seen": _seen(shown),
        "shut": is_shut(request),
    }


def _seen(shown: list[Access]) -> str:
    """Tells one state of the credentials from another."""
    return "-".join(f"{each.credential.status}.{each.last.status if each.last else ''}" for each in shown)


def _ask(request: ScreenRequest, entity: MasterEntity) -> None:
    now = timezone.now()
    if know(request.scope, entity.rut, now=now, anew=True).fetched_at is None:
        message = "Sin una credencial vigente no se puede preguntar al SII."
        raise Rejection("no_active_credentials", message)
    audit.tell(request.scope, "company.asked", entity.pk, now=now)
