import warnings
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import EMISOR, LINEA, NOW, RECEPTOR, TODAY, make_documento, make_signed_dte
from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.comunas import sii_office
from timbre.dte.document import Documento, Referencia
from timbre.dte.errors import InvalidXml, NotLatin1
from timbre.dte.rules import PORTAL, judge
from timbre.dte.schema import validate
from timbre.dte.signature import verify_dte
from timbre.dte.stamp import verify_stamp
from timbre.dte.text import to_latin1
from timbre.dte.totals import compute_totals
from timbre.dte.xml import build
from timbre.pdf.reading import read

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a library that cl_sii parses with
    from cl_sii.dte.parse import clean_dte_xml, parse_dte_xml
    from cl_sii.libs.xml_utils import parse_untrusted_xml

FULL = make_documento(
    emisor=replace(EMISOR, telefono="+56 2 1234 5678", correo="ventas@example.cl", sucursal="81234567"),
    receptor=replace(RECEPTOR, contacto="Ana Soto", correo="ana@example.cl"),
    detalles=(
        replace(
            LINEA,
            codigo="PAN-1",
            tipo_codigo="EAN13",
            descripcion="Amasado a mano <hoy>",
            descuento_pct=Decimal("12.50"),
        ),
        replace(LINEA, nombre="Libro", exencion=1),
        replace(LINEA, nombre="Sin valor", cantidad=None, precio=None, unidad=""),
    ),
    referencias=(
        Referencia(tipo="801", folio="OC-77", fecha=date(2026, 3, 1), razon="Compra de marzo"),
        Referencia(tipo="HES", folio="4500012345", fecha=date(2026, 3, 2)),
    ),
    forma_pago=FormaPago.CONTADO,
)


@pytest.mark.parametrize("documento", [FULL, make_documento(), make_documento(tipo=TipoDte.FACTURA_EXENTA)])
def test_what_we_build_is_what_the_siis_schema_allows(documento: Documento) -> None:
    validate(make_signed_dte(documento))


def test_the_fields_own_library_reads_what_we_build() -> None:
    cleaned, _ = clean_dte_xml(parse_untrusted_xml(make_signed_dte(FULL, folio=12)))
    parsed = parse_dte_xml(cleaned)
    assert (parsed.emisor_rut.canonical, parsed.folio, parsed.monto_total) == (
        "77777777-7",
        12,
        compute_totals(FULL).total,
    )
    assert parsed.fecha_emision_date == TODAY
    assert parsed.receptor_razon_social == 'Café "El Águila" Ltda.'


def test_what_is_read_back_is_what_was_asked() -> None:
    emitido = read(make_signed_dte(FULL, folio=12))
    last = replace(FULL.detalles[0], descuento_pct=Decimal("12.5"))
    assert emitido.documento == replace(FULL, detalles=(last, *FULL.detalles[1:]))
    assert (emitido.folio, emitido.totales, emitido.idk) == (12, compute_totals(FULL), 999)


def test_an_exempt_invoice_carries_no_net_and_no_iva() -> None:
    xml = make_signed_dte(make_documento(tipo=TipoDte.FACTURA_EXENTA))
    totals = xml[xml.index(b"<Totales>") : xml.index(b"</Totales>")]
    assert totals == b"<Totales>\n<MntExe>5972</MntExe>\n<MntTotal>5972</MntTotal>\n"


def test_quotes_stand_in_text_as_they_are() -> None:
    xml = make_signed_dte()
    assert b"O'Higgins" in xml
    assert b'"El \xc1guila"' in xml


def test_a_discount_of_less_than_half_a_peso_is_left_out_whole() -> None:
    line = replace(LINEA, cantidad=Decimal(1), precio=Decimal(10), descuento_pct=Decimal(1))
    xml = make_signed_dte(make_documento(detalles=(line,)))
    assert b"Descuento" not in xml
    validate(xml)


def test_no_line_is_longer_than_the_sii_reads() -> None:
    swollen = replace(LINEA, nombre="&" * 80, descripcion="&" * 790, codigo="&" * 35)
    xml = make_signed_dte(make_documento(detalles=(swollen,) * 60))
    assert max(map(len, xml.split(b"\n"))) <= 4090
    validate(xml)


def test_a_fault_against_the_schema_is_told_in_words() -> None:
    xml = make_signed_dte().replace(b"<Acteco>107100</Acteco>\n", b"")
    with pytest.raises(InvalidXml, match="Acteco"):
        validate(xml)


def test_an_unsigned_dte_is_not_valid() -> None:
    documento = make_documento()
    with pytest.raises(InvalidXml):
        validate(build(documento, compute_totals(documento), 1, "", NOW).encode())


def texts(longest: int, *, shortest: int = 0) -> st.SearchStrategy[str]:
    return st.text(max_size=longest).map(kept).filter(lambda text: shortest <= len(text) <= longest)


def kept(text: str) -> str:
    try:
        return to_latin1(text)
    except NotLatin1:
        return 'Ñandú & "Cía" <O\'Higgins>'


lines = st.builds(
    lambda nombre, descripcion, cantidad, precio, pct: replace(
        LINEA, nombre=nombre, descripcion=descripcion, cantidad=cantidad, precio=precio, descuento_pct=pct
    ),
    texts(80, shortest=1),
    texts(200),
    st.decimals(Decimal("0.000001"), Decimal(10**5), places=6),
    st.decimals(Decimal(0), Decimal(10**7), places=6),
    st.decimals(Decimal(0), Decimal(100), places=2),
)
documents = st.builds(
    lambda nombre, giro, detalles, tipo: make_documento(
        tipo=tipo, receptor=replace(RECEPTOR, razon_social=nombre, giro=giro), detalles=tuple(detalles)
    ),
    texts(100, shortest=1),
    texts(40, shortest=1),
    st.lists(lines, min_size=1, max_size=10),
    st.sampled_from([TipoDte.FACTURA, TipoDte.FACTURA_EXENTA]),
)


@settings(deadline=None, max_examples=60)
@given(documents)
def test_whatever_is_found_without_fault_makes_a_document_that_verifies(documento: Documento) -> None:
    if judge(documento, PORTAL, today=TODAY):
        return
    xml = make_signed_dte(documento)
    validate(xml)
    verify_dte(xml)
    emitido = read(xml)
    verify_stamp(emitido.ted)
    assert emitido.totales == compute_totals(documento)
    assert [line.nombre for line in emitido.documento.detalles] == [
        line.nombre for line in documento.detalles
    ]


@pytest.mark.parametrize(
    ("comuna", "office"),
    [
        ("Ñuñoa", "ÑUÑOA"),
        ("nunoa", "ÑUÑOA"),
        ("VALPARAÍSO", "VALPARAÍSO"),
        ("Puente Alto", "LA FLORIDA"),
        ("San Vicente de Tagua", "SAN VICENTE TAGUA TAGUA"),
        ("Padre las Casas", "TEMUCO"),
        (" Comuna Nueva ", "COMUNA NUEVA"),
    ],
)
def test_a_comuna_belongs_to_an_office_of_the_sii(comuna: str, office: str) -> None:
    assert sii_office(comuna) == office
