"""A customer's webhook receiver on a loopback port: checks every signature before it believes anything."""

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Inbox:
    """What has arrived: ``events`` verified and told once (X-Pana-Event-Id), ``forged`` counts the rest."""

    url: str
    secret: str = field(repr=False)
    events: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)
    forged: int = 0
    _seen: set[str] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def accept(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Takes a delivery in; False when its signature is not ours."""
        signature, event_id = headers.get("X-Pana-Signature", ""), headers.get("X-Pana-Event-Id", "")
        genuine = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        with self._changed:
            if not hmac.compare_digest(genuine, signature):
                self.forged += 1
                return False
            self.deliveries.append((body, headers))
            if event_id not in self._seen:
                self._seen.add(event_id)
                self.events.append(json.loads(body))
            self._changed.notify_all()
        return True

    def tell(self, after: int, *, within: float) -> list[dict[str, Any]]:
        """The events that came after the first ``after``, waiting up to ``within`` seconds for one."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.events) > after, within)
            return self.events[after:]


@contextmanager
def receiving() -> Iterator[Inbox]:
    """A receiver at work, with a secret of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            genuine = inbox.accept(body, {name.title(): value for name, value in self.headers.items()})
            self.send_response(204 if genuine else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet: what arrives is counted, not logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    inbox = Inbox(f"http://127.0.0.1:{server.server_port}/webhook", secrets.token_urlsafe(24))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
