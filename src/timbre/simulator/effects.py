"""What each scenario does to one request, around the portal's own answer to it."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from werkzeug.wrappers import Response

from timbre.simulator import alerts, entering
from timbre.simulator.alerts import Refusal
from timbre.simulator.exchange import LATIN1, Exchange, page, plain
from timbre.simulator.pages.trouble import (
    captcha_page,
    maintenance_page,
    outage_page,
    unknown_page,
)
from timbre.simulator.store import FolioBehaviour

Act = Callable[[Exchange], Response]


@dataclass(frozen=True, slots=True)
class Scene:
    """A request, how the portal would answer it, and how long what goes wrong takes."""

    exchange: Exchange
    act: Act
    seconds: float

    def go_on(self) -> Response:
        """The portal's own answer, after it has done what it was asked."""
        return self.act(self.exchange)


Effect = Callable[[Scene], Response]
OTHER_ITEM = "Otra cosa que nadie pidio"

_CODIGO = re.compile(rb"DHDR_CODIGO=([0-9]+)")
_PREVIEWED = re.compile(rb'(name="EFXP_NMB_01" value=")[^"]*')
_PROPOSED = re.compile(rb'id="txtPlainText">(.*?)</textarea>', re.DOTALL)
_ITEM = re.compile(rb"(<NmbItem>)[^<]*")
_NUMBER = re.compile(rb' ID="MiPE[0-9]+-([0-9]+)">')


class Cut(Exception):
    """The connection is to be closed: at once, or in the middle of the answer that was ``begun``."""

    def __init__(self, begun: Response | None = None) -> None:
        super().__init__("cut")
        self.begun = begun


def _refuse(alert: str) -> Effect:
    def effect(_: Scene) -> Response:
        raise Refusal(alert)

    return effect


def _refuse_afterwards(alert: str) -> Effect:
    def effect(scene: Scene) -> Response:
        scene.go_on()
        raise Refusal(alert)

    return effect


def _show(make: Callable[[], str], status: int = 200) -> Effect:
    def effect(_: Scene) -> Response:
        response = page(make())
        response.status_code = status
        return response

    return effect


def _show_afterwards(make: Callable[[], str]) -> Effect:
    def effect(scene: Scene) -> Response:
        scene.go_on()
        return page(make())

    return effect


def _fail_to_log_in(code: str) -> Effect:
    return lambda _: entering.failure(code)


def _take_folios(folios: FolioBehaviour) -> Effect:
    return lambda scene: scene.act(replace(scene.exchange, folios=folios))


def _cut_before(_: Scene) -> Response:
    raise Cut


def _cut_after(scene: Scene) -> Response:
    scene.go_on()
    raise Cut


def _lose_answer(scene: Scene) -> Response:
    raise Cut(scene.go_on())


def _object(scene: Scene) -> Response:
    response = scene.go_on()
    codigo = _CODIGO.search(response.get_data())
    if codigo:
        exchange = scene.exchange
        exchange.store.object_to(int(codigo[1]), exchange.now.timestamp() + scene.seconds)
    return response


def _expire(scene: Scene) -> Response:
    exchange = scene.exchange
    exchange.store.age_session(exchange.request.cookies.get("CSESSIONID", ""))
    return scene.go_on()


def _tamper_preview(scene: Scene) -> Response:
    response = scene.go_on()
    response.set_data(_PREVIEWED.sub(rb"\g<1>" + OTHER_ITEM.encode(), response.get_data()))
    return response


def _tamper_xml(scene: Scene) -> Response:
    """The proposal itself is another one: if it were signed and sent, the SII would issue it."""
    response = scene.go_on()
    tampered = _ITEM.sub(rb"\g<1>" + OTHER_ITEM.encode(), response.get_data(), count=1)
    response.set_data(tampered)
    text, number = _PROPOSED.search(tampered), _NUMBER.search(tampered)
    if text and number:
        scene.exchange.store.save_proposal(int(number[1]), text[1].decode(LATIN1))
    return response


def _dawdle(scene: Scene) -> Response:
    response = scene.go_on()
    time.sleep(scene.seconds)
    return response


def _skew(scene: Scene) -> Response:
    skewed = scene.exchange.now + timedelta(seconds=scene.seconds)
    return scene.act(replace(scene.exchange, now=skewed))


def _no_certificates(_: Scene) -> Response:
    return plain("[]", "application/json")


EFFECTS: Mapping[str, Effect] = {
    "refusal": _refuse(alerts.RECHAZADO),
    "objection": _object,
    "outage": _show(outage_page, 503),
    "html_instead": _show(maintenance_page),
    "cut_before": _cut_before,
    "cut_after": _cut_after,
    "lost_answer": _lose_answer,
    "unknown_page": _show_afterwards(unknown_page),
    "duplicate_answer": _refuse_afterwards(alerts.FOLIO_YA_UTILIZADO),
    "expired_session": _expire,
    "captcha": _show(captcha_page),
    "tampered_preview": _tamper_preview,
    "tampered_xml": _tamper_xml,
    "folios_signing": _take_folios(FolioBehaviour.SIGNING),
    "folios_sending": _take_folios(FolioBehaviour.SENDING),
    "slow": _dawdle,
    "clock_skew": _skew,
    "wrong_clave": _fail_to_log_in("20"),
    "locked": _fail_to_log_in("09"),
    "session_limit": _fail_to_log_in("27"),
    "company_not_authorised": _refuse(alerts.EMPRESA_NO_AUTORIZADA),
    "no_certificate": _no_certificates,
}
