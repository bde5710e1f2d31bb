"""The key of an installation is rotated while it serves, killed on the way, and finished."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tupana.webhooks import construct_webhook_event

from customers import Customer, invoice
from timbre.cli.installation import Installation
from timbre.cli.processes import start


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(data_dir=tmp_path / "data", workers=1)
    installation.start()
    yield installation
    installation.stop()


def test_a_rotation_killed_half_way_and_repeated_loses_nothing(
    own: Installation, arrive: Callable[[Installation], Customer]
) -> None:
    customer, file = arrive(own), own.data_dir / "secret.key"
    customer.enrol()
    first = file.read_text().split()

    with start(["rotate-secret"], own.environment, stderr=subprocess.PIPE) as killed:
        assert killed.stderr is not None
        assert "Esperando" in killed.stderr.readline()
        killed.kill()
    assert file.read_text().split()[1:] == first
    issue(customer, 1)

    said = rotate(own)
    [key] = file.read_text().split()
    assert key not in first
    assert not any(secret in said for secret in (key, *first, customer.key, customer.inbox.secret))
    issue(customer, 2)

    own.stop()
    own.start()
    issue(customer, 3)
    for body, headers in customer.inbox.deliveries:
        assert construct_webhook_event(body, headers, customer.inbox.secret)


def issue(customer: Customer, number: int) -> None:
    customer.tupana.documents.create_batch([invoice(number)], use_defaults=True)
    customer.wait_for("document.issued", number)


def rotate(installation: Installation) -> str:
    arguments = ["rotate-secret", "--stopped"]
    with start(arguments, installation.environment, stdout=subprocess.PIPE) as command:
        said, _ = command.communicate()
    assert command.returncode == 0
    return said
