"""The bench of the screens visits every screen there is."""

import pytest
from django.utils import timezone

from furnished import furnish
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.cli.addresses import every_address
from timbre.cli.screens_filled import screens
from timbre.work.environments import Environment


@pytest.mark.django_db
def test_every_screen_has_an_address_to_time() -> None:
    user = User.objects.named("bench@example.com")
    furnish(user)
    timed = screens(Scope(user.pk, Environment.SANDBOX), user, timezone.now())
    assert {each.name for each in every_address() if each.inside} <= timed.keys()
