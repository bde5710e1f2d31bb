"""The one request that issues (5.6 d), and what its answer means.

Not idempotent: only the success page with the very folio is issued, only a verdict the SII is known to give
is refused. Whatever else comes back, or does not, is in doubt.
"""

import re

from timbre.sii.gateway import InDoubt, Issued, Prepared, Refused, SiiError, Unreachable
from timbre.sii.portal.pages import Page, plain
from timbre.sii.portal.session import PortalSession
from timbre.sii.portal.verdicts import SessionLost, raise_if_lost
from timbre.sii.transport import Lost

_SUCCESS = "documento tributario electronico enviado exitosamente"
_FOLIO = re.compile(r"\bN\s*[°ºo]\s*:?\s*(\d{1,10})\b", re.IGNORECASE)
_COMPANY = re.compile(r"\bEmpresa\s*:?\s*([\d.]{1,12}-[\dkK])\b", re.IGNORECASE)
_CODE = re.compile(r"mipeDisplayPDF\.cgi\?(?:[^\"']*&)?DHDR_CODIGO=(\d{1,18})\b")
_VERDICTS = (
    (re.compile(r"\bfolio\b.*\b(ya|utilizado|usado|existe|repetido)\b"), "folio_taken"),
    (re.compile(r"\bfirma\b.*\b(no reconocida|incorrecta)\b"), "sii_rejected"),
    (re.compile(r"\bdebe (ingresar|seleccionar)\b|\bvalor iva debe ser mayor\b"), "sii_rejected"),
    (re.compile(r"\brut receptor incorrecto\b"), "sii_rejected"),
    (re.compile(r"\bno corresponden?\b|\bno cumple el esquema\b|\bno cuadran?\b"), "sii_rejected"),
    (re.compile(r"\bno (esta )?autorizad[oa]\b"), "company_not_authorised"),
)


def send(session: PortalSession, prepared: Prepared) -> Issued:
    """Issues the prepared document. InDoubt whenever the answer is not one of the documented ones.

    Unreachable only where nothing can have happened: no connection, or the SII asks for a log-in.
    """
    session.enter(prepared.emisor)
    fields = {
        **prepared.form,
        "txtSignText": prepared.xml.decode("iso-8859-1"),
        "clave": session.login.certificate_password,
    }
    try:
        page = session.issue("mipeSendXML.cgi", fields)
    except Lost as error:
        raise InDoubt(str(error)) from error
    try:
        return read_answer(page, prepared)
    except SessionLost as error:
        session.forget()
        raise Unreachable("El SII pidió iniciar sesión de nuevo antes de recibir el documento.") from error


def read_answer(page: Page, prepared: Prepared) -> Issued:
    """What the SII's answer says of the prepared document."""
    if page.answer.status != 200:
        raise InDoubt("El SII respondió con una redirección al enviar.")
    if page.says(_SUCCESS):
        return _read_success(page, prepared)
    raise_if_lost(page)
    raise _verdict(page)


def _read_success(page: Page, prepared: Prepared) -> Issued:
    codes = {found[1] for link in page.links() if (found := _CODE.search(link))}
    folios = {int(folio) for folio in _FOLIO.findall(page.visible)}
    company = _COMPANY.search(page.visible)
    same_company = company is not None and company[1].replace(".", "").upper() == prepared.emisor
    if folios != {prepared.folio} or not same_company or len(codes) != 1:
        raise InDoubt("La página de éxito del SII no nombra este documento.")
    return Issued(prepared.folio, codes.pop())


def _verdict(page: Page) -> SiiError:
    words = plain(page.verdict or "")
    for pattern, reason in _VERDICTS:
        if pattern.search(words):
            return Refused(reason, sii_words=page.verdict or "")
    return InDoubt(f"El SII respondió algo desconocido al enviar: «{page.title[:80]}» {page.support_code}")
