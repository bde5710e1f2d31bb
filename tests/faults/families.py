"""The faults, in families: each enumerates its boundaries until a run passes without reaching the next one.

A family yields what it found at each boundary. A step added to a document's way is a boundary by itself.
"""

import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import psutil
from django.conf import settings

from databases import Database
from faults.boundary import Boundary, Found, Sweep
from faults.crowd import three_workers_one_killed
from faults.points import Point
from faults.processes import PATIENCE, alive, asleep, end_gently, kill
from middleman import Fault
from pausing import pause

if TYPE_CHECKING:
    from faults.scene import Scene

TWINS = ("Asesoría", "Asesoría", "Despacho")
"""A batch: two equal invoices and a third."""
SEND = "mipeSendXML.cgi"
GARBAGE = b"<html><head><title>Portal</title></head><body>Estamos trabajando para usted.</body></html>"
STATEMENTS = {"before": "just before", "after": "just after"}


Family = Callable[..., Found]


def killed(
    scene: "Scene", folios: str, *, when: str, doubt: str = "", everything: bool = False, sweep: Sweep
) -> Found:
    """kill -9 of the worker at its n-th durable write, and of ``everything`` else; then all starts again."""
    for number in sweep:
        scene.begin(folios)
        _doubt(scene, doubt)
        scene.ask(*TWINS[: 2 if doubt else 3])
        worker = scene.start_worker(Point(number, when))
        _work_until(scene, worker, lambda w: not alive(w))
        reached = not alive(worker)
        if reached:
            if everything:
                scene.crash_simulator()
            scene.pass_time(worker)
            scene.start_worker()
        scene.settle()
        yield Boundary(f"write {number}", reached, scene.tally())
        if not reached:
            return


def web_killed(scene: "Scene", folios: str, *, when: str, sweep: Sweep) -> Found:
    """kill -9 of the web process at its n-th durable write while it accepts a batch; the client, who heard
    nothing, asks again under the same Idempotency-Key."""
    for number in sweep:
        scene.begin(folios)
        web = scene.start_web(Point(number, when))
        reached = not scene.post(*TWINS)
        assert reached or alive(web), "who answered lives"
        kill(web)
        again = scene.start_web()
        assert scene.post(*TWINS), "asked again"
        kill(again)
        scene.asked[:] = scene.asked[: len(TWINS)]
        scene.start_worker()
        scene.settle()
        yield Boundary(f"write {number}", reached, scene.tally())
        if not reached:
            return


def asleep_after_a_write(scene: "Scene", folios: str, *, sweep: Sweep) -> Found:
    """SIGSTOP just after the n-th durable write, a second worker takes over, then SIGCONT."""
    for number in sweep:
        scene.begin(folios)
        scene.ask(*TWINS)
        sleeper = scene.start_worker(Point(number, signal=signal.SIGSTOP))
        _work_until(scene, sleeper, asleep)
        reached = asleep(sleeper)
        if reached:
            _take_over(scene, sleeper)
        scene.settle()
        yield Boundary(f"write {number}", reached, scene.tally())
        if not reached:
            return


def asleep_on_the_wire(scene: "Scene", folios: str, *, when: str, sweep: Sweep) -> Found:
    """SIGSTOP while the n-th exchange is under way, which the SII hears of only after the sleep (``before``),
    or has acted upon (``after``); a second worker takes over meanwhile."""
    for number in sweep:
        scene.begin(folios)
        held, go_on = threading.Event(), threading.Event()

        def hold(held: threading.Event = held, go_on: threading.Event = go_on) -> None:
            held.set()
            go_on.wait(5 * PATIENCE)

        scene.line.faults[number] = Fault(before=hold) if when == "before" else Fault(after=hold)
        scene.ask(*TWINS)
        sleeper = scene.start_worker()
        _work_until(scene, sleeper, lambda _, held=held: held.is_set())
        if held.is_set():
            pause(sleeper)
            _take_over(scene, sleeper, wake=go_on)
        scene.settle()
        yield Boundary(_exchange(scene, number), held.is_set(), scene.tally())
        if not held.is_set():
            return


def on_the_wire(
    scene: "Scene", folios: str, *, fault: Callable[["Scene"], Fault], doubt: str = "", sweep: Sweep
) -> Found:
    """The n-th exchange (since the ``doubt``, if any) goes wrong; nobody dies."""
    for number in sweep:
        scene.begin(folios)
        place = partial(_place, scene, number, fault(scene))
        if doubt:
            _doubt(scene, doubt, then=place)
        else:
            place()
        scene.ask(*TWINS[: 2 if doubt else 3])
        scene.start_worker()
        scene.settle()
        struck = max(scene.line.faults)
        reached = len(scene.line.seen) >= struck
        yield Boundary(_exchange(scene, struck), reached, scene.tally())
        if not reached:
            return


def killed_while_delivering(scene: "Scene", folios: str, *, when: str, sweep: Sweep) -> Found:
    """kill -9 at the n-th durable write of a worker that has only webhooks left to deliver."""
    for number in sweep:
        scene.begin(folios)
        with scene.listening() as inbox:
            scene.ask(*TWINS)
            worker = scene.start_worker()
            scene.settle()
            scene.kill_workers()
            scene.pass_time(worker)
            scene.owe_deliveries_again()
            told = len(inbox.deliveries)
            worker = scene.start_worker(Point(number, when))
            _work_until(scene, worker, lambda w: not alive(w))
            reached = not alive(worker)
            if reached:
                scene.pass_time(worker)
                scene.start_worker()
            scene.settle()
            assert len(inbox.deliveries) - told >= len(TWINS), "each told again, at least once"
            assert len([e for e in inbox.events if e["event"] == "document.issued"]) == len(TWINS)
        yield Boundary(f"write {number}", reached, scene.tally())
        if not reached:
            return


def _doubt(scene: "Scene", doubt: str, then: Callable[[], None] | None = None) -> None:
    """The first sending goes wrong, so that what comes ``then`` is the way out of doubt."""
    if doubt:
        scene.line.firsts[SEND] = Fault(cut_before=doubt == "before", cut_after=doubt == "after", before=then)


def _place(scene: "Scene", number: int, fault: Fault) -> None:
    """The fault befalls the n-th exchange from now."""
    scene.line.faults[len(scene.line.seen) + number] = fault


def _work_until(scene: "Scene", worker: psutil.Process, hit: Callable[[psutil.Process], bool]) -> None:
    """Until the fault has struck, or the batch has come to its end without it."""
    deadline = time.monotonic() + PATIENCE
    scene.settle(unless=lambda: hit(worker) or time.monotonic() > deadline)


def _take_over(scene: "Scene", sleeper: psutil.Process, wake: threading.Event | None = None) -> None:
    """The sleeper's leases run out, a second worker does what there is to do, and the sleeper wakes up."""
    _let_write(scene, sleeper)
    scene.pass_time(sleeper)
    scene.start_worker()
    scene.settle()
    if wake:
        wake.set()
    sleeper.resume()
    end_gently(sleeper)  # it finishes what it was about to do


def _let_write(scene: "Scene", sleeper: psutil.Process) -> None:
    """One that sleeps while another thread of its own writes holds SQLite's one writer: it steps on."""
    database = Database(scene.root, settings.DATABASE_URL)
    while not database.is_free():
        sleeper.resume()
        time.sleep(0.005)
        pause(sleeper)


def _exchange(scene: "Scene", number: int) -> str:
    steps = scene.line.steps()
    return f"exchange {number}" + (f" {steps[number - 1]}" if number <= len(steps) else "")


def _cut_before(_: "Scene") -> Fault:
    return Fault(cut_before=True)


def _cut_after(_: "Scene") -> Fault:
    return Fault(cut_after=True)


def _garbage(_: "Scene") -> Fault:
    return Fault(answer=GARBAGE)


def _restart(scene: "Scene") -> Fault:
    return Fault(after=scene.crash_simulator, cut_after=True)


CROWD = "three workers, one killed every 2 s"
FAMILIES: dict[str, Family] = {
    **{f"worker killed {words} each write": partial(killed, when=when) for when, words in STATEMENTS.items()},
    "worker and simulator killed after each write": partial(killed, when="after", everything=True),
    **{
        f"web killed {words} each write of accepting": partial(web_killed, when=when)
        for when, words in STATEMENTS.items()
    },
    **{
        f"in doubt ({how}), worker killed {words} each write": partial(killed, when=when, doubt=doubt)
        for doubt, how in (("before", "not heard"), ("after", "answer lost"))
        for when, words in STATEMENTS.items()
    },
    "worker stopped after each write, another takes over": asleep_after_a_write,
    "worker stopped, each request late at the SII": partial(asleep_on_the_wire, when="before"),
    "worker stopped before each answer": partial(asleep_on_the_wire, when="after"),
    "each connection cut before the SII acts": partial(on_the_wire, fault=_cut_before),
    "each answer lost": partial(on_the_wire, fault=_cut_after),
    "each answer garbage": partial(on_the_wire, fault=_garbage),
    "simulator killed at each exchange": partial(on_the_wire, fault=_restart),
    **{
        f"in doubt ({how}), then each {what}": partial(on_the_wire, fault=fault, doubt=doubt)
        for doubt, how in (("before", "not heard"), ("after", "answer lost"))
        for what, fault in (
            ("cut before", _cut_before),
            ("answer lost", _cut_after),
            ("answer garbage", _garbage),
        )
    },
    **{
        f"worker killed {words} each write of a delivery": partial(killed_while_delivering, when=when)
        for when, words in STATEMENTS.items()
    },
    CROWD: three_workers_one_killed,
}
