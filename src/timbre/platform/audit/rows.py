"""Entries of the audit log in the words of their list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from timbre.accounts.audit import ACTIONS
from timbre.accounts.models import AuditEntry, KeyScope
from timbre.platform.documents.evidence import moment_of
from timbre.platform.documents.words import actor_name, field_name

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
NAMES = {
    "agent": "navegador",
    "changed": "cambió",
    "deliveries": "envíos",
    "documents": "documentos",
    "everything": "también lo ya entregado",
    "keep_hours": "horas que firma el anterior",
    "name": "nombre",
    "outcome": "se dijo",
    "person_rut": "persona",
    "scopes": "permisos",
    "sessions": "sesiones",
    "since": "desde",
    "url": "URL",
}
VALUES = {
    "certificate_password": "contraseña del certificado",
    "clave": "clave tributaria",
    "events": "eventos",
    "inline_files": "XML y PDF en el envío",
    "is_active": "activo o en pausa",
    "issued": "lo emitió el SII",
    "not_issued": "no lo emitió el SII",
    "url": "URL",
    **{scope.value: scope.label for scope in KeyScope},
}
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
    return [(NAMES.get(name, name), _line(value)) for name, value in detail.items()]


def grouped() -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """The actions to choose from, by what they are about."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for action, word in ACTIONS.items():
        area = action.partition(".")[0]
        groups.setdefault(AREAS.get(area, area), []).append((action, word))
    return list(groups.items())


def _line(value: Any) -> str:
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    if at := moment_of(value):
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return VALUES.get(value, field_name(value))
    return json.dumps(value, ensure_ascii=False)
