"""The least that drives the simulated portal over HTTP, written apart from timbre.sii to disagree with it."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Self
from urllib.parse import urlencode

import httpx

PORTAL = "/cgi-bin/Portal001/"
SIGNED_NODE = {"nodo": "dte:DTE", "nodoId": "dte:Documento", "nameSpace": "http://www.sii.cl/SiiDte"}
EXPORT_NODE = SIGNED_NODE | {"nodoId": "dte:Exportaciones"}
ENTRY = {
    46: {"AGENTE_RETENEDOR": "62"},
    52: {"TIPO_PLANTILLA": "GUIA_DESPACHO"},
    56: {"TIPO_PLANTILLA": "NC_BLANCO"},
    61: {"TIPO_PLANTILLA": "NC_BLANCO"},
}
"""What a type's form is opened and posted with, beside its number."""
PERSON = "15111222-6"
COMPANY = "39001001-K"
RECEIVER = "39002002-3"


@dataclass
class SignPage:
    fields: dict[str, str]
    text: str

    @property
    def folio(self) -> int:
        return int(self.fields["EFXP_FOLIO"])


@dataclass
class Portal:
    """One session of one person at one simulator."""

    url: str
    person: str = PERSON
    cookies: dict[str, str] = field(default_factory=dict)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: str) -> httpx.Response:
        return self._read(self.http.get(path, params=query, headers=self._headers()))

    def post(self, path: str, fields: dict[str, str], encoding: str = "latin-1") -> httpx.Response:
        body = urlencode(fields, encoding=encoding, errors="xmlcharrefreplace")
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        return self._read(self.http.post(path, content=body, headers=headers))

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _read(self, response: httpx.Response) -> httpx.Response:
        self.http.cookies.clear()
        for line in response.headers.get_list("Set-Cookie"):
            assert "Domain=sii.cl" in line
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return response

    def log_in(self, clave: str = "una-clave") -> httpx.Response:
        body, dv = self.person.split("-")
        form = {"rut": body, "dv": dv, "referencia": "https://misiir.sii.cl/cgi_misii/siihome.cgi", "411": ""}
        return self.post("/cgi_AUT2000/CAutInicio.cgi", {**form, "rutcntr": self.person, "clave": clave})

    def log_out(self) -> httpx.Response:
        return self.get("/cgi_AUT2000/autTermino.cgi")

    def choose(self, company: str = COMPANY) -> httpx.Response:
        return self.post(f"{PORTAL}mipeSelEmpresa.cgi", {"RUT_EMP": company, "DESDE_DONDE_URL": ""})

    def enter(self, company: str = COMPANY) -> Self:
        self.log_in()
        self.choose(company)
        return self

    def look_up(self, rut: str, tipo: int = 33) -> httpx.Response:
        body, dv = rut.split("-")
        form = {"PTDC_CODIGO": str(tipo), "EFXP_RUT_RECEP": body, "EFXP_DV_RECEP": dv} | ENTRY.get(tipo, {})
        return self.post(f"{PORTAL}mipeGenFacEx.cgi?", form)

    def preview(self, form: dict[str, str]) -> httpx.Response:
        return self.post(f"{PORTAL}mipeDisplayPreView.cgi", form)

    def sign_page(self, hidden: dict[str, str]) -> httpx.Response:
        return self.post(f"{PORTAL}mipeGenXMLFirma.cgi", hidden)

    def propose(self, form: dict[str, str]) -> SignPage:
        return read_sign_page(self.sign_page(read_hidden(self.preview(form).text, "PreViewDTE")))

    def signature_form(self, text: str, **changes: str) -> dict[str, str]:
        body, dv = self.person.split("-")
        person = {"rut": body, "dv": dv, "nombre": "1", "clave": "clave-certificado"}
        return {"dato": text, **person, **_node(text), **changes}

    def sign(self, text: str, encoding: str = "utf-8", **changes: str) -> httpx.Response:
        return self.post(f"{PORTAL}postFirmaDigital.cgi", self.signature_form(text, **changes), encoding)

    def sending_form(self, page: SignPage, signed: str, **changes: str) -> dict[str, str]:
        texts = {"txtPlainText": page.text, "txtSignText": signed}
        signing = {"nombre": "1", "clave": "clave-certificado", **_node(page.text)}
        return {**page.fields, **texts, **signing, **changes}

    def send(self, page: SignPage, signed: str, **changes: str) -> httpx.Response:
        return self.post(f"{PORTAL}mipeSendXML.cgi", self.sending_form(page, signed, **changes))

    def issue(self, form: dict[str, str]) -> httpx.Response:
        page = self.propose(form)
        return self.send(page, self.sign(page.text).text)


def _node(text: str) -> dict[str, str]:
    return EXPORT_NODE if "<Exportaciones " in text else SIGNED_NODE


def read_hidden(html: str, name: str) -> dict[str, str]:
    block = html.split(f'name="{name}"', 1)[1].split("</form>", 1)[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)"(?: id="[^"]*")? value="([^"]*)"', block)
    return {key: unescape(value) for key, value in pairs}


def read_sign_page(response: httpx.Response) -> SignPage:
    text = re.search(r'id="txtPlainText">(.*?)</textarea>', response.text, re.DOTALL)
    assert text, alert_of(response)
    return SignPage(read_hidden(response.text, "frmSign"), text[1])


def alert_of(response: httpx.Response) -> str:
    """The verdict of a refusal: the only alert not commented out, on a page that goes back."""
    assert response.status_code == 200
    assert "history.back()" in response.text, response.text[:500]
    (alert,) = re.findall(r"^\s*alert\('(.*)'\);", response.text, re.MULTILINE)
    return alert


def array_of(html: str, name: str) -> list[list[str]]:
    literal = re.search(rf"var {name}\s*= \[(.*)\];", html)
    assert literal
    rows = re.findall(r"\[((?:\"(?:[^\"\\]|\\.)*\",?)+)\]", literal[1])
    cells = [[cell.replace("\\", "") for cell in re.findall(r"\"((?:[^\"\\]|\\.)*)\"", row)] for row in rows]
    assert set(cells[-1]) == {"0"}
    return cells[:-1]


def invoice(tipo: int = 33, **changes: str) -> dict[str, str]:
    """A right form: two lines, one with a discount, and a reference. ``changes`` make it another."""
    amounts = {
        "EFXP_SUBTOTAL": "20399",
        "EFXP_MNT_NETO": "20399",
        "EFXP_TASA_IVA": "19",
        "EFXP_IVA": "3876",
        "EFXP_MNT_TOTAL": "24275",
    }
    if tipo == 34:
        amounts |= {"EFXP_TASA_IVA": "", "EFXP_IVA": "", "EFXP_MNT_TOTAL": "20399"}
    form = {
        "PTDC_CODIGO": str(tipo),
        "ES_BORR": "FALSE",
        "EFXP_RZN_SOC": "COMERCIAL ÑANDÚ SPA (SANDBOX)",
        "EFXP_GIRO_EMIS": "Venta al por mayor de diarios y revistas",
        "EFXP_ACTECO": "620100",
        "EFXP_ACTECO_SELECT": "620100",
        "EFXP_DIR_ORIGEN": "CALLE LOS ÑIRES 45",
        "EFXP_CMNA_ORIGEN": "ÑUÑOA",
        "EFXP_CDG_SII_SUCUR": "90010012",
        "EFXP_CIUDAD_ORIGEN": "SANTIAGO",
        "EFXP_EMAIL_EMISOR": "ventas@ejemplo.cl",
        "EFXP_FONO_EMISOR": "",
        "EFXP_FCH_EMIS": "2026-11-20",
        "EFXP_RUT_RECEP": "39002002",
        "EFXP_DV_RECEP": RECEIVER[-1],
        "EFXP_RZN_SOC_RECEP": "PANADERÍA PEÑA & HIJOS LIMITADA (SANDBOX)",
        "EFXP_GIRO_RECEP": "Elaboración de azúcar",
        "EFXP_DIR_RECEP": "O'HIGGINS 310",
        "EFXP_CMNA_RECEP": "CONCEPCIÓN",
        "EFXP_CIUDAD_RECEP": "CONCEPCIÓN",
        "EFXP_CONTACTO": "",
        "EFXP_FMA_PAGO": "2",
        "EFXP_NMB_01": "Asesoría <año> & más",
        "EFXP_QTY_01": "1",
        "EFXP_PRC_01": "19900",
        "EFXP_SUBT_01": "19900",
        "EFXP_NMB_02": "Cuaderno",
        "EFXP_DSC_ITEM_02": "Tapa dura",
        "EFXP_QTY_02": "2.5",
        "EFXP_UNMD_02": "UN",
        "EFXP_PRC_02": "221.8",
        "EFXP_PCTD_02": "10",
        "EFXP_SUBT_02": "499",
        "REF_SI_NO": "SiChecked",
        "EFXP_TPO_DOC_REF_001": "801",
        "EFXP_FOLIO_REF_001": "OC-77",
        "EFXP_FCH_REF_001": "2026-11-01",
        "EFXP_RAZON_REF_001": "Orden de compra",
    }
    return form | amounts | changes
