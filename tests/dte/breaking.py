"""For every rule of the catalogue a document that breaks it, and where: by rule, document and path."""

# ruff: noqa: E501 - one case, one row

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from factories import AN_INVOICE, EMISOR, EXTRANJERO, LINEA, RECEPTOR, TODAY, make_of
from timbre.dte.codes import TipoDte
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Bulto,
    Documento,
    Entrada,
    GuiaExportacion,
    Moneda,
    Pago,
    Referencia,
    Transporte,
)

T = TipoDte
D = Decimal
CUSTOMS = Aduana(
    modalidad=1,
    clausula=5,
    total_clausula=D(100),
    via=1,
    puerto_embarque=905,
    puerto_desembarque=134,
    peso_bruto=D("10.5"),
    unidad_peso_bruto=6,
    total_bultos=2,
    bultos=(Bulto(tipo=80, cantidad=2, marcas="PAN"),),
    flete=D("12.5"),
    pais_receptor=510,
    pais_destino=510,
)
TICKET = Entrada(
    folio=7,
    generada="2026-03-14T09:30:00",
    evento="Concierto",
    tipo="GENERAL",
    codigo_evento="C1",
    fecha_evento="2026-03-20T21:00:00",
    lugar="Teatro",
    ubicacion="Platea",
)
ORDER = Referencia(tipo="801", folio="OC-1", fecha=TODAY)
NOTE = replace(AN_INVOICE, codigo=3)
LATER = date(2026, 5, 2)


def annulling(tipo: str, note: TipoDte = T.NOTA_CREDITO, codigo: int = 1, **line: Any) -> Documento:
    """A note of one line about a document of a type."""
    reference = replace(AN_INVOICE, tipo=tipo, codigo=codigo, razon="")
    return replace(of_line(note, **line), referencias=(reference,))


def of_line(tipo: TipoDte = T.FACTURA, **changes: Any) -> Documento:
    """A document of one line that is as is said."""
    return make_of(tipo, detalles=(replace(make_of(tipo).detalles[0], **changes),))


def export(**changes: Any) -> Documento:
    """An export of goods with what is said of its customs changed."""
    return make_of(T.FACTURA_EXPORTACION, transporte=Transporte(aduana=replace(CUSTOMS, **changes)))


def guide(**changes: Any) -> Documento:
    return make_of(T.GUIA_DESPACHO, **changes)


def note(*referencias: Referencia, tipo: TipoDte = T.NOTA_CREDITO, **changes: Any) -> Documento:
    return make_of(tipo, referencias=referencias, **changes)


def adjusted(*ajustes: Ajuste, tipo: TipoDte = T.FACTURA) -> Documento:
    return make_of(tipo, ajustes=ajustes)


def large(**changes: Any) -> Documento:
    """A boleta of $5,999,940: 135 UF of $44,444."""
    return make_of(T.BOLETA, detalles=(replace(LINEA, cantidad=D(1), precio=D(135 * 44_444)),), **changes)


TWO_TAXES = (replace(LINEA, impuesto="24"), LINEA)
FREE = replace(LINEA, precio=None, cantidad=None)
SHORT_CARRIAGE = Transporte(patente="ABCD12")

BROKEN: tuple[tuple[str, Documento, str], ...] = (
    ("numbers.finite", of_line(precio=D("NaN")), "details.0.unit_price"),
    ("numbers.finite", of_line(cantidad=D("Infinity")), "details.0.quantity"),
    ("numbers.negative", of_line(precio=D(-1)), "details.0.unit_price"),
    ("numbers.negative", of_line(T.BOLETA, cantidad=D(-1)), "details.0.quantity"),
    ("numbers.negative", of_line(descuento_monto=D(-1)), "details.0.discount_amount"),
    ("numbers.negative", make_of(T.FACTURA, pagos=(Pago(fecha=TODAY, monto=D(-5)),)), "header.payments.0.amount"),
    ("numbers.too_large", of_line(precio=D("1e12")), "details.0.unit_price"),
    ("numbers.too_large", export(peso_bruto=D(10) ** 8), "export_data.gross_weight"),
    ("numbers.too_many_decimals", of_line(precio=D("0.1234567")), "details.0.unit_price"),
    ("numbers.too_many_decimals", of_line(recargo_pct=D("1.234")), "details.0.surcharge_percent"),
    ("numbers.too_many_decimals", adjusted(Ajuste(pct=D("1.234"))), "global_adjustments.0.percent"),
    ("numbers.too_many_decimals", make_of(T.FACTURA, pagos=(Pago(fecha=TODAY, monto=D("0.5")),)), "header.payments.0.amount"),
    ("numbers.zero_quantity", of_line(cantidad=D(0)), "details.0.quantity"),
    ("numbers.discount_percent", of_line(descuento_pct=D("100.01")), "details.0.discount_percent"),
    ("numbers.surcharge_percent", of_line(recargo_pct=D(1000)), "details.0.surcharge_percent"),
    ("numbers.surcharge_percent", of_line(T.BOLETA, recargo_pct=D(101)), "details.0.surcharge_percent"),
    ("numbers.exchange_rate", make_of(T.FACTURA_EXPORTACION, moneda=Moneda("EURO", D(0))), "export_data.exchange_rate"),
    ("texts.too_long", of_line(nombre="x" * 81), "details.0.item_name"),
    ("texts.too_long", of_line(descripcion="&" * 1000), "details.0.item_description"),
    ("texts.too_long", guide(transporte=Transporte(patente="ABCDE1234")), "transport_data.transport_plate"),
    ("texts.too_long", make_of(T.FACTURA, condiciones_pago="x" * 101), "header.payment_terms"),
    ("texts.too_long", adjusted(Ajuste(pct=D(1), glosa="x" * 46)), "global_adjustments.0.description"),
    ("texts.too_long", of_line(T.BOLETA, entrada=replace(TICKET, fila="LEJOS")), "details.0.ticket.row"),
    ("texts.not_a_number", make_of(T.FACTURA, emisor=replace(EMISOR, acteco="panes")), "document_issuer.activity_code"),
    ("texts.issuer", make_of(T.FACTURA, emisor=replace(EMISOR, comuna="")), "document_issuer.district"),
    ("texts.receiver", make_of(T.FACTURA, receptor=replace(RECEPTOR, giro=" ")), "document_receiver.business_activity"),
    ("texts.receiver", make_of(T.FACTURA_EXPORTACION, receptor=replace(EXTRANJERO, ciudad="")), "document_receiver.city"),
    ("texts.within_blocks", of_line(nombre=" "), "details.0.item_name"),
    ("fields.not_allowed", note(NOTE, tipo_despacho=1), "transport_data.dispatch_type"),
    ("fields.not_allowed", make_of(T.FACTURA, indicador_traslado=1), "transport_data.transport_type"),
    ("fields.not_allowed", guide(indicador_servicio=1), "header.service_indicator"),
    ("fields.not_allowed", guide(fecha_vencimiento=TODAY), "header.due_date"),
    ("fields.not_allowed", make_of(T.FACTURA, medio_pago=1), "header.payment_means"),
    ("fields.not_allowed", note(NOTE, transporte=SHORT_CARRIAGE), "transport_data.transport_plate"),
    ("fields.not_allowed", make_of(T.BOLETA, receptor=replace(RECEPTOR, id_extranjero="X1")), "document_receiver.foreign_id"),
    ("fields.customs_elsewhere", make_of(T.FACTURA, transporte=Transporte(aduana=Aduana(via=1))), "export_data.transport_way_code"),
    ("fields.customs_elsewhere", guide(transporte=Transporte(aduana=Aduana(via=1))), "transport_data.transport_way_code"),
    ("fields.customs_elsewhere", make_of(T.FACTURA, moneda=Moneda("EURO", D(1000))), "export_data.currency_code"),
    ("fields.foreign_id", guide(receptor=replace(RECEPTOR, id_extranjero="X1")), "document_receiver.foreign_id"),
    ("fields.out_of_list", guide(indicador_traslado=10), "transport_data.transport_type"),
    ("fields.out_of_list", make_of(T.FACTURA, indicador_servicio=4), "header.service_indicator"),
    ("fields.out_of_list", guide(indicador_traslado=8, guia_exportacion=GuiaExportacion(codigo=5)), "transport_data.transfer_issuer_code"),
    ("fields.customs_codes", export(puerto_embarque=9999), "export_data.departure_port_code"),
    ("fields.customs_codes", export(bultos=(Bulto(tipo=999, cantidad=2, marcas="x"),)), "export_data.packages.0.type_code"),
    ("fields.nationality", make_of(T.FACTURA_EXPORTACION, receptor=replace(EXTRANJERO, nacionalidad="GB")), "document_receiver.nationality_code"),
    ("parties.ruts", make_of(T.FACTURA, receptor=replace(RECEPTOR, rut="88888888-9")), "document_receiver.rut"),
    ("dates.in_future", make_of(T.FACTURA, fecha_emision=TODAY + timedelta(days=1)), "date_issued"),
    ("dates.out_of_range", make_of(T.FACTURA, fecha_emision=date(2003, 3, 31)), "date_issued"),
    ("dates.out_of_range", make_of(T.FACTURA_EXPORTACION, referencias=(replace(ORDER, fecha=date(1949, 12, 31)),)), "references.0.reference_date"),
    ("dates.out_of_range", make_of(T.FACTURA, fecha_cancelacion=date(1999, 1, 1)), "header.cancellation_date"),
    ("dates.late", make_of(T.FACTURA, fecha_emision=TODAY - timedelta(days=4)), "date_issued"),
    ("dates.due_before_issue", make_of(T.FACTURA, fecha_vencimiento=TODAY - timedelta(days=1)), "header.due_date"),
    ("dates.period_reversed", make_of(T.FACTURA, periodo_desde=TODAY, periodo_hasta=TODAY - timedelta(days=1)), "header.period_to"),
    ("dates.reference_later", make_of(T.FACTURA, referencias=(replace(ORDER, fecha=LATER),)), "references.0.reference_date"),
    ("lines.some", make_of(T.FACTURA, detalles=()), "details"),
    ("lines.too_many", make_of(T.FACTURA, detalles=(LINEA,) * 61), "details"),
    ("lines.too_many", make_of(T.BOLETA, detalles=(LINEA,) * 1001), "details"),
    ("lines.exempt_indicator", of_line(exencion=4), "details.0.exempt_indicator"),
    ("lines.exempt_indicator", of_line(T.BOLETA, exencion=3), "details.0.exempt_indicator"),
    ("lines.exempt_indicator", of_line(T.FACTURA_EXPORTACION, exencion=2), "details.0.exempt_indicator"),
    ("lines.quantity", of_line(T.GUIA_DESPACHO, cantidad=None), "details.0.quantity"),
    ("lines.discount_twice", of_line(descuento_pct=D(1), descuento_monto=D(1)), "details.0.discount_amount"),
    ("lines.surcharge_twice", of_line(recargo_pct=D(1), recargo_monto=D(1)), "details.0.surcharge_amount"),
    ("lines.discount_over_line", of_line(descuento_monto=D(6000)), "details.0.discount_amount"),
    ("lines.whole", of_line(T.FACTURA_EXPORTACION, descuento_monto=D("1.5")), "details.0.discount_amount"),
    ("lines.whole", of_line(T.FACTURA_EXPORTACION, descuento_pct=D("1.5")), "details.0.discount_percent"),
    ("lines.whole", of_line(descuento_monto=D("1.5")), "details.0.discount_amount"),
    ("lines.gross_price", guide(brutos=True), "details.0.gross_unit_price"),
    ("lines.ticket_elsewhere", of_line(entrada=TICKET), "details.0.ticket"),
    ("lines.ticket", of_line(T.BOLETA, entrada=replace(TICKET, folio=1_000_000)), "details.0.ticket.ticket_folio"),
    ("lines.ticket", of_line(T.BOLETA, entrada=replace(TICKET, generada="ayer")), "details.0.ticket.generated_at"),
    ("lines.ticket", of_line(T.BOLETA, espectaculo="03"), "details.0.show_item_type"),
    ("taxes.untaxed_type", of_line(T.FACTURA_EXENTA, impuesto="24"), "details.0.other_tax"),
    ("taxes.untaxed_type", of_line(T.BOLETA, agente_retenedor=True), "details.0.withholding_agent"),
    ("taxes.untaxed_line", make_of(T.FACTURA, detalles=(LINEA, replace(LINEA, exencion=1, impuesto="24"))), "details.1.other_tax"),
    ("taxes.unknown", of_line(impuesto="28"), "details.0.other_tax"),
    ("taxes.gross", replace(of_line(impuesto="24"), brutos=True), "details.0.other_tax"),
    ("taxes.withholding_elsewhere", of_line(impuesto="15"), "details.0.other_tax"),
    ("taxes.withholding_missing", of_line(T.FACTURA_COMPRA, impuesto=""), "details.0.other_tax"),
    ("taxes.agent_missing", of_line(T.FACTURA_COMPRA, agente_retenedor=False), "details.0.withholding_agent"),
    ("taxes.purchase_type", make_of(T.FACTURA_COMPRA), "header.purchase_transaction_type"),
    ("adjustments.too_many", adjusted(*(Ajuste(pct=D(1)),) * 21), "global_adjustments"),
    ("adjustments.whole", adjusted(Ajuste(monto=D("1.5"))), "global_adjustments.0.amount"),
    ("adjustments.whole", make_of(T.FACTURA_EXPORTACION, ajustes=(Ajuste(recargo=True, monto=D("1.234"), sobre=Base.EXENTO, glosa="FLETE"),)), "export_data.freight_amount"),
    ("adjustments.over_base", make_of(T.FACTURA, detalles=(LINEA, replace(LINEA, exencion=6)), ajustes=(Ajuste(pct=D(10), sobre=Base.NO_FACTURABLE),)), "global_adjustments.0.percent"),
    ("adjustments.value", adjusted(Ajuste()), "global_adjustments.0.percent"),
    ("adjustments.value", adjusted(Ajuste(pct=D(1), monto=D(1))), "global_adjustments.0.percent"),
    ("adjustments.value", adjusted(Ajuste(pct=D(101))), "global_adjustments.0.percent"),
    ("adjustments.value", adjusted(Ajuste(monto=D(0))), "global_adjustments.0.amount"),
    ("adjustments.base", adjusted(Ajuste(pct=D(1)), tipo=T.FACTURA_EXENTA), "global_adjustments.0.applies_to"),
    ("adjustments.over_base", adjusted(Ajuste(monto=D(6000))), "global_adjustments.0"),
    ("adjustments.percent", make_of(T.FACTURA, detalles=TWO_TAXES, ajustes=(Ajuste(monto=D(1)),)), "global_adjustments.0.amount"),
    ("totals.too_large", of_line(cantidad=D(10**9), precio=D(10**9)), "details.0"),
    ("totals.negative", adjusted(Ajuste(monto=D(6000))), "details"),
    ("totals.exempt", of_line(exencion=1), "dte_type.code"),
    ("totals.exempt", of_line(T.BOLETA, exencion=1), "dte_type.code"),
    ("totals.iva_is_zero", of_line(cantidad=D(1), precio=D(2)), "details"),
    ("totals.iva_is_zero", of_line(T.FACTURA_COMPRA, precio=D(0)), "details"),
    ("totals.iva_is_zero", note(NOTE, detalles=(replace(LINEA, cantidad=D(1), precio=D(2)),)), "details"),
    ("totals.iva_is_zero", note(NOTE, tipo=T.NOTA_DEBITO, detalles=(replace(LINEA, cantidad=D(1), precio=D(1)),)), "details"),
    ("totals.payment_limit", make_of(T.FACTURA, pagos=(Pago(fecha=TODAY, monto=D(1)),) * 31), "header.payments"),
    ("totals.payments_differ", make_of(T.FACTURA, pagos=(Pago(fecha=TODAY, monto=D(1)),)), "header.payments"),
    ("references.too_many", make_of(T.FACTURA, referencias=(ORDER,) * 41), "references"),
    ("references.code", make_of(T.FACTURA, referencias=(replace(ORDER, codigo=4),)), "references.0.correction_code"),
    ("references.global_folio", make_of(T.FACTURA, referencias=(replace(ORDER, es_global=True),)), "references.0.reference_folio"),
    ("references.other_rut", note(replace(NOTE, rut_otro="1-2")), "references.0.other_rut"),
    ("references.not_allowed", make_of(T.FACTURA, referencias=(replace(ORDER, rut_otro="1-9"),)), "references.0.other_rut"),
    ("references.not_allowed", make_of(T.BOLETA, referencias=(replace(ORDER, es_global=True, folio="0"),)), "references.0.global"),
    ("references.unknown_type", make_of(T.FACTURA, referencias=(replace(ORDER, tipo="999"),)), "references.0.dte_type_code"),
    ("notes.required", note(ORDER), "references"),
    ("notes.required", note(tipo=T.NOTA_DEBITO_EXPORTACION), "references"),
    ("notes.required", note(replace(NOTE, tipo="52", codigo=None)), "references"),
    ("notes.required", note(replace(NOTE, tipo="801")), "references"),
    ("notes.code_missing", note(replace(NOTE, codigo=None)), "references.0.correction_code"),
    ("notes.one_only", note(AN_INVOICE, replace(AN_INVOICE, folio="8")), "references"),
    ("notes.one_only", note(replace(AN_INVOICE, es_global=True, folio="0")), "references"),
    ("notes.guide", note(replace(NOTE, tipo="52")), "references.0.dte_type_code"),
    ("notes.unusual", note(replace(NOTE, tipo="61")), "references.0.dte_type_code"),
    ("notes.unusual", note(AN_INVOICE, tipo=T.NOTA_DEBITO), "references.0.dte_type_code"),
    ("notes.text_with_amounts", note(replace(NOTE, codigo=2)), "details"),
    ("notes.without_amounts", note(NOTE, detalles=(FREE,)), "details"),
    ("notes.without_amounts", note(replace(AN_INVOICE, tipo="61", codigo=3), detalles=(FREE,), tipo=T.NOTA_DEBITO), "details"),
    ("transport.transfer_type", guide(indicador_traslado=None), "transport_data.transport_type"),
    ("transport.internal_receiver", guide(indicador_traslado=5), "document_receiver.rut"),
    ("transport.internal_dispatch", guide(indicador_traslado=5, tipo_despacho=1), "transport_data.dispatch_type"),
    ("transport.abroad", guide(indicador_traslado=8), "transport_data.transfer_issuer_code"),
    ("transport.abroad", guide(indicador_traslado=9), "transport_data.gross_weight"),
    ("transport.not_abroad", guide(guia_exportacion=GuiaExportacion(codigo=1)), "transport_data.transfer_issuer_code"),
    ("transport.packages", guide(indicador_traslado=8), "transport_data.total_packages"),
    ("transport.driver", guide(transporte=Transporte(chofer_nombre="Ana")), "transport_data.driver_rut"),
    ("transport.driver_rut", guide(transporte=Transporte(chofer_rut="1-2", chofer_nombre="Ana")), "transport_data.driver_rut"),
    ("transport.carrier_rut", guide(transporte=Transporte(rut="1-2")), "transport_data.transport_rut"),
    ("transport.carriage_data", guide(fecha_emision=LATER), "transport_data"),
    ("transport.destination", guide(fecha_emision=LATER), "transport_data.destination_address"),
    ("exports.exchange_rate", make_of(T.FACTURA_EXPORTACION, moneda=Moneda("EURO")), "export_data.exchange_rate"),
    ("exports.currency", make_of(T.FACTURA_EXPORTACION, moneda=Moneda("BITCOIN", D(2))), "export_data.currency_code"),
    ("exports.required", export(pais_destino=None), "export_data.destination_country_code"),
    ("exports.missing", export(via=None), "export_data.transport_way_code"),
    ("exports.unit", export(unidad_peso_bruto=None), "export_data.gross_weight_unit_code"),
    ("exports.unit", export(unidad_peso_neto=6), "export_data.net_weight"),
    ("exports.packages", export(bultos=(CUSTOMS.bultos[0],) * 11), "export_data.packages"),
    ("exports.packages", export(total_bultos=0), "export_data.total_packages"),
    ("exports.marks", make_of(T.NOTA_DEBITO_EXPORTACION, transporte=Transporte(aduana=Aduana(bultos=(Bulto(tipo=80, cantidad=2),)))), "export_data.packages.0.marks"),
    ("exports.marks", export(bultos=(Bulto(tipo=80, cantidad=2),)), "export_data.packages.0.marks"),
    ("exports.sums", export(total_bultos=3), "export_data.total_packages"),
    ("exports.receiver", make_of(T.FACTURA_EXPORTACION, receptor=RECEPTOR), "document_receiver.rut"),
    ("exports.nationality", make_of(T.FACTURA_EXPORTACION, receptor=replace(EXTRANJERO, nacionalidad="")), "document_receiver.nationality_code"),
    ("exports.hotel", make_of(T.FACTURA_EXPORTACION, indicador_servicio=4), "references"),
    ("exports.payment", make_of(T.FACTURA_EXPORTACION, forma_pago_exportacion=99), "export_data.export_payment_method_code"),
    ("boletas.receiver", large(medio_pago=1), "document_receiver.rut"),
    ("boletas.payment", large(receptor=RECEPTOR), "header.payment_means"),
    ("boletas.unknown_uf", large(), "details"),
    ("boletas.show", of_line(T.BOLETA, entrada=TICKET), "header.service_indicator"),
)  # fmt: skip

BEYOND_THE_PORTAL: tuple[tuple[str, Documento, str], ...] = (
    ("gross_prices_not_available", make_of(T.FACTURA, brutos=True), "details.0.gross_unit_price"),
    ("mixed_exemption_not_available", make_of(T.FACTURA, detalles=(LINEA, replace(LINEA, exencion=1))), "details.1.is_exempt"),
    ("mixed_exemption_not_available", of_line(T.GUIA_DESPACHO, exencion=1), "details.0.is_exempt"),
    ("exempt_indicator_not_available", of_line(exencion=3), "details.0.exempt_indicator"),
    ("date_out_of_range", make_of(T.FACTURA, referencias=(replace(ORDER, fecha=date(2002, 7, 31)),)), "references.0.reference_date"),
    ("line_amounts_not_available", of_line(descuento_monto=D(1)), "details.0.discount_amount"),
    ("adjustment_not_available", adjusted(Ajuste(monto=D(1))), "global_adjustments.0"),
    ("adjustment_not_available", adjusted(Ajuste(pct=D(1)), Ajuste(pct=D(1))), "global_adjustments.1"),
    ("adjustment_not_available", adjusted(Ajuste(pct=D(1), sobre=Base.NO_FACTURABLE)), "global_adjustments.0"),
    ("withholding_not_available", of_line(T.FACTURA_COMPRA, impuesto="34"), "details.0.other_tax"),
    ("withholding_not_available", of_line(T.NOTA_CREDITO, impuesto="15"), "details.0.other_tax"),
    ("mixed_exemption_not_available", annulling("33", exencion=1), "details.0.is_exempt"),
    ("mixed_exemption_not_available", annulling("34", codigo=3, exencion=1), "details.0.is_exempt"),
    ("mixed_exemption_not_available", annulling("61", T.NOTA_DEBITO, exencion=1), "details.0.is_exempt"),
    ("withholding_not_available", annulling("46", codigo=3, impuesto="15", agente_retenedor=True), "details.0.other_tax"),
    ("other_tax_not_available", of_line(impuesto="19"), "details.0.other_tax"),
    ("dispatch_type_not_available", guide(tipo_despacho=2), "transport_data.dispatch_type"),
    ("destination_not_available", guide(transporte=Transporte(comuna="Talca")), "transport_data.destination_district"),
    ("customs_not_available", guide(transporte=Transporte(aduana=CUSTOMS)), "transport_data"),
    ("header_field_not_available", make_of(T.FACTURA, condiciones_pago="a 30 días"), "header.payment_terms"),
    ("header_field_not_available", make_of(T.FACTURA, indicador_servicio=3), "header.service_indicator"),
    ("header_field_not_available", guide(forma_pago_exportacion=1), "export_data.export_payment_method_code"),
    ("receiver_field_not_available", make_of(T.FACTURA, receptor=replace(RECEPTOR, codigo_interno="C1")), "document_receiver.internal_code"),
    ("other_rut_not_available", note(replace(NOTE, rut_otro="1-9")), "references.0.other_rut"),
    ("uncoded_reference_not_available", note(AN_INVOICE, ORDER), "references.1.correction_code"),
    ("ticket_not_available", of_line(T.BOLETA, entrada=TICKET), "details.0.ticket"),
    ("dte_type_not_available", make_of(T.BOLETA), "dte_type.code"),
    ("detail_line_limit", make_of(T.FACTURA, detalles=(LINEA,) * 11), "details"),
    ("reference_limit", make_of(T.FACTURA, referencias=(ORDER,) * 4), "references"),
    ("payment_limit", make_of(T.FACTURA, pagos=(Pago(fecha=TODAY, monto=D(1)),) * 4), "header.payments"),
)  # fmt: skip
"""By code, what the portal's form has no place for."""
