from collections.abc import Callable

import pytest

from timbre.dte.caf import open_caf
from timbre.dte.errors import InvalidCaf, InvalidXml
from timbre.dte.parsing import MAX_BYTES, parse_xml
from timbre.dte.schema import validate
from timbre.dte.signature import digest_of, verify_dte
from timbre.pdf.reading import read

LAUGHS = b'<!DOCTYPE a [<!ENTITY l "ja"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]><DTE>&m;</DTE>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><DTE>&x;</DTE>'
REMOTE = b'<!DOCTYPE DTE SYSTEM "http://127.0.0.1:9/a.dtd"><DTE/>'
WIDE = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY l "ja">]><DTE>&l;</DTE>'.encode("utf-16")


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE, REMOTE, WIDE])
@pytest.mark.parametrize("enter", [parse_xml, validate, verify_dte, digest_of, read])
def test_entities_and_dtds_are_refused_at_every_door(enter: Callable[[bytes], object], xml: bytes) -> None:
    with pytest.raises(InvalidXml, match="DTD"):
        enter(xml)


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE, REMOTE])
def test_a_caf_with_a_dtd_is_refused(xml: bytes) -> None:
    with pytest.raises(InvalidCaf):
        open_caf(xml)


@pytest.mark.parametrize("xml", [b"", b"<DTE>", b"hola", b"<DTE>\x00</DTE>", b"<a>" * 10_000])
def test_what_is_no_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(InvalidXml):
        parse_xml(xml)


def test_a_file_over_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(InvalidXml, match="máximo"):
        parse_xml(b" " * (MAX_BYTES + 1))
