"""The wall between sandbox and production, and requests that end when they must."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import pytest
from portal_cases import ISSUER, LOGIN, Connect, Jar

from timbre.sii.gateway import Refused, Unreachable
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import MAX_ANSWER, Lost, encode_form

URL = "https://www1.sii.cl/cgi-bin/Portal001/mipeSelEmpresa.cgi"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\nok"


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that hands each connection, its request read, to ``answer`` and closes it."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))
                try:
                    answer(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def say(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def drip(data: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for position in range(len(data)):
            connection.sendall(data[position : position + 1])
            time.sleep(0.05)

    return answer


def test_in_sandbox_only_the_origin_is_rewritten(connect: Connect) -> None:
    with listening(say(PLAIN % b"")) as (origin, heard):
        answer = connect(origin).get(URL, {"DESDE_DONDE_URL": "OPCION=33"})
    assert answer.body == b"ok"
    assert heard[0].startswith(
        b"GET /cgi-bin/Portal001/mipeSelEmpresa.cgi?DESDE_DONDE_URL=OPCION%3D33 HTTP/1.1"
    )
    assert b"\r\nHost: www1.sii.cl\r\n" in heard[0]


@pytest.mark.parametrize(
    "url", ["https://example.com/", "http://www1.sii.cl/", "https://sii.cl.example.com/", "https://nosii.cl/"]
)
def test_no_address_but_the_siis_is_ever_asked(connect: Connect, url: str) -> None:
    with pytest.raises(ValueError, match="Not an address"):
        connect("http://127.0.0.1:9").get(url)


def test_a_sandbox_cannot_point_at_the_sii(connect: Connect) -> None:
    with pytest.raises(ValueError, match="must not point"):
        connect("https://www1.sii.cl")


def test_production_needs_the_installations_permission(connect: Connect) -> None:
    with pytest.raises(Refused) as refused:
        connect(None, production=False).get(URL)
    assert refused.value.reason == "production_not_allowed"


@pytest.mark.parametrize(("origin", "idk"), [(None, 999), ("http://127.0.0.1:9", 300)])
def test_the_caf_authority_of_one_environment_never_enters_the_other(
    connect: Connect, origin: str | None, idk: int
) -> None:
    transport = connect(origin, production=True)
    xml = f"<TED><DD><CAF><DA><IDK> {idk} </IDK></DA></CAF></DD></TED>"
    with pytest.raises(Refused) as in_a_form:
        transport.post_form(URL, {"txtSignText": xml})
    with pytest.raises(Refused) as in_a_body:
        transport.request("POST", URL, body=xml.encode())
    assert in_a_form.value.reason == in_a_body.value.reason == "sii_page_mismatch"


class Wire(httpcore.NetworkBackend, httpcore.NetworkStream):
    """The wire behind production: it takes what would leave, and answers every request with a page."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.sent = b""
        self._answer = PLAIN % b""

    def connect_tcp(self, host: str, *_: Any, **__: Any) -> "Wire":
        self.hosts.append(host)
        return self

    def start_tls(self, *_: Any, **__: Any) -> "Wire":
        return self

    def write(self, buffer: bytes, *_: Any, **__: Any) -> None:
        self.sent += buffer

    def read(self, *_: Any, **__: Any) -> bytes:
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None:
        self._answer = PLAIN % b""

    def get_extra_info(self, *_: Any) -> Any:
        return None


def test_a_scenario_is_told_to_the_simulator_and_never_to_the_sii(connect: Connect) -> None:
    with listening(say(PLAIN % b"")) as (origin, heard):
        connect(origin).get(URL, scenario="lost_answer docu_1")
    assert b"\r\nX-Timbre-Scenario: lost_answer docu_1\r\n" in heard[0]
    production, wire = connect(None, production=True), Wire()
    production._pool = httpcore.ConnectionPool(network_backend=wire)
    with pytest.raises(Unreachable):
        PortalGateway(production, LOGIN, Jar(), "lost_answer docu_1").check(ISSUER.rut)
    production.post_form(URL, {"a": "b"}, scenario="lost_answer docu_1")
    assert set(wire.hosts) == {"zeusr.sii.cl", "www1.sii.cl"}
    assert wire.sent.count(b"User-Agent: ") == 3
    assert b"scenario" not in wire.sent.lower()


def test_a_connection_that_never_opened_is_no_lost_request(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable) as failed:
        connect(f"http://127.0.0.1:{port}").get(URL)
    assert not isinstance(failed.value, Lost)


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"], ids=["head", "body"]
)
def test_the_deadline_holds_however_slowly_bytes_drip(connect: Connect, head: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        drip(b"HTTP/1.1 200 OK\r\n" + b"x" * 200)(connection)

    with listening(answer) as (origin, _):
        start = time.monotonic()
        with pytest.raises(Lost):
            connect(origin).request("GET", URL, deadline=0.4)
        assert 0.3 < time.monotonic() - start < 1.5


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", b"no http at all\r\n\r\n"],
    ids=["cut", "cut in the body", "garbage"],
)
def test_a_broken_answer_is_a_lost_request(connect: Connect, answer: bytes) -> None:
    with listening(say(answer)) as (origin, _), pytest.raises(Lost):
        connect(origin).get(URL)


def test_an_oversized_answer_is_not_swallowed(connect: Connect) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_ANSWER * 2))
        for _ in range(2 * MAX_ANSWER // 65536):
            connection.sendall(b"x" * 65536)

    with listening(flood) as (origin, _), pytest.raises(Lost, match="demasiado grande"):
        connect(origin).get(URL)


def test_a_503_says_when_to_come_back(connect: Connect) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"
    with listening(say(busy)) as (origin, _), pytest.raises(Lost) as lost:
        connect(origin).get(URL)
    assert lost.value.retry_after == 90


def test_redirects_are_handed_back_and_not_followed(connect: Connect) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: https://zeusr.sii.cl/\r\nContent-Length: 0\r\n\r\n"
    with listening(say(moved)) as (origin, heard):
        answer = connect(origin).get(URL)
    assert (answer.status, answer.location, len(heard)) == (302, "https://zeusr.sii.cl/", 1)


def test_cookies_are_kept_by_hand_and_our_own_notes_stay_home(connect: Connect) -> None:
    cookies = {"CSESSIONID": "old", "GONE": "1", "_company": "39001001-K"}
    lines = (b"TOKEN=a=b; Domain=.sii.cl; Path=/", b"GONE=; Max-Age=0", b"_company=x")
    fresh = b"".join(b"Set-Cookie: %s\r\n" % line for line in lines)
    with listening(say(PLAIN % fresh)) as (origin, heard):
        connect(origin).get(URL, cookies=cookies)
    assert b"\r\nCookie: CSESSIONID=old; GONE=1\r\n" in heard[0]
    assert cookies == {"CSESSIONID": "old", "TOKEN": "a=b", "_company": "39001001-K"}


def test_requests_keep_their_pace(connect: Connect) -> None:
    with listening(say(PLAIN % b"Connection: close\r\n")) as (origin, _):
        transport = connect(origin, pace=0.1)
        start = time.monotonic()
        for _ in range(3):
            transport.get(URL)
        assert time.monotonic() - start >= 0.2


def test_forms_are_windows_1252_and_what_it_lacks_is_a_reference() -> None:
    fields = {"EFXP_NMB_01": "Ñandú & 5 €", "EFXP_DSC_ITEM_01": "日", "EFXP_QTY_01": "2.5", "CANT_DET": "1"}
    assert encode_form(fields) == (
        b"EFXP_NMB_01=%D1and%FA+%26+5+%80&EFXP_DSC_ITEM_01=%26%2326085%3B&EFXP_QTY_01=2.5&CANT_DET=1"
    )
    assert encode_form({"dato": "ñ"}, "utf-8") == b"dato=%C3%B1"
