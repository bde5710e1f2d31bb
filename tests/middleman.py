"""A man in the middle between gateway and simulator: a loopback proxy that changes or cuts anything."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Change = Callable[[bytes], bytes]
Reply = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""


@dataclass(frozen=True)
class Fault:
    """What befalls one exchange: ``before`` the SII hears of it, or ``after`` it has acted."""

    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    cut_before: bool = False
    cut_after: bool = False
    answer: bytes | None = None


@dataclass
class Middleman:
    """What to do at each step; a step is the last part of the path, such as ``mipeSendXML.cgi``.

    ``faults`` befall single exchanges, by their number from 1; ``firsts`` the first exchange of a step.
    """

    origin: str = ""
    requests: dict[str, Change] = field(default_factory=dict)
    answers: dict[str, Change] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    cut_before: set[str] = field(default_factory=set)
    cut_after: set[str] = field(default_factory=set)
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    firsts: dict[str, Fault] = field(default_factory=dict)
    changed: bool = False
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def steps(self) -> list[str]:
        return [step for step, _ in self.seen]

    def meet(self, step: str, body: bytes) -> Fault:
        """Notes an exchange, and says what is to befall it."""
        with self._counting:
            self.seen.append((step, body))
            first = self.firsts.pop(step, UNTOUCHED)
            return self.faults.get(len(self.seen), first)

    def pass_on(self, step: str, body: bytes, ask: Callable[[bytes], Reply]) -> Reply | None:
        """One exchange, with all that befalls it; None when the connection is cut."""
        fault = self.meet(step, body)
        if fault.before:
            fault.before()
        if fault.cut_before or step in self.cut_before:
            return None
        try:
            status, headers, answer = ask(self.apply(self.requests, step, body))
        except (OSError, HTTPException):  # the simulator is gone
            return None
        if fault.after:
            fault.after()
        if fault.cut_after or step in self.cut_after:
            return None
        if fault.answer is not None:
            return 200, [("Content-Type", "text/html")], fault.answer
        headers = [*headers, *self.headers.get(step, {}).items()]
        return self.statuses.get(step, status), headers, self.apply(self.answers, step, answer)

    def apply(self, changes: dict[str, Change], step: str, body: bytes) -> bytes:
        altered = changes[step](body) if step in changes else body
        self.changed = self.changed or altered != body
        return altered


UNTOUCHED = Fault()


class Wire(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who is killed hangs up in the middle of a sentence: no news."""


@contextmanager
def stand_between(simulator: str) -> Iterator[Middleman]:
    """Serves the proxy until the block ends."""
    man = Middleman()
    backend = urlsplit(simulator)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            step = urlsplit(self.path).path.rpartition("/")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = man.pass_on(step, body, self._ask)
            if reply is None:
                self.close_connection = True
                return
            status, headers, answer = reply
            self.send_response(status)
            for name, value in headers:
                if name.lower() in {"set-cookie", "content-type", "location", "retry-after"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _ask(self, body: bytes) -> Reply:
            connection = HTTPConnection(backend.hostname or "", backend.port or 0, timeout=20)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() != "content-length"}
                connection.request(self.command, self.path, body or None, headers)
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                connection.close()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = Wire(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    man.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield man
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
