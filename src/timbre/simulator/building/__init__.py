"""The portal as author: from a previewed form to the unsigned, stamped DTE it asks to be signed.

The text is written in canonical form (no empty-element tags, only ``& < >`` escaped, bare line
feeds), so what is signed is what stands here.
"""

import re
from decimal import Decimal

from timbre.simulator.arithmetic import EXPORTACION
from timbre.simulator.authority import Caf, b64, sign_sha1
from timbre.simulator.building.amounts import discount_and_charges, write_line, write_totals
from timbre.simulator.building.export import write_customs, write_foreigner, write_other_currency
from timbre.simulator.checking import Fields, rut_of
from timbre.simulator.fields import MAX_LINES, MAX_PAYMENTS, MAX_REFERENCES
from timbre.simulator.form.export import decimals_of
from timbre.simulator.latin import ascii_fold
from timbre.simulator.store import Proposal
from timbre.simulator.writing import amount, block, element

SII = "http://www.sii.cl/SiiDte"
HEAD = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    f'<DTE xmlns="{SII}" version="1.0">\n'
    "<!-- O Win32 Chrome 73 central VERSION: v20190227 -->\n"
)
TAIL = "\n</DTE>"
DOCUMENT_ID = re.compile(r'<(Documento|Exportaciones) ID="(MiPE[0-9]{1,8}-([0-9]{1,15}))">')
"""Where the signed part begins: its root, its ID, the number of its proposal."""


def root_of(tipo: int) -> str:
    """What a DTE of the type holds (protocol notes 1.1)."""
    return "Exportaciones" if tipo == EXPORTACION else "Documento"


def document_id(issuer: str, number: int) -> str:
    """``MiPE<rut body>-<n>``, as the portal numbers its documents."""
    return f"MiPE{issuer.split('-', maxsplit=1)[0]}-{number}"


def build_text(fields: Fields, proposal: Proposal, caf: Caf) -> str:
    """The whole unsigned DTE of a previewed form, stamped with the company's CAF."""
    root = root_of(proposal.tipo)
    lines = [n for n in range(1, MAX_LINES + 1) if fields[f"EFXP_NMB_{n:02}"]]
    body = "\n".join(
        [
            f'<{root} ID="{document_id(proposal.issuer, proposal.number)}">',
            "<Encabezado>",
            _id_doc(fields, proposal),
            _emisor(fields, proposal),
            _receptor(fields, proposal),
            *_given(_transporte(fields)),
            write_totals(fields, proposal.tipo),
            *_given(write_other_currency(fields) if proposal.tipo == EXPORTACION else ""),
            "</Encabezado>",
            *(write_line(fields, proposal.tipo, n) for n in lines),
            *discount_and_charges(fields, proposal.tipo),
            *(_referencia(fields, n) for n in _filled(fields, "TPO_DOC_REF", MAX_REFERENCES)),
            _ted(fields, proposal, caf),
            f"<TmstFirma>{proposal.tmst}</TmstFirma>",
            f"</{root}>",
        ]
    )
    return HEAD + body + TAIL


def _given(text: str) -> list[str]:
    return [text] if text else []


def _filled(fields: Fields, name: str, most: int) -> list[int]:
    return [n for n in range(1, most + 1) if fields[f"EFXP_{name}_{n:03}"]]


def _id_doc(fields: Fields, proposal: Proposal) -> str:
    pagos = "".join(
        block(
            "MntPagos",
            element("FchPago", fields[f"EFXP_FCH_PAGO_{n:03}"]),
            element("MntPago", int(fields[f"EFXP_MNT_PAGO_{n:03}"])),
            element("GlosaPagos", fields[f"EFXP_GLOSA_PAGOS_{n:03}"]),
        )
        for n in _filled(fields, "FCH_PAGO", MAX_PAYMENTS)
    )
    exported = proposal.tipo == EXPORTACION
    return block(
        "IdDoc",
        element("TipoDTE", proposal.tipo),
        element("Folio", proposal.folio),
        element("FchEmis", fields["EFXP_FCH_EMIS"]),
        element("IndTraslado", fields["EFXP_IND_VENTA"]),
        element("IndServicio", fields["EDFE_IND_SERVICIO"]),
        "" if exported else element("TpoTranCompra", fields["EFXP_TIPOCOMPRA_SELECT"]),
        "" if exported else element("TpoTranVenta", fields["EFXP_TIPOVENTA_SELECT"]),
        element("FmaPago", fields["EFXP_FMA_PAGO"]),
        element("FmaPagExp", fields["EDFE_FMA_PAG_EXP"]),
        pagos,
        element("FchVenc", fields["EFXP_FCH_VENC"]),
    )


def _emisor(fields: Fields, proposal: Proposal) -> str:
    return block(
        "Emisor",
        element("RUTEmisor", proposal.issuer),
        element("RznSoc", fields["EFXP_RZN_SOC"]),
        element("GiroEmis", fields["EFXP_GIRO_EMIS"]),
        element("Telefono", fields["EFXP_FONO_EMISOR"]),
        element("CorreoEmisor", fields["EFXP_EMAIL_EMISOR"]),
        element("Acteco", fields["EFXP_ACTECO"]),
        element("CdgSIISucur", fields["EFXP_CDG_SII_SUCUR"]),
        element("DirOrigen", fields["EFXP_DIR_ORIGEN"]),
        element("CmnaOrigen", fields["EFXP_CMNA_ORIGEN"]),
        element("CiudadOrigen", fields["EFXP_CIUDAD_ORIGEN"]),
    )


def _receptor(fields: Fields, proposal: Proposal) -> str:
    return block(
        "Receptor",
        element("RUTRecep", proposal.receiver),
        element("RznSocRecep", fields["EFXP_RZN_SOC_RECEP"]),
        write_foreigner(fields),
        element("GiroRecep", fields["EFXP_GIRO_RECEP"]),
        element("Contacto", fields["EFXP_CONTACTO"]),
        element("DirRecep", fields["EFXP_DIR_RECEP"]),
        element("CmnaRecep", fields["EFXP_CMNA_RECEP"]),
        element("CiudadRecep", fields["EFXP_CIUDAD_RECEP"]),
    )


def _transporte(fields: Fields) -> str:
    def rut(name: str) -> str:
        return rut_of(fields[f"EFXP_RUT_{name}"], fields[f"EFXP_DV_{name}"]) or ""

    return block(
        "Transporte",
        element("Patente", fields["EFXP_PATENTE"]),
        element("RUTTrans", rut("TRANSPORTE")),
        block(
            "Chofer",
            element("RUTChofer", rut("CHOFER")),
            element("NombreChofer", fields["EFXP_NOMBRE_CHOFER"]),
        ),
        write_customs(fields),
    )


def _referencia(fields: Fields, n: int) -> str:
    def get(name: str) -> str:
        return fields[f"EFXP_{name}_{n:03}"]

    return block(
        "Referencia",
        element("NroLinRef", n),
        element("TpoDocRef", get("TPO_DOC_REF")),
        element("IndGlobal", get("IND_GLOBAL")),
        element("FolioRef", get("FOLIO_REF")),
        element("FchRef", get("FCH_REF")),
        element("CodRef", get("CODIGO_REF")),
        element("RazonRef", get("RAZON_REF")),
    )


def _ted(fields: Fields, proposal: Proposal, caf: Caf) -> str:
    """The stamp on one line: FRMT is over the flat DD in ISO-8859-1 (protocol notes 2.2)."""
    decimals = decimals_of(fields["EDFE_MONEDA"]) if proposal.tipo == EXPORTACION else 0
    dd = (
        "<DD>"
        + element("RE", proposal.issuer)
        + element("TD", proposal.tipo)
        + element("F", proposal.folio)
        + element("FE", fields["EFXP_FCH_EMIS"])
        + element("RR", proposal.receiver)
        + element("RSR", ascii_fold(fields["EFXP_RZN_SOC_RECEP"]))
        + element("MNT", amount(Decimal(fields["EFXP_MNT_TOTAL"]), decimals))
        + element("IT1", ascii_fold(fields["EFXP_NMB_01"]))
        + caf.text
        + element("TSTED", proposal.tmst)
        + "</DD>"
    )
    frmt = b64(sign_sha1(caf.key, dd.encode("latin-1")))
    return f'<TED version="1.0">{dd}<FRMT algoritmo="SHA1withRSA">{frmt}</FRMT></TED>'
