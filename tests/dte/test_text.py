import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbre.dte.errors import NotLatin1
from timbre.dte.text import fold_ascii, to_latin1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("“Pan” ‘amasado’ — 1 kg…", "\"Pan\" 'amasado' - 1 kg..."),
        ("uno\xa0dos\u2009tres", "uno dos tres"),
        ("línea\r\notra\tmás\x00fin", "línea otra más fin"),
        ("cero\u200bancho\ufeff\xad", "ceroancho"),
        ("n\u0303andu\u0301", "ñandú"),
        ("Škoda ő ł ﬁno", "Skoda o l fino"),
        ("N° 5 · ½ m² ª º", "N° 5 · ½ m² ª º"),
        ("  12 € ", "12 EUR"),
        ("O'Higgins & Cía. <SpA>", "O'Higgins & Cía. <SpA>"),
    ],
)
def test_typography_becomes_its_honest_latin1_equivalent(typed: str, kept: str) -> None:
    assert to_latin1(typed) == kept


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pan 🍞", "BREAD"),
        ("パン", "KATAKANA LETTER PA"),
        ("שלום", "HEBREW LETTER SHIN"),
        ("2⅓ m", "VULGAR FRACTION ONE THIRD"),
        ("\ud800", "U+D800"),
    ],
)
def test_what_has_no_equivalent_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(NotLatin1) as refused:
        to_latin1(text)
    assert name in refused.value.characters


@given(st.text())
def test_whatever_is_accepted_encodes_on_one_line_and_stays_as_it_is(text: str) -> None:
    try:
        kept = to_latin1(text)
    except NotLatin1:
        return
    assert kept.encode("iso-8859-1").decode("iso-8859-1") == kept
    assert kept.isprintable() or not kept
    assert to_latin1(kept) == kept


def test_the_stamps_text_loses_accents_quotes_and_ampersands() -> None:
    assert fold_ascii('Ñandú & "Cía" O\'Higgins N° 5') == "Nandu Cia OHiggins No 5"


def test_the_stamps_text_is_cut_after_folding() -> None:
    assert fold_ascii("ß" * 30) == "s" * 40
    assert fold_ascii("a" * 39 + " b") == "a" * 39


@given(st.text())
def test_the_stamps_text_is_always_one_to_forty_plain_characters(text: str) -> None:
    folded = fold_ascii(text)
    assert 1 <= len(folded) <= 40
    assert folded.isascii()
    assert not set(folded) & set("&<>\"'\n")
