"""One deadline over a whole HTTP exchange: connecting, writing and every byte read, however it drips."""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose ``timeout`` arguments are instants of the monotonic clock, not durations."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, seconds_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, seconds_left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = seconds_left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.SyncBackend):
    """Opens connections whose every ``timeout`` is the instant by which all must be over."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = seconds_left(timeout, httpcore.ConnectTimeout)
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        return DeadlineStream(stream)


def seconds_left(until: float | None, late: type[Exception]) -> float:
    """Seconds until the instant ``until`` of the monotonic clock. Raises ``late`` once it has passed."""
    assert until is not None, "every exchange has a deadline"
    left = until - time.monotonic()
    if left <= 0:
        raise late("the deadline of the whole exchange is over")
    return left
