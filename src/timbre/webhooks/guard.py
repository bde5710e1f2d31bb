"""Where a webhook may go: the public internet, and the networks this installation allows besides.

A name is judged by the addresses it resolves to, and the connection is made to one of exactly those, so
that nothing can change between the look and the leap.
"""

import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
from django.conf import settings

from timbre.accounts.errors import Rejection
from timbre.work.environments import Environment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL = 2000
LOOK_UP_SECONDS = 3.0
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_REFUSED = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments, where clouds keep their metadata too
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays, retired by RFC 7526
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host services, on a public address
    ipaddress.ip_network("3fff::/20"),  # documentation, newer than Python's own table
)
# getaddrinfo knows no deadline: it is waited for, and left behind, on these threads: more than all who
# deliver can leave behind until it gives up by itself. Names that never resolve keep no other waiting.
_resolvers = ThreadPoolExecutor(128, thread_name_prefix="resolve")


class Forbidden(Exception):
    """The address is not one a webhook may reach. The text is Spanish, for the log of deliveries."""


class Unresolved(Exception):
    """The name has no address now; it may have one later."""


def reachable(host: str, port: int, *, environment: str, seconds: float) -> list[str]:
    """The addresses of ``host`` a webhook of this environment may connect to, at least one.

    Waits for the resolver at most ``seconds``. Raises Unresolved, or Forbidden if none may be reached.
    """
    allowed = _allowed(environment)
    found = _resolve(host, port, seconds)
    good = [str(address) for address in found if permits(address, allowed)]
    if not good:
        raise Forbidden(f"{host} está en una red privada o reservada")
    return good


def permits(address: Address, allowed: tuple[Network, ...]) -> bool:
    """Whether the address, or the IPv4 address it carries within, is public or in an allowed network."""
    inner = _carried(address)
    if any(inner.version == network.version and inner in network for network in allowed):
        return True
    refused = any(inner.version == network.version and inner in network for network in _REFUSED)
    outside = isinstance(inner, ipaddress.IPv6Address) and inner not in _GLOBAL_UNICAST
    return inner.is_global and not (inner.is_multicast or refused or outside)


def may_read(address: str) -> bool:
    """Whether the log may show what this address answered. What listens on this machine for itself alone is
    not for those to read who reach Timbre from elsewhere.
    """
    return settings.LOCAL or not _carried(ipaddress.ip_address(address)).is_loopback


def check_url(url: str, *, environment: str) -> str:
    """The URL, fit to be saved. Raises Rejection ``webhook_url_invalid``, in Spanish.

    A name that does not resolve yet passes: every delivery is judged again on its own.
    """
    given = url.strip()
    parsed = _parse(given)
    if environment == Environment.PRODUCTION and parsed.scheme != "https":
        raise _invalid("En producción la URL del webhook debe empezar con https://.")
    try:
        reachable(parsed.host, port_of(parsed), environment=environment, seconds=LOOK_UP_SECONDS)
    except Forbidden as error:
        raise _invalid(f"La URL apunta a una dirección que no se puede usar: {error}.") from error
    except Unresolved:
        pass
    return given


def port_of(url: httpx.URL) -> int:
    return {"http": 80, "https": 443}[url.scheme] if url.port is None else url.port


def _parse(url: str) -> httpx.URL:
    if not url or len(url) > MAX_URL:
        raise _invalid(f"Escribe la URL del webhook, de hasta {MAX_URL} caracteres.")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise _invalid("La URL del webhook no se puede leer: revisa que esté completa.") from error
    if parsed.scheme not in {"http", "https"} or not _HOST.fullmatch(parsed.raw_host):
        raise _invalid("La URL del webhook debe empezar con https:// y nombrar un servidor.")
    if not 0 < port_of(parsed) < 65536:
        raise _invalid("El puerto de la URL del webhook debe estar entre 1 y 65535.")
    if parsed.userinfo:
        raise _invalid("La URL del webhook no puede llevar usuario ni contraseña: verifica con la firma.")
    return parsed


def _invalid(message: str) -> Rejection:
    return Rejection("webhook_url_invalid", message, status=400, param="url")


def _allowed(environment: str) -> tuple[Network, ...]:
    """What listens on this machine for itself alone is for those to try with who sit at it."""
    default = LOOPBACK if settings.LOCAL and environment == Environment.SANDBOX else ()
    return tuple(settings.WEBHOOK_ALLOW) or default


def _resolve(host: str, port: int, seconds: float) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pending = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = pending.result(timeout=max(seconds, 0.01))
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Unresolved(f"{host} no tiene dirección en este momento") from error
    return [ipaddress.ip_address(place[4][0]) for place in found]


def _carried(address: Address) -> Address:
    """The IPv4 address inside a mapped, 6to4 or NAT64 one, where the packet would end up; else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
