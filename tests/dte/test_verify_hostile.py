import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import make_signed_dte
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
