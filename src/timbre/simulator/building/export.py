"""What only an export's DTE has: the foreign receiver, customs, the total in pesos (notes 1.9)."""

from decimal import Decimal

from timbre.simulator.arithmetic import CERO, parse_number, rounded
from timbre.simulator.checking import Fields
from timbre.simulator.fields import MAX_PACKAGES
from timbre.simulator.form.export import PESO_CL, WITHOUT_PAYMENT
from timbre.simulator.writing import amount, block, element, number


def write_foreigner(fields: Fields) -> str:
    return block(
        "Extranjero",
        element("NumId", fields["EDFE_NUM_ID"]),
        element("Nacionalidad", fields["EDFE_NACIONALIDAD"]),
    )


def write_customs(fields: Fields) -> str:
    """The Aduana block; nothing when the export names nothing of it."""

    def code(name: str, field: str) -> str:
        return element(name, fields[f"EDFE_{field}"])

    def value(name: str, field: str) -> str:
        return element(name, number(parse_number(fields[f"EDFE_{field}"])))

    return block(
        "Aduana",
        code("CodModVenta", "MOD_VENTA"),
        code("CodClauVenta", "CLAU_VENTA"),
        value("TotClauVenta", "TOT_CLAU_VENTA"),
        code("CodViaTransp", "VIA_TRANSP"),
        code("CodPtoEmbarque", "PTO_EMBARQUE"),
        code("CodPtoDesemb", "PTO_DESEMB"),
        value("PesoBruto", "PESO_BRUTO"),
        code("CodUnidPesoBruto", "UNID_PESO_BRUTO"),
        value("PesoNeto", "PESO_NETO"),
        code("CodUnidPesoNeto", "UNID_PESO_NETO"),
        code("TotBultos", "TOT_BULTOS"),
        *(_package(fields, n) for n in range(1, MAX_PACKAGES + 1)),
        value("MntFlete", "FLETE"),
        value("MntSeguro", "SEGURO"),
        code("CodPaisRecep", "PAIS_RECEP"),
        code("CodPaisDestin", "PAIS_DESTIN"),
    )


def _package(fields: Fields, n: int) -> str:
    names = {
        "CodTpoBultos": "TPO_BULTO",
        "CantBultos": "CANT_BULTO",
        "Marcas": "MARCAS",
        "IdContainer": "CONTAINER",
        "Sello": "SELLO",
        "EmisorSello": "EMISOR_SELLO",
    }
    return block(
        "TipoBultos", *(element(name, fields[f"EDFE_{field}_{n:02}"]) for name, field in names.items())
    )


def write_other_currency(fields: Fields) -> str:
    """OtraMoneda: the total in pesos, without which the SII rejects an export (HED-3-834)."""
    rate = parse_number(fields["EDFE_TIPO_CAMBIO"]) or Decimal(1)
    worth = pesos_of(Decimal(fields["EFXP_MNT_TOTAL"]), rate, fields["EDFE_FMA_PAG_EXP"])
    return block(
        "OtraMoneda",
        element("TpoMoneda", PESO_CL),
        element("TpoCambio", number(rate)),
        element("MntExeOtrMnda", amount(worth)),
        element("MntTotOtrMnda", amount(worth)),
    )


def pesos_of(total: Decimal, rate: Decimal, payment: str) -> Decimal:
    """An export's total in whole pesos; nothing when it is sold without payment (HED-1-803)."""
    return CERO if payment == WITHOUT_PAYMENT else rounded(total * rate)
