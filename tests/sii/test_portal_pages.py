"""Reading pages: what a person sees decides, and no page, however broken, breaks the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbre.sii.portal.pages import Page, plain
from timbre.sii.transport import Answer


def page(html: str) -> Page:
    return Page(Answer(200, "text/html", "", html.encode("windows-1252", "xmlcharrefreplace")))


def alert(*words: str, back: str = "history.back();", extra: str = "") -> Page:
    calls = "\n".join(f"alert('{word}');" for word in words)
    return page(f"<html><head><script>function f() {{\n{extra}\n{calls}\n{back} }}</script></head></html>")


def test_one_alert_and_a_step_back_is_a_verdict() -> None:
    assert alert("Rut Receptor\\n incorrecto").verdict == "Rut Receptor incorrecto"
    assert alert("No", back="history.go( -1 );").verdict == "No"


def test_several_different_alerts_are_the_templates_catalogue() -> None:
    assert alert("Debe ingresar", "Rut incorrecto").verdict is None
    assert alert("Igual", "Igual").verdict == "Igual"


def test_an_alert_that_takes_nobody_back_is_no_verdict() -> None:
    assert alert("Documento enviado", back="").verdict is None


@pytest.mark.parametrize(
    "decoy", ["//alert('no');", "  // alert('no');", "/* alert('no');\n */", "x(); // alert('no')"]
)
def test_commented_alerts_say_nothing(decoy: str) -> None:
    assert alert("Sí", extra=decoy).verdict == "Sí"


def test_an_address_inside_a_script_hides_no_alert() -> None:
    assert alert("Sí", extra="location='https://www1.sii.cl/x';").verdict == "Sí"


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- ENVIADO EXITOSAMENTE -->",
        "<script>var x = 'ENVIADO EXITOSAMENTE';</script>",
        "<div style='display: none'>ENVIADO EXITOSAMENTE</div>",
        "<textarea>ENVIADO EXITOSAMENTE</textarea>",
        "<input value='ENVIADO EXITOSAMENTE'>",
        "<title>ENVIADO EXITOSAMENTE</title>",
    ],
)
def test_only_the_visible_text_speaks(hidden: str) -> None:
    assert not page(f"<body>hola {hidden} chao").says("enviado exitosamente")
    assert page("<body><h4>ENVIADO<b> EXITOSAMENTE").says("enviado exitosamente")


def test_malformed_forms_are_read_as_a_browser_would() -> None:
    found = page(
        """<FORM name=f><input type=hidden name=a value="1 &amp; 2"><td><input name=b disabled value=x>
        <input type=checkbox name=c value=SiChecked><input type=checkbox name=d value=SiChecked checked>
        <input type=button name=e value=Firmar><select name=g><option value=1>uno<option value=2
        selected>dos</select>
        <select name=h><option>Talca<option>Chile</select><textarea name="x">\n<DTE>&amp;</DTE></textarea>"""
    )
    assert found.form("f") == {
        "a": "1 & 2",
        "d": "SiChecked",
        "g": "2",
        "h": "Talca",
        "x": "<DTE>&amp;</DTE>",
    }
    assert found.form("other") is None


def test_script_arrays_are_read_with_their_escapes() -> None:
    rows = r"""[["O\'HIGGINS \"310\"","ÑUÑOA",'a]b',"77"," "],["0","0"]]"""
    source = f"<script>var emisorDir = {rows}; var x=[1];</script>"
    assert page(source).array("emisorDir") == [['O\'HIGGINS "310"', "ÑUÑOA", "a]b", "77", " "], ["0", "0"]]
    assert page(source).array("recptorDir") == []


def test_support_codes_are_found() -> None:
    assert page("<p>CODIGO: 02.35.209.-1.148.10").support_code == "02.35.209.-1.148.10"


def test_case_accents_and_punctuation_do_not_tell_texts_apart() -> None:
    assert plain(" Av.  Ñuñoa, N° 12-B ") == plain("AV ÑUÑOA Nº 12 b") == "av nunoa n 12 b"


_SHARDS = (
    *("<form name=f>", "<script>", "</script>", "alert('a');", "<table id=t>", "<tr><td>", "<!--", "-->"),
    *("<textarea name=x>", "</textarea>", "<select name=s>", "<option value='1'>", "a=[[", "'b',", "]]"),
    *("//", "\n", "é", "\x00"),
)
_MARKUP = st.lists(st.sampled_from(_SHARDS) | st.text(max_size=20)).map("".join)


@given(_MARKUP)
def test_no_page_breaks_the_reader(html: str) -> None:
    found = page(html)
    parts = (
        found.title,
        found.visible,
        found.script,
        found.support_code,
        found.form("f"),
        found.options("s"),
    )
    assert all(part is None or isinstance(part, str | dict | list) for part in parts)
    assert isinstance(found.array("a"), list)
    assert isinstance(found.rows("t"), list)
    assert found.verdict in (None, "a")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    found = Page(Answer(200, "", "", body))
    assert isinstance(found.visible, str)
    assert found.form("f") is None


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"])), min_size=1), min_size=1
    )
)
def test_whatever_an_array_holds_is_read_back(rows: list[list[str]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    written = "[" + ",".join("[" + ",".join(map(quoted, row)) + "]" for row in rows) + "]"
    assert page(f"<script>var a={written};</script>").array("a") == rows
