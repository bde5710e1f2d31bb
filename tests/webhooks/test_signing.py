"""Signatures, secrets and links."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.conf import settings

from timbre.webhooks.links import file_url, read_link
from timbre.webhooks.signing import Identity, headers, key_of, new_secret

IDENTITY = Identity("11111111-2222-3333-4444-555555555555", "document.issued", "d-1")
BODY = '{"event":"document.issued","data":{"name":"Ñandú"}}'.encode()


def test_a_generated_secret_holds_256_random_bits() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith("whsec_")
    assert len(key_of(one)) == 32


def test_only_what_follows_whsec_is_decoded() -> None:
    assert key_of("whsec_" + base64.b64encode(b"sixteen bytes ok").decode()) == b"sixteen bytes ok"
    looks_like_base64 = "c2VjcmV0b3NlY3JldG8="
    assert key_of(looks_like_base64) == looks_like_base64.encode()
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_¡esto no!")


def test_both_signatures_are_over_the_bytes_that_are_sent(now: datetime) -> None:
    secret = "una clave de más de dieciséis"
    sent = headers(IDENTITY, BODY, [secret], now=now)
    assert sent["X-Pana-Signature"] == hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    signed = f"{IDENTITY.event_id}.{int(now.timestamp())}.".encode() + BODY
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    assert sent["webhook-signature"] == f"v1,{expected}"


def test_the_host_s_time_zone_does_not_matter(now: datetime) -> None:
    chile = now.astimezone(timezone(timedelta(hours=-3)))
    assert headers(IDENTITY, BODY, ["x" * 16], now=chile) == headers(IDENTITY, BODY, ["x" * 16], now=now)


def test_the_timestamp_is_utc_with_microseconds() -> None:
    sent = headers(IDENTITY, BODY, ["x" * 16], now=datetime(2026, 1, 19, 15, 30, 45, tzinfo=UTC))
    assert sent["X-Pana-Timestamp"] == "2026-01-19T15:30:45.000000Z"


def token_of(url: str) -> str:
    return url.removeprefix(f"{settings.BASE_URL}/files/").removesuffix("/")


def test_a_link_opens_its_file_for_an_hour(now: datetime) -> None:
    url = file_url("file_abc", now=now)
    assert url.startswith("http")
    assert read_link(token_of(url), now=now + timedelta(minutes=59, seconds=59)) == "file_abc"
    assert read_link(token_of(url), now=now + timedelta(hours=1)) is None


@pytest.mark.parametrize("position", [0, 6, 12, -1])
def test_an_altered_link_opens_nothing(now: datetime, position: int) -> None:
    token = list(token_of(file_url("file_abc", now=now)))
    token[position] = "x" if token[position] != "x" else "y"
    assert read_link("".join(token), now=now) is None


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "file_abc", "file_abc.9999999999.", "ñ.1.2"])
def test_what_is_no_link_opens_nothing(now: datetime, token: str) -> None:
    assert read_link(token, now=now) is None


def test_links_outlive_the_rotation_of_the_key(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(file_url("file_abc", now=now))
    old = settings.SECRET_KEY
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    assert read_link(token, now=now) is None
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [old])
    assert read_link(token, now=now) == "file_abc"
