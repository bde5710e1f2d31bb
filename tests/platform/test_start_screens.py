"""The steps to the first invoice, from the rows there are; then what waits for a person."""

import json
import re
import shlex
from datetime import timedelta
from html import unescape

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import Caller, make_credential
from offices import Office, enrolled, folios, office
from timbre.accounts.models import ApiKey, User
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.enrolling.models import Acknowledgement
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["enrolled", "folios", "office"]
pytestmark = pytest.mark.django_db
START = "/sandbox/"


def steps(visitor: Visitor, path: str = START) -> list[bool]:
    """Whether each step is done."""
    page = text_of(visitor.get(path))
    items = re.findall(r"<li( class=\"done\")?><div>\s*<h2>", page)
    assert page.count("Listo</span>") == sum(map(bool, items))
    assert page.count("Pendiente</span>") == len(items) - sum(map(bool, items))
    return [bool(item) for item in items]


def add_webhook(company: Company) -> None:
    Webhook.objects.create(
        user_id=company.user_id,
        environment=company.environment,
        company=company,
        url="https://erp.example.com/",
        created_at=timezone.now(),
    )


def the_user(office: Office) -> User:
    return User.objects.get(pk=office.scope.user_id)


def test_a_newcomer_has_an_account_and_nothing_else(user: User) -> None:
    assert steps(Visitor(user)) == [True, False, False, False, False, False]


def test_each_step_is_done_when_its_row_is_there(user: User, company: Company) -> None:
    visitor = Visitor(user)
    credential = make_credential(company)
    Credential.objects.update(status=Credential.Status.PENDING)
    assert steps(visitor)[1] is False
    Credential.objects.filter(pk=credential.pk).update(status=Credential.Status.VALID)
    assert steps(visitor)[1] is True
    ApiKey.create(user, Environment.SANDBOX, expires_at=timezone.now() - timedelta(days=1))
    assert steps(visitor)[2] is False
    ApiKey.create(user, Environment.SANDBOX)
    assert steps(visitor)[2] is True
    add_webhook(company)
    assert steps(visitor) == [True, True, True, False, True, False]
    assert steps(visitor, "/produccion/") == [False] * 6


def test_a_company_that_left_counts_for_nothing(user: User, company: Company) -> None:
    make_credential(company)
    Company.objects.update(unenrolled_at=timezone.now())
    assert steps(Visitor(user))[1] is False


def test_production_begins_with_the_acknowledgement(user: User, settings: LazySettings) -> None:
    visitor = Visitor(user)
    page = text_of(visitor.get("/produccion/"))
    assert page.index("Declarar que operas en producción") < page.index("Enrolar una empresa")
    assert "Producción está cerrada en esta instalación" in page
    assert "39001001-K" not in page
    settings.PRODUCTION = True
    assert "está cerrada" not in text_of(visitor.get("/produccion/"))
    Acknowledgement.objects.create(
        user=user,
        environment=Environment.PRODUCTION,
        entity=MasterEntity.objects.create(environment="production", rut="76543210-3"),
        at=timezone.now(),
        email=user.email,
        text="…",
    )
    assert steps(visitor, "/produccion/")[0] is True


def test_the_line_to_copy_issues_the_first_invoice(enrolled: Office) -> None:
    """Pasted as it stands, with one's own key: every step is done, and the calm screen follows."""
    user = the_user(enrolled)
    visitor = Visitor(user)
    found = re.search(r'id="first-batch" tabindex="0">(.+?)</pre>', text_of(visitor.get(START)), re.DOTALL)
    assert found
    words = shlex.split(unescape(found.group(1)))
    assert words[:2] == ["curl", "http://127.0.0.1:8000/v2/documents/batch/"]
    body = json.loads(words[-1])
    headers = dict(word.split(": ", 1) for word in words if ": " in word and not word.startswith("{"))
    key = ApiKey.create(user, Environment.SANDBOX)
    assert headers.pop("Authorization") == "Api-Key $TIMBRE_KEY"
    assert Caller(key).post("/v2/documents/batch/", body, **headers).status_code == 202
    assert steps(visitor) == [True, True, True, True, False, False]
    enrolled.work()
    assert steps(visitor) == [True, True, True, True, False, True]
    issued = Document.objects.get()
    assert f'href="/sandbox/documentos/{issued.pk}/"' in text_of(visitor.get(START))
    add_webhook(Company.objects.get())
    page = text_of(visitor.get(START))
    assert "Al día" in page
    assert f'href="/sandbox/lotes/{issued.batch_id}/"' in page


@pytest.fixture
def settled(enrolled: Office) -> Visitor:
    """Somebody with all steps behind them, and an issued document."""
    user = the_user(enrolled)
    ApiKey.create(user, Environment.SANDBOX)
    add_webhook(Company.objects.get())
    enrolled.ask({"document_issuer": {"rut": "39001001-K"}, **FACTURA})
    enrolled.work()
    return Visitor(user)


FACTURA = {
    "document_receiver": {"rut": "39002002-3"},
    "details": [{"item_name": "Asesoría", "quantity": "1", "unit_price": "150000"}],
}


def test_what_waits_for_a_person_is_counted_and_leads_to_its_list(settled: Visitor) -> None:
    document = Document.objects.get()
    copies(document, 3, state=State.IN_DOUBT)
    copies(document, 1, state=State.REFUSED)
    long_ago = document.date_issued - timedelta(days=30)
    copies(document, 5, state=State.REFUSED, date_issued=long_ago)
    Credential.objects.update(status=Credential.Status.INVALID)
    make_credential(Company.objects.get(), person="11111111-1")
    page = unescape(text_of(settled.get(START)))
    since = today_in_chile(timezone.now()) - timedelta(days=7)
    assert "3 documentos en duda" in page
    assert "1 documento no emitido" in page
    assert "1 credencial que el SII rechaza" in page
    for path in ("?estado=en_duda", f"?estado=no_emitido&desde={since}"):
        assert f'href="/sandbox/documentos/{path}"' in page
        assert settled.get(f"/sandbox/documentos/{path}").status_code == 200


def test_the_latest_five_batches_are_told_with_their_states(settled: Visitor) -> None:
    document = Document.objects.get()
    for number in range(6):
        batch = copies(document, 2, state=State.REFUSED if number else State.IN_DOUBT)
        Batch.objects.filter(pk=batch.pk).update(created_at=timezone.now() + timedelta(minutes=number))
    page = text_of(settled.get(START))
    assert page.count('href="/sandbox/lotes/doba_') == 5
    assert page.count('state no_emitido"') >= 5


def test_the_first_screen_asks_a_dozen_questions_whatever_there_is(settled: Visitor, user: User) -> None:
    for number in range(8):
        copies(Document.objects.order_by("accepted_at")[0], 30, state=list(State)[number])
    for visitor, path in ((settled, START), (settled, "/produccion/"), (Visitor(user), START)):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(path).status_code == 200
        assert len(queries) <= MOST_QUERIES, [query["sql"] for query in queries]


def test_a_stranger_sees_nothing_of_it(settled: Visitor, user: User) -> None:
    assert steps(Visitor(user)) == [True, False, False, False, False, False]
    assert Scope(user.pk, "sandbox") != Document.objects.get().scope


def copies(document: Document, count: int, *, state: str, **changes: object) -> Batch:
    """A batch of documents like this one, in a state of their own."""
    now = timezone.now()
    batch = Batch(user_id=document.user_id, environment=document.environment, created_at=now, updated_at=now)
    batch.save()
    for index in range(count):
        row = Document.objects.get(pk=document.pk)
        row.pk, row._state.adding = f"{batch.pk}{index}", True
        row.batch, row.index, row.state, row.folio = batch, index, state, None
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
    return batch
