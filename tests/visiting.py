"""People who look at screens: a browser without a screen, logged in as somebody."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from timbre.accounts.models import User

MOST_QUERIES = 12
"""What a screen may ask of the database, its session and user included."""
LOGIN = "django.contrib.auth.backends.ModelBackend"


@dataclass(slots=True)
class Visitor:
    """Somebody logged in. Its forms carry the token a page would have given them: CSRF is enforced."""

    user: User
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def __post_init__(self) -> None:
        self.client.force_login(self.user, backend=LOGIN)

    def get(self, path: str, **query: Any) -> HttpResponse:
        response: HttpResponse = self.client.get(path, query)
        return response

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None) -> HttpResponse:
        """Fills in the form that ``page`` (or ``path`` itself) shows and sends it to ``path``."""
        token = self._token(page or path)
        response: HttpResponse = self.client.post(path, {"csrfmiddlewaretoken": token} | (data or {}))
        return response

    def _token(self, page: str) -> str:
        shown = self.client.get(page, follow=True).content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
        assert found, f"{page} shows no form"
        return found.group(1)


def text_of(response: HttpResponse) -> str:
    """The page as text."""
    return response.content.decode()
