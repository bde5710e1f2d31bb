"""A person's session with the portal: logging in, choosing the company, noticing that it is lost.

The SII keeps the chosen company on its side, one per session (5.0); the session's cookies travel in the
lane's jar beside our own notes, whose keys begin with ``_`` and are never sent.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from timbre.dte.rut import split_rut, with_dots
from timbre.sii.gateway import Login, Refused, SessionJar, Unreachable
from timbre.sii.portal.pages import Page
from timbre.sii.portal.verdicts import LOGIN_CODE, LOST_CODES, SessionLost, judge, refusal
from timbre.sii.transport import Transport

PORTAL = "https://www1.sii.cl/cgi-bin/Portal001/"
CHOOSER = "mipeSelEmpresa.cgi"
_LOGIN_PAGE = "https://zeusr.sii.cl/AUT2000/InicioAutenticacion/IngresoRutClave.html"
_LOGIN = "https://zeusr.sii.cl/cgi_AUT2000/CAutInicio.cgi"
_LOGOUT = "https://zeusr.sii.cl/cgi_AUT2000/autTermino.cgi"
_CHOSEN = "/factura_sii/factura_sii.htm"
_LIFE = 100 * 60
"""Seconds a session is trusted: the SII ends it after two hours, and not in the middle of a document."""

_LOGIN_REFUSALS = {
    20: "sii_credentials_invalid",
    55: "sii_credentials_invalid",  # wrong again, three attempts before the lock: the SII's words say so
    9: "credential_locked",
    19: "credential_locked",
    27: "sii_session_limit",
    33: "sii_credentials_invalid",  # the service wants another kind of credential
    35: "sii_credentials_invalid",
    36: "sii_credentials_invalid",
    37: "sii_credentials_invalid",
    39: "sii_credentials_invalid",
}
_HEADER_RUT = re.compile(r"R\.?\s?U\.?\s?T\.?\s*:?\s*(\d[\d.]{0,11}-[\dkK])", re.IGNORECASE)

T = TypeVar("T")


class PortalSession:
    """One person's session, made for one holder of the lane: the jar is read once, saved on every change.

    ``scenario`` is what the simulator is told with every request; the SII is never told it.
    """

    def __init__(self, transport: Transport, login: Login, jar: SessionJar, scenario: str = "") -> None:
        self._transport = transport
        self._scenario = scenario
        self.login = login
        self._jar = jar
        self._saved = jar.load()
        self._cookies = dict(self._saved)

    def run(self, emisor: str, action: Callable[[], T]) -> T:
        """The action's result, within a session of that company; a session found lost is renewed once.

        The action must issue nothing: it may run twice.
        """
        try:
            self._enter(emisor)
            return action()
        except SessionLost:
            self.log_in()
        try:
            self._enter(emisor)
            return action()
        except SessionLost as error:
            self.log_out()
            raise Unreachable("El SII cierra la sesión o cambia la empresa apenas se abre.") from error

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Page:
        """The portal's page at a path. Raises SessionLost or Unreachable when it is no answer."""
        return judge(self._fetch(PORTAL + path, params))

    def post(self, path: str, fields: Mapping[str, str], *, encoding: str = "windows-1252") -> Page:
        """The answer to a form posted to a path under Portal001, judged like ``get``."""
        return judge(self._submit(PORTAL + path, fields, encoding=encoding))

    def issue(self, path: str, fields: Mapping[str, str]) -> Page:
        """POSTs with the deadline of the request that issues; the page comes back unjudged."""
        return self._submit(PORTAL + path, fields, deadline=self._transport.issue_deadline)

    def enter(self, emisor: str) -> None:
        """Makes sure, with as few requests as may be, of a session in which that company is chosen."""
        self.run(emisor, lambda: None)

    def log_in(self) -> None:
        """A new session, whatever the jar held; the one it held is closed first, as the SII counts them.

        Raises Refused with a credential reason: a wrong clave is never tried twice.
        """
        self._close(self._jar.left_behind())
        self.log_out()
        target = PORTAL + CHOOSER
        self._fetch(f"{_LOGIN_PAGE}?{target}")
        rut, dv = split_rut(self.login.rut)
        fields = {"rut": rut, "dv": dv, "referencia": target, "411": ""}
        fields |= {"rutcntr": with_dots(self.login.rut), "clave": self.login.clave}
        page = self._submit(_LOGIN, fields)
        _check_login(page)
        if not self._is_open():
            raise Unreachable("El SII no abrió la sesión: página desconocida.")
        self._note("_opened", str(int(time.time())))

    def log_out(self) -> None:
        """Frees the session at the SII, if any, and empties the jar; an SII that is down is no error."""
        self._close(self._cookies)
        self.forget()

    def _close(self, cookies: dict[str, str]) -> None:
        """Not by ``_fetch``, which would keep as our own the session that another clave left."""
        if cookies.get("TOKEN") and cookies.get("CSESSIONID"):
            with suppress(Unreachable):  # a session nobody closes ends by itself after two hours
                self._transport.get(_LOGOUT, cookies=cookies, scenario=self._scenario)

    def forget(self) -> None:
        """Empties the jar: the SII has ended the session, or has been told to."""
        self._cookies.clear()
        self._save()

    def certificate(self) -> str:
        """The name of the person's centralised certificate, asked once a session.

        Raises Refused(certificate_missing) when the SII holds none (5.6 b).
        """
        known = self._cookies.get("_certificate")
        if known is not None:
            return known
        rut, dv = split_rut(self.login.rut)
        page = self.get("getCertDigital.cgi", {"rut": rut, "dv": dv})
        name = _certificate_name(page.source)
        self._note("_certificate", name)
        return name

    def check_header(self, page: Page, emisor: str) -> None:
        """Makes sure that a form's header names the company: the SII keeps the choice on its side (5.3)."""
        found = _HEADER_RUT.search(page.visible)
        if found and found[1].replace(".", "").upper() == emisor:
            return
        if self._cookies.get("_only"):
            raise Refused(
                "company_not_authorised", sii_words="La persona solo puede operar con otra empresa en el SII."
            )
        raise SessionLost

    def _enter(self, emisor: str) -> None:
        opened = int(self._cookies.get("_opened", "0"))
        if not self._is_open() or time.time() - opened > _LIFE:
            self.log_in()
        if self._cookies.get("_company") != emisor:
            self._choose(emisor)

    def _choose(self, emisor: str) -> None:
        """The three answers of 5.2. A company not in the list is asked for all the same: the SII decides."""
        page = self.get(CHOOSER)
        options = page.options("RUT_EMP")
        if options is None and "launcher" not in page.title:
            raise refusal(page, "company_not_authorised")
        if options is None:
            self._note("_only", "1")
        else:
            form = page.form("fPrmEmpPOP") or {}
            answer = self.post(CHOOSER, form | {"RUT_EMP": emisor})
            if _CHOSEN not in answer.script:
                raise refusal(answer, "company_not_authorised")
        self._note("_company", emisor)

    def _fetch(self, url: str, params: Mapping[str, str] | None = None) -> Page:
        try:
            answer = self._transport.get(url, params, cookies=self._cookies, scenario=self._scenario)
            return Page(answer)
        finally:
            self._save()

    def _submit(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        encoding: str = "windows-1252",
        deadline: float | None = None,
    ) -> Page:
        try:
            answer = self._transport.post_form(
                url,
                fields,
                cookies=self._cookies,
                encoding=encoding,
                deadline=deadline,
                scenario=self._scenario,
            )
            return Page(answer)
        finally:
            self._save()

    def _is_open(self) -> bool:
        return bool(self._cookies.get("TOKEN") and self._cookies.get("CSESSIONID"))

    def _note(self, key: str, value: str) -> None:
        self._cookies[key] = value
        self._save()

    def _save(self) -> None:
        if self._cookies != self._saved:
            self._saved = dict(self._cookies)
            self._jar.save(self._saved)


def _check_login(page: Page) -> None:
    found = LOGIN_CODE.search(page.visible)
    words = page.visible[:300]
    if found is None and page.says("la clave tributaria ingresada no es correcta"):
        raise Refused("sii_credentials_invalid", sii_words=words)
    if found is None:
        return
    code = int(found[1])
    if code in LOST_CODES:
        raise Unreachable(f"El SII no abrió la sesión: {words}")
    # A no that nobody has documented is a no all the same: trying again may bring the lock nearer.
    raise Refused(_LOGIN_REFUSALS.get(code, "login_refused"), sii_words=words)


def _certificate_name(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unreachable("El SII no mostró la lista de certificados.") from error
    if found == []:
        raise Refused(
            "certificate_missing",
            sii_words="La persona no tiene un certificado digital centralizado en el SII.",
        )
    match found:
        case [{"nombre": str(name)}, *_]:
            return name
    raise Unreachable("El SII no mostró la lista de certificados.")
