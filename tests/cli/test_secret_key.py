"""The file of the generated key, while it is rotated."""

import stat
from pathlib import Path

import pytest
from django.conf import settings

from timbre.accounts import vault
from timbre.config import secret_key

PLACE = "credential/cred_1/clave"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret.key"


def test_a_key_is_made_once(file: Path) -> None:
    first = secret_key.load_or_create(file)
    assert len(first) == 1
    assert len(first[0]) >= 64
    assert secret_key.load_or_create(file) == first


def test_a_new_key_comes_first_and_an_interrupted_rotation_goes_on_with_its_own(file: Path) -> None:
    old = secret_key.load_or_create(file)
    secret_key.add_new(file)
    both = secret_key.load_or_create(file)
    assert both[1:] == old
    assert both[0] not in old
    secret_key.add_new(file)
    assert secret_key.load_or_create(file) == both
    secret_key.drop_old(file)
    assert secret_key.load_or_create(file) == both[:1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_only_one_rotates_at_a_time(file: Path) -> None:
    with secret_key.alone(file) as first, secret_key.alone(file) as second:
        assert (first, second) == (True, False)
    with secret_key.alone(file) as later:
        assert later


def test_a_process_that_serves_follows_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_key.load_or_create(file)
    monkeypatch.setattr(settings, "SECRET_KEY_FILE", file)
    before = vault.seal("clave", place=PLACE)
    secret_key.add_new(file)
    after = vault.seal("clave", place=PLACE)
    assert vault.unseal(before, place=PLACE) == "clave"
    secret_key.drop_old(file)
    assert vault.unseal(after, place=PLACE) == "clave"
    with pytest.raises(vault.Unopenable):
        vault.unseal(before, place=PLACE)
