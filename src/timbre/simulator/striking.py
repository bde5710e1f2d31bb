"""Scenarios at the edge of the portal: which of them a request runs into, and what becomes of it then.

Three ask for them: the header of a request (``X-Timbre-Scenario: <name> <document>``), the orders of the
control API, and magic values in the request itself. The portal's own code knows nothing of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from werkzeug.wrappers import Response

from timbre.simulator.effects import EFFECTS, Act, Scene
from timbre.simulator.exchange import Exchange
from timbre.simulator.naming import Named
from timbre.simulator.orders import Order, Orders
from timbre.simulator.scenarios import ANY, BY_NUMBER, CATALOGUE, Scenario

HEADER = "X-Timbre-Scenario"
MAGIC_LASTS = 600.0
"""Seconds after which a document with a magic value runs into its scenario again."""

_AT_THE_DOOR = ("login_page", "log_in", "log_out")
_FIRST_DIGITS = b"39091"
"""Of every magic number: most requests are spared a closer look."""
_MAGIC_STEPS = ("preview",)
"""Where a magic value strikes when the scenario itself names no step."""


@dataclass(frozen=True, slots=True)
class Due:
    """A scenario somebody has asked for, where it is to strike, and what its strikes are counted under."""

    scenario: Scenario
    steps: tuple[str, ...]
    mark: str
    times: int | None
    seconds: float
    lasts: float | None = None


def answer(exchange: Exchange, step: str, act: Act, orders: Orders) -> Response:
    """The portal's answer to a request, as the scenarios due change it. Raises what ``act`` does, and Cut."""
    for due in _due(exchange, step, orders):
        if due.scenario.ends_session and step not in _AT_THE_DOOR and step not in due.steps:
            act = _without_session(due, act, orders)
        elif not due.steps or step in due.steps:
            act = _struck(due, act, orders)
    return act(exchange)


def _struck(due: Due, act: Act, orders: Orders) -> Act:
    effect = EFFECTS[due.scenario.name]

    def strike(exchange: Exchange) -> Response:
        now = exchange.now.timestamp()
        if not due.scenario.acts_first:
            strikes = orders.take(due.mark, due.times, now, lasts=due.lasts)
            return effect(Scene(exchange, act, due.seconds)) if strikes else act(exchange)
        # What the portal itself refuses is no occasion: the scenario waits for the next.
        response = act(exchange)
        strikes = orders.take(due.mark, due.times, now, lasts=due.lasts)
        return effect(Scene(exchange, lambda _: response, due.seconds)) if strikes else response

    return strike


def _without_session(due: Due, act: Act, orders: Orders) -> Act:
    """Once, the session is gone: whoever asks has to log in anew, and there runs into the scenario."""

    def lose_session(exchange: Exchange) -> Response:
        if orders.take(f"{due.mark} session", 1, exchange.now.timestamp()):
            exchange.store.close_session(exchange.request.cookies.get("CSESSIONID", ""))
        return act(exchange)

    return lose_session


def _due(exchange: Exchange, step: str, orders: Orders) -> Iterator[Due]:
    named = Named(exchange, step)
    name, _, mark = exchange.request.headers.get(HEADER, "").strip().partition(" ")
    if name in CATALOGUE:
        yield _of_header(CATALOGUE[name], mark.strip(), step)
    for order, _struck_so_far in orders.in_force():
        if _concerns(order, named):
            yield _of_order(order)
    yield from _of_magic_values(named)


def _of_header(scenario: Scenario, document: str, step: str) -> Due:
    own_count = f" {step}" if len(scenario.steps) > 1 else ""
    mark = f"{scenario.name} {document}{own_count}"
    return Due(scenario, scenario.steps, mark, scenario.times, scenario.seconds or 0.0)


def _of_order(order: Order) -> Due:
    scenario = CATALOGUE[order.scenario]
    steps = scenario.steps
    if order.step:
        steps = () if order.step == ANY else (order.step,)
    seconds = scenario.seconds if order.seconds is None else order.seconds
    return Due(scenario, steps, order.mark, order.times, seconds or 0.0)


def _concerns(order: Order, named: Named) -> bool:
    return (
        (not order.company or order.company == named.company)
        and (not order.person or order.person == named.person)
        and (not order.receiver or order.receiver == named.receiver)
    )


def _of_magic_values(named: Named) -> Iterator[Due]:
    """The same document is counted as one, at this step, for ten minutes."""
    request = named.exchange.request
    if _FIRST_DIGITS not in request.get_data() and named.step not in ("pdf", "document"):
        return
    receiver = named.receiver.partition("-")[0]
    asked = {int(receiver)} if receiver else set()
    for number in (asked | set(named.prices)) & BY_NUMBER.keys():
        scenario = BY_NUMBER[number]
        content = f"{named.step} {named.company} {scenario.name} ".encode() + named.content
        mark, steps = f"magic {sha256(content).hexdigest()}", scenario.steps or _MAGIC_STEPS
        due = Due(scenario, steps, mark, scenario.times, scenario.seconds or 0.0)
        yield replace(due, lasts=MAGIC_LASTS)
