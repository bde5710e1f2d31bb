"""The lines, the discount on the whole, and the totals of a DTE the portal writes."""

from collections.abc import Iterator
from decimal import Decimal

from timbre.simulator.arithmetic import (
    ADDITIONAL,
    CERO,
    EXPORTACION,
    FACTURA_COMPRA,
    FACTURA_EXENTA,
    IVA_RETENIDO,
    NOTA_CREDITO,
    SIN_IVA,
    TASA_IVA,
    Line,
    line_value,
    parse_number,
    sum_up,
)
from timbre.simulator.checking import Fields
from timbre.simulator.fields import MAX_LINES
from timbre.simulator.form.export import decimals_of
from timbre.simulator.writing import amount, block, element, number

CHARGES = {"EDFE_FLETE": "FLETE", "EDFE_SEGURO": "SEGURO"}
"""What an export's total carries beside its lines, as surcharges by their glosa."""


def kind_of(fields: Fields, tipo: int) -> int:
    """The type by whose sums a document goes: its own, but for a note that repeats a 34 or a 46."""
    if tipo != NOTA_CREDITO:
        return tipo
    if fields["EFXP_IND_EXE_01"]:
        return FACTURA_EXENTA
    return FACTURA_COMPRA if fields["AGENTE_RETENEDOR"] else tipo


def write_line(fields: Fields, tipo: int, n: int) -> str:
    def get(name: str) -> str:
        return fields[f"EFXP_{name}_{n:02}"]

    withheld = kind_of(fields, tipo) == FACTURA_COMPRA
    exempt = "1" if tipo == EXPORTACION else get("IND_EXE")
    discount, worth = _value(fields, tipo, n)
    discounted = element("DescuentoPct", number(parse_number(get("PCTD"))))
    return block(
        "Detalle",
        element("NroLinDet", n),
        block("CdgItem", element("TpoCodigo", get("TPO_COD")), element("VlrCodigo", get("COD"))),
        element("IndExe", exempt),
        "<Retenedor><IndAgente>R</IndAgente></Retenedor>" if withheld else "",
        element("NmbItem", get("NMB")),
        element("DscItem", get("DSC_ITEM")),
        element("QtyItem", number(parse_number(get("QTY")))),
        element("UnmdItem", get("UNMD")),
        element("PrcItem", number(parse_number(get("PRC")))),
        discounted + element("DescuentoMonto", amount(discount)) if discount else "",
        element("CodImpAdic", IVA_RETENIDO if withheld else get("OTRO_IMP")),
        element("MontoItem", amount(worth, _decimals(fields, tipo))),
    )


def _value(fields: Fields, tipo: int, n: int) -> tuple[Decimal, Decimal]:
    quantity, price, pct = (parse_number(fields[f"EFXP_{name}_{n:02}"]) for name in ("QTY", "PRC", "PCTD"))
    return line_value(quantity, price, pct or CERO, _decimals(fields, tipo))


def _decimals(fields: Fields, tipo: int) -> int:
    return decimals_of(fields["EDFE_MONEDA"]) if tipo == EXPORTACION else 0


def discount_and_charges(fields: Fields, tipo: int) -> Iterator[str]:
    """DscRcgGlobal: the percentage off the whole, then an export's freight and insurance."""
    exempt = element("IndExeDR", 1) if kind_of(fields, tipo) in SIN_IVA else ""
    rows = []
    pct = parse_number(fields["EFXP_PCT_DESC"])
    if pct:
        value = element("TpoValor", "%") + element("ValorDR", number(pct))
        rows.append(element("TpoMov", "D") + value)
    for name, glosa in CHARGES.items():
        charge = parse_number(fields[name])
        if charge:
            value = element("TpoValor", "$") + element("ValorDR", number(charge))
            rows.append(element("TpoMov", "R") + element("GlosaDR", glosa) + value)
    for line, row in enumerate(rows, start=1):
        yield block("DscRcgGlobal", element("NroLinDR", line), row, exempt)


def write_totals(fields: Fields, tipo: int) -> str:
    total = Decimal(fields["EFXP_MNT_TOTAL"])
    kind = kind_of(fields, tipo)
    if kind in SIN_IVA:
        decimals = _decimals(fields, tipo)
        return block(
            "Totales",
            element("TpoMoneda", fields["EDFE_MONEDA"]),
            element("MntExe", amount(Decimal(fields["EFXP_MNT_NETO"]), decimals)),
            element("MntTotal", amount(total, decimals)),
        )
    neto = Decimal(fields["EFXP_MNT_NETO"])
    if not neto:
        # A text corrected or goods moved without value: nothing but the total (protocol notes 1.6).
        return block("Totales", element("MntTotal", 0))
    return block(
        "Totales",
        element("MntNeto", amount(neto)),
        element("TasaIVA", f"{TASA_IVA}.00"),
        element("IVA", amount(Decimal(fields["EFXP_IVA"]))),
        *_taxes(fields, kind),
        element("MntTotal", amount(total)),
    )


def _taxes(fields: Fields, tipo: int) -> Iterator[str]:
    if tipo == FACTURA_COMPRA:
        yield _tax(IVA_RETENIDO, Decimal(TASA_IVA), Decimal(fields["EFXP_IVA"]))
    rows = [n for n in range(1, MAX_LINES + 1) if fields[f"EFXP_NMB_{n:02}"]]
    lines = [Line(_value(fields, tipo, n)[1], fields[f"EFXP_OTRO_IMP_{n:02}"]) for n in rows]
    pct = parse_number(fields["EFXP_PCT_DESC"]) or CERO
    for code, worth in sum_up(tipo, lines, pct).impuestos.items():
        yield _tax(code, ADDITIONAL[code], worth)


def _tax(code: str, rate: Decimal, worth: Decimal) -> str:
    return block(
        "ImptoReten",
        element("TipoImp", code),
        element("TasaImp", number(rate)),
        element("MontoImp", amount(worth)),
    )
