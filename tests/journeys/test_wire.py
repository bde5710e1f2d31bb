"""What reaches a running `timbre web` over a bare socket: endless heads, and clients that take their time."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from customers import Customer
from timbre.accounts.arrivals import OF_ONE
from timbre.cli.installation import Installation
from timbre.cli.web import HEAD_WITHIN, THREADS

MANY = THREADS + 16
"""Slow clients at once: more than there are threads."""
AT_ONCE = 2.0
"""Seconds within which a healthy client is answered: usually it is milliseconds."""


def test_heads_of_any_size_are_answered_and_nothing_breaks(installation: Installation) -> None:
    big = 500_000
    heads = {
        "a path": ("GET /v2/" + "a" * big + " HTTP/1.1\r\nHost: x\r\n", {414, 431}),
        "a query": ("GET /v2/documents/?search=" + "a" * big + " HTTP/1.1\r\nHost: x\r\n", {414, 431}),
        "a header": ("GET /v2/documents/ HTTP/1.1\r\nHost: x\r\nX-Big: " + "a" * big + "\r\n", {431}),
        "a key": (
            "GET /v2/documents/ HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key " + "a" * big + "\r\n",
            {431},
        ),
        "headers": (
            "GET /v2/documents/ HTTP/1.1\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(5000)),
            {431},
        ),
        "a method": ("A" * big + " /v2/documents/ HTTP/1.1\r\nHost: x\r\n", {400, 431}),
        "two lengths": (
            "POST /v2/documents/batch/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
            {400},
        ),
        "a length below zero": ("POST /v2/documents/batch/ HTTP/1.1\r\nContent-Length: -1\r\n", {400}),
        "a line of its own": ("GET /v2/documents/ HTTP/1.1\r\nIdempotency-Key: a\nb\r\n", {400}),
        "no HTTP": ("hola\r\n", {400}),
    }
    answered = {name: status_of(installation, head + "\r\n") for name, (head, _) in heads.items()}
    assert {name: status for name, status in answered.items() if status not in heads[name][1]} == {}
    assert httpx.get(f"{installation.url}/healthz").status_code == 200


@pytest.mark.parametrize("size", [1, 1_000, 30_000])
def test_a_head_that_fits_is_told_what_is_wrong_with_it(customer: Customer, size: int) -> None:
    for headers in (
        {"Authorization": "Api-Key " + "a" * size},
        {"Authorization": f"Api-Key {customer.key}", "X-Use-Defaults": "a" * size},
        {"Authorization": f"Api-Key {customer.key}", "Idempotency-Key": "a" * (size + 256)},
    ):
        answer = httpx.post(
            f"{customer.tupana.base_url}/documents/batch/", headers=headers, json={"documents": [{}]}
        )
        assert answer.status_code in {400, 401, 422}
        assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_who_trickles_a_head_or_says_nothing_keeps_nobody_waiting_and_is_hung_up_on(
    installation: Installation,
) -> None:
    begun = time.monotonic()
    head = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "
    with slow(installation, head) as trickling, slow(installation, "") as silent:
        while time.monotonic() < begun + HEAD_WITHIN / 1000 + 3:
            drip(trickling)
            assert answers_within(installation) < AT_ONCE
            time.sleep(1)
        assert outcomes(silent) == outcomes(trickling) == {"hung up": MANY}


@pytest.mark.parametrize("where", ["the API", "a form"])
def test_who_trickles_a_body_takes_a_quarter_of_the_threads_at_most(
    installation: Installation, customer: Customer, where: str
) -> None:
    head = {
        "the API": f"POST /v2/documents/batch/ HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key {customer.key}",
        "a form": "POST /entrar/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded",
    }[where]
    with slow(installation, head + "\r\nContent-Length: 10000\r\n\r\n{") as clients:
        for _ in range(3):
            drip(clients)
            assert answers_within(installation) < AT_ONCE
            assert customer.tupana.connections.list()["total"] == 0
            time.sleep(0.3)
        assert outcomes(clients) == {"HTTP/1.1 503 Service Unavailable": MANY - OF_ONE, "waits": OF_ONE}
    deadline = time.monotonic() + 10
    while httpx.post(f"{installation.url}/entrar/", data={"x": "1"}).status_code == 503:
        assert time.monotonic() < deadline


def test_a_body_nobody_has_a_key_for_is_not_waited_for(installation: Installation) -> None:
    head = "POST /v2/documents/batch/ HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key nada\r\n"
    with slow(installation, head + "Content-Length: 10000\r\n\r\n{") as clients:
        time.sleep(1)
        assert set(outcomes(clients)) <= {"HTTP/1.1 401 Unauthorized", "HTTP/1.1 429 Too Many Requests"}


@contextmanager
def slow(installation: Installation, beginning: str) -> Iterator[list[socket.socket]]:
    """Clients that have begun to say something, and do not go on by themselves."""
    clients = [socket.create_connection(("127.0.0.1", installation.port)) for _ in range(MANY)]
    try:
        for client in clients:
            client.sendall(beginning.encode())
        yield clients
    finally:
        for client in clients:
            client.close()


def drip(clients: list[socket.socket]) -> None:
    for client in clients:
        with suppress(OSError):  # hung up on, as outcomes() tells
            client.sendall(b"a")


def outcomes(clients: list[socket.socket]) -> dict[str, int]:
    return dict(Counter(map(_outcome, clients)))


def _outcome(client: socket.socket) -> str:
    client.setblocking(False)
    try:
        said = client.recv(65536)
    except BlockingIOError:
        return "waits"
    except ConnectionError:
        return "hung up"
    finally:
        client.setblocking(True)
    return said.partition(b"\r\n")[0].decode() or "hung up"


def answers_within(installation: Installation) -> float:
    begun = time.monotonic()
    assert httpx.get(f"{installation.url}/healthz", timeout=30).status_code == 200
    return time.monotonic() - begun


def status_of(installation: Installation, head: str) -> int:
    with socket.create_connection(("127.0.0.1", installation.port), timeout=10) as client:
        with suppress(OSError):  # it may have heard enough, and have said so
            client.sendall(head.encode())
        return int(client.recv(65536).split(b" ")[1])
