"""What the portal's form has no room for (5.0, 5.3), refused before anything is asked of the SII.

The rules say the same of a request, in more words; this is the gateway's own door. What is neither refused
here nor posted by ``form`` cannot slip through all the same: it would be missed when the XML is read back.
"""

from collections.abc import Iterator

from timbre.dte.codes import IDK_SIMULATOR, NOTAS, SOLO_EXENTOS, TipoDte
from timbre.dte.document import PESOS, Aduana, Ajuste, Base, Detalle, Documento, Transporte
from timbre.dte.taxes import IVA_RETENIDO
from timbre.sii.gateway import Refused
from timbre.sii.portal.form_export import MAX_PACKAGES

TYPES = (
    TipoDte.FACTURA,
    TipoDte.FACTURA_EXENTA,
    TipoDte.FACTURA_COMPRA,
    TipoDte.GUIA_DESPACHO,
    TipoDte.NOTA_DEBITO,
    TipoDte.NOTA_CREDITO,
    TipoDte.FACTURA_EXPORTACION,
)
MAX_LINES = 10
MAX_REFERENCES = 3
MAX_PAYMENTS = 3
EMAIL, PHONE = 30, 14
"""Characters of the issuer's e-mail and, blanks aside, phone."""
TAXES = frozenset({"18", "23", "24", "25", "26", "27", "271", "44"})
"""The additional taxes its select offers."""

Misfits = Iterator[tuple[bool, str, str]]
"""(whether it does not fit, the request's field, why)."""


def check_fits(documento: Documento, *, idk: int) -> None:
    """Raises Refused(not_available) with the first field the form cannot carry.

    ``idk`` is the environment's CAF authority: an export is issued by the simulator alone.
    """
    for wrong, field, words in _misfits(documento, idk):
        if wrong:
            raise Refused("not_available", field=field, sii_words=words)


def _misfits(documento: Documento, idk: int) -> Misfits:
    tipo, real = documento.tipo, idk != IDK_SIMULATOR
    yield tipo not in TYPES, "dte_type", "El portal del SII no emite este tipo."
    yield real and documento.es_exportacion, "dte_type", "La 110 por el portal existe solo en sandbox."
    for field, found, most in (
        ("details", len(documento.detalles), MAX_LINES),
        ("references", len(documento.referencias), MAX_REFERENCES),
        ("header.payments", len(documento.pagos), MAX_PAYMENTS),
    ):
        yield found > most, field, f"El formulario del SII admite {most}."
    email, phone = documento.emisor.correo, "".join(documento.emisor.telefono.split())
    yield len(email) > EMAIL, "document_issuer.email", f"El formulario del SII admite {EMAIL} caracteres."
    yield (
        len(phone) > PHONE,
        "document_issuer.phone_number",
        f"El formulario del SII admite {PHONE} caracteres.",
    )
    yield from _header(documento)
    yield from _transport(documento)
    for index, detalle in enumerate(documento.detalles):
        yield from _line(f"details.{index}", detalle, documento)
    yield from _adjustments(documento)
    for index, referencia in enumerate(documento.referencias):
        yield bool(referencia.rut_otro), f"references.{index}.other_rut", _NO_FIELD


_NO_FIELD = "El formulario del SII no tiene ese dato."


def _header(documento: Documento) -> Misfits:
    receptor, export = documento.receptor, documento.es_exportacion
    guide = documento.tipo is TipoDte.GUIA_DESPACHO
    course = {documento.tipo_compra, documento.tipo_venta} - {None, 1}
    for said, field in (
        (documento.brutos, "details.0.gross_unit_price"),
        (documento.fecha_cancelacion, "header.cancellation_date"),
        (documento.condiciones_pago, "header.payment_terms"),
        (documento.medio_pago, "header.payment_means"),
        (documento.periodo_desde, "header.period_from"),
        (documento.periodo_hasta, "header.period_to"),
        (documento.tipo_despacho, "transport_data.dispatch_type"),
        (documento.guia_exportacion, "transport_data.transfer_issuer_code"),
        (receptor.codigo_interno, "document_receiver.internal_code"),
        (guide and documento.fecha_vencimiento, "header.due_date"),
        (not guide and documento.indicador_traslado, "transport_data.transport_type"),
        (not export and documento.indicador_servicio, "header.service_indicator"),
        (
            not export and documento.forma_pago_exportacion is not None,
            "export_data.export_payment_method_code",
        ),
        (not export and receptor.id_extranjero, "document_receiver.foreign_id"),
        (not export and receptor.nacionalidad, "document_receiver.nationality_code"),
        (not export and documento.moneda != PESOS, "export_data.currency_code"),
        (export and course, "header.sale_transaction_type"),
    ):
        yield bool(said), field, _NO_FIELD
    coded = all(referencia.codigo for referencia in documento.referencias)
    yield (
        documento.tipo in NOTAS and not (documento.referencias and coded),
        "references",
        "Una nota lleva referencia y su código.",
    )


def _transport(documento: Documento) -> Misfits:
    transporte = documento.transporte or Transporte()
    for said, field in (
        (transporte.direccion, "destination_address"),
        (transporte.comuna, "destination_district"),
        (transporte.ciudad, "destination_city"),
    ):
        yield bool(said), f"transport_data.{field}", _NO_FIELD
    aduana = transporte.aduana or Aduana()
    yield not documento.es_exportacion and aduana != Aduana(), "export_data", _NO_FIELD
    yield len(aduana.bultos) > MAX_PACKAGES, "export_data.packages", f"Caben {MAX_PACKAGES}."


def _line(field: str, detalle: Detalle, documento: Documento) -> Misfits:
    whole_exempt = documento.tipo in SOLO_EXENTOS
    yield (
        detalle.exencion is not None and not (whole_exempt and detalle.exencion == 1),
        f"{field}.is_exempt",
        "En el formulario del SII una línea no puede tener otra exención que la de su tipo.",
    )
    for said, name in (
        (detalle.descuento_monto, "discount_amount"),
        (detalle.recargo_pct, "surcharge_percent"),
        (detalle.recargo_monto, "surcharge_amount"),
        (detalle.espectaculo, "show_item_type"),
        (detalle.entrada, "ticket"),
    ):
        yield bool(said), f"{field}.{name}", _NO_FIELD
    withheld = (detalle.impuesto, detalle.agente_retenedor) == (IVA_RETENIDO, True)
    if documento.tipo is TipoDte.FACTURA_COMPRA:
        yield not withheld, "header.vat_withheld", "Por el portal una 46 retiene todo el IVA."
    else:
        taxable = TAXES if not whole_exempt else frozenset()
        yield bool(detalle.impuesto) and detalle.impuesto not in taxable, f"{field}.other_tax", _NO_FIELD
        yield detalle.agente_retenedor, f"{field}.withholding_agent", _NO_FIELD


def _adjustments(documento: Documento) -> Misfits:
    """One percentage off the whole; an export's freight and insurance have fields of their own."""
    whole = Base.EXENTO if documento.tipo in SOLO_EXENTOS else Base.AFECTO
    left = _without_charges(documento)
    yield len(left) > 1, "global_adjustments", "El formulario del SII admite un descuento global."
    for index, ajuste in enumerate(left):
        at = f"global_adjustments.{index}"
        fits = ajuste.pct is not None and ajuste.monto is None and not ajuste.recargo
        yield not fits, at, "El formulario del SII admite solo un descuento global en porcentaje."
        yield ajuste.sobre is not whole, f"{at}.applies_to", _NO_FIELD
        yield bool(ajuste.glosa), f"{at}.description", _NO_FIELD


def _without_charges(documento: Documento) -> list[Ajuste]:
    """The adjustments but those the form makes itself of freight and insurance, which come last."""
    transporte = documento.transporte or Transporte()
    aduana = transporte.aduana or Aduana()
    charges = [each for each in (aduana.flete, aduana.seguro) if each]
    split = len(documento.ajustes) - len(charges)
    last = documento.ajustes[split:] if split >= 0 else ()
    own = [each.monto if each.recargo and each.sobre is Base.EXENTO else None for each in last]
    return list(documento.ajustes[:split] if own == charges else documento.ajustes)
