"""References to other documents, in any type."""

from timbre.dte.codes import BOLETAS, TipoDte
from timbre.dte.rules.parties import rut_fault
from timbre.dte.rules.rule import Case, Found, Level, rule

T = TipoDte
MOST = 40
OTHER = frozenset({*map(str, range(801, 816)), "820"})
PAPER = frozenset(str(code) for code in (30, 32, 35, 38, 40, 45, 50, 55, 60, 103))
TAX_DOCUMENTS = PAPER | {str(tipo.value) for tipo in TipoDte} | {"43"}
"""Types of reference that are tax documents, on paper or not (tables/reference-doc-types.csv)."""


@rule("reference_limit", "Un documento tiene hasta 40 referencias.", source="DTE_v10.xsd, Referencia")
def too_many(case: Case) -> Found:
    if len(case.documento.referencias) > MOST:
        message = f"El documento tiene {len(case.documento.referencias)} referencias; el SII admite {MOST}."
        yield "references", message


@rule("invalid_code", "El código de una referencia es 1, 2 o 3.", source="DTE_v10.xsd, CodRef")
def code(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.codigo not in (None, 1, 2, 3):
            message = f"El código de la referencia {number + 1} es {each.codigo}: debe ser 1, 2 o 3."
            yield f"references.{number}.correction_code", message


@rule(
    "global_reference_folio",
    "Una referencia global, a muchos documentos, lleva folio 0.",
    source="Formato DTE v2.2, IndGlobal",
)
def global_folio(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.es_global and each.folio.strip() not in ("", "0"):
            message = f"La referencia {number + 1} es global: su folio debe ser 0, no {each.folio}."
            yield f"references.{number}.reference_folio", message


@rule(
    "invalid_rut", "El RUT de otro contribuyente tiene su dígito verificador.", source="DTE_v10.xsd, RUTOtr"
)
def other_rut(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.rut_otro and (message := rut_fault(each.rut_otro)):
            yield f"references.{number}.other_rut", message


@rule(
    "field_not_for_type",
    "Las referencias de boletas, facturas y guías no nombran a otro contribuyente; las de boletas no son "
    "globales.",
    source="Formato DTE v2.2, RUTOtr; EnvioBOLETA_v11.xsd, Referencia",
    types=BOLETAS | {T.FACTURA, T.FACTURA_EXENTA, T.GUIA_DESPACHO},
)
def not_allowed(case: Case) -> Found:
    message = f"Una referencia de un documento tipo {case.documento.tipo:d} no lleva este dato: quítalo."
    for number, each in enumerate(case.documento.referencias):
        if each.rut_otro:
            yield f"references.{number}.other_rut", message
        if each.es_global and case.documento.es_boleta:
            yield f"references.{number}.global", message


@rule(
    "reference_type_unknown",
    "El tipo de una referencia es de la tabla del SII, o un código de letras.",
    source="Formato DTE v2.2, TpoDocRef",
    level=Level.WARN,
)
def unknown_type(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.tipo.isdigit() and each.tipo not in TAX_DOCUMENTS and each.tipo not in OTHER:
            message = f"El tipo «{each.tipo}» de la referencia {number + 1} no está en la tabla del SII."
            yield f"references.{number}.dte_type_code", message
