import base64
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from factories import (
    DOLARES,
    LINEA,
    NOW,
    XSI,
    make_caf_xml,
    make_certificate,
    make_documento,
    make_envelope,
    make_of,
    make_signed_dte,
    sha1,
)
from timbre.dte.caf import open_caf
from timbre.dte.codes import TipoDte
from timbre.dte.document import Ajuste, Documento
from timbre.dte.parsing import DSIG_NAMESPACE, decode, encode
from timbre.dte.signature import canonical, digest_of, sign
from timbre.dte.stamp import stamp
from timbre.dte.totals import compute_totals
from timbre.dte.verify import Report, Severity, verify
from timbre.dte.xml import build

GOOD = make_signed_dte()
NOTE = make_signed_dte(make_of(TipoDte.NOTA_CREDITO), folio=2)
SII = b' xmlns="http://www.sii.cl/SiiDte"'


def codes(report: Report, *severities: Severity) -> set[str]:
    """The codes of everything found, but for the authority, which every stamp of the tests names."""
    wanted = severities or (Severity.ERROR,)
    found = [*report.findings, *(each for document in report.documents for each in document.findings)]
    return {each.code for each in found if each.severity in wanted} - {"authority"}


@pytest.mark.parametrize("tipo", TipoDte)
def test_what_we_issue_is_in_order(tipo: TipoDte) -> None:
    report = verify(make_signed_dte(make_of(tipo)))
    assert report.is_valid
    assert codes(report, *Severity) == set()
    (document,) = report.documents
    assert (document.tipo, document.folio, document.idk) == (str(tipo.value), "1", 999)
    assert document.firmante == "11111111-1 Gabriela Muñoz Pérez"


@pytest.mark.parametrize(
    "documento",
    [
        make_documento(ajustes=(Ajuste(pct=Decimal(10)), Ajuste(recargo=True, monto=Decimal(500)))),
        make_documento(brutos=True),
        make_documento(detalles=(replace(LINEA, impuesto="24"), LINEA, replace(LINEA, exencion=1))),
        make_documento(detalles=(LINEA, replace(LINEA, exencion=6), replace(LINEA, exencion=3))),
        make_of(TipoDte.BOLETA, brutos=False),
        make_of(TipoDte.FACTURA_EXPORTACION, forma_pago_exportacion=21),
    ],
)
def test_amounts_are_worked_out_again_for_every_way_to_reckon(documento: Documento) -> None:
    assert codes(verify(make_signed_dte(documento)), *Severity) == set()


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (b"<MntTotal>7107<", b"<MntTotal>7207<", {"digest", "totals", "stamp_disagrees"}),
        (b"<MntTotal>7107<", b"<MntTotal>0x1<", {"digest", "schema", "stamp_disagrees", "totals_unchecked"}),
        (b"<IVA>1135<", b"<IVA>1235<", {"digest", "totals"}),
        (b"<MontoItem>5972<", b"<MontoItem>5000<", {"digest", "line_amount", "totals"}),
        (b"Panader\xeda", b"Panaderia", {"digest"}),
        (b"<Folio>1<", b"<Folio>9<", {"digest", "stamp_disagrees", "caf_range"}),
        (b"<F>1<", b"<F>2<", {"digest", "stamp_signature", "stamp_disagrees"}),
        (b"<H>1<", b"<H>9<", {"digest", "stamp_signature"}),
        (b"<TD>33</TD><RNG>", b"<TD>34</TD><RNG>", {"digest", "stamp_signature", "caf_type"}),
        (b"<CAF version", b"<CAT version", {"not_xml"}),
        (b"SiiDte", b"SiiDto", {"digest", "schema"}),
        (b"xmldsig#rsa-sha1", b"xmldsig#rsa-md5_", {"signature", "schema"}),
        (b"<Acteco>107100</Acteco>\n", b"", {"digest", "schema"}),
        (b"<Signature ", b"<Firma ", {"not_xml"}),
        (b"</DTE>", b"", {"not_xml"}),
    ],
)
def test_each_kind_of_damage_is_told(was: bytes, now: bytes, found: set[str]) -> None:
    assert was in GOOD
    report = verify(GOOD.replace(was, now))
    assert codes(report) == found
    assert not report.is_valid


def test_a_signature_value_of_another_document_is_no_signature() -> None:
    ours, other = (xml.partition(b"<SignatureValue>")[2].partition(b"</")[0] for xml in (GOOD, NOTE))
    assert codes(verify(GOOD.replace(ours, other))) == {"signature"}


def test_an_unsigned_dte_is_told_so() -> None:
    documento = make_documento()
    totales = compute_totals(documento)
    ted = stamp(documento, 1, totales, open_caf(make_caf_xml()), NOW)
    assert codes(verify(encode(build(documento, totales, 1, ted, NOW)))) == {"schema", "signature"}


def signed_with(documento: Documento, change: Callable[[str], str], folio: int = 1) -> bytes:
    """A DTE that somebody signed with something wrong inside."""
    totales = compute_totals(documento)
    ted = stamp(documento, folio, totales, open_caf(make_caf_xml()), NOW)
    return encode(sign(change(build(documento, totales, folio, ted, NOW)), make_certificate()))


def test_a_good_signature_over_wrong_amounts_does_not_save_them() -> None:
    xml = signed_with(make_documento(), lambda text: text.replace("<IVA>1135<", "<IVA>1035<"))
    assert codes(verify(xml)) == {"totals"}


def test_an_invoice_without_its_net_and_iva_is_no_invoice_whatever_its_total() -> None:
    left_out = re.compile("(?s)<MntNeto>.*</IVA>\n")
    assert codes(verify(signed_with(make_documento(), lambda text: left_out.sub("", text)))) == {"totals"}


def test_a_difference_of_one_peso_is_a_doubt() -> None:
    xml = signed_with(make_documento(), lambda text: text.replace("<IVA>1135<", "<IVA>1134<"))
    assert codes(verify(xml)) == set()
    assert codes(verify(xml), Severity.WARNING) == {"totals"}


def test_the_stamp_of_another_document_is_found_out() -> None:
    other = stamp(
        make_documento(detalles=(replace(LINEA, nombre="Queque", precio=Decimal(5)),)),
        2,
        compute_totals(make_documento()),
        open_caf(make_caf_xml()),
        NOW,
    )
    xml = signed_with(
        make_documento(), lambda text: text[: text.index("<TED")] + other + text[text.index("\n<TmstF") :]
    )
    assert codes(verify(xml)) == {"stamp_disagrees"}
    assert codes(verify(xml), Severity.WARNING) == {"stamp_name"}


def test_a_folio_that_its_caf_does_not_grant_is_found_out() -> None:
    def beyond(text: str) -> str:
        return text.replace("<Folio>1<", "<Folio>500<")

    assert codes(verify(signed_with(make_documento(), beyond))) == {"stamp_disagrees", "caf_range"}


def test_a_stamp_from_before_its_caf_is_doubtful() -> None:
    early = decode(GOOD).replace("<TSTED>2026-03-14", "<TSTED>2026-01-01")
    assert "caf_date" in codes(verify(encode(early)), Severity.WARNING)
    on_the_day = decode(GOOD).replace("<TSTED>2026-03-14", "<TSTED>2026-01-02")
    assert "caf_date" not in codes(verify(encode(on_the_day)), Severity.WARNING)


def test_a_certificate_that_had_expired_when_it_signed_is_told() -> None:
    def later(text: str) -> str:
        head, tail = text.rsplit("<TmstFirma>2026", 1)
        return f"{head}<TmstFirma>2046{tail}"

    assert codes(verify(signed_with(make_documento(), later))) == {"certificate_dates"}


@pytest.mark.parametrize(("idk", "says"), [(100, "certificación"), (300, "producción"), (7, "no se conoce")])
def test_the_authority_of_its_caf_is_named(idk: int, says: str) -> None:
    (document,) = verify(make_signed_dte(idk=idk)).documents
    (finding,) = document.findings
    assert finding.code == "authority"
    assert says in finding.message
    assert document.idk == idk


def test_taxes_that_cannot_be_reckoned_are_left_unreckoned() -> None:
    xml = signed_with(
        make_documento(), lambda text: text.replace("<MntTotal>7107<", "<CredEC>5</CredEC>\n<MntTotal>7107<")
    )
    assert codes(verify(xml)) == set()
    assert codes(verify(xml), Severity.NOTE) == {"totals_unchecked"}


# -- namespaces (sii-protocols 3.2) -------------------------------------------------------------------------


def test_a_dte_that_lost_its_namespace_is_in_order() -> None:
    assert codes(verify(GOOD.replace(SII, b"", 1)), *Severity) == set()


def test_a_dte_that_was_signed_without_namespace_is_in_order() -> None:
    bare = signed_with(make_documento(), lambda text: text.replace(SII.decode(), "", 1))
    assert codes(verify(bare), *Severity) == set()


def test_a_dte_signed_with_xsi_in_scope_is_worth_nothing_alone() -> None:
    xml = GOOD.replace(b"<DTE", f'<DTE xmlns:xsi="{XSI}"'.encode(), 1)
    assert codes(verify(xml)) == {"digest"}


def test_a_backup_of_the_portal_has_no_signature_of_its_own() -> None:
    bare = b"".join(xml.partition(b"?>\n")[2].replace(SII, b"", 1) for xml in (GOOD, NOTE))
    report = verify(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<SetDTE>' + bare + b"</SetDTE>")
    assert codes(report, *Severity) == set()
    assert [document.tipo for document in report.documents] == ["33", "61"]


# -- envelopes -----------------------------------------------------------------------------------------------


def test_an_envelope_is_judged_with_each_of_its_documents() -> None:
    report = verify(make_envelope(GOOD, NOTE))
    assert codes(report, *Severity) == set()
    assert (report.kind, len(report.documents), report.is_valid) == ("EnvioDTE", 2, True)


def test_an_envelope_of_boletas_is_judged() -> None:
    boleta = make_signed_dte(make_of(TipoDte.BOLETA))
    assert codes(verify(make_envelope(boleta, root="EnvioBOLETA")), *Severity) == set()


def test_one_bad_document_of_two_is_told_apart() -> None:
    bad = GOOD.replace(b"<IVA>1135<", b"<IVA>9135<")
    report = verify(make_envelope(bad, NOTE))
    assert [document.is_valid for document in report.documents] == [False, True]
    assert report.findings == ()
    assert not report.is_valid


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (b"<NroDTE>1<", b"<NroDTE>3<", {"set_digest", "cover_count"}),
        (b"<RutEmisor>77777777-7<", b"<RutEmisor>88888888-8<", {"set_digest", "cover_issuer"}),
        (b'URI="#SetDoc"', b'URI="#Otro"', {"set_signature"}),
        (
            b"</SetDTE>",
            b"<!-- <DTE></DTE> --></SetDTE>",
            {"cut", "signature", "schema", "stamp_missing"},
        ),
    ],
)
def test_a_changed_envelope_is_told(was: bytes, now: bytes, found: set[str]) -> None:
    report = verify(make_envelope(GOOD, NOTE).replace(was, now))
    assert codes(report) == found


def test_a_signature_that_holds_inside_its_envelope_alone_is_told_so() -> None:
    report = verify(make_envelope(signed_in_place()))
    assert codes(report) == {"digest_in_place"}


def signed_in_place() -> bytes:
    """A DTE without a namespace of its own whose digest was made where the envelope's xsi is in scope."""
    text = decode(GOOD)
    unsigned = text[: text.index("<Signature")]
    scope = f'xmlns="http://www.sii.cl/SiiDte" xmlns:xsi="{XSI}"'
    documento = etree.fromstring(unsigned.replace(SII.decode(), f" {scope}", 1) + "</DTE>")[0]
    info = text[text.index("<SignedInfo>") : text.index("</SignedInfo>") + len("</SignedInfo>")]
    changed = info.replace(digest_of(GOOD), base64.b64encode(sha1(canonical(documento))).decode())
    apex = f'<SignedInfo xmlns="{DSIG_NAMESPACE}" xmlns:xsi="{XSI}">'
    signed = etree.tostring(etree.fromstring(changed.replace("<SignedInfo>", apex)), method="c14n")
    value = base64.b64encode(make_certificate().key.sign(signed, PKCS1v15(), SHA1())).decode()  # noqa: S303 - the SII's
    start, end = text.index("<SignatureValue>"), text.index("</SignatureValue>")
    return encode(text[:start].replace(info, changed) + f"<SignatureValue>{value}" + text[end:])


def test_the_same_document_twice_is_told() -> None:
    assert codes(verify(make_envelope(GOOD, GOOD))) == {"repeated"}


def test_a_document_hidden_behind_a_prefix_is_told() -> None:
    envelope = make_envelope(GOOD)
    hidden = envelope.replace(
        b"</SetDTE>", b'<x:DTE xmlns:x="http://www.sii.cl/SiiDte"/><!-- <DTE></DTE> --></SetDTE>'
    )
    assert "cut" in codes(verify(hidden))


def test_export_amounts_are_compared_in_their_currency() -> None:
    documento = make_of(TipoDte.FACTURA_EXPORTACION, moneda=replace(DOLARES, nombre="EURO"))
    xml = make_signed_dte(documento)
    assert codes(verify(xml), *Severity) == set()
    assert "totals" in codes(verify(xml.replace(b"<MntTotal>72.47<", b"<MntTotal>73.47<")))
