"""The portal's own note that annuls: from the issued document's page straight to a filled preview (5.3).

A blank note has no field for a line that is exempt, nor for IVA withheld: what annuls a 34 or a 46 goes this
way. The portal fills in everything, its own words for the reason included; what it wrote is read back in the
XML before it is signed, as any other document.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urljoin, urlsplit

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento, Referencia
from timbre.sii.gateway import Refused
from timbre.sii.portal import listing
from timbre.sii.portal.pages import Page
from timbre.sii.portal.session import PORTAL, PortalSession
from timbre.sii.portal.verdicts import refusal

DOCUMENT = "mipeGesDocEmi.cgi"
_OF_THE_PORTAL = re.compile(re.escape(PORTAL) + r"([A-Za-z0-9_]+\.cgi)\?")
_REASON = "EFXP_RAZON_REF_001"
_FIELD = "references.0.reference_folio"


def open_preview(session: PortalSession, annulled: Referencia) -> Page:
    """The filled preview of the note that annuls a document of the chosen company.

    Raises Refused: ``annulled_not_listed`` when the SII's list has no such document,
    ``annulment_not_offered`` when its page has no way to annul it.
    """
    folio = int(annulled.folio) if annulled.folio.isdecimal() else 0
    rows = listing.list_folio(session, int(annulled.tipo), folio)
    row = next((each for each in rows if each.folio == folio), None)
    if row is None:
        raise Refused("annulled_not_listed", field=_FIELD)
    page = session.get(DOCUMENT, {"ALL_PAGE_ANT": "2", "CODIGO": row.codigo})
    return session.get(*_link(page, row.codigo))


def settle_reason(documento: Documento, preview: Mapping[str, str]) -> Documento:
    """The note with the reason in the SII's words: nobody can write another on this way."""
    (reference,) = documento.referencias
    reason = preview.get(_REASON, "").strip() or reference.razon
    return replace(documento, referencias=(replace(reference, razon=reason),))


def _link(page: Page, codigo: str) -> tuple[str, dict[str, str]]:
    """The link of the page that makes the note: its name among the portal's pages, and its query.

    No source gives the name, so the page's own is followed; to nowhere but the portal itself.
    """
    wanted = {"EHDR_CODIGO": codigo, "TIPO_NOTA": f"{TipoDte.NOTA_CREDITO:d}"}
    urls = [urljoin(PORTAL + DOCUMENT, href) for href in page.links()]
    queries = [dict(parse_qsl(urlsplit(url).query)) for url in urls]
    for url, query in zip(urls, queries, strict=True):
        name = _OF_THE_PORTAL.match(url)
        if name and wanted.items() <= query.items():
            return name[1], query
    if any(codigo in query.values() for query in queries):
        raise Refused("annulment_not_offered", field=_FIELD)
    raise refusal(page, "annulment_not_offered", field=_FIELD)
