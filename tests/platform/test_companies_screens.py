"""The list of companies, and whose they are."""

import re

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import make_credential
from company_pages import ENROL, HOSTILE, LIST, button_of, captured, credential, page_of, queries_of, visitor
from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.dte.rut import check_digit
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks.models import Webhook
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["captured", "credential", "visitor"]


@pytest.fixture
def stranger(db: None) -> Visitor:
    return Visitor(User.objects.named("extrana@example.com"))


def test_without_companies_the_list_leads_to_enrolling(visitor: Visitor) -> None:
    shown = text_of(visitor.get(LIST))
    assert "necesitas su RUT y el acceso al SII" in shown
    assert f'href="{ENROL}"' in shown


def test_the_list_tells_how_each_company_stands(visitor: Visitor, scope: Scope) -> None:
    words = {"VALID": "Vigente", "PENDING": "Probándose", "INVALID": "Rechazada", "": "Sin credencial"}
    for number, status in enumerate(words):
        company = enrol(
            scope, f"{39_100_000 + number}-{check_digit(39_100_000 + number)}", f"Empresa {status}"
        )
        if status:
            make_credential(company)
            Credential.objects.filter(company=company).update(status=status)
    Webhook.objects.create(
        user_id=scope.user_id,
        environment="sandbox",
        company=company,
        url="https://a.cl/",
        created_at=timezone.now(),
    )
    shown = text_of(visitor.get(LIST))
    rows = re.findall(r"<tr>(.*?)</tr>", shown, re.DOTALL)[1:]
    assert [word in row for word, row in zip(words.values(), sorted(rows, key=_order), strict=True)] == [
        True
    ] * 4
    assert "39.100.000\u2011" in shown
    assert '<td class="amount">1</td>' in shown


def _order(row: str) -> int:
    return ["Empresa VALID", "Empresa PENDING", "Empresa INVALID", "Empresa <"].index(
        re.search(r"Empresa (?:VALID|PENDING|INVALID|<)", row).group(0)  # type: ignore[union-attr]
    )


def test_thirty_companies_with_three_credentials_cost_no_more_than_one(
    visitor: Visitor, scope: Scope, captured: CaptureQueriesContext
) -> None:
    for number in range(39_100_000, 39_100_030):
        company = enrol(scope, f"{number}-{check_digit(number)}", f"Empresa {number}")
        for person in ("12345678-5", "11111111-1", "22222222-2"):
            make_credential(company, person)
    assert queries_of(visitor, LIST, captured) <= MOST_QUERIES
    assert text_of(visitor.get(LIST)).count("Vigente") == 30


@pytest.mark.parametrize("text", ["ñandu", "NANDÚ", "76.543", "76543210-3", "panaderia  ñ"])
def test_a_company_is_found_by_a_piece_of_its_name_or_the_beginning_of_its_rut(
    visitor: Visitor, scope: Scope, company: Company, text: str
) -> None:
    enrol(scope, "39001001-K", "Molino El Roble")
    shown = text_of(visitor.get(LIST, buscar=text))
    table = shown[shown.index("<table") :]
    assert "Ñandú" in table
    assert "Molino" not in table


def test_what_is_not_found_says_so_and_keeps_the_text(visitor: Visitor, company: Company) -> None:
    shown = text_of(visitor.get(LIST, buscar=HOSTILE))
    assert "Ninguna empresa tiene ese nombre o RUT" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_long_lists_have_pages(visitor: Visitor, scope: Scope) -> None:
    for number in range(39_100_000, 39_100_051):
        enrol(scope, f"{number}-{check_digit(number)}", f"Empresa {number}")
    assert "51 empresas" in text_of(visitor.get(LIST))
    assert "Empresa 39100050" in text_of(visitor.get(LIST, pagina="2"))


def test_a_stranger_and_the_other_environment_get_nothing(
    stranger: Visitor, visitor: Visitor, credential: Credential
) -> None:
    company = credential.company
    rooms = ["", "resultado/", "retirar/", "valores/", "logo/", "logo/cambiar/", "logo/quitar/"]
    forms = {stranger.user: ENROL + "?rut=39002002-3", visitor.user: page_of(company) + "retirar/"}
    for who, environment in ((stranger, "sandbox"), (visitor, "produccion")):
        paths = [page_of(company, environment=environment) + room for room in rooms]
        paths += [button_of(credential, room, environment) for room in ("", "quitar/")]
        for path in paths:
            shown = who.get(path)
            assert shown.status_code == 404, path
            assert "Ñandú" not in text_of(shown)
        posts = [page_of(company, environment=environment) + "preguntar/", *paths]
        posts += [button_of(credential, room, environment) for room in ("usar/", "probar/")]
        for path in posts:
            assert who.post(path, page=forms[who.user]).status_code in {404, 405}, path
        assert "Ñandú" not in text_of(who.get(f"/{environment}/empresas/"))
    credential.refresh_from_db()
    company.refresh_from_db()
    assert (credential.status, credential.deactivated_at, company.unenrolled_at) == ("VALID", None, None)


def test_buttons_take_no_get(visitor: Visitor, credential: Credential) -> None:
    for path in (button_of(credential, "usar/"), button_of(credential, "probar/")):
        assert visitor.get(path).status_code == 405
    assert visitor.get(page_of(credential.company) + "preguntar/").status_code == 405
