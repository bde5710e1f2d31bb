"""What is furnished stands on this: for whom, in which environment, and who types the texts."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.dte.rut import check_digit

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}<img src=x onerror=alert(1)>"
LOGIN = "django.contrib.auth.backends.ModelBackend"

RECEIVERS = (
    (39_201_010, "Muebles y Maderas Pehuén Ltda.", "Camino a Cautín s/n", "Lautaro", "162300"),
    (39_202_020, "Agrícola Valle del Elqui SpA", "Parcela 12, lote B", "Vicuña", "011301"),
    (39_203_030, "Servicios Informáticos Austral Ltda.", "Carlos Anwandter 650", "Valdivia", "620100"),
    (39_204_040, "Viña Santa Inés S.A.", "Av. del Mar 4600", "La Serena", "110200"),
    (39_205_050, "Colegio Los Pimientos", "Balmaceda 1500", "Copiapó", "854909"),
)
Row = tuple[int, str, str, str, str]


def rut_of(body: int) -> str:
    return f"{body}-{check_digit(body)}"


@dataclass
class Furnished:
    """``examples``: name of an address's argument -> what to visit; the first ones belong together."""

    user: User
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def show(self, **rows: Any) -> None:
        for name, row in rows.items():
            self.examples[name].append(str(row.pk))


@dataclass
class Ground:
    scope: Scope
    furnished: Furnished
    hostile: bool
    now: datetime

    @property
    def owned(self) -> dict[str, str]:
        return {"user_id": self.scope.user_id, "environment": self.scope.environment}

    def say(self, text: str, limit: int) -> str:
        """What somebody typed: ``text``, or something hostile of the length its column takes."""
        return (HOSTILE if self.hostile else text)[:limit]

    def ago(self, **delta: float) -> datetime:
        return self.now - timedelta(**delta)
