from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from seeing import HALF_A_CENTIMETRE, picture, texts

from factories import LINEA, TODAY, make_documento, make_signed_dte
from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento, Referencia, Resolucion
from timbre.dte.errors import InvalidXml
from timbre.pdf.barcode import encode
from timbre.pdf.ink import Style, wrap
from timbre.pdf.page import draw
from timbre.pdf.reading import read
from timbre.pdf.words import long_date

RESOLUCION = Resolucion(numero=80, fecha=date(2014, 8, 22))
LONG = replace(LINEA, nombre="Nombre " * 11, descripcion="W" * 500 + " " + "palabra " * 60, codigo="C" * 35)


def pages(xml: bytes, *, cedible: bool = False) -> list[str]:
    return texts(draw(xml, resolucion=RESOLUCION, cedible=cedible))


def ted_of(xml: bytes) -> bytes:
    return xml[xml.index(b"<TED") : xml.index(b"</TED>") + 6]


@pytest.mark.parametrize(
    "documento",
    [
        make_documento(),
        make_documento(tipo=TipoDte.FACTURA_EXENTA),
        make_documento(detalles=(LONG,) * 60),
    ],
)
def test_the_printed_stamp_reads_back_byte_for_byte(documento: Documento) -> None:
    xml = make_signed_dte(documento)
    (symbol,) = zxingcpp.read_barcodes(picture(draw(xml, resolucion=RESOLUCION)))
    assert symbol.format == zxingcpp.BarcodeFormat.PDF417
    assert symbol.bytes == ted_of(xml)


def test_the_stamp_is_of_the_size_and_at_the_place_the_sii_asks() -> None:
    image = picture(draw(make_signed_dte(), resolucion=RESOLUCION), dpi=200)
    (symbol,) = zxingcpp.read_barcodes(image)
    at = symbol.position
    left, right = at.top_left.x / 200 * 2.54, at.top_right.x / 200 * 2.54
    height = (at.bottom_left.y - at.top_left.y) / 200 * 2.54
    assert left >= 2
    assert 5 <= right - left <= 9
    assert 2 <= height <= 4


def test_the_largest_stamp_stays_within_four_centimetres() -> None:
    rows = encode("á/b+C" * 200).rows
    assert rows * 3 * 0.022 <= 4


def test_the_sheet_says_what_the_sii_asks_of_an_invoice() -> None:
    reference = Referencia(tipo="801", folio="OC-77", fecha=TODAY, razon="Compra de marzo")
    (text,) = pages(make_signed_dte(make_documento(referencias=(reference,)), folio=1234))
    for words in (
        "R.U.T.: 77.777.777-7",
        "FACTURA ELECTRÓNICA",
        "N° 1234",
        "S.I.I. - ÑUÑOA",
        "PANADERÍA ÑANDÚ & HIJOS SPA",
        'Café "El Águila" Ltda.',
        "88.888.888-8",
        "14 de marzo de 2026",
        "13-04-2026",
        "Crédito",
        "Orden de compra N° OC-77 del 14-03-2026: Compra de marzo",
        "1.990,5",
        "$ 5.972",
        "I.V.A. 19%",
        "$ 1.135",
        "$ 7.107",
        "Acuse de Recibo",
        "Ley 19.983",
        "Timbre Electrónico SII",
        "Res. 80 de 2014 - Verifique documento: www.sii.cl",
    ):
        assert words in text
    assert "CEDIBLE" not in text


def test_an_exempt_invoice_shows_neither_net_nor_iva() -> None:
    (text,) = pages(make_signed_dte(make_documento(tipo=TipoDte.FACTURA_EXENTA)))
    assert "EXENTA ELECTRÓNICA" in text
    assert "Exento" in text
    assert "I.V.A." not in text
    assert "Monto neto" not in text


def test_exempt_lines_are_marked_where_others_are_not() -> None:
    exempt = replace(LINEA, exencion=1)
    (text,) = pages(make_signed_dte(make_documento(detalles=(LINEA, exempt))))
    assert text.count("exento") == 1
    assert "Exento" in text


def test_the_copy_that_can_be_assigned_says_so() -> None:
    assert "CEDIBLE" in pages(make_signed_dte(), cedible=True)[0]


def test_a_document_of_the_simulator_is_marked_on_every_page() -> None:
    found = pages(make_signed_dte(make_documento(detalles=(LONG,) * 20)))
    assert len(found) > 1
    assert all("SIN VALIDEZ TRIBUTARIA" in text for text in found)


def test_a_document_of_another_authority_carries_no_watermark() -> None:
    (text,) = pages(make_signed_dte(idk=300))
    assert "SIN VALIDEZ" not in text


def test_sixty_lines_flow_over_pages_and_the_last_has_totals_and_stamp() -> None:
    lines = tuple(replace(LINEA, nombre=f"Producto {n:02}") for n in range(1, 61))
    found = pages(make_signed_dte(make_documento(detalles=lines)))
    assert len(found) == 3
    assert [text.count("Timbre Electrónico SII") for text in found] == [0, 0, 1]
    assert "Página 3 de 3" in found[-1]
    together = "".join(found)
    assert all(together.count(line.nombre) == 1 for line in lines)


def test_totals_are_never_alone_on_a_page() -> None:
    for many in range(20, 45):
        last = pages(make_signed_dte(make_documento(detalles=(LINEA,) * many)))[-1]
        assert "Pan amasado" in last


def test_forty_references_with_long_reasons_are_all_there() -> None:
    references = tuple(
        Referencia(tipo="112", folio=f"{n:018}", fecha=TODAY, razon="razón larga " * 7, codigo=3)
        for n in range(1, 41)
    )
    together = "".join(pages(make_signed_dte(make_documento(referencias=references))))
    assert all(reference.folio in together for reference in references)


def test_nothing_is_printed_outside_the_sheets_margin() -> None:
    xml = make_signed_dte(make_documento(detalles=(LONG,) * 8))
    pdf = draw(xml, resolucion=RESOLUCION, cedible=True)
    for page in range(2):
        image = picture(pdf, page, dpi=72).convert("L").point(lambda level: 255 if level < 200 else 0)
        left, top, right, bottom = image.getbbox()
        assert left >= HALF_A_CENTIMETRE
        assert top >= HALF_A_CENTIMETRE
        assert right <= 612 - HALF_A_CENTIMETRE
        assert bottom <= 792 - HALF_A_CENTIMETRE


def test_the_same_xml_gives_the_same_bytes() -> None:
    xml = make_signed_dte()
    assert draw(xml, resolucion=RESOLUCION) == draw(xml, resolucion=RESOLUCION)


def test_a_word_too_long_for_its_column_is_cut_and_nothing_is_lost() -> None:
    lines = wrap("a " + "W" * 300 + " b", 100, Style(8))
    assert "".join(lines).replace(" ", "") == "a" + "W" * 300 + "b"


def test_a_dte_that_lost_its_namespace_prints_the_same() -> None:
    xml = make_signed_dte()
    bare = xml.replace(b' xmlns="http://www.sii.cl/SiiDte"', b"", 1)
    assert draw(bare, resolucion=RESOLUCION) == draw(xml, resolucion=RESOLUCION)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"<Folio>1</Folio>", b""),
        (b"<Folio>1</Folio>", b"<Folio>uno</Folio>"),
        (b"<TipoDTE>33<", b"<TipoDTE>99<"),
        (b"<QtyItem>3<", b"<QtyItem>tres<"),
        (b"<TED ", b"<Otro "),
        (b"Documento", b"Otro"),
    ],
)
def test_what_is_no_readable_invoice_is_refused(was: bytes, now: bytes) -> None:
    with pytest.raises(InvalidXml):
        draw(make_signed_dte().replace(was, now), resolucion=RESOLUCION)


def test_quantities_keep_every_decimal_that_counts() -> None:
    line = replace(LINEA, cantidad=Decimal("1234.125"), precio=Decimal("0.000001"))
    emitido = read(make_signed_dte(make_documento(detalles=(line,))))
    assert emitido.documento.detalles[0].precio == Decimal("0.000001")
    assert "1.234,125" in pages(make_signed_dte(make_documento(detalles=(line,))))[0]


@pytest.mark.parametrize("month", range(1, 13))
def test_the_longest_day_of_each_month_stands_on_one_line(month: int) -> None:
    day = date(2026, month, 28)
    (page,) = pages(make_signed_dte(make_documento(fecha_emision=day)))
    assert long_date(day) in page
