"""Many documents of many companies, three workers, and one of them killed every two seconds."""

import time
from typing import TYPE_CHECKING

from faults.boundary import Boundary, Found, Sweep
from faults.processes import kill
from timbre.dte.rut import check_digit
from timbre.simulator.taxpayers import COMPANIES

if TYPE_CHECKING:
    from faults.scene import Scene

WORKERS, COMPANIES_ASKING, LOT = 3, 6, 240
EVERY = 2.0
ALL, SAMPLE = 2000, 200
PATIENCE = 3600.0


def three_workers_one_killed(scene: "Scene", folios: str, *, sweep: Sweep) -> Found:
    """All are issued, none twice: 2,000 documents, or 200 of them as a sample; every eighth is a twin."""
    scene.begin(folios)
    issuers = [company.rut for company in COMPANIES[:COMPANIES_ASKING]]
    for number, issuer in enumerate(issuers, start=39_300_001):
        assert scene.office.enroll(issuer, f"{number}-{check_digit(number)}").status == "valid"
    scene.hang_up()
    documents = ALL if sweep.whole else SAMPLE
    names = [f"Asesoría {n - COMPANIES_ASKING if n % 8 == 7 else n}" for n in range(documents)]
    for first in range(0, documents, LOT):
        scene.ask(*names[first : first + LOT], issuers=issuers)
    began = time.monotonic()
    for _ in range(WORKERS):
        scene.start_worker()
    kills = _keep_killing(scene)
    took = time.monotonic() - began
    yield Boundary(f"{kills} workers killed in {took:.0f} s", kills > 0, scene.tally())


def _keep_killing(scene: "Scene") -> int:
    """Until all is settled; how many died."""
    kills, until, next_kill = 0, time.monotonic() + PATIENCE, time.monotonic() + EVERY
    while not scene.settled() and time.monotonic() < until:
        time.sleep(0.1)
        if time.monotonic() >= next_kill:
            victim = scene.workers.pop(0)
            kill(victim)
            scene.start_worker()
            scene.pass_time(victim)
            kills, next_kill = kills + 1, next_kill + EVERY
    return kills
