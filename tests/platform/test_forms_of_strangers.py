"""Every form that a screen shows, sent back with the ids of somebody else in its fields."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from lxml import html
from pytest_django import DjangoDbBlocker

from furnished import furnish
from furnishing import LOGIN, Furnished
from timbre.accounts.models import User
from timbre.work.environments import Environment
from walking import walk

pytestmark = pytest.mark.django_db
SANDBOX = Environment.SANDBOX
ID = re.compile(r"(?:comp|ment|cred|docu|doba|dowe|addr|acti|key)_[0-9a-z]{16}")
UNSENT = ("/salir/",)


@pytest.fixture(scope="module")
def people(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Furnished, Furnished]]:
    """Two who have everything; written once, and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish(User.objects.named("ana@example.com")), furnish(User.objects.named("otra@example.com"))
        transaction.set_rollback(True)


def test_no_form_takes_the_ids_of_somebody_else(people: tuple[Furnished, Furnished]) -> None:
    own, theirs = people
    client = Client()
    client.force_login(own.user, backend=LOGIN)
    before, sent = rows_of(theirs.user), 0
    for visit in list(walk(client, own, SANDBOX)):
        for action, fields in forms_of(visit.tree, visit.path) if visit.is_html else ():
            swapped = {name: swap(value, own, theirs) for name, value in fields.items()}
            if swapped == fields or action.startswith(UNSENT):
                continue
            sent += 1
            answer = client.post(action, swapped)
            assert answer.status_code in {200, 302, 404, 422}, f"{action} {swapped}"
    assert sent > 0
    after = rows_of(theirs.user)
    assert {key for key in before if before[key] != after.get(key)} == set()
    assert after.keys() == before.keys()


def swap(value: str, own: Furnished, theirs: Furnished) -> str:
    """The other's id where one's own stood: the one in the same place of the same list."""
    pairs = {
        mine: yours
        for name, ids in own.examples.items()
        for mine, yours in zip(ids, theirs.examples[name], strict=False)
    }
    return pairs.get(value, value)


def forms_of(tree: html.HtmlElement, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each form that posts goes, and what it says as it is shown; of choices, each once."""
    for form in tree.xpath("//form[translate(@method, 'POST', 'post') = 'post']"):
        fields = {each.get("name"): each.get("value") or "" for each in form.xpath(".//input[@name]")}
        for choice in form.xpath(".//select[@name]"):
            values = [value for value in choice.xpath(".//option/@value") if ID.fullmatch(value)]
            fields[choice.get("name")] = (
                values[0] if values else (choice.xpath(".//option/@value") or [""])[0]
            )
        yield form.get("action") or path, fields


def rows_of(user: User) -> dict[tuple[str, Any], Any]:
    """All that is somebody's."""
    return {
        (model.__name__, row["pk"]): row
        for model in apps.get_models()
        if any(field.name == "user" for field in model._meta.fields) and model.__name__ != "Session"
        for row in model._default_manager.filter(user=user).values(
            "pk", *[f.attname for f in model._meta.fields]
        )
    }
