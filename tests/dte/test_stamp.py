import base64
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1

from factories import (
    LINEA,
    NOW,
    RECEPTOR,
    make_caf_xml,
    make_documento,
    make_of,
    make_signed_dte,
    make_small_key,
)
from timbre.dte.caf import open_caf
from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidCaf, InvalidSignature
from timbre.dte.stamp import stamp, verify_stamp
from timbre.dte.totals import compute_totals


def stamped(documento: Documento | None = None, folio: int = 1, now: datetime = NOW) -> str:
    asked = documento or make_documento()
    return stamp(asked, folio, compute_totals(asked), open_caf(make_caf_xml()), now)


def test_the_cafs_key_signs_the_dd_in_latin1() -> None:
    ted = stamped()
    dd = ted[ted.index("<DD>") : ted.index("</DD>") + 5]
    frmt = ted.partition('<FRMT algoritmo="SHA1withRSA">')[2].partition("<")[0]
    assert "Ñ" in dd  # of the CAF's name: in UTF-8 these would be other bytes
    make_small_key(33).public_key().verify(
        base64.b64decode(frmt),
        dd.encode("iso-8859-1"),
        PKCS1v15(),
        SHA1(),  # noqa: S303 - the SII's
    )
    verify_stamp(ted)


def test_names_are_folded_to_ascii() -> None:
    ted = stamped()
    assert "<RSR>Cafe El Aguila Ltda.</RSR>" in ted
    assert "<IT1>Pan amasado</IT1>" in ted


def test_its_time_is_chiles_in_winter_and_in_summer() -> None:
    assert "<TSTED>2026-07-01T08:00:00</TSTED>" in stamped(now=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert "<TSTED>2026-01-01T09:00:00</TSTED>" in stamped(now=datetime(2026, 1, 1, 12, tzinfo=UTC))


def test_a_time_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        stamped(now=datetime(2026, 7, 1, 12))  # noqa: DTZ001 - the mistake


@pytest.mark.parametrize(
    ("was", "now"), [("<MNT>7107<", "<MNT>7108<"), ("<F>1<", "<F>2<"), ("Ñ", "N"), ("amasado", "Amasado")]
)
def test_one_changed_character_breaks_it(was: str, now: str) -> None:
    with pytest.raises(InvalidSignature):
        verify_stamp(stamped().replace(was, now))


@pytest.mark.parametrize("text", ["", "<TED/>", "<TED><DD></DD></TED>", "no es XML"])
def test_what_is_no_stamp_does_not_verify(text: str) -> None:
    with pytest.raises(InvalidSignature):
        verify_stamp(text)


@pytest.mark.parametrize("tipo", TipoDte)
def test_the_largest_stamp_of_every_type_fits_a_thousand_bytes(tipo: TipoDte) -> None:
    documento = make_of(
        tipo,
        receptor=replace(RECEPTOR, razon_social="W&<" * 33),
        detalles=(replace(LINEA, nombre="Ñ" * 80),),
        ajustes=(),
    )
    caf = open_caf(
        make_caf_xml(tipo=tipo, desde=1_234_567_890, hasta=1_234_567_899, razon_social="Ñ & " * 10)
    )
    assert caf.tipo is tipo
    largest = Decimal("99999999999999.9999") if documento.es_exportacion else Decimal(10**18 - 1)
    totales = replace(compute_totals(documento), total=largest)
    ted = stamp(documento, 1_234_567_890, totales, caf, NOW)
    verify_stamp(ted)
    assert f"<MNT>{largest}</MNT>" in ted
    assert len(ted.encode("iso-8859-1")) <= 1000


def test_a_caf_whose_stamps_would_not_fit_is_refused() -> None:
    documento = make_documento()
    caf = replace(open_caf(make_caf_xml()), xml="x" * 800)
    with pytest.raises(InvalidCaf, match="1000 bytes"):
        stamp(documento, 1, compute_totals(documento), caf, NOW)


@pytest.mark.parametrize(("precio", "mnt"), [("19.99", "72.47"), ("0.5", "14"), ("0.01", "12.53")])
def test_the_amount_of_an_export_keeps_its_decimals_as_its_total_has_them(precio: str, mnt: str) -> None:
    line = replace(LINEA, precio=Decimal(precio))
    xml = make_signed_dte(make_of(TipoDte.FACTURA_EXPORTACION, detalles=(line,)))
    assert f"<MNT>{mnt}</MNT>".encode() in xml
    assert f"<MntTotal>{mnt}</MntTotal>".encode() in xml


def test_a_receiver_without_a_name_is_a_dash() -> None:
    documento = make_of(TipoDte.BOLETA)
    ted = stamp(documento, 1, compute_totals(documento), open_caf(make_caf_xml(tipo=39)), NOW)
    assert "<RR>66666666-6</RR><RSR>-</RSR>" in ted


def test_a_folio_outside_the_cafs_range_is_refused() -> None:
    with pytest.raises(InvalidCaf, match="101"):
        stamped(folio=101)


def test_a_caf_of_another_type_is_refused() -> None:
    documento = make_documento()
    with pytest.raises(InvalidCaf, match="tipo 34"):
        stamp(documento, 1, compute_totals(documento), open_caf(make_caf_xml(tipo=34)), NOW)
