"""The browser a request comes from."""

from django.http import HttpRequest

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)  # fmt: skip


def agent_of(request: HttpRequest) -> str:
    """What the browser says it is, cut to what is kept."""
    return request.headers.get("User-Agent", "").replace("\x00", "")[:200]


def in_words(agent: str) -> str:
    """``Firefox en Windows``; what is not known is said to be so."""
    browser = next((word for mark, word in _BROWSERS if mark in agent), "Navegador desconocido")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "")
    return f"{browser} en {system}" if system else browser
