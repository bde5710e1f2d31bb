"""What a page that is not the awaited one says: log in again, come back later, no, or nothing known."""

import re

from timbre.sii.gateway import Refused, SiiError, Unreachable
from timbre.sii.portal.pages import Page

LOGIN_CODE = re.compile(r"\b01\.01\.\d+\.\d+\.\d+\.(\d+)\b")
_SUSPECT = ("autenticado", "01.01.", "CAutInicio")
"""One of these is in the source of a page about the session; most pages are spared a closer look."""
_BUSY = re.compile(r"por el momento no se puede\s+responder", re.IGNORECASE)
_NO_COMPANY = "no ha seleccionado una empresa"
LOST_CODES = {28, 29}


class SessionLost(Exception):
    """The SII no longer knows the session or its company; what was asked did not happen."""


def is_login(page: Page) -> bool:
    """Whether the page is the SII's login, or says in its own words that the session is over."""
    if 300 <= page.answer.status < 400:
        return "zeusr.sii.cl" in page.answer.location
    if not any(mark in page.source for mark in _SUSPECT):
        return False
    code = LOGIN_CODE.search(page.visible)
    return (
        (code is not None and int(code[1]) in LOST_CODES)
        or page.form("myform") is not None
        or page.says("usted no se encuentra autenticado")
        or "usted no se encuentra autenticado" in (page.verdict or "").lower()
    )


def raise_if_lost(page: Page) -> None:
    """Raises SessionLost when the page says for certain that there is no session, or no company in it."""
    if is_login(page) or _NO_COMPANY in (page.verdict or "").lower():
        raise SessionLost


def judge(page: Page) -> Page:
    """The page, unless it says that there is no session, no company, or that the SII cannot answer now."""
    raise_if_lost(page)
    if "momento" in page.source and _BUSY.search(f"{page.visible} {page.verdict}"):
        raise Unreachable("El SII no puede responder por el momento.")
    return page


def refusal(page: Page, reason: str, *, field: str = "") -> SiiError:
    """What a page that is not the awaited one amounts to while nothing can have been issued.

    A verdict is a Refused with the SII's words; an unknown page is Unreachable.
    """
    if page.verdict:
        return Refused(reason, sii_words=page.verdict, field=field)
    named = f"El SII mostró una página desconocida: «{page.title[:80]}» {page.support_code}"
    return Unreachable(named.strip())
