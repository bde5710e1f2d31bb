"""Credit and debit notes: what they refer to, and with which amounts."""

from decimal import Decimal

from timbre.dte.codes import ANNULS, CORRECTS_AMOUNTS, CORRECTS_TEXT, EXPORTACIONES, NOTAS, TipoDte
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.dte.rules.boletas import NOBODY
from timbre.dte.rules.references import TAX_DOCUMENTS
from timbre.dte.rules.rule import Case, Found, Level, Listed, rule
from timbre.dte.totals import compute_totals

T = TipoDte
GUIDES = frozenset({"50", "52"})
NOTES = frozenset({"55", "60", *(str(tipo.value) for tipo in NOTAS)})
"""Types of reference that are notes, which may be worth nothing: those that correct text."""
_SOLD = TAX_DOCUMENTS - {"50", "52", "55", "56", "60", "61", "110", "111", "112"}
_USUAL = {
    T.NOTA_CREDITO: _SOLD | {"55", "56"},
    T.NOTA_DEBITO: _SOLD | {"55", "56", "60", "61"},
    T.NOTA_CREDITO_EXPORTACION: frozenset({"110", "111"}),
    T.NOTA_DEBITO_EXPORTACION: frozenset({"110", "111", "112"}),
}
"""What each note is about (sii-protocols 1.8); a debit note annuls only credit notes."""
_CREDITS = {T.NOTA_DEBITO: frozenset({"60", "61"}), T.NOTA_DEBITO_EXPORTACION: frozenset({"112"})}


@rule(
    "references_required",
    "Una nota dice qué documento anula o corrige.",
    source="SII REF-3-415",
    types=NOTAS,
)
def required(case: Case) -> Found:
    """A guide that is to be annulled or corrected is told as one (``guide``)."""
    references = case.documento.referencias
    named = [each for each in references if each.codigo is not None or each.tipo not in GUIDES]
    if not any(each.tipo in TAX_DOCUMENTS for each in named):
        yield "references", "Falta la referencia al documento que esta nota anula o corrige."


@rule(
    "reference_code_missing",
    "La referencia de una nota dice si anula (1), corrige texto (2) o corrige montos (3).",
    source="SII REF-3-758",
    types=NOTAS,
)
def code_missing(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.codigo is None and each.tipo in TAX_DOCUMENTS - GUIDES:
            message = (
                f"Falta el código de la referencia {number + 1}: 1 anula, 2 corrige texto, 3 corrige montos."
            )
            yield f"references.{number}.correction_code", message


@rule(
    "one_reference_only",
    "Una nota que anula o corrige texto se refiere a un solo documento.",
    source="Formato DTE v2.2, CodRef",
    types=NOTAS,
)
def one_only(case: Case) -> Found:
    coded = [each for each in case.documento.referencias if each.codigo is not None]
    whole = any(each.codigo in (ANNULS, CORRECTS_TEXT) for each in coded)
    if whole and (len(coded) > 1 or coded[0].es_global):
        yield "references", "Con código 1 o 2 la nota se refiere a un solo documento: haz una por cada uno."


@rule(
    "guide_not_annulled",
    "Una guía de despacho no se anula ni se corrige con una nota.",
    source="SII REF-3-415",
    types=NOTAS,
)
def guide(case: Case) -> Found:
    for number, each in enumerate(case.documento.referencias):
        if each.codigo is not None and each.tipo in GUIDES:
            message = "Una guía de despacho no se anula ni se corrige con una nota: quita su código."
            yield f"references.{number}.dte_type_code", message


@rule(
    "reference_type_unusual",
    "Una nota se refiere a un documento de los que le corresponden: una de crédito a facturas, boletas y "
    "notas de débito; para anular una de crédito, una de débito.",
    source="Formato DTE v2.2, CodRef",
    types=NOTAS,
    level=Level.WARN,
)
def unusual(case: Case) -> Found:
    tipo = case.documento.tipo
    for number, each in enumerate(case.documento.referencias):
        if each.codigo is None or each.tipo not in TAX_DOCUMENTS - GUIDES:
            continue
        usual = _USUAL[tipo]
        if each.codigo == ANNULS:
            usual = _CREDITS.get(tipo, usual)
        if each.tipo not in usual:
            message = (
                f"Una nota tipo {tipo:d} no suele referirse así a un documento tipo {each.tipo}: revísalo."
            )
            yield f"references.{number}.dte_type_code", message


def _codes(documento: Documento) -> set[int | None]:
    return {each.codigo for each in documento.referencias}


@rule(
    "correction_with_amounts",
    "Una nota que corrige texto no lleva montos.",
    source="Formato DTE v2.2, CodRef 2",
    types=NOTAS,
    sums=True,
)
def text_with_amounts(case: Case) -> Found:
    if CORRECTS_TEXT in _codes(case.documento) and (case.totales.total or case.totales.no_facturable):
        yield "details", "Una nota que corrige texto (código 2) lleva líneas sin precio y total 0."


@rule(
    "correction_without_amounts",
    "Una nota que anula o corrige montos los lleva, salvo la que anula una nota que corrige texto.",
    source="Formato DTE v2.2, CodRef 1 y 3",
    types=NOTAS,
    sums=True,
)
def without_amounts(case: Case) -> Found:
    about_amounts = any(
        each.codigo == CORRECTS_AMOUNTS or (each.codigo == ANNULS and each.tipo not in NOTES)
        for each in case.documento.referencias
    )
    if about_amounts and not case.totales.total:
        yield "details", "Una nota que anula o corrige montos (código 1 o 3) lleva un total mayor que 0."


ANNULMENT_DIFFERS = "annulment_amount_differs"
RECEIVER_DIFFERS = "note_receiver_differs"
BESIDE_THE_ORIGINAL = (
    Listed(
        name="notes.receiver_differs",
        code=RECEIVER_DIFFERS,
        says="Una nota que anula o corrige montos va al receptor de ese documento, si Timbre lo conoce.",
        source="SII REF-3-751",
        types=NOTAS,
    ),
    Listed(
        name="notes.annulment_differs",
        code=ANNULMENT_DIFFERS,
        says="Una nota que anula repite el total de lo que anula, si Timbre lo conoce.",
        source="SII REF-2-780",
        types=NOTAS - EXPORTACIONES,
    ),
)
"""What a note shows only beside the document that it is about."""


def judge_receiver(nota: Documento, original_receiver: str) -> Fault | None:
    """A note is for who got the document it annuls or lowers (SII REF-3-751), or this fault.

    A boleta may have named nobody.
    """
    if original_receiver in (nota.receptor.rut, NOBODY):
        return None
    message = (
        f"El documento que la nota anula o corrige es de {original_receiver}: la nota va al mismo receptor."
    )
    return Fault(RECEIVER_DIFFERS, "document_receiver.rut", message)


def judge_annulment(nota: Documento, original_total: Decimal) -> Fault | None:
    """A note that annuls repeats the total (pesos) of what it annuls (SII REF-2-780), or this fault.

    Exports are not judged: their totals in pesos depend on each day's exchange rate.
    """
    if nota.es_exportacion or ANNULS not in _codes(nota):
        return None
    total = compute_totals(nota).total
    if total == original_total:
        return None
    message = (
        f"La nota anula un documento de ${original_total} y suma ${total}: repite sus montos, "
        "o usa el código 3 para corregirlos."
    )
    return Fault(ANNULMENT_DIFFERS, "details", message)
