"""A customer with an enrolled company, a simulated tax office, and a worker that works when told to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from serving import serve_simulator
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.enrolling.models import Enrollment
from timbre.issuing import intake, turn
from timbre.issuing.models import Batch, Document
from timbre.simulator.store import FolioBehaviour, Store
from timbre.taxpayers import portal
from timbre.taxpayers.models import MasterEntity
from timbre.work.models import Lane

EMISOR = "39001001-K"
PERSON = "12345678-5"
CLAVE = "secreta-5d81f0a9"


@dataclass
class Office:
    """What a test needs to act as a customer and to make the worker work."""

    store: Store
    scope: Scope
    ahead: timedelta = field(default_factory=timedelta)
    answer: dict[str, Any] = field(default_factory=dict)

    def clock(self) -> datetime:
        return timezone.now() + self.ahead

    def enroll(self, emisor: str = EMISOR, person: str = PERSON, clave: str = CLAVE) -> Enrollment:
        """Enrols a company and lets the worker try it at the SII."""
        enrollment = self.begin_to_enroll(emisor, person, clave)
        self.work()
        enrollment.refresh_from_db()
        return enrollment

    def begin_to_enroll(self, emisor: str = EMISOR, person: str = PERSON, clave: str = CLAVE) -> Enrollment:
        entity, _ = MasterEntity.objects.get_or_create(environment=self.scope.environment, rut=emisor)
        return enroll.start(
            self.scope,
            entity=entity,
            person_rut=person,
            clave=clave,
            certificate_password="certificada-77b0e1c3",
            now=self.clock(),
        )

    def ask(self, *documents: dict[str, Any], **options: Any) -> Batch:
        accepted = intake.accept(
            self.scope,
            list(documents),
            use_defaults=options.get("use_defaults", True),
            idempotency_key=options.get("idempotency_key", ""),
            fingerprint=options.get("fingerprint", ""),
            warnings=[],
            actor="api",
            now=self.clock(),
            scenario=options.get("scenario", ""),
            as_drafts=options.get("as_drafts", False),
            preview=options.get("preview", False),
        )
        self.answer = accepted.answer
        return Batch.objects.get(pk=accepted.answer["batch_id"])

    def work(self, turns: int = 20) -> None:
        """Serves lanes until none is due (or ``turns`` are over), with this office's clock."""
        for _ in range(turns):
            Lane.objects.filter(lease_until__lte=self.clock()).update(lease_until=None)
            lanes = turn.take(4, clock=self.clock)
            if not lanes:
                return
            for lane in lanes:
                turn.serve(lane, self.clock)

    def pass_time(self, **delta: float) -> None:
        self.ahead += timedelta(**delta)


def factura(receptor: str = "39002002-3", **changes: Any) -> dict[str, Any]:
    """An invoice as a caller with defaults asks for it."""
    return {
        "document_issuer": {"rut": EMISOR},
        "document_receiver": {"rut": receptor},
        "details": [{"item_name": "Asesoría contable", "quantity": "1", "unit_price": "150000"}],
    } | changes


def documents_of(batch: Batch) -> list[Document]:
    return list(Document.objects.filter(batch=batch).order_by("index"))


@pytest.fixture
def folios() -> FolioBehaviour:
    return FolioBehaviour.SENDING


@pytest.fixture
def office(db: None, tmp_path: Path, settings: LazySettings, folios: FolioBehaviour) -> Iterator[Office]:
    """An office whose company is not enrolled yet."""
    with serve_simulator(tmp_path, folios=folios) as served:
        settings.SIMULATOR_URL = served.origin
        user = User.objects.named("ana@example.cl")
        yield Office(served.store, Scope(user.pk, "sandbox"))
        portal.hang_up()


@pytest.fixture
def enrolled(office: Office) -> Office:
    assert office.enroll().status == "valid"
    return office
