"""A user with everything in every state, written at once and asking nobody: what screens have to show.

In a test: ``furnish(user)``. Into the database of an installation: ``python tests/furnished.py E-MAIL``
(``--hostile`` fills every field that a person, a caller or the SII can set with what must never run,
``--bare`` fills nothing), which prints the cookie of a session of that user and the ids to visit as JSON.
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from furnishing import LOGIN, RECEIVERS, Furnished
from furnishing_hooks import Hooks
from furnishing_papers import Papers
from furnishing_parties import Parties
from timbre.accounts import people
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.accounts.sessions import SessionStore
from timbre.issuing.models import Document
from timbre.work.environments import Environment

COMPANIES = (
    (39_101_010, "Comercial Ñandú SpA", "Av. Providencia 1234, of. 501", "Providencia", "464906"),
    (39_102_020, "Panadería Peña e Hijos Ltda.", "O'Higgins 310", "Concepción", "107100"),
    (39_103_030, "Transportes Cordillera S.A.", "Ruta 5 Sur km 1018", "Puerto Montt", "492300"),
    (39_104_040, "Constructora El Roble E.I.R.L.", "Baquedano 239", "Antofagasta", "410010"),
)
"""Issuers: the first two issue, the third waits for the SII's word, the fourth was let go."""


def furnish(
    user: User,
    environment: Environment = Environment.SANDBOX,
    *,
    hostile: bool = False,
    now: datetime | None = None,
) -> Furnished:
    """Everything this user has in one environment."""
    house = House(Scope(user.pk, environment), Furnished(user), hostile=hostile, now=now or timezone.now())
    house.build()
    return house.furnished


@dataclass
class House(Parties, Papers, Hooks):
    """Everything, in the order in which it can be."""

    def build(self) -> None:
        user = self.furnished.user
        self.furnished.show(user_id=user)
        self.furnished.examples["token"].append(people.token_for(user, now=self.now))
        for row in RECEIVERS:
            self.entity(row)
        first, second, third, fourth = (self.company(row) for row in COMPANIES)
        self.logo_of(first)
        self.portal_of(first), self.portal_of(second), self.troubles_of(third), self.farewell_to(fourth)
        self.hooks_of(first, second)
        self.keys()
        self.batch_issued(first)
        self.batch_in_every_state(first)
        self.batch_failed(second)
        self.batch_of_drafts(first)
        for document in Document.objects.filter(batch__user=self.scope.user_id, **self.owned):
            self.history(document)
        self.deliveries()
        self.happenings(first)
        self.activity()
        self.sessions()


def cookie_of(user: User) -> str:
    """What the browser of somebody who has just logged in holds."""
    session = SessionStore()
    session["_auth_user_id"], session["_auth_user_backend"] = user.pk, LOGIN
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def main() -> None:
    email, options = sys.argv[1], sys.argv[2:]
    user = User.objects.named(email)
    kinds = [] if "--bare" in options else list(Environment)
    examples = {each: furnish(user, each, hostile="--hostile" in options).examples for each in kinds}
    sys.stdout.write(json.dumps({"cookie": cookie_of(user), "examples": examples}))


if __name__ == "__main__":
    main()
