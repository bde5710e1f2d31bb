"""The names of the form EFXP's fields (protocol notes 5.3, 5.5), and which a type has.

Those of an export (``EDFE_*``) are the simulator's own: no source gives the real form's.
"""

import re
from collections.abc import Mapping

from timbre.simulator.arithmetic import (
    EXPORTACION,
    FACTURA,
    FACTURA_COMPRA,
    FACTURA_EXENTA,
    GUIA,
    NOTA_CREDITO,
    NOTA_DEBITO,
    NOTAS,
)

TYPES = (FACTURA, FACTURA_EXENTA, FACTURA_COMPRA, GUIA, NOTA_DEBITO, NOTA_CREDITO, EXPORTACION)
MAX_LINES, MAX_REFERENCES, MAX_PAYMENTS, MAX_PACKAGES = 10, 3, 3, 3
LINE_FIELDS = ("TPO_COD", "COD", "NMB", "QTY", "UNMD", "PRC", "OTRO_IMP", "PCTD", "SUBT", "DSC_ITEM")
REFERENCE_FIELDS = ("TPO_DOC_REF", "IND_GLOBAL", "FOLIO_REF", "FCH_REF", "CODIGO_REF", "RAZON_REF")
PAYMENT_FIELDS = ("FCH_PAGO", "MNT_PAGO", "GLOSA_PAGOS")
PACKAGE_FIELDS = ("TPO_BULTO", "CANT_BULTO", "MARCAS", "CONTAINER", "SELLO", "EMISOR_SELLO")
TRANSPORT_FIELDS = (
    "EFXP_RUT_TRANSPORTE",
    "EFXP_DV_TRANSPORTE",
    "EFXP_PATENTE",
    "EFXP_RUT_CHOFER",
    "EFXP_DV_CHOFER",
    "EFXP_NOMBRE_CHOFER",
)

_CONTROL = """
    INDICA_PRIMERA_EJECUCION ES_BORR EHDR_CODIGO AGENTE_RETENEDOR PTES_ESTADO TIPO_PLANTILLA MNT_TOTAL_ORI
    PTDC_CODIGO CANT_DET EMP_MENOR_TAMANO UBIC_MADERA_SI_NO COD_SI_NO OTRO_IMP_SI_NO REF_SI_NO PAGO_SI_NO
    FONO_SI_NO esCRED_EC esFACT_TUR
"""
_PARTIES = """
    EFXP_FMA_PAGO EFXP_FCH_VENC EFXP_IND_VENTA EFXP_RZN_SOC EFXP_GIRO_EMIS EFXP_ACTECO EFXP_CDG_SII_SUCUR
    EFXP_DIR_ORIGEN EFXP_CMNA_ORIGEN EFXP_CIUDAD_ORIGEN EFXP_TIPOVENTA_SELECT EFXP_TIPOCOMPRA_SELECT
    EFXP_DOC_REF_RAIZ EFXP_EMAIL_EMISOR EFXP_FONO_EMISOR EFXP_RUT_RECEP EFXP_DV_RECEP EFXP_FCH_EMIS
    EFXP_RZN_SOC_RECEP EFXP_GIRO_RECEP EFXP_DIR_RECEP EFXP_CIUDAD_RECEP EFXP_CMNA_RECEP EFXP_CONTACTO
    EFXP_RUT_SOLICITA EFXP_DV_SOLICITA
"""
ANNULMENT_FIELDS: tuple[str, ...] = tuple(f"EFXP_IND_EXE_{n:02}" for n in range(1, MAX_LINES + 1))
"""What only the portal's own note of annulment says of a line: the blank form has no field for it."""
_TOTALS = """
    EFXP_SUBTOTAL EFXP_PCT_DESC EFXP_MNT_DESC EFXP_MNT_NETO EFXP_TASA_IVA EFXP_IVA EFXP_MNT_TOTAL
    EFXP_OTRO_IMP_TOTAL
"""
_REFUSED = """
    EHDR_CODIGO PTES_ESTADO MNT_TOTAL_ORI EFXP_DOC_REF_RAIZ EMP_MENOR_TAMANO UBIC_MADERA_SI_NO FONO_SI_NO
    EFXP_RUT_SOLICITA EFXP_DV_SOLICITA ES_BORR esCRED_EC esFACT_TUR
"""
_EXPORT = """
    EDFE_MONEDA EDFE_TIPO_CAMBIO EDFE_FMA_PAG_EXP EDFE_MOD_VENTA EDFE_CLAU_VENTA EDFE_TOT_CLAU_VENTA
    EDFE_VIA_TRANSP EDFE_PTO_EMBARQUE EDFE_PTO_DESEMB EDFE_PESO_BRUTO EDFE_UNID_PESO_BRUTO EDFE_PESO_NETO
    EDFE_UNID_PESO_NETO EDFE_TOT_BULTOS EDFE_FLETE EDFE_SEGURO EDFE_PAIS_RECEP EDFE_PAIS_DESTIN
    EDFE_IND_SERVICIO EDFE_NUM_ID EDFE_NACIONALIDAD
"""
EXPORT_FIELDS: tuple[str, ...] = (
    *_EXPORT.split(),
    *(f"EDFE_{name}_{n:02}" for n in range(1, MAX_PACKAGES + 1) for name in PACKAGE_FIELDS),
)

PREVIEW_FIELDS: tuple[str, ...] = (
    *_CONTROL.split(),
    *_PARTIES.split(),
    *TRANSPORT_FIELDS,
    *(f"EFXP_{name}_{n:03}" for n in range(1, MAX_PAYMENTS + 1) for name in PAYMENT_FIELDS),
    *(f"EFXP_{name}_{n:02}" for n in range(1, MAX_LINES + 1) for name in LINE_FIELDS),
    *(f"EFXP_{name}_{n:03}" for n in range(1, MAX_REFERENCES + 1) for name in REFERENCE_FIELDS),
    *_TOTALS.split(),
    *ANNULMENT_FIELDS,
    *EXPORT_FIELDS,
)
"""Every hidden field of the preview, in its order: the whole document, normalised."""

NOT_SIMULATED: frozenset[str] = frozenset(_REFUSED.split())
"""Fields of the real form that are refused when filled: better than to accept and ignore them."""

_ROWS = re.compile(
    rf"EFXP_(?:{'|'.join(LINE_FIELDS)})_[0-9]{{2}}|EFXP_(?:{'|'.join(REFERENCE_FIELDS)})_[0-9]{{3}}"
)
_OF_THE_PAGE = re.compile(
    r"DESCRIP_[0-9]{2}|cbo_(?:dia|mes|anio)_boleta(?:_ref_0[1-3])?|IVA_TEMP|MNT_NETO_TEMP|Button_Update"
    r"|EFXP_ACTECO_SELECT|EFXP_(?:DIR_ORIGEN|DIR_RECEP|GIRO_RECEP|IND_VENTA)_DEFUALT"
)
"""What the page's script keeps for itself: judged where it says something, never part of the document."""
WITH_TAXES = (FACTURA, GUIA, NOTA_DEBITO, NOTA_CREDITO)
_TAXES = re.compile(r"OTRO_IMP_SI_NO|EFXP_OTRO_IMP_(?:[0-9]{2}|TOTAL)")
_EMPTY = ("", "0", "FALSE")


def not_simulated(fields: Mapping[str, str], tipo: int) -> str | None:
    """The first filled field that the type's form does not have here, or None."""
    filled = (name for name, value in fields.items() if value.strip() not in _EMPTY)
    return next((name for name in filled if not _has(tipo, name)), None)


def _has(tipo: int, name: str) -> bool:
    if name in NOT_SIMULATED or name in ANNULMENT_FIELDS:
        return False
    if name.startswith("EDFE_"):
        return tipo == EXPORTACION and name in EXPORT_FIELDS
    if name.startswith("EFXP_IND_VENTA"):
        return tipo == GUIA
    if _TAXES.fullmatch(name):
        return tipo in WITH_TAXES
    return name in PREVIEW_FIELDS or bool(_ROWS.fullmatch(name) or _OF_THE_PAGE.fullmatch(name))


def template_of(tipo: int) -> str:
    """TIPO_PLANTILLA of a type's form."""
    return "NC_BLANCO" if tipo in NOTAS else {GUIA: "GUIA_DESPACHO"}.get(tipo, "")


TEMPLATES_OPENED = {str(GUIA): "GUIA_DESPACHO"}
"""TIPO_PLANTILLA of the forms that need not be asked for with it."""
AGENTE_RETENEDOR = "62"
"""The wizard's answer that a 46 withholds the whole IVA (protocol notes 5.3)."""


def withholder_of(tipo: int) -> str:
    """AGENTE_RETENEDOR of a type's form."""
    return AGENTE_RETENEDOR if tipo == FACTURA_COMPRA else ""
