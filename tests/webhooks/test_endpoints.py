"""Setting webhooks up, changing and removing them."""

from datetime import datetime

import pytest

from enrolled import enrol
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Event, Webhook

pytestmark = pytest.mark.django_db
URL = "https://1.1.1.1/hook"


def create(company: Company, now: datetime, **changes: object) -> tuple[Webhook, str]:
    wanted = {"url": URL, "events": ["document.issued"], "now": now, **changes}
    return endpoints.create(company.scope, company, **wanted)  # type: ignore[arg-type]


def refusal_of(company: Company, now: datetime, **changes: object) -> Rejection:
    with pytest.raises(Rejection) as refusal:
        create(company, now, **changes)
    assert not Webhook.objects.exists()
    return refusal.value


def test_a_webhook_is_saved_as_asked_with_a_generated_secret(company: Company, now: datetime) -> None:
    webhook, secret = create(company, now)
    saved = Webhook.within(company.scope).get(pk=webhook.pk)
    assert (saved.url, saved.events, saved.is_active, saved.both) == (URL, ["document.issued"], True, False)
    assert (saved.asked_environment, saved.success_rate, saved.created_at) == ("sandbox", 0.0, now)
    assert secret.startswith("whsec_")
    assert saved.open_secret() == secret
    assert secret not in saved.secret


def test_a_given_secret_is_kept(company: Company, now: datetime) -> None:
    webhook, secret = create(company, now, secret="dieciséis letras ")
    assert webhook.open_secret() == secret == "dieciséis letras "


@pytest.mark.parametrize(
    "secret", ["", "quince letras..", "x" * 256, "whsec_no es base64", "whsec_AAAA====="]
)
def test_a_secret_that_protects_nothing_is_refused(company: Company, now: datetime, secret: str) -> None:
    refusal = refusal_of(company, now, secret=secret)
    assert (refusal.code, refusal.param) == ("secret_invalid", "secret")


def test_the_same_url_serves_a_company_once(company: Company, now: datetime) -> None:
    first, _ = create(company, now)
    with pytest.raises(Rejection) as refusal:
        create(company, now)
    assert (refusal.value.code, refusal.value.status) == ("webhook_url_taken", 400)
    assert (refusal.value.param, refusal.value.resource) == ("url", first.pk)
    create(enrol(company.scope, "76111111-6"), now)
    other, _ = create(company, now, url=URL + "/2")
    with pytest.raises(Rejection, match="webhook_url_taken"):
        endpoints.update(other, url=URL)


def test_every_published_event_may_be_asked_for_once(company: Company, now: datetime) -> None:
    webhook, _ = create(company, now, events=[*EVENTS, *EVENTS])
    assert webhook.events == list(EVENTS)
    assert len(EVENTS) > 31


def test_an_unknown_event_is_named_with_its_place(company: Company, now: datetime) -> None:
    refusal = refusal_of(company, now, events=["document.issued", "document.isued"])
    assert (refusal.code, refusal.param) == ("event_type_invalid", "events.1")
    assert "document.isued" in refusal.message
    assert refusal_of(company, now, events=[]).param == "events"


def test_only_both_or_the_key_s_own_environment_can_be_asked_for(company: Company, now: datetime) -> None:
    refusal = refusal_of(company, now, environment="elsewhere")
    assert (refusal.code, refusal.status, refusal.param) == ("parameter_invalid", 400, "environment")
    assert not create(company, now, environment="sandbox")[0].both
    twin = enrol(Scope(company.user_id, "production"))
    with pytest.raises(Rejection, match="parameter_invalid"):
        create(twin, now, environment="sandbox")
    both, _ = create(twin, now, environment="both")
    assert both.asked_environment == "both"
    assert endpoints.update(both, environment="production").asked_environment == "production"


@pytest.mark.parametrize("environment", ["both", "production"])
def test_sandbox_may_not_ask_for_production(company: Company, now: datetime, environment: str) -> None:
    refusal = refusal_of(company, now, environment=environment)
    assert (refusal.code, refusal.status, refusal.param) == ("environment_not_allowed", 403, "environment")
    assert "API key de producción" in refusal.message
    webhook, _ = create(company, now)
    with pytest.raises(Rejection, match="environment_not_allowed"):
        endpoints.update(webhook, environment=environment)
    assert not Webhook.objects.get().both


def test_the_first_version_of_events_is_not_offered(company: Company, now: datetime) -> None:
    assert refusal_of(company, now, api_version=1).code == "not_available"


def test_a_stranger_s_company_is_not_there(company: Company, now: datetime) -> None:
    stranger = Scope(User.objects.named("eva@example.com").pk, "sandbox")
    with pytest.raises(NotFound):
        endpoints.create(stranger, company, url=URL, events=["document.issued"], now=now)
    with pytest.raises(NotFound):
        endpoints.create(Scope(company.user_id, "production"), company, url=URL, events=["x"], now=now)


def test_an_update_changes_what_is_given_and_nothing_else(company: Company, now: datetime) -> None:
    webhook, secret = create(company, now)
    Webhook.objects.filter(pk=webhook.pk).update(sent=4, delivered=3)
    endpoints.update(webhook, events=["document.paid"], is_active=False)
    saved = Webhook.objects.get()
    assert (saved.url, saved.events, saved.is_active) == (URL, ["document.paid"], False)
    assert saved.open_secret() == secret
    assert (saved.sent, saved.success_rate) == (4, 75.0)
    assert saved.updated_at >= webhook.created_at


def test_a_secret_can_be_replaced(company: Company, now: datetime) -> None:
    webhook, _ = create(company, now)
    endpoints.update(webhook, secret="otra clave bien larga")
    assert Webhook.objects.get().open_secret() == "otra clave bien larga"


def test_a_webhook_made_active_again_gets_what_still_waits(company: Company, now: datetime) -> None:
    webhook, _ = create(company, now)
    emit([Telling(type="document.issued", company=company, data={})], now=now)
    endpoints.update(webhook, is_active=False)
    emit([Telling(type="document.issued", company=company, data={})], now=now)
    endpoints.update(webhook, is_active=True)
    assert Delivery.objects.filter(status=Delivery.Status.PENDING).count() == 1


def test_a_deleted_webhook_takes_its_deliveries_along_and_leaves_the_events(
    company: Company, now: datetime
) -> None:
    webhook, _ = create(company, now)
    emit([Telling(type="document.issued", company=company, data={})], now=now)
    endpoints.delete(webhook)
    assert not Delivery.objects.exists()
    assert Event.objects.count() == 1


def test_a_paused_webhook_cannot_be_tested(company: Company, now: datetime) -> None:
    webhook, _ = create(company, now, is_active=False)
    with pytest.raises(Rejection, match="webhook_inactive") as refusal:
        endpoints.test(webhook, now)
    assert refusal.value.status == 409
    assert not Event.objects.exists()


def test_a_company_has_so_many_webhooks_and_no_more(company: Company, now: datetime) -> None:
    for number in range(20):
        create(company, now, url=f"{URL}/{number}")
    with pytest.raises(Rejection) as refusal:
        create(company, now, url=f"{URL}/more")
    assert (refusal.value.code, refusal.value.status) == ("webhook_limit", 400)
    neighbour = enrol(Scope(User.objects.named("beto@example.com").pk, company.environment))
    assert create(neighbour, now)
