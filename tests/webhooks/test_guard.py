"""Where a webhook may go, and where not."""

import socket
import threading
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings

from timbre.accounts.errors import Rejection
from timbre.webhooks.guard import Forbidden, Unresolved, check_url, reachable

REFUSED = [
    "127.0.0.1",
    "127.8.8.8",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "2606:4700:4700::1111",
    "::ffff:808:808",
    "2002:808:808::",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("host", REFUSED)
def test_production_reaches_nothing_but_the_public_internet(host: str) -> None:
    with pytest.raises(Forbidden):
        reachable(host, 443, environment="production", seconds=3)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_reached(host: str) -> None:
    assert reachable(host, 443, environment="production", seconds=3) == [host]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_sandbox_reaches_loopback_too(host: str) -> None:
    assert len(reachable(host, 80, environment="sandbox", seconds=3)) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_not_even_sandbox_reaches_loopback_where_others_reach_timbre(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LOCAL", False)
    with pytest.raises(Forbidden):
        reachable(host, 80, environment="sandbox", seconds=3)


def test_names_that_never_resolve_keep_no_other_name_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, given_up = socket.getaddrinfo, threading.Event()

    def hanging(host: str, *rest: Any, **named: Any) -> Any:
        return given_up.wait(30) if host.endswith(".tarpit.example") else resolve(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        for number in range(48):  # what 16 threads leave behind in 45 s, at 15 s a name
            with pytest.raises(Unresolved):
                reachable(f"{number}.tarpit.example", 80, environment="sandbox", seconds=0)
        assert reachable("localhost", 80, environment="sandbox", seconds=3)
    finally:
        given_up.set()


def test_sandbox_reaches_no_other_private_network() -> None:
    with pytest.raises(Forbidden):
        reachable("10.0.0.1", 80, environment="sandbox", seconds=3)


def test_networks_the_installation_allows_replace_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "WEBHOOK_ALLOW", [ip_network("10.1.0.0/16"), ip_network("fd12::/32")])
    for environment in ("sandbox", "production"):
        assert reachable("10.1.2.3", 443, environment=environment, seconds=3) == ["10.1.2.3"]
        assert reachable("fd12::9", 443, environment=environment, seconds=3) == ["fd12::9"]
        with pytest.raises(Forbidden):
            reachable("127.0.0.1", 443, environment=environment, seconds=3)


def test_a_name_without_address_is_not_forbidden_but_unresolved() -> None:
    with pytest.raises(Unresolved):
        reachable("nada.invalid", 443, environment="production", seconds=3)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "no es una url",
        "example.com/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///hook",
        "https://example.com:99999/",
        "https://ana:clave@example.com/",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://example.com/" + "a" * 2000,
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_in_spanish(url: str) -> None:
    with pytest.raises(Rejection) as refusal:
        check_url(url, environment="sandbox")
    assert (refusal.value.code, refusal.value.status, refusal.value.param) == (
        "webhook_url_invalid",
        400,
        "url",
    )
    assert "URL" in refusal.value.message


def test_production_asks_for_https() -> None:
    with pytest.raises(Rejection, match="https"):
        check_url("http://1.1.1.1/hook", environment="production")
    assert check_url(" https://1.1.1.1/hook ", environment="production") == "https://1.1.1.1/hook"


def test_sandbox_takes_plain_http_on_loopback() -> None:
    assert check_url("http://127.0.0.1:9000/hook", environment="sandbox") == "http://127.0.0.1:9000/hook"


def test_a_name_that_does_not_resolve_yet_may_be_saved() -> None:
    url = "https://pronto.invalid/hook"
    assert check_url(url, environment="production") == url
