"""Reading the portal's pages: HTML that no XML parser accepts, always served with HTTP 200 (5.0).

Three rules decide. What counts is the text a person sees: comments, scripts and hidden parts say nothing.
One alert followed by a step back is the SII's *verdict*; several different alerts are the template's
catalogue. And a page nobody recognises is unknown, never a success.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from html import unescape

from lxml import etree

from timbre.sii.transport import Answer

_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_COMMENT = re.compile(r"(^|[\s;{}()])//[^\n]*", re.MULTILINE)
_ALERT = re.compile(r"""\balert\s*\(\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')\s*\)""")
_STEP_BACK = re.compile(r"\bhistory\s*\.\s*(?:back\s*\(|go\s*\(\s*-\s*1\s*\))")
_SUPPORT_CODE = re.compile(r"\b\d{2}\.\d{2}\.\d{3}\.-?\d{1,4}\.\d{1,4}\.\d{1,4}\b")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_ARRAY_TOKEN = re.compile(r"""\s*(?:([\[\],])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?[\d.]+|null))""")
_ORDINALS = str.maketrans("°ºª", "   ")
_ACCENTS = re.compile("[\u0300-\u036f]")
_NO_WORD = re.compile(r"[\W_]+")
_SILENT = ("script", "style", "textarea", "option", "noscript", "title", "head")


def plain(text: str) -> str:
    """The text as it is compared: lower case, no accents, letters and digits in words one blank apart."""
    bare = unicodedata.normalize("NFKD", text.translate(_ORDINALS).casefold())
    return _NO_WORD.sub(" ", _ACCENTS.sub("", bare)).strip()


class Page:
    """One answer of the portal, read leniently and only as far as it is asked about."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    @cached_property
    def source(self) -> str:
        """The page as a browser decodes it: windows-1252, whatever it claims."""
        return self.answer.body.decode("windows-1252", "replace")

    @cached_property
    def _root(self) -> etree._Element | None:
        parser = etree.HTMLParser(encoding="windows-1252", no_network=True, recover=True, huge_tree=False)
        try:
            return etree.fromstring(self.answer.body, parser)
        except (etree.XMLSyntaxError, ValueError):
            return None

    @cached_property
    def title(self) -> str:
        """The title, normalised by ``plain``."""
        found = re.search(r"<title[^>]*>(.*?)</title", self.source, re.IGNORECASE | re.DOTALL)
        return plain(unescape(found[1])) if found else ""

    @cached_property
    def visible(self) -> str:
        """The text a person sees, white space collapsed. Commented, scripted and hidden text is not in it."""
        return " ".join(" ".join(_seen(self._root)).split()) if self._root is not None else ""

    @cached_property
    def script(self) -> str:
        """The code of the page's scripts, without what is commented out."""
        if self._root is None:
            return ""
        code = "\n".join(element.text or "" for element in self._root.iter("script"))
        return _LINE_COMMENT.sub(r"\1", _BLOCK_COMMENT.sub(" ", code))

    @cached_property
    def verdict(self) -> str | None:
        """The SII's words when the page is a verdict: exactly one alert and a step back. Else None."""
        if "alert" not in self.source:
            return None
        words = {" ".join(_unquote(a or b).split()) for a, b in _ALERT.findall(self.script)}
        return words.pop() if len(words) == 1 and _STEP_BACK.search(self.script) else None

    @cached_property
    def support_code(self) -> str:
        """The ``aa.bb.ccc.ddd.eee.ff`` code of an error page, or empty."""
        found = _SUPPORT_CODE.search(self.visible) or _SUPPORT_CODE.search(self.script)
        return found[0] if found else ""

    def says(self, words: str) -> bool:
        """Whether the visible text contains the words, accents and case aside."""
        return plain(words) in self._plain_visible

    @cached_property
    def _plain_visible(self) -> str:
        return plain(self.visible)

    def form(self, name: str) -> dict[str, str] | None:
        """What a browser would post of the form with that name or id, untouched; None without such a form.

        Textareas come verbatim from the source, nothing unescaped (5.6 a).
        """
        if self._root is None:
            return None
        for form in self._root.iter("form"):
            if name in (form.get("name"), form.get("id")):
                return dict(self._fields(form))
        return None

    def options(self, select: str) -> list[str] | None:
        """The values a select offers, or None when the page has no such select."""
        if self._root is None:
            return None
        for element in self._root.iter("select"):
            if element.get("name") == select:
                values = [option.get("value") or "" for option in element.iter("option")]
                return [value.strip() for value in values]
        return None

    def array(self, name: str) -> list[list[str]]:
        """The rows of ``name=[["…","…"],…]`` in the page's script; empty when it is not there."""
        found = re.search(rf"\b{re.escape(name)}\s*=\s*\[", self.source)
        return _read_rows(self.source, found.end()) if found else []

    def rows(self, table: str) -> list[tuple[list[str], list[str]]]:
        """Each row of the table with that id as (cell texts, link targets)."""
        if self._root is None:
            return []
        for element in self._root.iter("table"):
            if element.get("id") == table:
                return [_row(tr) for tr in element.iter("tr")]
        return []

    def links(self) -> Iterator[str]:
        """Targets of the page's links."""
        if self._root is not None:
            yield from (a.get("href") or "" for a in self._root.iter("a"))

    def _fields(self, form: etree._Element) -> Iterator[tuple[str, str]]:
        for element in form.iter("input", "select", "textarea"):
            name = element.get("name")
            if not name or element.get("disabled") is not None:
                continue
            if element.tag == "textarea":
                yield name, self._textarea(name)
            elif element.tag == "select":
                yield name, _selected(element)
            elif _is_posted(element):
                yield name, element.get("value") or ""

    def _textarea(self, name: str) -> str:
        opening = rf"<textarea\b[^>]*\bname\s*=\s*[\"']?{re.escape(name)}\b[^>]*>"
        found = re.search(opening + r"\r?\n?(.*?)</textarea", self.source, re.IGNORECASE | re.DOTALL)
        return found[1] if found else ""


def _seen(root: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event != "start":
            yield element.tail or ""
        elif element.tag in _SILENT or _is_hidden(element):
            walk.skip_subtree()
        else:
            yield element.text or ""


def _is_hidden(element: etree._Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style


def _is_posted(element: etree._Element) -> bool:
    kind = (element.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return element.get("checked") is not None
    return kind not in {"submit", "button", "image", "reset", "file"}


def _selected(select: etree._Element) -> str:
    options = list(select.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None] or options[:1]
    if not chosen:
        return ""
    value = chosen[-1].get("value")
    return value if value is not None else (chosen[-1].text or "").strip()


def _row(tr: etree._Element) -> tuple[list[str], list[str]]:
    cells = [" ".join("".join(_seen(cell)).split()) for cell in tr.iter("td", "th")]
    return cells, [a.get("href") or "" for a in tr.iter("a")]


def _read_rows(source: str, start: int) -> list[list[str]]:
    """Rows of a JavaScript array of arrays, read from behind its opening bracket to where it ends."""
    rows: list[list[str]] = []
    row: list[str] | None = None
    for token in _ARRAY_TOKEN.finditer(source, start):
        if token.start() != start:
            break
        start = token.end()
        mark, double, single, bare = token.groups()
        if mark == "[":
            row = []
            rows.append(row)
        elif mark == "]":
            if row is None:
                break
            row = None
        elif mark is None and row is not None:
            text = double if double is not None else single
            row.append(_unquote(text) if text is not None else bare)
    return rows


def _unquote(text: str) -> str:
    """The value of a JavaScript string literal's inside."""

    def char(found: re.Match[str]) -> str:
        if code := found[1] or found[2]:
            return chr(int(code, 16))
        return _LETTERS.get(found[3], found[3])

    return _ESCAPE.sub(char, text) if "\\" in text else text
