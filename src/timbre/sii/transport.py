"""The one place that speaks HTTP to the SII, and the wall between sandbox and production.

Callers name the SII's own URLs. In sandbox only the origin is rewritten, to the simulator, so that no other
address can be reached; in production nothing leaves unless the installation allows it. httpcore, the engine
under httpx, is used directly: it lets a deadline hold over a whole exchange, however slowly bytes drip.
"""

import re
import threading
import time
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus, urlsplit

import httpcore

from timbre.dte.codes import IDK_PRODUCTION, IDK_SIMULATOR
from timbre.sii.deadline import DeadlineBackend
from timbre.sii.gateway import Refused, Unreachable
from timbre.sii.measured import measured

MAX_ANSWER = 10 * 1024 * 1024
"""Bytes of an answer that are read; more is not an answer of the SII."""
READ_DEADLINE = 30.0
PRODUCTION_PACE = 1.0
SCENARIO_HEADER = b"X-Timbre-Scenario"
_ENCODING = "windows-1252"
_PERCENT = [quote_plus(bytes([byte])) for byte in range(256)]
_IDK = re.compile(r"<(?:\w+:)?IDK[^>]*>\s*(\d+)")


class Lost(Unreachable):
    """The request may have arrived, but no usable answer came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, body bounded and unread: judging it is the caller's."""

    status: int
    content_type: str
    location: str
    body: bytes


class Transport:
    """Sends requests to the SII (``origin`` None: production) or to the simulator at ``origin``.

    ``pace`` is the least number of seconds between two requests of this transport; ``production`` is the
    installation's permission, without which a production transport refuses every request.
    Connections are kept and shared; a transport may be used from several threads.
    """

    def __init__(
        self,
        origin: str | None,
        *,
        production: bool = False,
        pace: float = 0.0,
        deadline: float = READ_DEADLINE,
        issue_deadline: float = 60.0,
    ) -> None:
        if origin is not None and _is_sii(urlsplit(origin).hostname or ""):
            raise ValueError("The sandbox must not point at the SII.")
        self.origin = origin.rstrip("/") if origin is not None else None
        self.idk = IDK_PRODUCTION if origin is None else IDK_SIMULATOR
        self.issue_deadline = issue_deadline
        self._deadline = deadline
        self._allowed = origin is not None or production
        self._pace = pace if origin is not None else max(pace, PRODUCTION_PACE)
        self._free_at = 0.0
        self._turn = threading.Lock()
        self._pool = httpcore.ConnectionPool(
            max_connections=None,
            max_keepalive_connections=8,
            keepalive_expiry=30,
            network_backend=DeadlineBackend(),
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        cookies: MutableMapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float | None = None,
        scenario: str = "",
    ) -> Answer:
        """One exchange within ``deadline`` seconds in all; ``cookies`` is sent and updated in place.

        ``scenario`` tells the simulator what to do wrong; it never leaves for the SII.
        Redirects are handed back, not followed. Raises Unreachable when nothing was sent, Lost when the
        request may have arrived (cut, late, oversized or not a 2xx/3xx answer), Refused when the wall between
        the environments forbids it.
        """
        self._guard(body)
        target, head = self._address(url)
        if scenario and self.origin is not None:
            head.append((SCENARIO_HEADER, scenario.encode("ascii")))
        head += [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        if cookies:
            pairs = "; ".join(f"{k}={v}" for k, v in cookies.items() if not k.startswith("_"))
            head.append((b"Cookie", pairs.encode("latin-1")))
        if body is not None:
            head.append((b"Content-Length", str(len(body)).encode()))
        self._wait_turn()
        until = time.monotonic() + (self._deadline if deadline is None else deadline)
        with measured(url):
            answer, set_cookies = self._exchange(method, target, head, body, until)
        if cookies is not None:
            _keep(set_cookies, cookies)
        return answer

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        cookies: MutableMapping[str, str] | None = None,
        deadline: float | None = None,
        scenario: str = "",
    ) -> Answer:
        """GETs a page with its query."""
        full = f"{url}?{encode_form(params).decode()}" if params else url
        return self.request("GET", full, cookies=cookies, deadline=deadline, scenario=scenario)

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        cookies: MutableMapping[str, str] | None = None,
        deadline: float | None = None,
        encoding: str = _ENCODING,
        scenario: str = "",
    ) -> Answer:
        """POSTs fields as a browser does: windows-1252, what it lacks as ``&#n;`` (5.3), or ``encoding``."""
        for value in fields.values():
            self._guard_text(value)
        return self.request(
            "POST",
            url,
            cookies=cookies,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=encode_form(fields, encoding),
            deadline=deadline,
            scenario=scenario,
        )

    def close(self) -> None:
        """Closes the kept connections."""
        self._pool.close()

    def _guard(self, body: bytes | None) -> None:
        if not self._allowed:
            raise Refused(
                "production_not_allowed",
                sii_words="Esta instalación no permite producción: actívala con TIMBRE_PRODUCTION.",
            )
        if body is not None and b"IDK" in body:
            self._guard_text(body.decode("latin-1"))

    def _guard_text(self, text: str) -> None:
        if "IDK" not in text:
            return
        for idk in _IDK.findall(text):
            simulated = int(idk) == IDK_SIMULATOR
            if simulated != (self.origin is not None):
                raise Refused(
                    "sii_page_mismatch",
                    sii_words=f"Un CAF de la autoridad {idk} no pertenece a este ambiente.",
                )

    def _address(self, url: str) -> tuple[str, list[tuple[bytes, bytes]]]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not _is_sii(host):
            raise ValueError(f"Not an address of the SII: {url}")
        target = url if self.origin is None else self.origin + url[len(f"https://{parts.netloc}") :]
        head = [
            (b"Host", host.encode("ascii")),
            (b"User-Agent", b"Mozilla/5.0 (compatible; Timbre)"),
            (b"Accept-Encoding", b"identity"),
        ]
        return target, head

    def _wait_turn(self) -> None:
        with self._turn:
            now = time.monotonic()
            start = max(now, self._free_at)
            self._free_at = start + self._pace
        if start > now:
            time.sleep(start - now)

    def _exchange(
        self, method: str, target: str, head: list[tuple[bytes, bytes]], body: bytes | None, until: float
    ) -> tuple[Answer, list[str]]:
        # Every timeout is the same absolute instant: the backend below turns it into what is left of it.
        timeout = {"connect": until, "read": until, "write": until, "pool": until - time.monotonic()}
        try:
            with self._pool.stream(
                method, target, headers=head, content=body, extensions={"timeout": timeout}
            ) as response:
                content = _read_bounded(response.iter_stream())
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise Unreachable("El SII no responde: no se pudo abrir la conexión.") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise Lost("El SII no respondió a tiempo o cortó la conexión.") from error
        found = [(name.lower(), value.decode("latin-1")) for name, value in response.headers]
        single = dict(found)
        if not 200 <= response.status < 400:
            wait = single.get(b"retry-after", "")
            raise Lost(
                f"El SII respondió {response.status}.", retry_after=float(wait) if wait.isdigit() else None
            )
        answer = Answer(
            response.status, single.get(b"content-type", ""), single.get(b"location", ""), content
        )
        return answer, [value for name, value in found if name == b"set-cookie"]


def encode_form(fields: Mapping[str, str], encoding: str = _ENCODING) -> bytes:
    """``name=value&…`` percent-encoded in ``encoding``; what it lacks goes as ``&#n;``, as browsers do."""
    parts = [f"{_quote_name(name)}={_quote(value, encoding)}" for name, value in fields.items()]
    return "&".join(parts).encode("ascii")


@lru_cache(maxsize=2048)
def _quote_name(name: str) -> str:
    return _quote(name, _ENCODING)


def _quote(text: str, encoding: str) -> str:
    # Most of a form's hundreds of fields are blank or plain; an XML goes three times: a table is quick.
    if not text or (text.isascii() and text.replace("_", "").isalnum()):
        return text
    return "".join(map(_PERCENT.__getitem__, text.encode(encoding, "xmlcharrefreplace")))


def _is_sii(host: str) -> bool:
    return host == "sii.cl" or host.endswith(".sii.cl")


def _keep(set_cookies: list[str], cookies: MutableMapping[str, str]) -> None:
    for line in set_cookies:
        pair, _, attributes = line.partition(";")
        name, _, value = (part.strip() for part in pair.partition("="))
        if not name or name.startswith("_"):
            continue
        if not value or re.search(r"max-age\s*=\s*0\b", attributes, re.IGNORECASE):
            cookies.pop(name, None)
        else:
            cookies[name] = value


def _read_bounded(chunks: Iterable[bytes]) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > MAX_ANSWER:
            raise Lost("La respuesta del SII es demasiado grande.")
    return bytes(content)
