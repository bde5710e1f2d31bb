"""The portal's own note that annuls: made from the issued document, straight to a filled preview (notes 5.3).

What the blank form of a note has no field for (lines that are exempt, IVA withheld) only comes from here.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from lxml import etree

from timbre.simulator.arithmetic import (
    ADDITIONAL,
    CERO,
    FACTURA_COMPRA,
    FACTURA_EXENTA,
    NOTA_CREDITO,
    SIN_IVA,
    TASA_IVA,
    Line,
    Sums,
    sum_up,
)
from timbre.simulator.checking import CHECKED
from timbre.simulator.fields import AGENTE_RETENEDOR, PREVIEW_FIELDS
from timbre.simulator.reading import find_all, parse, read_decimal, read_text
from timbre.simulator.store import Issued

RAZON = "ANULA DOCUMENTO"
"""What the portal itself gives as the reason; nobody can write another on this way."""
_PARTIES = {
    "EFXP_RZN_SOC": "Emisor/RznSoc",
    "EFXP_GIRO_EMIS": "Emisor/GiroEmis",
    "EFXP_FONO_EMISOR": "Emisor/Telefono",
    "EFXP_EMAIL_EMISOR": "Emisor/CorreoEmisor",
    "EFXP_ACTECO": "Emisor/Acteco",
    "EFXP_CDG_SII_SUCUR": "Emisor/CdgSIISucur",
    "EFXP_DIR_ORIGEN": "Emisor/DirOrigen",
    "EFXP_CMNA_ORIGEN": "Emisor/CmnaOrigen",
    "EFXP_CIUDAD_ORIGEN": "Emisor/CiudadOrigen",
    "EFXP_RZN_SOC_RECEP": "Receptor/RznSocRecep",
    "EFXP_GIRO_RECEP": "Receptor/GiroRecep",
    "EFXP_CONTACTO": "Receptor/Contacto",
    "EFXP_DIR_RECEP": "Receptor/DirRecep",
    "EFXP_CMNA_RECEP": "Receptor/CmnaRecep",
    "EFXP_CIUDAD_RECEP": "Receptor/CiudadRecep",
}
_LINE = {
    "TPO_COD": "CdgItem/TpoCodigo",
    "COD": "CdgItem/VlrCodigo",
    "NMB": "NmbItem",
    "DSC_ITEM": "DscItem",
    "QTY": "QtyItem",
    "UNMD": "UnmdItem",
    "PRC": "PrcItem",
    "PCTD": "DescuentoPct",
    "SUBT": "MontoItem",
}
"""Field of the preview -> element of the document that is annulled."""

Pairs = Iterator[tuple[str, str]]


def annul(document: Issued, today: date) -> dict[str, str]:
    """The filled preview of the note that annuls an invoice, dated today.

    It repeats the parties, the lines, the discount and every amount; not how the document was to be paid or
    carried.
    """
    dte = parse(document.xml.decode("latin-1"))
    filled = dict.fromkeys(PREVIEW_FIELDS, "")
    for part in (
        _control(document, today),
        _parties(dte),
        _lines(dte, document.tipo),
        _amounts(dte, document.tipo),
    ):
        filled.update(part)
    return filled


def _control(document: Issued, today: date) -> Pairs:
    yield "INDICA_PRIMERA_EJECUCION", "1"
    yield "ES_BORR", "FALSE"
    yield "PTDC_CODIGO", str(NOTA_CREDITO)
    yield "EHDR_CODIGO", str(document.codigo)
    yield "AGENTE_RETENEDOR", AGENTE_RETENEDOR if document.tipo == FACTURA_COMPRA else ""
    yield "MNT_TOTAL_ORI", str(document.total)
    yield "EFXP_FCH_EMIS", today.isoformat()
    yield "REF_SI_NO", CHECKED
    yield "EFXP_TPO_DOC_REF_001", str(document.tipo)
    yield "EFXP_FOLIO_REF_001", str(document.folio)
    yield "EFXP_FCH_REF_001", document.fecha
    yield "EFXP_CODIGO_REF_001", "1"
    yield "EFXP_RAZON_REF_001", RAZON


def _parties(dte: etree._Element) -> Pairs:
    (header,) = find_all(dte, "//s:Encabezado")
    for field, path in _PARTIES.items():
        yield field, _read(header, path)
    receiver = _read(header, "Receptor/RUTRecep").split("-")
    yield from zip(("EFXP_RUT_RECEP", "EFXP_DV_RECEP"), receiver, strict=True)
    yield "EFXP_TIPOVENTA_SELECT", "1"
    yield "EFXP_TIPOCOMPRA_SELECT", "1"


def _lines(dte: etree._Element, tipo: int) -> Pairs:
    lines = find_all(dte, "//s:Detalle")
    yield "CANT_DET", str(len(lines))
    for n, line in enumerate(lines, start=1):
        for field, path in _LINE.items():
            yield f"EFXP_{field}_{n:02}", _read(line, path)
        if _read(line, "CdgItem/VlrCodigo"):
            yield "COD_SI_NO", CHECKED
        if tipo == FACTURA_EXENTA:
            yield f"EFXP_IND_EXE_{n:02}", "1"
        code = _tax_of(line)
        if code:
            yield "OTRO_IMP_SI_NO", CHECKED
            yield f"EFXP_OTRO_IMP_{n:02}", code


def _tax_of(line: etree._Element) -> str:
    """The line's additional tax; the IVA withheld is no line's own."""
    code = _read(line, "CodImpAdic")
    return code if code in ADDITIONAL else ""


def _amounts(dte: etree._Element, tipo: int) -> Pairs:
    pct, sums = _sums(dte, tipo)
    exempt = tipo in SIN_IVA
    yield "EFXP_PCT_DESC", str(pct) if pct else ""
    yield "EFXP_SUBTOTAL", str(sums.subtotal)
    yield "EFXP_MNT_DESC", str(sums.descuento)
    yield "EFXP_MNT_NETO", str(sums.neto)
    yield "EFXP_TASA_IVA", "" if exempt else str(TASA_IVA)
    yield "EFXP_IVA", "" if exempt else str(sums.iva)
    yield "EFXP_OTRO_IMP_TOTAL", str(sums.adicional)
    yield "EFXP_MNT_TOTAL", str(sums.total)


def _sums(dte: etree._Element, tipo: int) -> tuple[Decimal, Sums]:
    pct = read_decimal(dte, "//s:DscRcgGlobal/s:ValorDR") or CERO
    rows = find_all(dte, "//s:Detalle")
    lines = [Line(read_decimal(row, "s:MontoItem") or CERO, _tax_of(row)) for row in rows]
    return pct, sum_up(tipo, lines, pct)


def _read(element: etree._Element, path: str) -> str:
    """The text at a path below the element, its names the SII's."""
    return read_text(element, "/".join(f"s:{name}" for name in path.split("/")))
