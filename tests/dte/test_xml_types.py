"""The XML of every type: valid, in order, complete, signed; and what a type has no element for stays out."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from complete import COMPLETE, LINE, WORTHLESS
from factories import (
    LINEA,
    NOW,
    RECEPTOR,
    SIN_NOMBRE,
    make_caf_xml,
    make_certificate,
    make_of,
    make_signed_dte,
    make_x509,
)
from timbre.dte.caf import open_caf
from timbre.dte.canonical import Canonical, mark
from timbre.dte.codes import EXPORTACIONES, TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import InvalidXml
from timbre.dte.parsing import SII_NAMESPACE, decode, encode
from timbre.dte.schema import validate
from timbre.dte.signature import sign, verify_dte
from timbre.dte.stamp import stamp
from timbre.dte.totals import compute_totals
from timbre.dte.verify import verify
from timbre.dte.xml import build

EVERY = [pytest.param(documento, id=f"{tipo:d}") for tipo, documento in COMPLETE.items()]


def between(xml: bytes, name: str) -> str:
    """What stands inside the first element of a name, on one line."""
    found = re.search(f"<{name}>\n?(.*?)</{name}>", decode(xml), re.DOTALL)
    return found[1].replace("\n", "") if found else ""


def names(xml: bytes) -> set[str]:
    root = etree.fromstring(xml)
    return {etree.QName(each).localname for each in root.iter(f"{{{SII_NAMESPACE}}}*")}


@pytest.mark.parametrize(
    "documento", [*EVERY, *(pytest.param(make_of(t), id=f"plain {t:d}") for t in TipoDte)]
)
def test_every_type_is_valid_signed_and_in_order(documento: Documento) -> None:
    xml = make_signed_dte(documento)
    validate(xml)
    verify_dte(xml)
    assert verify(xml).is_valid


@pytest.mark.parametrize("documento", EVERY)
def test_another_library_verifies_every_type(documento: Documento) -> None:
    root = etree.fromstring(make_signed_dte(documento))
    context = xmlsec.SignatureContext()
    certificate = make_x509()[1].public_bytes(Encoding.PEM)
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem)
    context.register_id(root[0], "ID")
    context.verify(xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature))


def unsigned(documento: Documento) -> str:
    totales = compute_totals(documento)
    opened = open_caf(make_caf_xml(tipo=documento.tipo.value))
    return build(documento, totales, 1, stamp(documento, 1, totales, opened, NOW), NOW)


@pytest.mark.parametrize("documento", EVERY)
def test_what_is_written_is_canonical_as_it_stands(documento: Documento) -> None:
    """Signed as it stands, or parsed and canonicalised first: the signature is the same."""
    ours = unsigned(documento)
    assert isinstance(ours, Canonical)
    assert sign(ours, make_certificate()) == sign(str(ours), make_certificate())


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("<TermPagoGlosa>", '<TermPagoGlosa xmlns="">'),
        ("&amp;", "&#38;"),
        ("&lt;", "&quot;"),
        ("días", "<!-- 30 -->días"),
        ("días", "<![CDATA[días]]>"),
        ("días", "días>"),
        ("<CiudadOrigen>Santiago</CiudadOrigen>", "<CiudadOrigen/>"),
        ("<MntTotal>", "<MntTotal >"),
        ("<Detalle>\n", "<Detalle>\r\n"),
        ("<DscItem>", "<DscItem>\r"),
    ],
)
def test_what_is_not_canonical_is_canonicalised_before_it_is_digested(was: str, now: str) -> None:
    ours = unsigned(COMPLETE[TipoDte.FACTURA])
    changed = ours.replace(was, now, 1)
    assert changed != ours
    assert not isinstance(changed, Canonical)
    assert not isinstance(mark(changed.partition("<Encabezado>")[2]), Canonical)
    verify_dte(encode(sign(changed, make_certificate())))


def test_a_line_end_of_another_world_in_a_text_is_signed_as_it_reads() -> None:
    documento = make_of(TipoDte.FACTURA, receptor=replace(RECEPTOR, giro="Uno\rdos"))
    verify_dte(encode(sign(unsigned(documento), make_certificate())))


def test_the_oddly_written_caf_of_a_stamp_is_signed_as_it_reads() -> None:
    """A CAF stands in its stamps as its file has it, which need not be canonical."""
    documento = make_of(TipoDte.FACTURA)
    opened = open_caf(make_caf_xml().replace(b"<RNG>", b"<RNG >"))
    totales = compute_totals(documento)
    ted = stamp(documento, 1, totales, opened, NOW)
    assert "<RNG >" in ted
    verify_dte(encode(sign(build(documento, totales, 1, ted, NOW), make_certificate())))


def test_header_fields_stand_in_the_order_of_the_schema() -> None:
    header = between(make_signed_dte(COMPLETE[TipoDte.FACTURA]), "IdDoc")
    assert header == (
        "<TipoDTE>33</TipoDTE><Folio>1</Folio><FchEmis>2026-03-14</FchEmis><TipoDespacho>2</TipoDespacho>"
        "<IndServicio>3</IndServicio><TpoTranCompra>1</TpoTranCompra><TpoTranVenta>1</TpoTranVenta>"
        "<FmaPago>2</FmaPago><FmaPagExp>1</FmaPagExp><FchCancel>2026-03-20</FchCancel>"
        "<MntPagos><FchPago>2026-03-20</FchPago><MntPago>1000</MntPago><GlosaPagos>Primera</GlosaPagos></MntPagos>"
        "<MntPagos><FchPago>2026-03-20</FchPago><MntPago>0</MntPago></MntPagos>"
        "<PeriodoDesde>2026-02-01</PeriodoDesde><PeriodoHasta>2026-02-28</PeriodoHasta>"
        "<TermPagoGlosa>30 días &amp; más</TermPagoGlosa><FchVenc>2026-03-20</FchVenc>"
    )


def test_a_line_has_its_discount_and_surcharge_with_their_amounts() -> None:
    line = replace(
        LINE, recargo_pct=Decimal(5), recargo_monto=Decimal(0), impuesto="34", agente_retenedor=True
    )
    xml = make_signed_dte(make_of(TipoDte.FACTURA_COMPRA, detalles=(line,)))
    assert between(xml, "Detalle") == (
        "<NroLinDet>1</NroLinDet><CdgItem><TpoCodigo>EAN13</TpoCodigo><VlrCodigo>PAN-1</VlrCodigo></CdgItem>"
        "<Retenedor><IndAgente>R</IndAgente></Retenedor><NmbItem>Pan amasado</NmbItem>"
        "<DscItem>Amasado a mano &lt;hoy&gt; &amp; siempre</DscItem>"
        "<QtyItem>3</QtyItem><UnmdItem>kg</UnmdItem>"
        "<PrcItem>1990.5</PrcItem><DescuentoPct>12.5</DescuentoPct><DescuentoMonto>747</DescuentoMonto>"
        "<RecargoPct>5</RecargoPct><RecargoMonto>299</RecargoMonto><CodImpAdic>34</CodImpAdic>"
        "<MontoItem>5524</MontoItem>"
    )


def test_a_withholding_in_part_leaves_the_rest_to_its_seller() -> None:
    xml = make_signed_dte(make_of(TipoDte.FACTURA_COMPRA, detalles=(replace(LINEA, impuesto="34"),)))
    assert between(xml, "Totales") == (
        "<MntNeto>5972</MntNeto><TasaIVA>19</TasaIVA><IVA>1135</IVA>"
        "<ImptoReten><TipoImp>34</TipoImp><TasaImp>4</TasaImp><MontoImp>239</MontoImp></ImptoReten>"
        "<IVANoRet>896</IVANoRet><MntTotal>6868</MntTotal>"
    )


def test_what_is_not_billed_and_what_is_deposited_stand_beside_the_total() -> None:
    lines = (LINEA, replace(LINEA, exencion=2), replace(LINEA, exencion=3))
    totals = between(make_signed_dte(make_of(TipoDte.FACTURA, detalles=lines)), "Totales")
    assert totals.endswith(
        "<GrntDep>5972</GrntDep><MntTotal>13079</MntTotal><MontoNF>5972</MontoNF>"
        "<MontoPeriodo>19051</MontoPeriodo>"
    )


@pytest.mark.parametrize("tipo", [TipoDte.NOTA_CREDITO, TipoDte.GUIA_DESPACHO])
def test_a_document_without_value_has_a_total_of_0_and_nothing_else(tipo: TipoDte) -> None:
    xml = make_signed_dte(make_of(tipo, detalles=(WORTHLESS,)))
    validate(xml)
    assert between(xml, "Totales") == "<MntTotal>0</MntTotal>"


def test_gross_prices_are_marked() -> None:
    assert "<MntBruto>1</MntBruto>" in decode(make_signed_dte(make_of(TipoDte.FACTURA, brutos=True)))
    assert "MntBruto" not in decode(make_signed_dte(make_of(TipoDte.BOLETA)))


def test_a_global_adjustment_says_what_it_is_taken_from() -> None:
    xml = decode(make_signed_dte(COMPLETE[TipoDte.FACTURA])).replace("\n", "")
    assert (
        "<DscRcgGlobal><NroLinDR>1</NroLinDR><TpoMov>D</TpoMov><GlosaDR>Pronto pago</GlosaDR>"
        "<TpoValor>%</TpoValor><ValorDR>2.5</ValorDR></DscRcgGlobal>"
        "<DscRcgGlobal><NroLinDR>2</NroLinDR><TpoMov>R</TpoMov><TpoValor>$</TpoValor><ValorDR>150</ValorDR>"
        "<IndExeDR>1</IndExeDR></DscRcgGlobal>"
    ) in xml


def test_references_tell_global_ones_and_other_taxpayers() -> None:
    xml = decode(make_signed_dte(COMPLETE[TipoDte.FACTURA])).replace("\n", "")
    assert (
        "<Referencia><NroLinRef>2</NroLinRef><TpoDocRef>52</TpoDocRef><IndGlobal>1</IndGlobal>"
        "<FolioRef>0</FolioRef><FchRef>2026-03-02</FchRef></Referencia>"
        "<Referencia><NroLinRef>3</NroLinRef><TpoDocRef>33</TpoDocRef><FolioRef>7</FolioRef>"
        "<RUTOtr>88888888-8</RUTOtr><FchRef>2026-03-03</FchRef><CodRef>1</CodRef><RazonRef>Anula</RazonRef>"
        "</Referencia>"
    ) in xml


def test_a_guide_of_export_says_who_moves_the_goods_and_what_customs_want() -> None:
    xml = make_signed_dte(COMPLETE[TipoDte.GUIA_DESPACHO])
    assert between(xml, "GuiaExport") == (
        "<CdgTraslado>1</CdgTraslado><FolioAut>12</FolioAut><FchAut>2026-03-20</FchAut>"
    )
    assert between(xml, "TipoBultos") == (
        "<CodTpoBultos>73</CodTpoBultos><CantBultos>1</CantBultos><Marcas>TIMBRE &amp; CO</Marcas>"
        "<IdContainer>ABCU1</IdContainer><Sello>S-1</Sello><EmisorSello>Naviera</EmisorSello>"
    )


# -- exports -------------------------------------------------------------------------------------------------


def test_an_export_keeps_its_decimals_and_tells_its_pesos() -> None:
    xml = make_signed_dte(make_of(TipoDte.FACTURA_EXPORTACION))
    assert b'<Exportaciones ID="F1T110">' in xml
    assert between(xml, "Totales") == (
        "<TpoMoneda>DOLAR USA</TpoMoneda><MntExe>72.47</MntExe><MntTotal>72.47</MntTotal>"
    )
    assert between(xml, "OtraMoneda") == (
        "<TpoMoneda>PESO CL</TpoMoneda><TpoCambio>950.25</TpoCambio>"
        "<MntExeOtrMnda>68865</MntExeOtrMnda><MntTotOtrMnda>68865</MntTotOtrMnda>"
    )
    assert "<ValorDR>12.5</ValorDR><ValorDROtrMnda>11878</ValorDROtrMnda>" in between(xml, "DscRcgGlobal")


def test_goods_that_nobody_pays_for_are_worth_no_pesos() -> None:
    xml = make_signed_dte(make_of(TipoDte.FACTURA_EXPORTACION, forma_pago_exportacion=21))
    validate(xml)
    assert between(xml, "OtraMoneda").endswith(
        "<MntExeOtrMnda>0</MntExeOtrMnda><MntTotOtrMnda>0</MntTotOtrMnda>"
    )


@pytest.mark.parametrize("tipo", sorted(EXPORTACIONES))
def test_an_export_carries_no_iva_and_every_line_is_exempt(tipo: TipoDte) -> None:
    xml = make_signed_dte(COMPLETE[tipo])
    assert not names(xml) & {
        "MntNeto",
        "IVA",
        "TasaIVA",
        "IndTraslado",
        "MntBruto",
        "TpoTranVenta",
        "GuiaExport",
    }
    assert decode(xml).count("<IndExe>1</IndExe>") == 2


# -- boletas -------------------------------------------------------------------------------------------------


def test_a_boleta_has_names_of_its_own() -> None:
    found = names(make_signed_dte(COMPLETE[TipoDte.BOLETA]))
    assert {"RznSocEmisor", "GiroEmisor", "IndServicio", "MedioPago", "InfoTicket", "TotalPeriodo"} <= found
    assert not found & {
        "RznSoc",
        "GiroEmis",
        "Acteco",
        "Telefono",
        "TasaIVA",
        "GiroRecep",
        "FchRef",
        "FmaPago",
    }


def test_a_boleta_to_nobody_says_so_in_its_stamp_alone() -> None:
    xml = make_signed_dte(make_of(TipoDte.BOLETA))
    assert between(xml, "Receptor") == "<RUTRecep>66666666-6</RUTRecep>"
    assert b"<RSR>-</RSR>" in xml
    assert b"<IndServicio>3</IndServicio>" in xml


def test_net_prices_of_a_boleta_are_marked_and_gross_ones_are_not() -> None:
    net = decode(make_signed_dte(make_of(TipoDte.BOLETA, brutos=False)))
    assert "<IndMntNeto>2</IndMntNeto>" in net
    assert "IndMntNeto" not in decode(make_signed_dte(make_of(TipoDte.BOLETA)))
    assert "IndMntNeto" not in decode(make_signed_dte(make_of(TipoDte.BOLETA_EXENTA, brutos=False)))


def test_the_iva_of_a_boleta_is_what_its_total_includes() -> None:
    totals = between(make_signed_dte(make_of(TipoDte.BOLETA)), "Totales")
    assert totals == "<MntNeto>5018</MntNeto><IVA>954</IVA><MntTotal>5972</MntTotal>"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"<IndServicio>3</IndServicio>\n", b""),
        (b"<IndServicio>3<", b"<IndServicio>5<"),
        (b"<MntTotal>5972<", b"<MntTotal>-1<"),
        (b"<RUTRecep>66666666-6<", b"<RUTRecep>66.666.666-6<"),
        (b"<TipoDTE>39<", b"<TipoDTE>33<"),
        (b"<QtyItem>3<", b"<QtyItem>0<"),
        (b"<NmbItem>Pan amasado<", b"<NmbItem>" + b"x" * 81 + b"<"),
        (b'ID="F1T39"', b""),
        (b"</Documento>", b"<Otro/></Documento>"),
        (b"<SignatureMethod", b"<Signature_Method"),
    ],
)
def test_our_schema_of_boletas_refuses_what_the_siis_does(was: bytes, now: bytes) -> None:
    xml = make_signed_dte(make_of(TipoDte.BOLETA))
    validate(xml)
    assert was in xml
    with pytest.raises(InvalidXml):
        validate(xml.replace(was, now))


def test_a_boleta_of_sixty_one_lines_is_valid_and_an_invoice_is_not() -> None:
    lines = (LINEA,) * 61
    validate(make_signed_dte(make_of(TipoDte.BOLETA, detalles=lines)))
    with pytest.raises(InvalidXml, match="Detalle"):
        validate(make_signed_dte(make_of(TipoDte.FACTURA, detalles=lines)))


# -- texts ---------------------------------------------------------------------------------------------------

NASTY = "Ñ \"a\" 'b' & <c> ]]> × ÷ ¡ª"


@pytest.mark.parametrize("tipo", TipoDte)
def test_any_text_of_the_alphabet_stands_as_it_was(tipo: TipoDte) -> None:
    documento = make_of(
        tipo,
        receptor=replace(SIN_NOMBRE if tipo in EXPORTACIONES else RECEPTOR, razon_social=NASTY),
        detalles=(replace(LINEA, nombre=NASTY, descripcion=NASTY * 38),),
    )
    xml = make_signed_dte(documento)
    validate(xml)
    verify_dte(xml)
    root = etree.fromstring(xml)
    assert root.findtext(".//{*}NmbItem") == NASTY
    assert root.findtext(".//{*}RznSocRecep") == NASTY
    assert max(map(len, xml.split(b"\n"))) <= 4090
