"""The portal as author: from a previewed form to the unsigned, stamped DTE it asks to be signed.

The text is written in canonical form (no empty-element tags, only ``& < >`` escaped, bare line
feeds), so what is signed is what stands here.
"""

from collections.abc import Mapping
from decimal import Decimal

from timbre.simulator.arithmetic import FACTURA, TASA_IVA, line_value, parse_number
from timbre.simulator.authority import Caf, b64, sign_sha1
from timbre.simulator.fields import MAX_LINES, MAX_PAYMENTS, MAX_REFERENCES
from timbre.simulator.latin import ascii_fold, escape
from timbre.simulator.store import Proposal

SII = "http://www.sii.cl/SiiDte"
HEAD = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    f'<DTE xmlns="{SII}" version="1.0">\n'
    "<!-- O Win32 Chrome 73 central VERSION: v20190227 -->\n"
)
TAIL = "\n</DTE>"

Fields = Mapping[str, str]


def document_id(issuer: str, number: int) -> str:
    """``MiPE<rut body>-<n>``, as the portal numbers its documents."""
    return f"MiPE{issuer.split('-', maxsplit=1)[0]}-{number}"


def build_text(fields: Fields, proposal: Proposal, caf: Caf) -> str:
    """The whole unsigned DTE of a previewed form, stamped with the company's CAF."""
    lines = [_detalle(fields, n) for n in range(1, MAX_LINES + 1) if fields[f"EFXP_NMB_{n:02}"]]
    body = "\n".join(
        [
            f'<Documento ID="{document_id(proposal.issuer, proposal.number)}">',
            "<Encabezado>",
            _id_doc(fields, proposal),
            _emisor(fields, proposal),
            _receptor(fields, proposal),
            _totales(fields),
            "</Encabezado>",
            *lines,
            *(_referencia(fields, n) for n in _filled(fields, "TPO_DOC_REF", MAX_REFERENCES)),
            _ted(fields, proposal, caf),
            f"<TmstFirma>{proposal.tmst}</TmstFirma>",
            "</Documento>",
        ]
    )
    return HEAD + body + TAIL


def _element(name: str, value: str | int) -> str:
    """``<name>value</name>``, nothing at all when the value is blank."""
    return f"<{name}>{escape(str(value))}</{name}>" if value != "" else ""


def _filled(fields: Fields, name: str, most: int) -> list[int]:
    return [n for n in range(1, most + 1) if fields[f"EFXP_{name}_{n:03}"]]


def _id_doc(fields: Fields, proposal: Proposal) -> str:
    pagos = "".join(
        "<MntPagos>"
        + _element("FchPago", fields[f"EFXP_FCH_PAGO_{n:03}"])
        + _element("MntPago", int(fields[f"EFXP_MNT_PAGO_{n:03}"]))
        + _element("GlosaPagos", fields[f"EFXP_GLOSA_PAGOS_{n:03}"])
        + "</MntPagos>"
        for n in _filled(fields, "FCH_PAGO", MAX_PAYMENTS)
    )
    return (
        "<IdDoc>"
        + _element("TipoDTE", proposal.tipo)
        + _element("Folio", proposal.folio)
        + _element("FchEmis", fields["EFXP_FCH_EMIS"])
        + _element("TpoTranCompra", fields["EFXP_TIPOCOMPRA_SELECT"])
        + _element("TpoTranVenta", fields["EFXP_TIPOVENTA_SELECT"])
        + _element("FmaPago", fields["EFXP_FMA_PAGO"])
        + pagos
        + _element("FchVenc", fields["EFXP_FCH_VENC"])
        + "</IdDoc>"
    )


def _emisor(fields: Fields, proposal: Proposal) -> str:
    return (
        "<Emisor>"
        + _element("RUTEmisor", proposal.issuer)
        + _element("RznSoc", fields["EFXP_RZN_SOC"])
        + _element("GiroEmis", fields["EFXP_GIRO_EMIS"])
        + _element("Telefono", fields["EFXP_FONO_EMISOR"])
        + _element("CorreoEmisor", fields["EFXP_EMAIL_EMISOR"])
        + _element("Acteco", fields["EFXP_ACTECO"])
        + _element("CdgSIISucur", fields["EFXP_CDG_SII_SUCUR"])
        + _element("DirOrigen", fields["EFXP_DIR_ORIGEN"])
        + _element("CmnaOrigen", fields["EFXP_CMNA_ORIGEN"])
        + _element("CiudadOrigen", fields["EFXP_CIUDAD_ORIGEN"])
        + "</Emisor>"
    )


def _receptor(fields: Fields, proposal: Proposal) -> str:
    return (
        "<Receptor>"
        + _element("RUTRecep", proposal.receiver)
        + _element("RznSocRecep", fields["EFXP_RZN_SOC_RECEP"])
        + _element("GiroRecep", fields["EFXP_GIRO_RECEP"])
        + _element("Contacto", fields["EFXP_CONTACTO"])
        + _element("DirRecep", fields["EFXP_DIR_RECEP"])
        + _element("CmnaRecep", fields["EFXP_CMNA_RECEP"])
        + _element("CiudadRecep", fields["EFXP_CIUDAD_RECEP"])
        + "</Receptor>"
    )


def _totales(fields: Fields) -> str:
    affected = fields["PTDC_CODIGO"] == str(FACTURA)
    amounts = (
        _element("MntNeto", fields["EFXP_MNT_NETO"])
        + _element("TasaIVA", f"{TASA_IVA}.00")
        + _element("IVA", fields["EFXP_IVA"])
        if affected
        else _element("MntExe", fields["EFXP_MNT_NETO"])
    )
    return f"<Totales>{amounts}{_element('MntTotal', fields['EFXP_MNT_TOTAL'])}</Totales>"


def _detalle(fields: Fields, n: int) -> str:
    def get(name: str) -> str:
        return fields[f"EFXP_{name}_{n:02}"]

    quantity, price = parse_number(get("QTY")), parse_number(get("PRC"))
    pct = parse_number(get("PCTD")) or Decimal(0)
    discount, amount = line_value(quantity, price, pct)
    code = _element("TpoCodigo", get("TPO_COD")) + _element("VlrCodigo", get("COD"))
    return (
        "<Detalle>"
        + _element("NroLinDet", n)
        + (f"<CdgItem>{code}</CdgItem>" if get("COD") else "")
        + _element("NmbItem", get("NMB"))
        + _element("DscItem", get("DSC_ITEM"))
        + _element("QtyItem", _decimal(quantity))
        + _element("UnmdItem", get("UNMD"))
        + _element("PrcItem", _decimal(price))
        + (_element("DescuentoPct", _decimal(pct)) + _element("DescuentoMonto", discount) if discount else "")
        + _element("MontoItem", amount)
        + "</Detalle>"
    )


def _decimal(value: Decimal | None) -> str:
    """Two decimals at least and no zeros after them (``1.00``, ``0.125``); zero and None are not written."""
    if not value:
        return ""
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{int(whole)}.{fraction.rstrip('0').ljust(2, '0')}"


def _referencia(fields: Fields, n: int) -> str:
    def get(name: str) -> str:
        return fields[f"EFXP_{name}_{n:03}"]

    return (
        "<Referencia>"
        + _element("NroLinRef", n)
        + _element("TpoDocRef", get("TPO_DOC_REF"))
        + _element("IndGlobal", get("IND_GLOBAL"))
        + _element("FolioRef", get("FOLIO_REF"))
        + _element("FchRef", get("FCH_REF"))
        + _element("CodRef", get("CODIGO_REF"))
        + _element("RazonRef", get("RAZON_REF"))
        + "</Referencia>"
    )


def _ted(fields: Fields, proposal: Proposal, caf: Caf) -> str:
    """The stamp on one line: FRMT is over the flat DD in ISO-8859-1 (protocol notes 2.2)."""
    dd = (
        "<DD>"
        + _element("RE", proposal.issuer)
        + _element("TD", proposal.tipo)
        + _element("F", proposal.folio)
        + _element("FE", fields["EFXP_FCH_EMIS"])
        + _element("RR", proposal.receiver)
        + _element("RSR", ascii_fold(fields["EFXP_RZN_SOC_RECEP"]))
        + _element("MNT", fields["EFXP_MNT_TOTAL"])
        + _element("IT1", ascii_fold(fields["EFXP_NMB_01"]))
        + caf.text
        + _element("TSTED", proposal.tmst)
        + "</DD>"
    )
    frmt = b64(sign_sha1(caf.key, dd.encode("latin-1")))
    return f'<TED version="1.0">{dd}<FRMT algoritmo="SHA1withRSA">{frmt}</FRMT></TED>'
