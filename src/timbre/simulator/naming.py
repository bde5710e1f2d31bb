"""Who and what a request names: its person, its company, the receiver and the prices of its document."""

import re
from dataclasses import dataclass
from functools import cached_property

from timbre.dte.errors import InvalidRut
from timbre.dte.rut import parse_rut
from timbre.simulator.exchange import Exchange
from timbre.simulator.store import Session

_TYPED = ("look_up", "preview", "sign_page")
_RECEIVER = re.compile(r"<RUTRecep>([0-9]+-[0-9K])</RUTRecep>")
_PRICE = re.compile(r"<PrcItem>([0-9]{1,18})(?:\.0+)?</PrcItem>")
_FOLIO = re.compile(r"<Folio>[0-9]{1,18}</Folio>")
_WHOLE = re.compile(r"([0-9]{1,18})(?:\.0+)?")


@dataclass(frozen=True)
class Named:
    """What one request at a step says of itself; what it does not say is blank."""

    exchange: Exchange
    step: str

    @cached_property
    def person(self) -> str:
        form = self.exchange.form if self.step == "log_in" else {}
        typed = _rut(f"{form.get('rut', '')}-{form.get('dv', '')}")
        return typed or (self._session.person if self._session else "")

    @cached_property
    def company(self) -> str:
        chosen = self.exchange.form.get("RUT_EMP", "") if self.step == "choose_company" else ""
        return _rut(chosen) or (self._session.company or "" if self._session else "")

    @cached_property
    def receiver(self) -> str:
        if self.step in _TYPED:
            form = self.exchange.form
            return _rut(f"{form.get('EFXP_RUT_RECEP', '')}-{form.get('EFXP_DV_RECEP', '')}")
        found = _RECEIVER.search(self._xml)
        return found[1] if found else ""

    @cached_property
    def prices(self) -> list[int]:
        """Of the document's lines, in whole pesos; broken ones are left out."""
        if self.step not in _TYPED:
            return [int(price) for price in _PRICE.findall(self._xml)]
        typed = (value for name, value in self.exchange.form.items() if name.startswith("EFXP_PRC_"))
        return [int(found[1]) for value in typed if (found := _WHOLE.fullmatch(value.strip()))]

    @cached_property
    def content(self) -> bytes:
        """Of the same document the same, at this step: each signing page makes folio, stamp and time anew."""
        if self.step in ("sign", "send"):
            asked = self._xml.partition("<Encabezado>")[2].partition("<TED ")[0]
            return _FOLIO.sub("", asked).encode()
        request = self.exchange.request
        return request.full_path.encode() + request.get_data()

    @cached_property
    def _session(self) -> Session | None:
        cookies = self.exchange.request.cookies
        return self.exchange.store.find_session(cookies.get("CSESSIONID", ""), cookies.get("TOKEN", ""))

    @cached_property
    def _xml(self) -> str:
        if self.step == "sign":
            return self.exchange.form_in("utf-8").get("dato", "")
        if self.step == "send":
            return self.exchange.form.get("txtPlainText", "")
        if self.step in ("pdf", "document", "annulment"):
            return self._issued_xml()
        return ""

    def _issued_xml(self) -> str:
        query = self.exchange.query
        codigo = query.get("DHDR_CODIGO") or query.get("CODIGO") or query.get("EHDR_CODIGO") or ""
        usable = codigo.isdecimal() and len(codigo) <= 18
        found = self.exchange.store.find_issued(self.company, int(codigo)) if usable else None
        return found.xml.decode("latin-1") if found else ""


def _rut(text: str) -> str:
    try:
        return parse_rut(text)
    except InvalidRut:
        return ""
