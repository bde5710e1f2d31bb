"""A scope sees its own rows and no others."""

import re
from itertools import product

import pytest

from enrolled import enrol
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.ids import ALPHABET, new_id
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company, MasterEntity


@pytest.mark.django_db
def test_a_scope_sees_its_own_rows_in_its_own_environment_alone() -> None:
    users = [User.objects.named(email).pk for email in ("ana@example.com", "eva@example.com")]
    scopes = [Scope(user, environment) for user, environment in product(users, ["sandbox", "production"])]
    own = {scope: enrol(scope) for scope in scopes}
    for scope, company in own.items():
        assert list(Company.within(scope)) == [company]
        assert company.scope == scope
        assert not Company.within(scope).exclude(pk=company.pk).exists()
    assert MasterEntity.objects.count() == 2


@pytest.mark.django_db
def test_no_rows_of_a_user_who_is_nobody() -> None:
    enrol(Scope(User.objects.named("ana@example.com").pk, "sandbox"))
    assert not Company.within(Scope("", "sandbox")).exists()
    assert not Company.within(Scope("user_nobody", "sandbox")).exists()


def test_ids_say_what_they_are_and_nothing_else() -> None:
    ids = {new_id("docu") for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(f"docu_[{ALPHABET}]{{16}}", one) for one in ids)
    assert len(set(ALPHABET)) == 32


def test_absent_and_somebody_else_s_are_told_alike() -> None:
    assert isinstance(NotFound("el lote"), Rejection)
    assert (NotFound("el lote").code, NotFound("el lote").status) == ("resource_missing", 404)
    assert NotFound("el lote").message == NotFound("el lote", "doba_1").message
