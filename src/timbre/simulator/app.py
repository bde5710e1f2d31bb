"""The simulated SII as a WSGI application: all its hosts on one port, told apart by path."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from timbre.simulator import alerts, control, entering, issuing, looking, striking
from timbre.simulator.alerts import Refusal
from timbre.simulator.authority import Authority
from timbre.simulator.effects import Cut
from timbre.simulator.exchange import MAX_BODY, Exchange, NotAuthenticated, page
from timbre.simulator.orders import Orders
from timbre.simulator.pages.frame import alert_page
from timbre.simulator.scenarios import STEPS
from timbre.simulator.store import FolioBehaviour, Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHILE = ZoneInfo("America/Santiago")
DEFAULT_SESSION_LIMIT = 10

REQUESTS = "/_simulator/requests"
"""No page of the SII: how many requests were answered since the start, for measuring."""

Answer = Callable[[Exchange], Response]
Clock = Callable[[], datetime]

_LOG = logging.getLogger(__name__)
ANSWERS: dict[str, Answer] = {
    "login_page": entering.show_login,
    "log_in": entering.log_in,
    "log_out": entering.log_out,
    "home": entering.show_home,
    "menu": entering.show_menu,
    "companies": entering.show_companies,
    "choose_company": entering.choose_company,
    "form": issuing.show_form,
    "look_up": issuing.show_form,
    "preview": issuing.preview,
    "sign_page": issuing.propose,
    "certificate": issuing.show_certificates,
    "sign": issuing.sign_document,
    "send": issuing.send,
    "list": looking.show_list,
    "document": looking.show_document,
    "annulment": issuing.preview_annulment,
    "pdf": looking.show_pdf,
    "backup_form": looking.show_backup_form,
    "backup_list": looking.show_backup_list,
    "backup": looking.download_backup,
}
_STEP_AT = {address: step for step, address in STEPS.items()}


def chile_now() -> datetime:
    """The time in Chile, whatever the host's zone."""
    return datetime.now(CHILE)


class Simulator:
    """The WSGI application. Stateless but for its store and cached keys: threads share it.

    Raises Cut when the connection is to be closed without a whole answer: its server does that.
    """

    def __init__(self, store: Store, session_limit: int, clock: Clock) -> None:
        self._store = store
        self._orders = Orders(store)
        self._authority = Authority(store, self._now)
        self._session_limit = session_limit
        self._clock = clock
        self._requests = 0
        self._counting = threading.Lock()

    def _now(self) -> datetime:
        """What the simulator takes the time to be."""
        return self._clock() + timedelta(seconds=self._orders.offset)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = MAX_BODY
        if request.path == REQUESTS:
            return Response(str(self._requests))(environ, start_response)
        if request.path.startswith(control.PREFIX):
            call = control.Call(request, self._orders, self._now())
            return control.answer(call)(environ, start_response)
        with self._counting:
            self._requests += 1
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        step = _STEP_AT.get((request.method, request.path))
        if step is None:
            return Response("404", status=404)
        exchange = Exchange(request, self._store, self._authority, self._session_limit, self._now())
        try:
            return striking.answer(exchange, step, ANSWERS[step], self._orders)
        except Cut:
            raise
        except NotAuthenticated as error:
            return entering.failure(error.code)
        except Refusal as refusal:
            return page(alert_page(refusal.alert))
        except RequestEntityTooLarge:
            return page(alert_page(alerts.PAGINA_DESCONOCIDA))
        except Exception:  # noqa: BLE001 - logged, and told as the portal tells it
            # The real portal never shows a 500 either: it says it cannot answer now.
            _LOG.exception("The simulator failed at %s", request.path)
            return page(alert_page(alerts.PAGINA_DESCONOCIDA))


def create_app(
    store_path: Path,
    *,
    folios: FolioBehaviour = FolioBehaviour.SENDING,
    session_limit: int = DEFAULT_SESSION_LIMIT,
    clock: Clock = chile_now,
) -> Simulator:
    """The simulator over the store at ``store_path`` (created when missing)."""
    return Simulator(Store(store_path, folios), session_limit, clock)
