"""From the form to the issued document (protocol notes 5.3-5.6): every step judges, only the last issues."""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from werkzeug.wrappers import Response

from timbre.dte.rut import split_rut
from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.annulling import annul
from timbre.simulator.arithmetic import ANNULLABLE, NOTA_CREDITO
from timbre.simulator.building import DOCUMENT_ID, SII, build_text, root_of
from timbre.simulator.checking import receiver_of
from timbre.simulator.exchange import Exchange, page, plain
from timbre.simulator.fields import PREVIEW_FIELDS, TEMPLATES_OPENED
from timbre.simulator.form import judge_form, judge_type
from timbre.simulator.judging import Judged, judge_signed
from timbre.simulator.judging.notes import Note, judge_note, typed_references
from timbre.simulator.looking import find_document
from timbre.simulator.pages.form import form_page
from timbre.simulator.pages.listing import NAMES
from timbre.simulator.pages.signing import preview_page, sent_page, sign_page
from timbre.simulator.signing import sign
from timbre.simulator.store import FolioTaken, Issued, Proposal
from timbre.simulator.taxpayers import find_taxpayer

CERTIFICATE_NAME = "1"
WRONG_CERTIFICATE_PASSWORD = "certificado-malo"  # noqa: S105 - a documented magic value


def show_form(exchange: Exchange) -> Response:
    """The blank form (GET) or the receiver's look-up (POST): unknown RUTs get the form without data."""
    company, typed = exchange.company, exchange.form if exchange.request.method == "POST" else {}
    tipo = judge_type(_opened({**exchange.query, **typed}))
    rut = receiver_of(typed)
    if typed.get("EFXP_RUT_RECEP", "").strip() and rut is None:
        raise Refusal(alerts.RUT_RECEPTOR)
    receiver = find_taxpayer(rut) if rut else None
    return page(form_page(company, tipo, exchange.now.date(), typed, receiver))


def _opened(fields: Mapping[str, str]) -> Mapping[str, str]:
    """A guide's form is opened by its type alone; its template is on the form itself."""
    return {"TIPO_PLANTILLA": TEMPLATES_OPENED.get(fields.get("PTDC_CODIGO", ""), ""), **fields}


def preview(exchange: Exchange) -> Response:
    return _show_preview(exchange, judge_form(exchange.form, exchange.company))


def preview_annulment(exchange: Exchange) -> Response:
    """The preview of the note that annuls an issued document, filled by the portal itself."""
    document = find_document(exchange, "EHDR_CODIGO")
    if exchange.query.get("TIPO_NOTA") != str(NOTA_CREDITO) or document.tipo not in ANNULLABLE:
        raise Refusal(alerts.SIN_ANULACION)
    return _show_preview(exchange, annul(document, exchange.now.date()))


def _show_preview(exchange: Exchange, fields: Mapping[str, str]) -> Response:
    judge_note(_note(exchange, fields), exchange.store)
    exchange.store.remember_preview(exchange.session.csession, _fingerprint(fields))
    return page(preview_page(fields))


def _note(exchange: Exchange, fields: Mapping[str, str]) -> Note:
    return Note(
        exchange.company.rut,
        int(fields["PTDC_CODIGO"]),
        f"{fields['EFXP_RUT_RECEP']}-{fields['EFXP_DV_RECEP']}",
        Decimal(fields["EFXP_MNT_TOTAL"]),
        typed_references(fields),
    )


def _fingerprint(fields: Mapping[str, str]) -> str:
    text = "\x00".join(f"{name}={fields.get(name, '')}" for name in PREVIEW_FIELDS)
    return sha256(text.encode()).hexdigest()


def propose(exchange: Exchange) -> Response:
    """The signing page: what the session was shown in a preview, built and stamped under a folio."""
    company, store = exchange.company, exchange.store
    known = all(name in PREVIEW_FIELDS for name in exchange.form.keys() - {"btnSign", "btnCorregir"})
    fields = dict.fromkeys(PREVIEW_FIELDS, "") | exchange.form
    if not known or not store.was_previewed(exchange.session.csession, _fingerprint(fields)):
        raise Refusal(alerts.PREVIEW_ALTERADO)
    if fields["EFXP_RZN_SOC"] != company.razon_social:
        raise Refusal(alerts.PREVIEW_ALTERADO)
    tipo = int(fields["PTDC_CODIGO"])
    caf = exchange.authority.caf(company, tipo)
    receiver = f"{fields['EFXP_RUT_RECEP']}-{fields['EFXP_DV_RECEP']}"
    tmst = exchange.now.strftime("%Y-%m-%dT%H:%M:%S")
    proposal = store.propose(company.rut, tipo, receiver, tmst, exchange.folios)
    text = build_text(fields, proposal, caf)
    store.save_proposal(proposal.number, text)
    return page(sign_page(proposal, text))


def show_certificates(exchange: Exchange) -> Response:
    """The centralised certificates of the person logged in, as JSON; ``[]`` when there are none."""
    body, dv = split_rut(exchange.session.person)
    asked = (exchange.query.get("rut", ""), exchange.query.get("dv", "").upper())
    found = [{"nombre": CERTIFICATE_NAME, "rut": body, "dv": dv}]
    answer = found if exchange.session.certificate and asked == (body, dv) else []
    return plain(json.dumps(answer), "application/json")


def sign_document(exchange: Exchange) -> Response:
    """The proposed XML signed with the person's certificate, as text; empty when its password is wrong.

    The body is UTF-8: posted as ISO-8859-1, accents arrive broken and the stamp no longer holds.
    """
    form, session = exchange.form_in("utf-8"), exchange.session
    proposal = _proposal(exchange, form.get("dato", ""))
    if proposal is None or proposal.text != form["dato"]:
        raise Refusal(alerts.TIMBRE_INCORRECTO)
    if not session.certificate or split_rut(session.person) != (form.get("rut"), form.get("dv", "").upper()):
        raise Refusal(alerts.CERTIFICADO_AJENO)
    if not _signs_right(form, proposal.tipo):
        raise Refusal(alerts.FIRMA_NO_RECONOCIDA)
    if not _opens(form.get("clave", "")):
        return plain("", "text/plain")
    return plain(sign(form["dato"], exchange.authority.person(session.person)), "text/plain")


def _opens(password: str) -> bool:
    return password not in ("", WRONG_CERTIFICATE_PASSWORD)


def _signs_right(form: Mapping[str, str], tipo: int) -> bool:
    """Whether the certificate is the one listed and the node to be signed is the document's own."""
    stated = {
        "nombre": CERTIFICATE_NAME,
        "nodo": "dte:DTE",
        "nodoId": f"dte:{root_of(tipo)}",
        "nameSpace": SII,
    }
    return all(form.get(name) == value for name, value in stated.items())


def _proposal(exchange: Exchange, text: str) -> Proposal | None:
    match = DOCUMENT_ID.search(text)
    return exchange.store.find_proposal(exchange.company.rut, int(match[3])) if match else None


def send(exchange: Exchange) -> Response:
    """The one request that issues: judges all of it, then takes the folio and stores the document at once."""
    company, form, session = exchange.company, exchange.form, exchange.session
    if not _opens(form.get("clave", "")) or not session.certificate:
        raise Refusal(alerts.FIRMA_NO_RECONOCIDA)
    proposal = _proposal(exchange, form.get("txtPlainText", ""))
    if proposal is None or proposal.text != form["txtPlainText"]:
        raise Refusal(alerts.DOCUMENTO_ALTERADO)
    if not _signs_right(form, proposal.tipo):
        raise Refusal(alerts.FIRMA_NO_RECONOCIDA)
    if not _names_right(form, proposal):
        raise Refusal(alerts.FOLIO_INCONSISTENTE)
    signed = form.get("txtSignText", "")
    caf, person = exchange.authority.caf(company, proposal.tipo), exchange.authority.person(session.person)
    judged = judge_signed(signed, proposal, caf, person)
    note = Note(proposal.issuer, proposal.tipo, judged.receiver, judged.total, judged.references)
    objected = judge_note(note, exchange.store) or judged.unmarked
    document = _issued(proposal, judged, signed, exchange.now.timestamp() if objected else None)
    try:
        issued = exchange.store.issue(document)
    except FolioTaken as error:
        raise Refusal(alerts.FOLIO_YA_UTILIZADO) from error
    return page(sent_page(issued, NAMES[issued.tipo]))


def _issued(proposal: Proposal, judged: Judged, signed: str, objected_at: float | None) -> Issued:
    return Issued(
        codigo=0,
        issuer=proposal.issuer,
        tipo=proposal.tipo,
        folio=proposal.folio,
        fecha=judged.fecha,
        receiver=judged.receiver,
        receiver_name=judged.receiver_name,
        total=judged.total,
        digest=judged.digest,
        xml=signed.encode("latin-1"),
        objected_at=objected_at,
    )


def _names_right(form: Mapping[str, str], proposal: Proposal) -> bool:
    stated = {
        "TMST_SIGN": proposal.tmst,
        "PTDC_CODIGO": str(proposal.tipo),
        "EFXP_FOLIO": str(proposal.folio),
        "EFXP_RUT_RUT_EMP": proposal.issuer,
    }
    return all(form.get(name) == value for name, value in stated.items())
