"""One request and its answer: forms read as the real CGIs read them, cookies, session, company."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.authority import Authority
from timbre.simulator.store import SESSION_LIFE, FolioBehaviour, Session, Store
from timbre.simulator.taxpayers import Taxpayer, find_taxpayer

MAX_BODY = 1_000_000
MAX_FIELDS = 1000
LATIN1 = "iso-8859-1"


class NotAuthenticated(Exception):
    """No session, or one past its life. ``code`` is the last group of the support code: 28 or 29."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Exchange:
    """A request at one moment (``now`` is Chile's time), with the office that answers it."""

    request: Request
    store: Store
    authority: Authority
    session_limit: int
    now: datetime
    folios: FolioBehaviour | None = None
    """When this request's folio is taken, if not as the store does it."""

    @cached_property
    def query(self) -> dict[str, str]:
        return _parse(self.request.query_string, LATIN1)

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as ISO-8859-1 percent-encoding: what every page but one is posted in."""
        return self.form_in(LATIN1)

    def form_in(self, encoding: str) -> dict[str, str]:
        return _parse(self.request.get_data(), encoding)

    @cached_property
    def session(self) -> Session:
        """The session of the request's cookies. Raises NotAuthenticated."""
        cookies = self.request.cookies
        session = self.store.find_session(cookies.get("CSESSIONID", ""), cookies.get("TOKEN", ""))
        if session is None:
            raise NotAuthenticated("28")
        if session.started + SESSION_LIFE <= self.now.timestamp():
            raise NotAuthenticated("29")
        return session

    @cached_property
    def company(self) -> Taxpayer:
        """The company the session acts for. Raises Refusal when none was chosen."""
        chosen = self.session.company
        company = find_taxpayer(chosen) if chosen else None
        if company is None:
            raise Refusal(alerts.SIN_EMPRESA)
        return company


def page(html: str) -> Response:
    """Every page: ISO-8859-1 and 200, whatever it says."""
    return Response(html.encode(LATIN1, "xmlcharrefreplace"), content_type="text/html; charset=ISO-8859-1")


def plain(text: str, mimetype: str) -> Response:
    return Response(text.encode(LATIN1), content_type=f"{mimetype}; charset=ISO-8859-1")


def _parse(encoded: bytes, encoding: str) -> dict[str, str]:
    """Fields by name, the last one winning. More than MAX_FIELDS, or no form at all, is no fields."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            encoding=encoding,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return {}
    return dict(pairs)
