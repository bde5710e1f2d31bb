"""One POST to an address the guard allows, over in ``seconds`` however slowly bytes drip.

httpcore, the engine under httpx, is used directly: it lets us choose the address that is dialled, while the
Host header and the certificate stay those of the name, and lets one deadline hold over a whole exchange.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from timbre.sii.deadline import DeadlineStream, seconds_left
from timbre.webhooks.guard import Forbidden, Unresolved, may_read, reachable
from timbre.work.environments import Environment

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read to keep the connection; a longer answer costs it its connection."""
KEPT = 2048
"""Bytes of an answer that are kept, for the log of deliveries."""
WITHHELD = "(no se muestra: es de un servicio de la máquina de Timbre)"
# Servers close idle connections after 5 s (Node) or more: leave before they do.
IDLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said: its status, up to 2 KB of its body as text, harmless to show, and when it wants
    to be asked again, raw (empty when it does not say).
    """

    status: int
    text: str
    retry_after: str


class Undelivered(Exception):
    """No answer. The text is Spanish, for the log of deliveries."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, environment: str, seconds: float) -> Answer:
    """The receiver's answer, redirects included: none is followed.

    Raises Undelivered when there is no answer within ``seconds`` in all, or the address is not allowed.
    """
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Undelivered("La URL no se puede leer: corrígela") from error
    if environment == Environment.PRODUCTION and target.scheme != "https":
        raise Undelivered("En producción solo se entrega a https://")
    until = time.monotonic() + seconds
    head = {"Host": target.netloc.decode(), "Content-Length": str(len(body)), "Accept": "*/*", **headers}
    try:
        return _exchange(_pool(environment), target, head, body, until)
    except (Forbidden, Unresolved) as error:
        raise Undelivered(str(error)) from error
    except httpcore.TimeoutException as error:
        raise Undelivered(f"No respondió en {seconds:g} segundos") from error
    except httpcore.ConnectError as error:
        raise Undelivered(f"No se pudo conectar: {_reason(error)}"[:200]) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Undelivered("Cortó la conexión o respondió algo que no es HTTP") from error


def _reason(error: httpcore.ConnectError) -> str:
    """In Spanish what happens every day, and the rest as the system says it."""
    cause = next(iter(error.args), None)
    if isinstance(cause, ConnectionRefusedError):
        return "nada atiende en ese puerto"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"su certificado TLS no es válido ({cause.verify_message})"
    return str(error)


def _exchange(
    pool: httpcore.ConnectionPool, target: httpx.URL, head: dict[str, str], body: bytes, until: float
) -> Answer:
    url = httpcore.URL(
        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
    )
    # Instants, not durations: the streams below turn them into what is left.
    timeout = {"connect": until, "read": until, "write": until, "pool": until - time.monotonic()}
    with pool.stream(
        "POST", url, headers=list(head.items()), content=body, extensions={"timeout": timeout}
    ) as response:
        shown = _may_be_shown(response)
        text = _harmless(_beginning(response))
        return Answer(response.status, text if shown else WITHHELD, _retry_after(response))


def _retry_after(response: httpcore.Response) -> str:
    said = (value for name, value in response.headers if name.lower() == b"retry-after")
    return next(said, b"").decode("latin-1")


def _may_be_shown(response: httpcore.Response) -> bool:
    """Asked before the body is read: after it the connection may be closed, and forget with whom it was."""
    try:
        address, *_ = response.extensions["network_stream"].get_extra_info("server_addr")
    except OSError:
        return False
    return may_read(address)


def _beginning(response: httpcore.Response) -> bytes:
    """What is kept of the body. The rest is only read so that the connection can be used again."""
    kept, size = b"", 0
    try:
        for chunk in response.iter_stream():
            kept += chunk[: KEPT - len(kept)]
            size += len(chunk)
            if size > MAX_ANSWER:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return kept


def _harmless(raw: bytes) -> str:
    """The bytes as UTF-8. What is none, controls, or turns its surroundings around becomes U+FFFD."""
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in "\t\n" else "\ufffd" for c in text)


def hang_up() -> None:
    """Closes the connections to customers that this process keeps."""
    for environment in Environment.values:
        _pool(environment).close()
    _pool.cache_clear()


@lru_cache
def _pool(environment: str) -> httpcore.ConnectionPool:
    """The connections of this process; one pool per environment, so that no kept one crosses over."""
    return httpcore.ConnectionPool(
        max_connections=None,
        max_keepalive_connections=64,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=_GuardedBackend(environment),
    )


class _GuardedBackend(httpcore.SyncBackend):
    """Dials only addresses the guard has just allowed."""

    def __init__(self, environment: str) -> None:
        self._environment = environment

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = seconds_left(timeout, httpcore.ConnectTimeout)
        addresses = reachable(host, port, environment=self._environment, seconds=left)
        failure: Exception | None = None
        for address in addresses:
            left = seconds_left(timeout, httpcore.ConnectTimeout)
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return DeadlineStream(stream)
        raise failure or httpcore.ConnectError(host)
