"""Logging in and out, and choosing the company (protocol notes 5.1, 5.2)."""

import secrets
from email.utils import formatdate
from hashlib import sha256

from werkzeug.wrappers import Response

from timbre.dte.errors import InvalidRut
from timbre.dte.rut import parse_rut, split_rut
from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.exchange import Exchange, page
from timbre.simulator.pages.company import chooser_page, chosen_page, menu_page
from timbre.simulator.pages.frame import support_page
from timbre.simulator.pages.login import entered_page, home_page, logged_out_page, login_page
from timbre.simulator.store import SESSION_LIFE, Session
from timbre.simulator.taxpayers import COMPANIES, NOT_REPRESENTED, Taxpayer, find_taxpayer

SUPPORT_CODE = "01.01.203.500.720."
DEFAULT_TARGET = "https://misiir.sii.cl/cgi_misii/siihome.cgi"

FAILURES = {
    "20": "La Clave Tributaria ingresada no es correcta",
    "55": "La Clave Tributaria ingresada no es correcta. Le quedan 3 intentos antes del bloqueo",
    "09": "Su Clave Tributaria se encuentra bloqueada por intentos fallidos. Intente en una hora más",
    "27": "Usted ha alcanzado el máximo de sesiones autenticadas",
    "28": "Usted no se encuentra autenticado",
    "29": "Su sesión ha alcanzado el tiempo máximo permitido. Usted no se encuentra autenticado",
}
BAD_CLAVES = {
    "clave-mala": "20",
    "clave-ultimos-intentos": "55",
    "clave-bloqueada": "09",
    "clave-sesiones": "27",
}
CLAVE_WITHOUT_CERTIFICATE = "clave-sin-certificado"


def show_login(exchange: Exchange) -> Response:
    return page(login_page(exchange.request.query_string.decode("latin-1")))


def log_in(exchange: Exchange) -> Response:
    """Any right RUT with any clave but the documented bad ones; answers with the cookies of ``.sii.cl``."""
    form = exchange.form
    clave = form.get("clave", "")
    try:
        person = parse_rut(f"{form.get('rut', '')}-{form.get('dv', '')}")
    except InvalidRut:
        return failure("20")
    if not clave or clave in BAD_CLAVES:
        return failure(BAD_CLAVES.get(clave, "20"))
    session = Session(
        csession=secrets.token_hex(16),
        token=secrets.token_hex(16),
        person=person,
        certificate=clave != CLAVE_WITHOUT_CERTIFICATE,
        company=None,
        started=exchange.now.timestamp(),
    )
    if not exchange.store.open_session(session, exchange.session_limit):
        return failure("27")
    response = page(entered_page(form.get("referencia") or DEFAULT_TARGET))
    _set_cookies(response, session)
    return response


def failure(code: str) -> Response:
    """The page of an authentication failure; the code's last group is all a program needs."""
    return page(support_page(FAILURES[code], SUPPORT_CODE + code))


def _set_cookies(response: Response, session: Session) -> None:
    body, dv = split_rut(session.person)
    mac = sha256(session.token.encode()).hexdigest()[:20]
    cookies = {
        "TOKEN": session.token,
        "CSESSIONID": session.csession,
        "RUT_NS": body,
        "DV_NS": dv,
        "NETSCAPE_LIVEWIRE.rut": body,
        "NETSCAPE_LIVEWIRE.rutm": body,
        "NETSCAPE_LIVEWIRE.dv": dv,
        "NETSCAPE_LIVEWIRE.dvm": dv,
        "NETSCAPE_LIVEWIRE.clave": mac[:12],
        "NETSCAPE_LIVEWIRE.mac": mac,
        "NETSCAPE_LIVEWIRE.locexp": formatdate(session.started + SESSION_LIFE, usegmt=True),
    }
    for name, value in cookies.items():
        response.set_cookie(name, value.replace(",", "").replace(" ", "%20"), domain=".sii.cl", path="/")


def log_out(exchange: Exchange) -> Response:
    """Frees the session, if there was one."""
    exchange.store.close_session(exchange.request.cookies.get("CSESSIONID", ""))
    response = page(logged_out_page())
    for name in ("TOKEN", "CSESSIONID"):
        response.delete_cookie(name, domain=".sii.cl", path="/")
    return response


def show_home(exchange: Exchange) -> Response:
    person = find_taxpayer(exchange.session.person) or Taxpayer(exchange.session.person, "", (), ())
    return page(home_page(person))


def show_companies(exchange: Exchange) -> Response:
    """The documented companies, and those the person has asked for before."""
    asked = map(find_taxpayer, exchange.store.represented(exchange.session.person))
    companies = {company.rut: company for company in (*COMPANIES, *asked) if company}
    companies.pop(NOT_REPRESENTED)
    return page(chooser_page(companies.values(), exchange.query.get("DESDE_DONDE_URL", "")))


def choose_company(exchange: Exchange) -> Response:
    """Any company that is on file, but the one nobody represents."""
    session = exchange.session
    try:
        rut = parse_rut(exchange.form.get("RUT_EMP", ""))
    except InvalidRut as error:
        raise Refusal(alerts.RUT_EMPRESA_INCORRECTO) from error
    if rut == NOT_REPRESENTED or find_taxpayer(rut) is None:
        raise Refusal(alerts.EMPRESA_NO_AUTORIZADA)
    exchange.store.choose_company(session, rut)
    return page(chosen_page())


def show_menu(exchange: Exchange) -> Response:
    exchange.company  # noqa: B018 - refuses without a session and a company
    return page(menu_page())
