"""No webhook reaches what only Timbre's own machine or network can reach: not when it is set up, not when it
is delivered, not after a redirect, and not when a name changes what it says in between.

The resolver and ``connect`` of the system are stood in for; all of Timbre is real.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from calling import Caller, make_key
from enrolled import enrol
from receiving import Receiver
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.deliver import serve, take
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
PUBLIC, INVALID = "93.184.215.14", "webhook_url_invalid"
INSIDE = {
    "localhost": "127.0.0.1",
    "localhost.localdomain": "127.0.0.1",
    "127.0.0.1": "127.0.0.1",
    "ip6-localhost": "::1",
    "ana.localhost": "127.0.0.1",
    "localtest.example": "127.0.0.1",
    "127.0.0.1.nip.example": "127.0.0.1",
    "intranet.example": "10.0.0.5",
    "router.example": "192.168.1.1",
    "docker.example": "172.17.0.1",
    "shared.example": "100.64.0.1",
    "ula.example": "fd12:3456::1",
    "mapped.example": "::ffff:10.0.0.1",
    "nat64.example": "64:ff9b::a9fe:a9fe",
    "zero.example": "0.0.0.0",  # noqa: S104 - refused, not bound
    "metadata": "169.254.169.254",
    "metadata.google.internal": "169.254.169.254",
    "instance-data.ec2.internal": "169.254.169.254",
    "metadata.azure.internal": "168.63.129.16",
    "metadata.oraclecloud.example": "192.0.0.192",
    "metadata.alibaba.example": "100.100.100.200",
}
"""Names as their owners, or this machine's own files, may have them resolved."""
HOSTS = [
    *INSIDE,
    *(f"{name}." for name in ("localhost", "metadata.google.internal", "127.0.0.1")),
    *("LOCALHOST", "LocalHost."),
    # One address, written in all the ways that inet_aton reads
    *("127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "017700000001"),
    *("0x7f.0x0.0x0.0x1", "127.8.8.8", "0", "0.0.0.0", "00000000"),  # noqa: S104
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
    # Other scripts' digits and dots, which IDNA makes plain
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "169。254。169。254"),
    # Private, shared, reserved, for documentation, to many
    *("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "100.127.255.254"),
    *("192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.254", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16"),
    # IPv6, and IPv4 within it: mapped, compatible, translated, 6to4, NAT64, Teredo
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[::ffff:0:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    *("[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]"),
    *("[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001:20::1]", "[::1%25lo]"),
]
URLS = [
    *(f"https://{host}/hook" for host in HOSTS),
    # Two readers of one URL may see two hosts in it
    *("https://93.184.215.14@127.0.0.1/", "https://ana:clave@10.0.0.1/", "https://127.0.0.1#@93.184.215.14/"),
    *(
        "https://127.0.0.1\\@93.184.215.14/",
        "https://93.184.215.14\\@127.0.0.1/",
        "https://127.0.0.1:443:80/",
    ),
    *("https://127.0.0.1%2f@93.184.215.14/", "https://127.0.0.1%00.example/", "https://127.0.0.1\t/"),
    *("https://1.1.1.1 &@127.0.0.1# @3.3.3.3/", "https:127.0.0.1/", "https:///127.0.0.1/", "//127.0.0.1/"),
    *("gopher://127.0.0.1:25/_HELO", "file:///etc/passwd", "https://[::1]:22/", "http://93.184.215.14/"),
]


@dataclass
class Internet:
    """What names resolve to, answer after answer (the last one stays), and which addresses were dialled."""

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    dialled: list[str] = field(default_factory=list)
    asked: int = 0

    def resolve(
        self,
        host: str,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        name = str(host).lower().rstrip(".")
        if name not in self.names:
            return REAL(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
        self.asked += 1
        answers = self.names[name]
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        return [found for address in said for found in REAL(address, port, family, type, proto)]

    def connect(self, place: Any) -> None:
        self.dialled.append(place[0])
        raise ConnectionRefusedError


REAL = socket.getaddrinfo


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet({name: [[address]] for name, address in INSIDE.items()})
    monkeypatch.setattr(socket, "getaddrinfo", internet.resolve)
    monkeypatch.setattr(socket.socket, "connect", lambda _, place: internet.connect(place))
    return internet


@pytest.fixture
def open_company(user: User) -> Company:
    """A company in production, where loopback is no exception."""
    return enrol(Scope(user.pk, Environment.PRODUCTION))


@pytest.fixture
def deliver_to(open_company: Company) -> Callable[[str], Delivery]:
    def deliver(url: str) -> Delivery:
        """Delivers to a URL that got into the table somehow, be it by another version of the guard."""
        Webhook.objects.all().delete()
        hook, _ = endpoints.create(
            open_company.scope,
            open_company,
            url=f"https://{PUBLIC}/",
            events=["document.issued"],
            now=timezone.now(),
        )
        Webhook.objects.filter(pk=hook.pk).update(url=url)
        return tell(open_company)

    return deliver


def tell(company: Company) -> Delivery:
    [event] = emit([Telling(type="document.issued", company=company, data={"id": "x"})], now=timezone.now())
    for each in take(10):
        serve(each)
    return Delivery.objects.get(event=event)


def test_the_table_is_long() -> None:
    assert len(set(URLS)) == len(URLS) >= 100


def test_all_are_refused_when_they_are_set_up_and_when_they_are_changed(
    internet: Internet, open_company: Company, user: User
) -> None:
    caller: Caller = make_key(user, Environment.PRODUCTION)
    asked = {"master_entity_id": open_company.entity_id, "events": ["document.issued"]}
    good = caller.post("/v2/webhooks/", {**asked, "url": f"https://{PUBLIC}/"}).json()["id"]
    let_in = []
    for url in URLS:
        made = caller.post("/v2/webhooks/", {**asked, "url": url})
        changed = caller.patch(f"/v2/webhooks/{good}/", {"url": url})
        if [each.json().get("error", {}).get("code") for each in (made, changed)] != [INVALID, INVALID]:
            let_in.append(url)
    assert let_in == []
    assert Webhook.objects.get().url == f"https://{PUBLIC}/"
    assert internet.dialled == []


def test_all_are_refused_when_they_are_delivered(
    internet: Internet, deliver_to: Callable[[str], Delivery]
) -> None:
    told = {url: deliver_to(url) for url in URLS}
    assert set(internet.dialled) <= {PUBLIC}  # of a URL with two hosts in it
    assert {(each.status, each.status_code) for each in told.values()} == {("pending", None)}
    assert [url for url, each in told.items() if not each.error] == []


def test_what_is_public_is_dialled(internet: Internet, deliver_to: Callable[[str], Delivery]) -> None:
    """Else nothing dialled above would mean nothing."""
    deliver_to(f"https://{PUBLIC}/hook")
    assert internet.dialled == [PUBLIC]


def test_a_name_that_moved_inside_since_it_was_set_up_is_not_dialled(
    internet: Internet, open_company: Company, user: User
) -> None:
    internet.names["hooks.example"] = [[PUBLIC]]
    asked = {"master_entity_id": open_company.entity_id, "url": "https://hooks.example/"}
    asked["events"] = ["document.issued"]
    assert make_key(user, Environment.PRODUCTION).post("/v2/webhooks/", asked).status_code == 201
    internet.names["hooks.example"] = [["169.254.169.254"]]
    assert "red privada" in tell(open_company).error
    assert internet.dialled == []


def test_a_name_that_moves_between_the_look_and_the_leap_is_dialled_where_it_was_looked_at(
    internet: Internet, deliver_to: Callable[[str], Delivery]
) -> None:
    internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    deliver_to("https://rebind.example/")
    assert internet.dialled == [PUBLIC]
    assert internet.asked == 1


def test_of_a_name_inside_and_outside_only_the_outside_is_dialled(
    internet: Internet, deliver_to: Callable[[str], Delivery]
) -> None:
    internet.names["both.example"] = [["10.0.0.1", "::1", PUBLIC, "::ffff:169.254.169.254"]]
    deliver_to("https://both.example/")
    assert internet.dialled == [PUBLIC]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    scope: Scope, company: Company, receiver: Receiver, status: int
) -> None:
    def redirect(handler: Any) -> None:
        handler.send_response(status)
        handler.send_header("Location", f"http://127.0.0.1:{inner.port}/latest/meta-data/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with Receiver() as inner:
        receiver.answers.append(redirect)
        endpoints.create(scope, company, url=receiver.url, events=["document.issued"], now=timezone.now())
        delivery = tell(company)
        assert len(receiver.requests) == 1
        assert (inner.connections, inner.requests) == (0, [])
    assert (delivery.status, delivery.status_code) == ("pending", status)
