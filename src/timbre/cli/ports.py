"""Ports: which is free, and whether a server may have the one it was told to take."""

import errno
import os
import socket

import click

LOOPBACK = "127.0.0.1"


def refuse_taken(host: str, port: int) -> None:
    """Raises ClickException when a server could not have this address to itself.

    The web server listens with SO_REUSEPORT: without this, a second one would silently share the port.
    """
    try:
        _bind(host, port)
    except OSError as failure:
        reason = failure.strerror
        if failure.errno == errno.EADDRINUSE:
            reason = "otro programa ya usa ese puerto; apágalo o elige otro con TIMBRE_PORT"
        raise click.ClickException(f"no se puede escuchar en {host}, puerto {port}: {reason}") from None


def free_port() -> int:
    """A loopback port nobody listens on now, below those the kernel gives to outgoing connections."""
    while True:
        port = 20_000 + int.from_bytes(os.urandom(2)) % 12_000
        try:
            _bind(LOOPBACK, port)
        except OSError:
            continue
        return port


def _bind(host: str, port: int) -> None:
    """Raises OSError when somebody listens there. What is left of closed connections is not in the way."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
