"""What a document may ask for that not every way to the SII can carry, and where it asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from timbre.dte.codes import EXPORTACIONES, NOTAS, SOLO_EXENTOS, TipoDte
from timbre.dte.document import Ajuste, Base, Documento
from timbre.dte.rules.notes import GUIDES
from timbre.dte.rules.references import TAX_DOCUMENTS
from timbre.dte.rules.totals import all_exempt
from timbre.dte.taxes import IMPUESTOS, IVA_RETENIDO

T = TipoDte
Paths = Iterator[str]


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a document may ask for: the code of its refusal, what to do (Spanish), and where it asks."""

    code: str
    fix: str
    find: Callable[[Documento], Paths]


def _details(documento: Documento, name: str, *attributes: str) -> Paths:
    for number, line in enumerate(documento.detalles):
        if any(getattr(line, each) for each in attributes):
            yield f"details.{number}.{name}"


def _said(owner: object, names: dict[str, str]) -> Paths:
    """Paths of what an owner says; ``names`` is attribute -> path."""
    for attribute, path in names.items():
        if getattr(owner, attribute):
            yield path


def _gross(documento: Documento) -> Paths:
    if documento.brutos:
        yield "details.0.gross_unit_price"


def _exempt(documento: Documento) -> Paths:
    """Exempt lines among affected ones, or in a type that has others."""
    if documento.tipo in {T.FACTURA_EXENTA, *EXPORTACIONES} or all_exempt(documento):
        return
    for number, line in enumerate(documento.detalles):
        if line.exencion == 1:
            yield f"details.{number}.is_exempt"
            return


def _indicators(documento: Documento) -> Paths:
    for number, line in enumerate(documento.detalles):
        if line.exencion not in (None, 1):
            yield f"details.{number}.exempt_indicator"


def _line_amounts(documento: Documento) -> Paths:
    yield from _details(documento, "discount_amount", "descuento_monto")
    yield from _details(documento, "surcharge_percent", "recargo_pct")
    yield from _details(documento, "surcharge_amount", "recargo_monto")


def _adjustments(documento: Documento) -> Paths:
    """All but one percentage, without words, taken off the lines that are of the document's own kind."""
    lines = documento.detalles
    exempt = documento.tipo in SOLO_EXENTOS or (lines and all(line.exencion == 1 for line in lines))
    whole = Base.EXENTO if exempt else Base.AFECTO
    for number, each in enumerate(_without_charges(documento)):
        percentage = each.pct is not None and each.monto is None and not each.recargo
        if number or not percentage or each.sobre is not whole:
            yield f"global_adjustments.{number}"
        elif each.glosa:
            yield f"global_adjustments.{number}.description"


def _without_charges(documento: Documento) -> tuple[Ajuste, ...]:
    """The adjustments but those of an export's freight and insurance, fields of their own; they come last."""
    aduana = documento.transporte.aduana if documento.transporte else None
    charges = [each for each in (aduana.flete, aduana.seguro) if each] if aduana else []
    split = len(documento.ajustes) - len(charges)
    last = documento.ajustes[max(split, 0) :]
    own = [each.monto for each in last if each.recargo and each.sobre is Base.EXENTO]
    return documento.ajustes[:split] if charges and own == charges else documento.ajustes


def _withholdings(documento: Documento) -> Paths:
    """All but a 46 that withholds the whole IVA in every line; a 46 without is none of the portal's."""
    for number, line in enumerate(documento.detalles):
        withheld = line.impuesto in IMPUESTOS and IMPUESTOS[line.impuesto].retencion
        if documento.tipo is T.FACTURA_COMPRA:
            if line.impuesto != IVA_RETENIDO or not line.agente_retenedor:
                yield f"details.{number}.other_tax"
        elif withheld or line.agente_retenedor:
            yield f"details.{number}.other_tax"


_PORTAL_TAXES = frozenset({"", "23", "44", "24", "25", "26", "27", "271", "18"})


def _taxes(documento: Documento) -> Paths:
    for number, line in enumerate(documento.detalles):
        added = line.impuesto in IMPUESTOS and not IMPUESTOS[line.impuesto].retencion
        if added and line.impuesto not in _PORTAL_TAXES:
            yield f"details.{number}.other_tax"


def _destination(documento: Documento) -> Paths:
    if documento.transporte:
        names = {"direccion": "address", "comuna": "district", "ciudad": "city"}
        paths = {each: f"transport_data.destination_{name}" for each, name in names.items()}
        yield from _said(documento.transporte, paths)


def _customs(documento: Documento) -> Paths:
    if documento.es_exportacion:
        return
    if documento.guia_exportacion:
        yield "transport_data.transfer_issuer_code"
    if documento.transporte and documento.transporte.aduana:
        yield "transport_data"


def _header(documento: Documento) -> Paths:
    if documento.forma_pago_exportacion is not None and not documento.es_exportacion:
        yield "export_data.export_payment_method_code"
    yield from _said(
        documento,
        {
            "condiciones_pago": "header.payment_terms",
            "fecha_cancelacion": "header.cancellation_date",
            "periodo_desde": "header.period_from",
            "periodo_hasta": "header.period_to",
        },
    )
    # A boleta has one always, of its own: its type is what the way does not have.
    if documento.indicador_servicio and not (documento.es_exportacion or documento.es_boleta):
        yield "header.service_indicator"


def _receiver(documento: Documento) -> Paths:
    names = {"codigo_interno": "internal_code"}
    if not documento.es_exportacion:
        names |= {"id_extranjero": "foreign_id", "nacionalidad": "nationality_code"}
    paths = {each: f"document_receiver.{name}" for each, name in names.items()}
    yield from _said(documento.receptor, paths)


def _dispatch(documento: Documento) -> Paths:
    if documento.tipo_despacho is not None:
        yield "transport_data.dispatch_type"


def _other_rut(documento: Documento) -> Paths:
    for number, each in enumerate(documento.referencias):
        if each.rut_otro:
            yield f"references.{number}.other_rut"


def _uncoded(documento: Documento) -> Paths:
    """References of a note to what it neither annuls nor corrects, such as a purchase order."""
    if documento.tipo in NOTAS:
        for number, each in enumerate(documento.referencias):
            if each.codigo is None and each.tipo not in TAX_DOCUMENTS - GUIDES:
                yield f"references.{number}.correction_code"


def _shows(documento: Documento) -> Paths:
    yield from _details(documento, "ticket", "entrada", "espectaculo")


_BY_ANOTHER_WAY = "quítalo, o emite por otra vía"
FEATURES = {
    each.code: each
    for each in (
        Feature("gross_prices_not_available", "El precio debe ser neto: usa unit_price.", _gross),
        Feature(
            "mixed_exemption_not_available",
            "Solo llevan líneas exentas una 34 y la nota de crédito que la anula: emite una 33 y una 34.",
            _exempt,
        ),
        Feature(
            "exempt_indicator_not_available",
            f"Solo hay líneas afectas o exentas (1): {_BY_ANOTHER_WAY}.",
            _indicators,
        ),
        Feature(
            "line_amounts_not_available",
            "Una línea solo admite descuento en porcentaje: usa discount_percent, o el precio final.",
            _line_amounts,
        ),
        Feature(
            "adjustment_not_available",
            "Solo cabe un ajuste global: un descuento en porcentaje sobre todo, sin glosa.",
            _adjustments,
        ),
        Feature(
            "withholding_not_available",
            "Solo se retiene el IVA completo (código 15) en cada línea de una 46, o de la 61 que la anula: "
            "usa vat_withheld.",
            _withholdings,
        ),
        Feature(
            "other_tax_not_available",
            "El formulario tiene solo los impuestos 18, 23, 24, 25, 26, 27, 271 y 44.",
            _taxes,
        ),
        Feature("dispatch_type_not_available", f"No hay tipo de despacho: {_BY_ANOTHER_WAY}.", _dispatch),
        Feature("destination_not_available", f"No hay lugar de destino: {_BY_ANOTHER_WAY}.", _destination),
        Feature("customs_not_available", f"No hay datos de aduana: {_BY_ANOTHER_WAY}.", _customs),
        Feature(
            "header_field_not_available", f"El formulario no tiene este dato: {_BY_ANOTHER_WAY}.", _header
        ),
        Feature(
            "receiver_field_not_available", f"El formulario no tiene este dato: {_BY_ANOTHER_WAY}.", _receiver
        ),
        Feature(
            "other_rut_not_available",
            f"Una referencia no nombra a otro contribuyente: {_BY_ANOTHER_WAY}.",
            _other_rut,
        ),
        Feature(
            "uncoded_reference_not_available",
            "Una nota solo nombra lo que anula o corrige, con su código: quita las demás referencias.",
            _uncoded,
        ),
        Feature("ticket_not_available", f"No hay entradas a espectáculos: {_BY_ANOTHER_WAY}.", _shows),
    )
}
"""By code, every thing that some way cannot carry."""
