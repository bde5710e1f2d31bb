"""How Chile reads things: RUTs, pesos, dates, states; and addresses within the present environment."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from timbre.dte.rut import with_dots
from timbre.issuing.models import Document
from timbre.issuing.words import Estado, estado_of
from timbre.platform.icons import ICONS

register = template.Library()
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
NBSP = "\u00a0"


@register.filter
def rut(value: str) -> str:
    """``76.543.210-3``, in one piece."""
    return with_dots(value).replace("-", "\u2011") if value else ""


@register.filter
def pesos(value: int | None) -> str:
    """``$ 1.234.567``; nothing for None."""
    return "" if value is None else f"${NBSP}{_dots(value)}"


@register.filter
def number(value: int | None) -> str:
    """``1.234.567``."""
    return "" if value is None else _dots(value)


@register.filter
def day(value: date | None) -> str:
    """``22 nov 2026``."""
    return f"{value.day}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}" if value else ""


@register.filter
def moment(value: datetime | None) -> SafeString:
    """``22 nov 2026, 14:05`` in Chile, with the exact instant in a tooltip."""
    if value is None:
        return mark_safe("")
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}, {}</time>',
        local.isoformat(timespec="seconds"), f"{local:%Y-%m-%d %H:%M:%S %z}",
        day(local.date()), f"{local:%H:%M}",
    )  # fmt: skip


@register.filter
def ago(value: datetime | None) -> SafeString:
    """``hace 5 min``, ``en 3 h``; the exact instant in a tooltip. For lists."""
    if value is None:
        return mark_safe("")
    seconds = (timezone.now() - value).total_seconds()
    size, unit = next(((s, u) for s, u in _UNITS if abs(seconds) >= s), (1, "s"))
    span = f"{int(abs(seconds) // size)}{NBSP}{unit}"
    local = timezone.localtime(value)
    said = "ahora" if abs(seconds) < 1 else f"hace {span}" if seconds > 0 else f"en {span}"
    return format_html(
        '<time datetime="{}" title="{}, {}">{}</time>',
        local.isoformat(timespec="seconds"), day(local.date()), f"{local:%H:%M:%S}", said,
    )  # fmt: skip


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@register.simple_tag
def estado(document: Document) -> SafeString:
    """A document's state: icon, word and colour, the same everywhere."""
    return estado_word(estado_of(document.state, document.error_code))


@register.simple_tag
def estado_word(value: str) -> SafeString:
    """The same component from the word's own value (``en_duda``)."""
    word = Estado(value)
    return _state(word.value, _ICONS[word], word.label)


@register.simple_tag
def mark(kind: str, word: str) -> SafeString:
    """A state that is no document's: ``kind`` is ``good``, ``wait``, ``doubt``, ``bad`` or ``off``."""
    return _state(kind, _MARKS[kind], word)


def _state(slug: str, drawing: str, word: str) -> SafeString:
    """Written here and not in a template: a list has a hundred of them."""
    return format_html('<span class="state {}">{}{}</span>', slug, icon(drawing), word)


_MARKS = {"good": "check", "wait": "clock", "doubt": "question", "bad": "cross", "off": "minus"}
_ICONS = {
    Estado.BORRADOR: "document",
    Estado.EN_CAMINO: "arrow",
    Estado.ESPERANDO: "clock",
    Estado.EN_DUDA: "question",
    Estado.EMITIDO: "check",
    Estado.NO_EMITIDO: "cross",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An inline SVG, for the eye alone: the word beside it is what is read out."""
    return mark_safe(  # noqa: S308 - our own drawings
        f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
    )


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, **kwargs: str) -> str:
    """The address of a screen in the present environment."""
    return reverse(name, kwargs={"environment": context["environment"], **kwargs})


@register.simple_tag
def asset(path: str) -> str:
    """A static file's address, which changes with its content."""
    return f"{static(path)}?v={_digest(path)}"


@cache
def _digest(path: str) -> str:
    return hashlib.sha256(Path(str(finders.find(path))).read_bytes()).hexdigest()[:10]


def _dots(value: int) -> str:
    return f"{value:,}".replace(",", ".").replace("-", "\u2212")
