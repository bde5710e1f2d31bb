"""What the portal has on file of issued documents (5.7, 5.8): its list, and its own copies of the XML.

A list or a copy is believed only when the page is recognised as one: an unknown page is not "nothing there".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from timbre.dte.codes import NOMBRES
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import parse_xml
from timbre.dte.rut import split_rut
from timbre.sii.gateway import Copy, OnFile, Unreachable
from timbre.sii.portal import matching
from timbre.sii.portal.pages import Page, plain
from timbre.sii.portal.reading import document_of
from timbre.sii.portal.session import PortalSession
from timbre.sii.portal.verdicts import refusal

MAX_COPIES = 20
"""Documents in one download; the SII answers 21 with an error page instead of a shorter file."""
_CODE = re.compile(r"\bCODIGO=(\d{1,18})\b")
_TOTAL = re.compile(r"total\s+de\s+documentos\s*:?\s*(\d{1,7})", re.IGNORECASE)
_NOTHING = "no existe informacion en mipyme para el rut ingresado"
_ID_DOC = "{*}Encabezado/{*}IdDoc"
_DIGEST = "{*}Signature/{*}SignedInfo/{*}Reference/{*}DigestValue"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the issued list; ``codigo`` is the portal's own number of the document."""

    folio: int
    codigo: str
    fecha: str = ""


def list_folio(session: PortalSession, tipo: int, folio: int) -> list[Listed]:
    """The rows of the SII's list of that type when asked for one folio, whatever its date."""
    return _read_list(session.get("mipeAdminDocsEmi.cgi", _query(tipo) | {"FOLIO": str(folio)}), tipo)


def list_since(session: PortalSession, tipo: int, since: date, page: int) -> tuple[OnFile, ...]:
    """One page (100 rows, from 1) of the documents of a type dated since a day; empty after the last."""
    query = _query(tipo) | {"FEC_DESDE": since.isoformat(), "NUM_PAG": str(page)}
    rows = _read_list(session.get("mipeAdminDocsEmi.cgi", query), tipo)
    try:
        return tuple(OnFile(row.folio, row.codigo, date.fromisoformat(row.fecha)) for row in rows)
    except ValueError as error:
        raise Unreachable("El SII lista un documento sin fecha.") from error


def fetch_copies(
    session: PortalSession, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]
) -> tuple[Copy, ...]:
    """The SII's copies of those folios of one type and date, of those asked for that it has."""
    whole_day = _query(tipo, fecha)
    session.get("auth.cgi")
    count = _count(session, emisor, whole_day)
    alone = [whole_day | {"FOLIO": str(folio)} for folio in sorted(folios)]
    queries = [whole_day] if count <= MAX_COPIES else alone
    files = [_download_file(session, emisor, query) for query in queries] if count else []
    copies = [copy for file in files for copy in matching.read_copies(file, tipo)]
    return tuple({copy.folio: copy for copy in copies if copy.folio in folios}.values())


def fetch_digest(session: PortalSession, emisor: str, tipo: int, folio: int) -> str | None:
    """The DigestValue of the SII's copy of one folio, or None while it has none to give.

    Not its FRMT: a twin signed for the same folio in the same second has the same one.
    """
    session.get("auth.cgi")
    return _of_folios(session, emisor, _query(tipo), {folio}).get(folio)


def fetch_digests(
    session: PortalSession, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]
) -> dict[int, str]:
    """DigestValue by folio of the SII's copies, of those asked for that it has.

    A day with more documents of the type than one download holds is asked for folio by folio.
    """
    wanted = set(folios)
    whole_day = _query(tipo, fecha)
    session.get("auth.cgi")
    count = _count(session, emisor, whole_day)
    if count <= MAX_COPIES:
        return _pick(_download(session, emisor, whole_day), wanted) if count else {}
    return _of_folios(session, emisor, whole_day, wanted)


def _of_folios(
    session: PortalSession, emisor: str, query: Mapping[str, str], folios: set[int]
) -> dict[int, str]:
    found: dict[int, str] = {}
    for folio in sorted(folios):
        # With a folio the SII drops the closing date: harmless, the folio itself is looked for in the file.
        single = {**query, "FOLIO": str(folio)}
        found |= _pick(_download(session, emisor, single), {folio})
    return found


def _query(tipo: int, fecha: date | None = None) -> dict[str, str]:
    day = fecha.isoformat() if fecha else ""
    return {
        "RUT_RECP": "", "FOLIO": "", "RZN_SOC": "", "FEC_DESDE": day, "FEC_HASTA": day,
        "TPO_DOC": str(tipo), "ESTADO": "", "ORDEN": "", "NUM_PAG": "1",
    }  # fmt: skip


def _read_list(page: Page, tipo: int) -> list[Listed]:
    """Rows with a folio; a provisional document may have none (5.7).

    A row that bears another type's name is another document; a name nobody knows is left to its copy.
    """
    others = {plain(name) for other, name in NOMBRES.items() if other != tipo}
    rows = page.rows("tablaDatos")
    if not rows:
        raise refusal(page, "sii_rejected")
    listed = []
    for cells, links in rows:
        code = next((found[1] for link in links if (found := _CODE.search(link))), None)
        if code and len(cells) == 8 and cells[4].isdigit() and plain(cells[3]) not in others:
            listed.append(Listed(int(cells[4]), code, cells[5].strip()))
    return listed


def _count(session: PortalSession, emisor: str, query: Mapping[str, str]) -> int:
    """How many documents the backup pages would give for a query: the page must be passed to download."""
    page = session.post("lista_documentos.cgi", _backup(emisor, query) | {"recaptcha-response": ""})
    found = _TOTAL.search(page.visible)
    if found:
        return int(found[1])
    if _says_nothing(page):
        return 0
    raise refusal(page, "sii_rejected")


def _download(session: PortalSession, emisor: str, query: Mapping[str, str]) -> dict[int, str]:
    return read_copies(_download_file(session, emisor, query), int(query["TPO_DOC"]))


def _download_file(session: PortalSession, emisor: str, query: Mapping[str, str]) -> bytes:
    page = session.get("download.cgi", _backup(emisor, query) | {"DOWNLOAD": "XML", "FOLIOHASTA": ""})
    if not page.answer.body.lstrip().startswith(b"<?xml"):
        raise refusal(page, "sii_rejected")
    return page.answer.body


def read_copies(xml: bytes, tipo: int) -> dict[int, str]:
    """DigestValue by folio of the documents of one type in a backup file."""
    try:
        root = parse_xml(xml.lstrip())
    except InvalidXml as error:
        raise Unreachable("El respaldo del SII no se puede leer.") from error
    found = {}
    for dte in root.iter("{*}DTE"):
        digest = "".join((dte.findtext(_DIGEST) or "").split())
        id_doc = None if (document := document_of(dte)) is None else document.find(_ID_DOC)
        folio = (id_doc.findtext("{*}Folio") if id_doc is not None else "") or ""
        same_type = id_doc is not None and id_doc.findtext("{*}TipoDTE") == str(tipo)
        if digest and same_type and folio.isdigit():
            found[int(folio)] = digest
    return found


def _backup(emisor: str, query: Mapping[str, str]) -> dict[str, str]:
    body, dv = split_rut(emisor)
    return {"RUT_EMP": body, "DV_EMP": dv, **query, "TPO_ARCHIVO": "dte", "ORIGEN": "ENV"}


def _says_nothing(page: Page) -> bool:
    return _NOTHING in plain(page.verdict or "") or page.says(_NOTHING)


def _pick(digests: Mapping[int, str], folios: set[int]) -> dict[int, str]:
    return {folio: digest for folio, digest in digests.items() if folio in folios}
