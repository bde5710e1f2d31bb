import socket

import click
import pytest

from timbre.cli.ports import LOOPBACK, free_port, refuse_taken


def test_a_port_somebody_listens_on_is_refused() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken, pytest.raises(click.ClickException) as refused:
        refuse_taken(LOOPBACK, taken.getsockname()[1])
    assert "otro programa ya usa ese puerto" in refused.value.message


def test_a_port_that_would_be_shared_is_refused() -> None:
    with socket.socket() as sharing:
        sharing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sharing.bind((LOOPBACK, 0))
        sharing.listen()
        with pytest.raises(click.ClickException):
            refuse_taken(LOOPBACK, sharing.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(click.ClickException) as refused:
        refuse_taken("192.0.2.1", 8000)
    assert "192.0.2.1, puerto 8000" in refused.value.message


def test_a_free_port_is_not_one_an_outgoing_connection_may_have() -> None:
    port = free_port()
    refuse_taken(LOOPBACK, port)
    assert 20_000 <= port < 32_768
