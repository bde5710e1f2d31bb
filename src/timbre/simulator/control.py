"""The simulator's own pages, under ``/_simulator/``: what it is told to do wrong, and how its clock goes.

No page of the SII has such an address, and no other process of Timbre answers it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from timbre.dte.errors import InvalidRut
from timbre.dte.rut import parse_rut
from timbre.simulator.orders import Order, Orders
from timbre.simulator.scenarios import ANY, CATALOGUE, STEPS, Scenario

PREFIX = "/_simulator/"
MOST_TIMES = 1_000_000
LONGEST = 300.0
"""Seconds an answer may be held back, or an objection wait."""
FURTHEST = 10 * 366 * 86_400.0
"""Seconds a clock may be off."""

_FIELDS = ("scenario", "step", "company", "person", "receiver", "times", "seconds")


class Wrong(Exception):
    """What is wrong with a request, in Spanish, and in which field."""

    def __init__(self, message: str, param: str = "") -> None:
        super().__init__(message)
        self.message, self.param = message, param


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the simulator itself, at ``now`` by its own clock."""

    request: Request
    orders: Orders
    now: datetime


def answer(call: Call) -> Response:
    """The answer to every request under PREFIX."""
    request = call.request
    verbs = {"scenarios/": _SCENARIOS, "clock/": _CLOCK}.get(request.path.removeprefix(PREFIX))
    if verbs is None:
        return _json({"error": {"message": "No existe.", "param": ""}}, 404)
    verb = verbs.get(request.method)
    if verb is None:
        response = _json({"error": {"message": f"Se ofrecen {', '.join(verbs)}.", "param": ""}}, 405)
        response.headers["Allow"] = ", ".join(verbs)
        return response
    try:
        return verb(call)
    except Wrong as wrong:
        return _json({"error": {"message": wrong.message, "param": wrong.param}}, 400)


def _list_scenarios(call: Call) -> Response:
    return _json({"scenarios": [_told(order, struck) for order, struck in call.orders.in_force()]})


def _add_scenario(call: Call) -> Response:
    order = read_order(_body(call.request, _FIELDS))
    return _json(_told(call.orders.add(order), 0), 201)


def _clear_scenarios(call: Call) -> Response:
    call.orders.clear()
    return Response(status=204)


def _tell_clock(call: Call) -> Response:
    return _json({"offset": call.orders.offset, "now": call.now.isoformat(timespec="seconds")})


def _set_clock(call: Call) -> Response:
    offset = _number(_body(call.request, ("offset",)), "offset", FURTHEST)
    if offset is None:
        raise Wrong("Falta «offset»: los segundos que el reloj va adelantado (negativo: atrasado).", "offset")
    call.orders.set_clock(offset)
    return _json({"offset": offset})


_SCENARIOS = {"GET": _list_scenarios, "POST": _add_scenario, "DELETE": _clear_scenarios}
_CLOCK = {"GET": _tell_clock, "POST": _set_clock}


def read_order(body: Mapping[str, Any]) -> Order:
    """The order a body asks for. Raises Wrong."""
    name = body.get("scenario")
    if not isinstance(name, str) or name not in CATALOGUE:
        raise Wrong(f"«scenario» debe ser uno de: {', '.join(CATALOGUE)}.", "scenario")
    scenario = CATALOGUE[name]
    return Order(
        scenario=name,
        step=_step(body, scenario),
        company=_rut(body, "company"),
        person=_rut(body, "person"),
        receiver=_rut(body, "receiver"),
        times=_times(body, scenario),
        seconds=_seconds(body, scenario),
    )


def _body(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    # No page of another site can send this type unasked: a browser would first ask permission.
    if request.mimetype != "application/json":
        raise Wrong("Envía JSON, con Content-Type: application/json.")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Wrong("El cuerpo no es JSON.") from error
    if not isinstance(body, dict):
        raise Wrong("El cuerpo debe ser un objeto JSON.")
    for name in body:
        if name not in known:
            raise Wrong(f"«{name[:40]}» no existe. Se leen: {', '.join(known)}.", name[:40])
    return body


def _step(body: Mapping[str, Any], scenario: Scenario) -> str:
    step = body.get("step")
    if step is None:
        return ""
    if step not in (*STEPS, ANY):
        raise Wrong(f"«step» debe ser uno de: {', '.join(STEPS)}, {ANY}.", "step")
    if not scenario.movable and step not in scenario.steps:
        raise Wrong(f"«{scenario.name}» solo ocurre en: {', '.join(scenario.steps) or ANY}.", "step")
    return str(step)


def _rut(body: Mapping[str, Any], field: str) -> str:
    text = body.get(field)
    if text is None:
        return ""
    try:
        return parse_rut(text if isinstance(text, str) else "")
    except InvalidRut as error:
        raise Wrong(f"«{field}» debe ser un RUT con su dígito verificador.", field) from error


def _times(body: Mapping[str, Any], scenario: Scenario) -> int | None:
    times = body.get("times", scenario.times)
    if times is None:
        return None
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_TIMES:
        raise Wrong(f"«times» debe ser un entero de 1 a {MOST_TIMES}, o null: hasta que se borre.", "times")
    return times


def _seconds(body: Mapping[str, Any], scenario: Scenario) -> float | None:
    skews = scenario.name == "clock_skew"
    seconds = _number(body, "seconds", FURTHEST if skews else LONGEST)
    if seconds is None:
        return None
    if scenario.seconds is None:
        raise Wrong(f"«seconds» no significa nada en «{scenario.name}».", "seconds")
    if seconds < 0 and not skews:
        raise Wrong("«seconds» no puede ser negativo.", "seconds")
    return seconds


def _number(body: Mapping[str, Any], field: str, most: float) -> float | None:
    value = body.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise Wrong(f"«{field}» debe ser un número de segundos, hasta {most:.0f}.", field)
    return float(value)


def _told(order: Order, struck: int) -> dict[str, Any]:
    told = {name: value if value != "" else None for name, value in asdict(order).items()}
    return {"id": told.pop("number"), **told, "struck": struck}


def _json(body: Mapping[str, Any], status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text.encode(), status=status, content_type="application/json; charset=utf-8")
