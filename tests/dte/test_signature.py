import base64
import hashlib

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from factories import make_certificate, make_signed_dte, make_x509
from timbre.dte.errors import InvalidSignature, InvalidXml
from timbre.dte.parsing import encode, parse_xml
from timbre.dte.signature import canonical, digest_of, sign, verify_dte

SII = ' xmlns="http://www.sii.cl/SiiDte"'
UNSIGNED = (
    '<DTE version="1.0"{}><Documento ID="MiPE1-2">'
    '<RznSoc>Ñandú &amp; "Hijos" O\'Higgins</RznSoc></Documento></DTE>'
)


def verify_with_xmlsec(xml: bytes) -> None:
    root = etree.fromstring(xml)
    node = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        make_x509()[1].public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
    )
    context.register_id(root.find("{*}Documento"), "ID")
    context.verify(node)


def test_another_library_verifies_our_signature() -> None:
    verify_with_xmlsec(make_signed_dte())


def test_a_signed_dte_verifies_and_tells_its_digest() -> None:
    xml = make_signed_dte()
    verified = verify_dte(xml)
    assert verified.documento_id == "F1T33"
    assert verified.digest_value == digest_of(xml)
    assert verified.certificado == make_x509()[1].public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"<MntTotal>7107<", b"<MntTotal>7108<"),
        (b"Panader\xeda", b"Panaderia"),
        (b"<MntTotal>", b"<MntTotal> "),
        (b"#F1T33", b"#F2T33"),
        (b"xmldsig#sha1", b"xmldsig#sha9"),
    ],
)
def test_one_changed_byte_breaks_the_signature(was: bytes, now: bytes) -> None:
    xml = make_signed_dte()
    assert was in xml
    with pytest.raises(InvalidSignature):
        verify_dte(xml.replace(was, now))


def test_a_digest_made_to_fit_still_needs_the_key() -> None:
    xml = make_signed_dte().replace(b"<MntTotal>7107<", b"<MntTotal>1<")
    documento = parse_xml(xml).find("{*}Documento")
    assert documento is not None
    forged = base64.b64encode(hashlib.sha1(canonical(documento)).digest())  # noqa: S324 - the SII's
    with pytest.raises(InvalidSignature, match="SignatureValue"):
        verify_dte(xml.replace(digest_of(xml).encode(), forged))


def test_only_the_text_of_the_signature_is_added() -> None:
    text = UNSIGNED.format(SII)
    signed = sign(text, make_certificate())
    assert signed.startswith(text.removesuffix("</DTE>"))
    assert signed.endswith("</Signature>\n</DTE>")


def test_quotes_and_apostrophes_are_not_escaped_in_what_is_digested() -> None:
    documento = parse_xml(UNSIGNED.format(SII).encode()).find("{*}Documento")
    assert documento is not None
    expected = f'<Documento{SII} ID="MiPE1-2"><RznSoc>Ñandú &amp; "Hijos" O\'Higgins</RznSoc></Documento>'
    assert canonical(documento) == expected.encode()


def test_an_attached_child_is_canonicalised_as_the_root_it_will_be() -> None:
    documento = parse_xml(UNSIGNED.format(SII).encode()).find("{*}Documento")
    assert documento is not None
    cut_out = etree.fromstring(etree.tostring(documento))
    assert canonical(documento) == etree.tostring(cut_out, method="c14n")


def test_a_dte_is_not_signed_with_a_namespace_that_it_loses_once_cut_out() -> None:
    xsi = f'{SII} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    with pytest.raises(InvalidXml, match="xsi"):
        sign(UNSIGNED.format(xsi), make_certificate())


def test_a_dte_digested_with_xsi_in_scope_fails_once_cut_out() -> None:
    xml = make_signed_dte()
    verify_dte(xml)
    xsi = b'<DTE xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    with pytest.raises(InvalidSignature):
        verify_dte(xml.replace(b"<DTE", xsi))


def test_a_dte_without_namespace_signed_so_is_accepted() -> None:
    signed = encode(sign(UNSIGNED.format(""), make_certificate()))
    assert verify_dte(signed).documento_id == "MiPE1-2"
    verify_with_xmlsec(signed)


def test_a_dte_that_lost_its_namespace_after_signing_is_accepted() -> None:
    signed = sign(UNSIGNED.format(SII), make_certificate())
    assert verify_dte(encode(signed.replace(SII, "", 1))).documento_id == "MiPE1-2"


def test_a_comment_before_the_document_does_no_harm() -> None:
    text = UNSIGNED.format(SII).replace("<Documento", "<!-- central -->\n<Documento")
    verify_dte(encode(sign(text, make_certificate())))


def test_a_second_document_cannot_hide_behind_a_good_signature() -> None:
    signed = sign(UNSIGNED.format(SII), make_certificate())
    other = '<Documento ID="falso"></Documento><Documento ID="MiPE1-2">'
    with pytest.raises(InvalidXml):
        verify_dte(encode(signed.replace('<Documento ID="MiPE1-2">', other, 1)))


def test_an_unsigned_dte_does_not_verify() -> None:
    with pytest.raises(InvalidSignature):
        verify_dte(UNSIGNED.format(SII).encode())
    with pytest.raises(InvalidXml):
        digest_of(UNSIGNED.format(SII).encode())


@pytest.mark.parametrize("text", ["", "<DTE></DTE>", "<Otro></Otro>", "hola"])
def test_what_is_no_unsigned_dte_is_not_signed(text: str) -> None:
    with pytest.raises(InvalidXml):
        sign(text, make_certificate())


def test_a_signed_dte_is_not_signed_again() -> None:
    with pytest.raises(InvalidXml, match="firmado"):
        sign(sign(UNSIGNED.format(SII), make_certificate()), make_certificate())
