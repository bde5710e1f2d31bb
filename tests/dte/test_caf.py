import pytest

from factories import AUTHORITY, make_caf_xml, make_small_key
from timbre.dte.caf import open_caf
from timbre.dte.codes import TipoDte
from timbre.dte.errors import InvalidCaf


def test_a_caf_says_whose_folios_it_grants() -> None:
    caf = open_caf(make_caf_xml(desde=7, hasta=9), AUTHORITY.public_key())
    assert (caf.emisor, caf.tipo, caf.desde, caf.hasta, caf.idk) == (
        "77777777-7",
        TipoDte.FACTURA,
        7,
        9,
        999,
    )
    assert caf.razon_social == "PANADERIA ÑANDU & HIJOS"


def test_its_element_is_kept_flat_and_otherwise_untouched() -> None:
    caf = open_caf(make_caf_xml())
    assert "\n" not in caf.xml
    assert "<DA><RE>77777777-7</RE><RS>PANADERIA ÑANDU &amp; HIJOS</RS><TD>33</TD>" in caf.xml


def test_its_private_key_shows_in_no_repr() -> None:
    assert "RSAPrivateKey" not in repr(open_caf(make_caf_xml()))


def test_a_caf_of_another_authority_is_refused() -> None:
    with pytest.raises(InvalidCaf, match="FRMA"):
        open_caf(make_caf_xml(), make_small_key(1000).public_key())


def test_a_caf_changed_by_one_folio_is_refused() -> None:
    changed = make_caf_xml().replace(b"<H>100</H>", b"<H>101</H>")
    with pytest.raises(InvalidCaf, match="FRMA"):
        open_caf(changed, AUTHORITY.public_key())


def test_a_private_key_of_another_caf_is_refused() -> None:
    ours, other = make_caf_xml(), make_caf_xml(tipo=34)
    stolen = other[other.index(b"<RSASK>") : other.index(b"</RSASK>")]
    with pytest.raises(InvalidCaf, match="pareja"):
        open_caf(ours[: ours.index(b"<RSASK>")] + stolen + ours[ours.index(b"</RSASK>") :])


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"<D>1</D>", b"<D>200</D>"),
        (b"<D>1</D>", b"<D>0</D>"),
        (b"<D>1</D>", b"<D>one</D>"),
        (b"<TD>33</TD>", b"<TD>99</TD>"),
        (b"<IDK>999</IDK>", b""),
        (b"<FA>2026-01-02</FA>", b"<FA>ayer</FA>"),
        (b"77777777-7", b"77777777-8"),
        (b"<RSAPK>", b"<RSAPK><!-- -->"),
        (b"BEGIN RSA", b"BEGIN NO RSA"),
        (b"</AUTORIZACION>", b""),
    ],
)
def test_what_is_no_whole_caf_is_refused(was: bytes, now: bytes) -> None:
    with pytest.raises(InvalidCaf):
        open_caf(make_caf_xml().replace(was, now))


@pytest.mark.parametrize("data", [b"", b"hola", b"<a/>", b"x" * 30_000, bytes(range(256))])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidCaf):
        open_caf(data)
