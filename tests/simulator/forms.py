"""A right form of each type, its amounts worked out by hand."""

from portal_client import ENTRY, invoice

SERVICE = {"EDFE_IND_SERVICIO": "3", "EDFE_MOD_VENTA": "", "EDFE_CLAU_VENTA": "", "EDFE_VIA_TRANSP": ""}
TRUCK = {
    "EFXP_RUT_TRANSPORTE": "12345678",
    "EFXP_DV_TRANSPORTE": "5",
    "EFXP_PATENTE": "BCDF12",
    "EFXP_RUT_CHOFER": "11111111",
    "EFXP_DV_CHOFER": "1",
    "EFXP_NOMBRE_CHOFER": "José Peña",
}
REFERENCE = {
    "REF_SI_NO": "SiChecked",
    "EFXP_TPO_DOC_REF_001": "33",
    "EFXP_FOLIO_REF_001": "7",
    "EFXP_FCH_REF_001": "2026-11-01",
    "EFXP_CODIGO_REF_001": "3",
    "EFXP_RAZON_REF_001": "Corrige monto",
}
NOTHING = {
    "EFXP_PRC_01": "",
    "EFXP_SUBT_01": "0",
    "EFXP_SUBTOTAL": "0",
    "EFXP_MNT_NETO": "0",
    "EFXP_IVA": "0",
    "EFXP_MNT_TOTAL": "0",
}
ANNULLED = {"EFXP_CODIGO_REF_001": "1", "EFXP_FOLIO_REF_001": "1", "EFXP_RAZON_REF_001": "Anula"}


def form(tipo: int, **changes: str) -> dict[str, str]:
    """3 at 1500.5 are 4501.5, so 4502; 19 % of it is 855.38, so 855."""
    parties = {
        name: value
        for name, value in invoice().items()
        if not name.endswith(("_01", "_02", "_001")) and name != "REF_SI_NO"
    }
    line = {"EFXP_NMB_01": "Harina", "EFXP_QTY_01": "3", "EFXP_UNMD_01": "KG", "EFXP_PRC_01": "1500.5"}
    totals = {"EFXP_SUBT_01": "4502", "EFXP_SUBTOTAL": "4502", "EFXP_MNT_NETO": "4502", "EFXP_IVA": "855"}
    whole = parties | {"PTDC_CODIGO": str(tipo)} | ENTRY.get(tipo, {}) | line | totals
    return whole | {"EFXP_MNT_TOTAL": "5357"} | OWN.get(tipo, {}) | changes


def annulment(tipo: int = 61, **changes: str) -> dict[str, str]:
    return form(tipo, **(ANNULLED | changes))


def taxed(**changes: str) -> dict[str, str]:
    """10,000 of beer (20.5 %) and 5005 of soda (10 %), less 12.5 % of all: every step has its own halves.

    15005 less 1876 (1875.625) is 13129; IVA 2495 (2494.51). Beer: 8750 at 20.5 % is 1794 (1793.75).
    Soda: 5005 less 626 (625.625) is 4379, at 10 % 438 (437.9). 13129 + 2495 + 1794 + 438 = 17856.
    """
    return form(
        33,
        **{
            "EFXP_NMB_01": "Cerveza",
            "EFXP_QTY_01": "1",
            "EFXP_PRC_01": "10000",
            "EFXP_SUBT_01": "10000",
            "EFXP_OTRO_IMP_01": "26",
            "EFXP_NMB_02": "Bebida",
            "EFXP_QTY_02": "1",
            "EFXP_PRC_02": "5005",
            "EFXP_SUBT_02": "5005",
            "EFXP_OTRO_IMP_02": "27",
            "OTRO_IMP_SI_NO": "SiChecked",
            "EFXP_OTRO_IMP_TOTAL": "2232",
            "EFXP_SUBTOTAL": "15005",
            "EFXP_PCT_DESC": "12.5",
            "EFXP_MNT_DESC": "1876",
            "EFXP_MNT_NETO": "13129",
            "EFXP_IVA": "2495",
            "EFXP_MNT_TOTAL": "17856",
        }
        | changes,
    )


_EXPORT = {
    "EFXP_RUT_RECEP": "55555555",
    "EFXP_DV_RECEP": "5",
    "EFXP_RZN_SOC_RECEP": "Muñoz & Sons Inc.",
    "EFXP_DIR_RECEP": "1200 Market Street",
    "EFXP_CMNA_RECEP": "",
    "EFXP_CIUDAD_RECEP": "San Francisco",
    "EFXP_GIRO_RECEP": "Wine imports",
    "EFXP_FMA_PAGO": "",
    # 3 at 41.335 are 124.005, so 124.01; with 320.50 of freight and 41 of insurance 485.51 dollars,
    # at 935.4712 pesos 454180.62, so 454181.
    "EFXP_PRC_01": "41.335",
    "EFXP_SUBT_01": "124.01",
    "EFXP_SUBTOTAL": "124.01",
    "EFXP_MNT_NETO": "485.51",
    "EFXP_TASA_IVA": "",
    "EFXP_IVA": "",
    "EFXP_MNT_TOTAL": "485.51",
    "EDFE_MONEDA": "DOLAR USA",
    "EDFE_TIPO_CAMBIO": "935.4712",
    "EDFE_FMA_PAG_EXP": "1",
    "EDFE_MOD_VENTA": "1",
    "EDFE_CLAU_VENTA": "5",
    "EDFE_TOT_CLAU_VENTA": "124.01",
    "EDFE_VIA_TRANSP": "1",
    "EDFE_PTO_EMBARQUE": "906",
    "EDFE_PTO_DESEMB": "131",
    "EDFE_PESO_BRUTO": "1200.5",
    "EDFE_UNID_PESO_BRUTO": "6",
    "EDFE_PESO_NETO": "1100",
    "EDFE_UNID_PESO_NETO": "6",
    "EDFE_TOT_BULTOS": "30",
    "EDFE_TPO_BULTO_01": "80",
    "EDFE_CANT_BULTO_01": "20",
    "EDFE_MARCAS_01": "TIMBRE 1-20",
    "EDFE_CONTAINER_01": "MSKU123",
    "EDFE_SELLO_01": "S1",
    "EDFE_EMISOR_SELLO_01": "Naviera",
    "EDFE_TPO_BULTO_02": "22",
    "EDFE_CANT_BULTO_02": "10",
    "EDFE_MARCAS_02": "TIMBRE 21-30",
    "EDFE_FLETE": "320.50",
    "EDFE_SEGURO": "41",
    "EDFE_PAIS_RECEP": "225",
    "EDFE_PAIS_DESTIN": "225",
    "EDFE_NUM_ID": "US-99-1234",
    "EDFE_NACIONALIDAD": "225",
}
OWN: dict[int, dict[str, str]] = {
    # 12.5 % of 4502 is 562.75, so 563.
    34: {
        "EFXP_TASA_IVA": "",
        "EFXP_IVA": "",
        "EFXP_PCT_DESC": "12.5",
        "EFXP_MNT_DESC": "563",
        "EFXP_MNT_NETO": "3939",
        "EFXP_MNT_TOTAL": "3939",
    },
    46: {"EFXP_MNT_TOTAL": "4502"},
    52: {"EFXP_IND_VENTA": "1", "EFXP_FMA_PAGO": "", **TRUCK},
    56: REFERENCE | {"EFXP_FMA_PAGO": ""},
    61: REFERENCE | {"EFXP_FMA_PAGO": ""},
    110: _EXPORT,
}
TOTALS = {33: "5357", 34: "3939", 46: "4502", 52: "5357", 56: "5357", 61: "5357", 110: "485.51"}
