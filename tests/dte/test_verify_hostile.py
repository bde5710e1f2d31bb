import base64
import re
import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import make_envelope, make_signed_dte, make_x509
from timbre.dte.verify import verify

GOOD = make_signed_dte()

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE DTE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<DTE>&b;</DTE>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_xml"),
        (b"hola", "not_xml"),
        (GOOD[:900], "not_xml"),
        (BOMB, "not_xml"),
        (BOMB.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"), "not_xml"),
        (b"<DTE>" * 2_000, "not_xml"),
        (b" " * 20_000_001, "not_xml"),
        (b"<html/>", "not_a_dte"),
        (b"<EnvioDTE><SetDTE/></EnvioDTE>", "no_documents"),
    ],
    ids=["empty", "text", "truncated", "bomb", "bomb in UTF-16", "deep", "huge", "page", "empty envelope"],
)
def test_what_cannot_be_judged_is_a_finding_too(data: bytes, code: str) -> None:
    report = verify(data)
    assert report.findings[0].code == code
    assert not report.is_readable
    assert not report.is_valid


@pytest.mark.parametrize("number", [b"1E+999999", b"9" * 5000, b"NaN", b"-1", b"\xb2"])
def test_numbers_that_are_an_attack_are_no_numbers(number: bytes) -> None:
    for name in (b"MntTotal", b"Folio", b"MontoItem", b"PrcItem", b"IDK"):
        start = GOOD.index(b"<" + name + b">") + len(name) + 2
        end = GOOD.index(b"</" + name, start)
        assert not verify(GOOD[:start] + number + GOOD[end:]).is_valid


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_whatever_byte_is_changed_nothing_is_raised(place: int, byte: int) -> None:
    changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    report = verify(changed)
    inside = GOOD.index(b"<Documento") < place < GOOD.index(b"</Documento>")
    if inside and changed != GOOD:
        assert not report.is_valid


def of_another_version() -> bytes:
    """A certificate of X.509 version 10, as the SII's own old ones are of one that there is not."""
    der = make_x509()[1].public_bytes(Encoding.DER)
    return der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020109"), 1)


def test_a_certificate_of_a_version_that_there_is_not_is_no_certificate() -> None:
    value = base64.b64encode(of_another_version())
    (document,) = verify(
        re.sub(b"(?s)(<X509Certificate>).*?(</X509Certificate>)", rb"\g<1>" + value + rb"\g<2>", GOOD)
    ).documents
    assert "signature" in {finding.code for finding in document.findings}


@pytest.mark.parametrize(
    ("name", "value"), [("Modulus", b"AQAB"), ("Modulus", b"\xf1"), ("Exponent", b"Aw==")]
)
def test_a_key_beside_the_certificate_is_the_certificate_s(name: str, value: bytes) -> None:
    start = GOOD.index(f"<{name}>".encode()) + len(name) + 2
    changed = GOOD[:start] + value + GOOD[GOOD.index(f"</{name}>".encode()) :]
    (document,) = verify(changed).documents
    assert "signature" in {finding.code for finding in document.findings}


SECOND = make_signed_dte(folio=2).partition(b"?>")[2]


@pytest.mark.parametrize(
    "changed",
    [
        make_envelope(GOOD).replace(b"</SetDTE>", b"</SetDTE>" + SECOND),
        make_envelope(GOOD).replace(b"</EnvioDTE>", SECOND + b"</EnvioDTE>"),
        make_envelope(GOOD).replace(b"</SetDTE>", b"</SetDTE><X><SetDTE/></X>"),
    ],
    ids=["after the set", "after its signature", "a stranger"],
)
def test_what_an_envelope_does_not_sign_is_told(changed: bytes) -> None:
    report = verify(changed)
    assert [finding.code for finding in report.findings] == ["outside_set"]
    assert not report.is_valid


@pytest.mark.parametrize("where", [b"<DTE", b"<Documento", b"<Signature", b"<TmstFirma"])
@pytest.mark.parametrize("count", [2_000, 20_001])
def test_a_crowd_of_namespaces_takes_nobody_s_time(where: bytes, count: int) -> None:
    crowd = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(count)).encode()
    started = time.process_time()
    assert not verify(GOOD.replace(where, where + crowd, 1)).is_valid
    assert time.process_time() - started < 2
