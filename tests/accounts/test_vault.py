"""Secrets at rest."""

import base64

import pytest
from django.conf import settings

from timbre.accounts import vault
from timbre.accounts.vault import Unopenable, fingerprint, seal, unseal

PLACE = "credential/cred_1/clave"


@pytest.mark.parametrize("plain", ["", "clave", "ñandú €", "x" * 10_000])
def test_what_is_sealed_opens_in_its_place(plain: str) -> None:
    sealed = seal(plain, place=PLACE)
    assert unseal(sealed, place=PLACE) == plain
    assert not plain or plain not in sealed


def test_equal_secrets_do_not_look_equal() -> None:
    assert seal("clave", place=PLACE) != seal("clave", place=PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    ["credential/cred_2/clave", "credential/cred_1/certificate_password", "webhook/cred_1/clave", ""],
)
def test_a_sealed_text_moved_elsewhere_does_not_open(elsewhere: str) -> None:
    with pytest.raises(Unopenable) as failure:
        unseal(seal("mi clave", place=PLACE), place=elsewhere)
    assert "mi clave" not in str(failure.value)


@pytest.mark.parametrize("byte", [0, 11, 12, -1])
def test_an_altered_text_does_not_open(byte: int) -> None:
    raw = bytearray(base64.b64decode(seal("mi clave", place=PLACE)))
    raw[byte] ^= 1
    with pytest.raises(Unopenable):
        unseal(base64.b64encode(raw).decode(), place=PLACE)


@pytest.mark.parametrize("junk", ["", "AAAA", "no es base64", "ñ"])
def test_what_was_never_sealed_does_not_open(junk: str) -> None:
    with pytest.raises(Unopenable):
        unseal(junk, place=PLACE)


def test_a_rotated_key_opens_the_old_and_seals_with_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SECRET_KEYS", ["old"])
    before = seal("clave", place=PLACE)
    monkeypatch.setattr(settings, "SECRET_KEYS", ["new", "old"])
    assert unseal(before, place=PLACE) == "clave"
    after = seal("clave", place=PLACE)
    monkeypatch.setattr(settings, "SECRET_KEYS", ["new"])
    assert unseal(after, place=PLACE) == "clave"
    with pytest.raises(Unopenable):
        unseal(before, place=PLACE)


def test_purposes_have_keys_of_their_own() -> None:
    derived = {vault._derive("key", purpose) for purpose in ("credential", "webhook", "fingerprint")}
    assert len(derived) == 3


def test_fingerprints_tell_secrets_apart_without_keeping_them() -> None:
    one = fingerprint("portal:sandbox:1-9", "clave")
    assert one == fingerprint("portal:sandbox:1-9", "clave")
    assert one != fingerprint("portal:sandbox:1-9", "clavf")
    assert one != fingerprint("portal:sandbox:2-7", "clave")
    assert "clave" not in one
    assert len(one) == 64


def test_a_fingerprint_knows_where_one_part_ends() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("a\x1fb") != fingerprint("a", "b")


def test_fingerprints_cannot_be_guessed_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    one = fingerprint("clave")
    monkeypatch.setattr(settings, "SECRET_KEYS", ["another"])
    assert fingerprint("clave") != one
