"""The simulated SII as a WSGI application: all its hosts on one port, told apart by path."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from timbre.simulator import alerts, entering, issuing, looking
from timbre.simulator.alerts import Refusal
from timbre.simulator.authority import Authority
from timbre.simulator.exchange import MAX_BODY, Exchange, NotAuthenticated, page
from timbre.simulator.pages.frame import alert_page
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
_PORTAL = "/cgi-bin/Portal001/"
ROUTES: dict[tuple[str, str], Answer] = {
    ("GET", "/AUT2000/InicioAutenticacion/IngresoRutClave.html"): entering.show_login,
    ("POST", "/cgi_AUT2000/CAutInicio.cgi"): entering.log_in,
    ("GET", "/cgi_AUT2000/autTermino.cgi"): entering.log_out,
    ("GET", "/cgi_misii/siihome.cgi"): entering.show_home,
    ("GET", "/factura_sii/factura_sii.htm"): entering.show_menu,
    ("GET", f"{_PORTAL}mipeSelEmpresa.cgi"): entering.show_companies,
    ("POST", f"{_PORTAL}mipeSelEmpresa.cgi"): entering.choose_company,
    ("GET", f"{_PORTAL}mipeGenFacEx.cgi"): issuing.show_form,
    ("POST", f"{_PORTAL}mipeGenFacEx.cgi"): issuing.show_form,
    ("POST", f"{_PORTAL}mipeDisplayPreView.cgi"): issuing.preview,
    ("POST", f"{_PORTAL}mipeGenXMLFirma.cgi"): issuing.propose,
    ("GET", f"{_PORTAL}getCertDigital.cgi"): issuing.show_certificates,
    ("POST", f"{_PORTAL}postFirmaDigital.cgi"): issuing.sign_document,
    ("POST", f"{_PORTAL}mipeSendXML.cgi"): issuing.send,
    ("GET", f"{_PORTAL}mipeAdminDocsEmi.cgi"): looking.show_list,
    ("GET", f"{_PORTAL}mipeGesDocEmi.cgi"): looking.show_document,
    ("GET", f"{_PORTAL}mipeDisplayPDF.cgi"): looking.show_pdf,
    ("GET", f"{_PORTAL}auth.cgi"): looking.show_backup_form,
    ("POST", f"{_PORTAL}lista_documentos.cgi"): looking.show_backup_list,
    ("GET", f"{_PORTAL}download.cgi"): looking.download_backup,
}


def chile_now() -> datetime:
    """The time in Chile, whatever the host's zone."""
    return datetime.now(CHILE)


class Simulator:
    """The WSGI application. Stateless but for its store and cached keys: threads share it."""

    def __init__(self, store: Store, session_limit: int, clock: Clock) -> None:
        self._store = store
        self._authority = Authority(store)
        self._session_limit = session_limit
        self._clock = clock
        self._requests = 0
        self._counting = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = MAX_BODY
        if request.path == REQUESTS:
            return Response(str(self._requests))(environ, start_response)
        with self._counting:
            self._requests += 1
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        answer = ROUTES.get((request.method, request.path))
        if answer is None:
            return Response("404", status=404)
        exchange = Exchange(request, self._store, self._authority, self._session_limit, self._clock())
        try:
            return answer(exchange)
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
