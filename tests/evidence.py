"""Whether an issued document is what the SII would accept: judged by libraries that are not ours."""

import base64
import re
from functools import cache
from importlib.resources import as_file, files

import cl_sii.dte.data_models
import cl_sii.dte.parse
import pypdfium2
import xmlsec
import zxingcpp
from cl_sii.libs.xml_utils import parse_untrusted_xml
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
SII = "{http://www.sii.cl/SiiDte}"
BOLETAS = {"39", "41"}
_FOLDER = files("cl_sii") / "data" / "ref" / "factura_electronica" / "schemas-xml"


def check_xml(xml: bytes) -> cl_sii.dte.data_models.DteXmlData:
    """What cl-sii reads from a ``<DTE>`` that is schema-valid, whose signature xmlsec verifies and whose
    stamp was made by its CAF's key."""
    cut_out = check_signed(xml)
    return cl_sii.dte.parse.parse_dte_xml(parse_untrusted_xml(etree.tostring(cut_out)))


def check_signed(xml: bytes) -> etree._Element:
    """The ``<DTE>`` of any type: valid under its schema, its signature verified by xmlsec, its stamp made by
    its CAF's key."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    cut_out = _cut_out(root)
    is_boleta = cut_out.findtext(f".//{SII}TipoDTE") in BOLETAS
    (_boleta_schema() if is_boleta else _schema()).assertValid(cut_out)
    _verify_signature(cut_out)
    verify_frmt(ted_of(xml))
    return cut_out


def check_pdf(pdf: bytes, xml: bytes) -> None:
    """The PDF417 on some page of the PDF carries exactly the stamp of the XML."""
    document = pypdfium2.PdfDocument(pdf)
    images = [document[number].render(scale=4).to_pil() for number in range(len(document))]
    found = [
        code.bytes
        for image in images
        for code in zxingcpp.read_barcodes(image, zxingcpp.BarcodeFormat.PDF417)
    ]
    document.close()
    assert ted_of(xml) in found, f"{len(found)} PDF417 symbols, none is the stamp"


def ted_of(xml: bytes) -> bytes:
    """The stamp's own bytes, ISO-8859-1, without the white space between its elements."""
    ted = re.search(rb"<TED.*</TED>", xml, re.DOTALL)
    assert ted is not None
    return re.sub(rb">\s+<", b"><", ted[0])


def verify_frmt(ted: bytes) -> None:
    """The key the CAF names signed the stamp's data."""
    root = etree.fromstring(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + ted)
    modulus, exponent = (base64.b64decode(root.findtext(f".//RSAPK/{name}") or "") for name in ("M", "E"))
    key = RSAPublicNumbers(int.from_bytes(exponent), int.from_bytes(modulus)).public_key()
    data = re.search(rb"<DD>.*</DD>", ted, re.DOTALL)
    assert data is not None
    key.verify(base64.b64decode(root.findtext("FRMT") or ""), data[0], PKCS1v15(), SHA1())  # noqa: S303


def _cut_out(root: etree._Element) -> etree._Element:
    """The ``<DTE>`` alone, its text untouched, as the SII verifies it."""
    dte = root if root.tag == f"{SII}DTE" else root.find(f".//{SII}DTE")
    assert dte is not None
    return etree.fromstring(etree.tostring(dte, with_tail=False))


def _verify_signature(dte: etree._Element) -> None:
    xmlsec.tree.add_ids(dte, ["ID"])
    signature = dte.find(f"{DS}Signature")
    assert signature is not None
    certificate = "".join((signature.findtext(f".//{DS}X509Certificate") or "").split())
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(base64.b64decode(certificate), xmlsec.KeyFormat.CERT_DER)
    context.verify(signature)


@cache
def _boleta_schema() -> etree.XMLSchema:
    """Written by us after the SII's tree of EnvioBOLETA, since no library carries the official one; what it
    imports stands in the library's folder."""
    ours = (files("timbre") / "dte" / "schemas" / "boleta.xsd").read_bytes()
    with as_file(_FOLDER) as path:
        return etree.XMLSchema(etree.fromstring(ours, base_url=str(path / "boleta.xsd")))


@cache
def _schema() -> etree.XMLSchema:
    with as_file(_FOLDER) as path:
        return etree.XMLSchema(etree.parse(path / "DTE_v10.xsd"))
