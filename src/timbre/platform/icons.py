"""The drawings beside words: 16 by 16, one line each, in the colour of their text."""

_LINE = 'fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"'


def _path(d: str) -> str:
    return f'<path d="{d}" {_LINE}/>'


ICONS = {
    "arrow": _path("M2.5 8h10M8.5 4l4 4-4 4"),
    "clock": f'<circle cx="8" cy="8" r="6" {_LINE}/>' + _path("M8 4.5V8l2.5 1.5"),
    "question": f'<circle cx="8" cy="8" r="6.2" {_LINE}/>'
    + _path("M6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.5.3-.8.6-.8 1.2M8 11.5v.1"),
    "check": _path("M3 8.5l3.3 3.3L13 4.8"),
    "cross": _path("M4 4l8 8M12 4l-8 8"),
    "minus": _path("M3.5 8h9"),
    "home": _path("M2.5 7.5L8 3l5.5 4.5M4 6.5V13h8V6.5"),
    "document": _path("M4 1.8h5.5L12 4.5v9.7H4zM6 7h4M6 9.5h4M6 12h2.5"),
    "batch": _path("M8 1.8l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3"),
    "company": _path("M3 14V3.5L8 2v12M8 6h5v8M2 14h12M5 5.5v.1M5 8v.1M5 10.5v.1M10.5 8.5v.1M10.5 11v.1"),
    "hook": _path(
        "M5.5 4.5a2.5 2.5 0 1 1 3.8 2.1L7.5 10M4.8 8a2.5 2.5 0 1 0 2.7 4h3.5M11 9.5a2.4 2.4 0 1 1-1 4.6"
    ),
    "key": f'<circle cx="5" cy="11" r="2.8" {_LINE}/>' + _path("M7 9l6.5-6.5M11 5l2 2"),
    "code": _path("M5 4L1.5 8 5 12M11 4l3.5 4-3.5 4"),
    "person": f'<circle cx="8" cy="5" r="2.7" {_LINE}/>'
    + _path("M2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5"),
    "search": f'<circle cx="7" cy="7" r="4.5" {_LINE}/>' + _path("M10.5 10.5L14 14"),
    "copy": _path("M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"),
    "down": _path("M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11"),
    "out": _path("M6 2.5H2.5v11H6M10 4.5L13.5 8 10 11.5M13.5 8H6"),
    "event": _path("M2 8.5h2.8L6.5 4l3 8.5 1.7-4H14"),
    "list": _path("M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4v.1M2.5 8v.1M2.5 12v.1"),
    "plus": _path("M8 3v10M3 8h10"),
}
