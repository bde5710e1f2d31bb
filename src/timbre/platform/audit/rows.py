"""Entries of the audit log in the words of their list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from timbre.accounts.audit import ACTIONS
from timbre.accounts.models import AuditEntry
from timbre.platform.documents.words import actor_name

AREAS = {
    "account": "Cuenta",
    "key": "Claves API",
    "company": "Empresas",
    "credential": "Credenciales",
    "production": "Producción",
    "batch": "Lotes",
    "document": "Documentos",
    "webhook": "Webhooks",
    "delivery": "Envíos",
    "installation": "Instalación",
}
"""By the first word of an action: what it is about."""
_SCREENS = {
    "docu_": ("documents-one", "document_id"),
    "doba_": ("batches-one", "batch_id"),
    "comp_": ("companies-one", "company_id"),
    "dowe_": ("hooks-one", "webhook_id"),
}
_GONE = ("webhook.removed",)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the log shows it."""

    entry: AuditEntry

    @property
    def word(self) -> str:
        return ACTIONS.get(self.entry.action, self.entry.action)

    @property
    def who(self) -> str:
        return actor_name(self.entry.actor)

    @property
    def link(self) -> str:
        """Where the target can be seen; empty when it has no screen of its own, or is gone."""
        screen = _SCREENS.get(self.entry.target[:5])
        if screen is None or not self.entry.environment or self.entry.action in _GONE:
            return ""
        name, argument = screen
        return reverse(name, kwargs={"environment": self.entry.environment, argument: self.entry.target})

    @property
    def detail(self) -> list[tuple[str, str]]:
        return told(self.entry.detail)


def told(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values, each as one line of text."""
    return [(name, _line(value)) for name, value in detail.items()]


def grouped() -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """The actions to choose from, by what they are about."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for action, word in ACTIONS.items():
        area = action.partition(".")[0]
        groups.setdefault(AREAS.get(area, area), []).append((action, word))
    return list(groups.items())


def _line(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
