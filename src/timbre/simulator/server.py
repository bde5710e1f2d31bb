"""Serving the simulator: HTTP/1.1 with keep-alive, a thread for each connection."""

import signal
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler
from werkzeug.serving import make_server as make_werkzeug_server

from timbre.simulator.app import DEFAULT_SESSION_LIMIT, create_app
from timbre.simulator.effects import Cut
from timbre.simulator.exchange import MAX_BODY
from timbre.simulator.store import FolioBehaviour

IDLE_SECONDS = 120.0


class KeepAliveHandler(WSGIRequestHandler):
    """werkzeug's handler closes every connection; this one reads the whole body first and so need not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS

    def run_wsgi(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self.send_error(413)
            return
        environ = self.make_environ()
        environ["wsgi.input"] = BytesIO(self.rfile.read(int(length)))
        started: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _: Any = None
        ) -> Callable[[bytes], object]:
            started[:] = [status, headers]
            return self.wfile.write

        try:
            body = b"".join(self.server.app(environ, start_response))
        except Cut as cut:
            self._cut(cut)
            return
        status, headers = started
        self._write(status, headers, body)

    def _cut(self, cut: Cut) -> None:
        """Closes the connection, after half of the answer if one was begun."""
        self.close_connection = True
        if cut.begun is not None:
            body = cut.begun.get_data()
            headers = list(cut.begun.headers)
            self._write(cut.begun.status, headers, body[: len(body) // 2])

    def _write(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a line for each request would drown every other log."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it is overridden by
        """Nothing: what ends up here is idle connections and broken clients."""


def make_server(
    store_path: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    folios: FolioBehaviour = FolioBehaviour.SENDING,
    session_limit: int = DEFAULT_SESSION_LIMIT,
) -> BaseWSGIServer:
    """A bound server; ``.port`` is the port chosen when 0 was asked. Run it with ``.serve_forever()``."""
    app = create_app(store_path, folios=folios, session_limit=session_limit)
    return make_werkzeug_server(host, port, app, threaded=True, request_handler=KeepAliveHandler)


def serve(
    store_path: Path,
    *,
    host: str,
    port: int,
    folios: FolioBehaviour = FolioBehaviour.SENDING,
    on_ready: Callable[[int], object] = lambda _: None,
) -> None:
    """Serves until SIGTERM or SIGINT; ``on_ready`` is told the port. To be called from the main thread."""
    server = make_server(store_path, host=host, port=port, folios=folios)

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for serve_forever(), which this very thread is running.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    on_ready(server.port)
    server.serve_forever()
