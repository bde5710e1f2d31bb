"""The gateway over the free invoicing portal: invoices, guides and notes, one at a time, in a session."""

from datetime import date

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.rules import PORTAL, annulled
from timbre.dte.rut import split_rut
from timbre.sii.gateway import (
    Absent,
    Contribuyente,
    Copy,
    Finding,
    InDoubt,
    Issued,
    Login,
    OnFile,
    Prepared,
    Refused,
    SessionJar,
    Taken,
    Unreachable,
)
from timbre.sii.portal import annulling, fitting, form, listing, parties, sending, signing
from timbre.sii.portal.pages import Page
from timbre.sii.portal.readback import compare_preview
from timbre.sii.portal.session import PortalSession
from timbre.sii.portal.verdicts import refusal
from timbre.sii.transport import Transport

_PDF_MAGIC = b"%PDF"
_FORM = "mipeGenFacEx.cgi"
_ORDINARY = TipoDte.FACTURA
"""The type whose form every company that may issue has: the one enrolling opens."""
_ASKED = ("EFXP_RUT_RECEP", "EFXP_DV_RECEP", "PTDC_CODIGO")


class PortalGateway:
    """``timbre.sii.gateway.Gateway`` for one person's login. One call at a time: the session is a state."""

    def __init__(self, transport: Transport, login: Login, jar: SessionJar, scenario: str = "") -> None:
        self._session = PortalSession(transport, login, jar, scenario)
        self._idk = transport.idk

    def check(self, emisor: str) -> Contribuyente:
        """See ``Gateway.check``. Seven requests; the session it opens is kept for what follows."""
        self._session.log_in()

        def read() -> Contribuyente:
            self._session.certificate()
            return self._open_form(_ORDINARY, emisor)[1]

        return self._session.run(emisor, read)

    def look_up(self, rut: str, emisor: str) -> Contribuyente | None:
        """See ``Gateway.look_up``."""

        def read() -> Contribuyente | None:
            fields, _ = self._open_form(_ORDINARY, emisor)
            return self._look_up(fields, rut, emisor)[1]

        return self._session.run(emisor, read)

    def prepare(self, documento: Documento) -> Prepared:
        """See ``Gateway.prepare``. The parties are first put into the SII's words (``parties.settle``)."""
        fitting.check_fits(documento, idk=self._idk)

        def sign() -> Prepared:
            settled, unsigned = self._propose(documento)
            return signing.sign(self._session, unsigned, settled)

        return self._session.run(documento.emisor.rut, sign)

    def send(self, prepared: Prepared) -> Issued:
        """See ``Gateway.send``. Whose the folio is that the SII calls taken, its own copy decides."""
        try:
            return sending.send(self._session, prepared)
        except Refused as refused:
            if refused.reason != "folio_taken":
                raise
            return self._look_whose(prepared, refused)

    def _look_whose(self, prepared: Prepared, refused: Refused) -> Issued:
        """Raises the refusal when the folio is another document's, InDoubt when that cannot be seen."""
        try:
            finding = self.find(prepared)
        except (Unreachable, Refused) as error:
            raise InDoubt(f"{refused.sii_words}: {error}") from error
        match finding:
            case Issued():
                return finding
            case Taken():
                raise refused
        raise InDoubt(f"{refused.sii_words}: el SII no lo lista.")

    def find(self, prepared: Prepared) -> Finding:
        """See ``Gateway.find``."""

        def look() -> Finding:
            rows = listing.list_folio(self._session, prepared.tipo, prepared.folio)
            row = next((each for each in rows if each.folio == prepared.folio), None)
            if row is None:
                # Absence decides that a document may be sent again: make sure whose list this was.
                self._open_form(prepared.tipo, prepared.emisor)
                return Absent(len(rows))
            digest = listing.fetch_digest(self._session, prepared.emisor, prepared.tipo, prepared.folio)
            if digest is None:
                raise Unreachable("El SII lista el folio pero aún no entrega su copia.")
            issued = Issued(row.folio, row.codigo)
            return issued if digest == prepared.digest else Taken(digest, row.codigo)

        return self._session.run(prepared.emisor, look)

    def propose(self, documento: Documento) -> int:
        """See ``Gateway.propose``: the folio on a sign page that nobody signs."""
        return self._session.run(documento.emisor.rut, lambda: self._propose(documento)[1].folio)

    def fetch_pdf(self, emisor: str, issued: Issued) -> bytes:
        """See ``Gateway.fetch_pdf``."""

        def fetch() -> bytes:
            page = self._session.get("mipeDisplayPDF.cgi", {"DHDR_CODIGO": issued.codigo})
            is_pdf = page.answer.content_type.split(";")[0].strip().lower() == "application/pdf"
            if not is_pdf or not page.answer.body.startswith(_PDF_MAGIC):
                raise refusal(page, "sii_rejected")
            return page.answer.body

        return self._session.run(emisor, fetch)

    def fetch_digests(self, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]) -> dict[int, str]:
        """See ``Gateway.fetch_digests``. Folios the SII does not (yet) have on file are left out."""
        return self._session.run(
            emisor, lambda: listing.fetch_digests(self._session, emisor, tipo, fecha, folios)
        )

    def list_issued(self, emisor: str, tipo: int, since: date, page: int) -> tuple[OnFile, ...]:
        """See ``Gateway.list_issued``."""

        def look() -> tuple[OnFile, ...]:
            rows = listing.list_since(self._session, tipo, since, page)
            # What is not in it may be issued again: make sure whose list this was. By the form that enrolling
            # opened, too: a company that may not issue the other type is none to wait for ever.
            self._open_form(_ORDINARY, emisor)
            return rows

        return self._session.run(emisor, look)

    def fetch_copies(self, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]) -> tuple[Copy, ...]:
        """See ``Gateway.fetch_copies``."""
        return self._session.run(
            emisor, lambda: listing.fetch_copies(self._session, emisor, tipo, fecha, folios)
        )

    def log_out(self) -> None:
        """See ``Gateway.log_out``."""
        self._session.log_out()

    def _propose(self, documento: Documento) -> tuple[Documento, signing.Unsigned]:
        """The settled document and the SII's unsigned XML of it: form, look-up, preview, sign page."""
        emisor = documento.emisor.rut
        fields, issuer = self._open_form(documento.tipo, emisor)
        receiver = None
        if not parties.is_foreign(documento):
            fields, receiver = self._look_up(fields, documento.receptor.rut, emisor)
            if receiver is None:
                raise Refused("receiver_not_found", field="document_receiver.rut")
        settled = parties.settle(documento, issuer, receiver)
        settled, preview = self._preview(settled, fields)
        page = self._session.post("mipeGenXMLFirma.cgi", preview)
        return settled, signing.read_sign_page(page, settled, idk=self._idk)

    def _preview(self, settled: Documento, fields: dict[str, str]) -> tuple[Documento, dict[str, str]]:
        """The fields of the SII's preview: of the filled form, or of its own note that annuls a 34 or 46."""
        reference = annulled(settled, PORTAL)
        if reference is not None:
            page = annulling.open_preview(self._session, reference)
            preview = self._form_of(page, "PreViewDTE")
            return annulling.settle_reason(settled, preview), preview
        posted = form.fill(fields, settled)
        preview = self._form_of(self._session.post("mipeDisplayPreView.cgi", posted), "PreViewDTE")
        compare_preview(posted, preview)
        return settled, preview

    def _open_form(self, tipo: int, emisor: str) -> tuple[dict[str, str], Contribuyente]:
        """The blank form of a type, and the company as it shows it."""
        page = self._session.get(_FORM, form.entry(tipo))
        fields = self._form_of(page, "VIEW_EFXP")
        self._session.check_header(page, emisor)
        return fields, parties.read_issuer(page, fields, emisor)

    def _look_up(
        self, fields: dict[str, str], rut: str, emisor: str
    ) -> tuple[dict[str, str], Contribuyente | None]:
        """The form with the receiver filled in by the SII (5.4), and who it is; None: not known there."""
        page = self._session.post(_FORM, form.ask_receiver(fields, rut))
        found = self._form_of(page, "VIEW_EFXP")
        self._session.check_header(page, emisor)
        asked = dict(zip(_ASKED, (*split_rut(rut), fields.get("PTDC_CODIGO")), strict=True))
        if {name: found.get(name) for name in _ASKED} != asked:
            raise Unreachable("El SII respondió por otro receptor o por otro tipo de documento.")
        return found, parties.read_receiver(page, found, rut)

    @staticmethod
    def _form_of(page: Page, name: str) -> dict[str, str]:
        fields = page.form(name)
        if fields is None:
            raise refusal(page, "sii_rejected")
        return fields
