"""A document as its caller asks for it (the API's words, JSON) read into the tax core's values."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from timbre.dte.codes import ANULA, EXPORTACIONES, NOTAS, SOLO_EXENTOS, FormaPago, TipoDte
from timbre.dte.customs import monedas
from timbre.dte.document import (
    PESOS,
    Ajuste,
    Base,
    Detalle,
    Documento,
    Emisor,
    Entrada,
    Moneda,
    Pago,
    Receptor,
    Referencia,
)
from timbre.dte.taxes import IVA_RETENIDO
from timbre.issuing.asking.leaves import day, decimal, number, text
from timbre.issuing.asking.transport import read_guia, read_transporte

Request = Mapping[str, Any]
BASES = {"affected": Base.AFECTO, "exempt": Base.EXENTO, "not_billable": Base.NO_FACTURABLE}
COMPRAS = {"1": 1, "2": 6, "3": 4}
"""The API's purchase_transaction_type as TpoTranCompra: of the business, without credit, fixed asset."""


def to_documento(request: Request) -> Documento:
    """The values of a request whose shapes the API has checked: Latin-1 texts, canonical RUTs."""
    header, export = request.get("header") or {}, request.get("export_data") or {}
    transport = request.get("transport_data") or {}
    tipo = TipoDte(int(request["dte_type"]["code"]))
    payment = header.get("payment_method")
    return Documento(
        tipo=tipo,
        fecha_emision=date.fromisoformat(request["date_issued"]),
        emisor=_emisor(request["document_issuer"]),
        receptor=_receptor(request["document_receiver"], export),
        detalles=tuple(read_detalle(line, header) for line in request["details"]),
        ajustes=(
            *(_ajuste(each, tipo) for each in request.get("global_adjustments") or ()),
            *_charges(export),
        ),
        referencias=tuple(_referencia(each, tipo) for each in request.get("references") or ()),
        brutos=any(line.get("gross_unit_price") is not None for line in request["details"]),
        forma_pago=FormaPago(int(payment)) if payment else None,
        forma_pago_exportacion=number(export, "export_payment_method_code"),
        fecha_vencimiento=day(header, "due_date"),
        fecha_cancelacion=day(header, "cancellation_date"),
        pagos=tuple(_pago(each) for each in header.get("payments") or ()),
        condiciones_pago=text(header, "payment_terms"),
        medio_pago=number(header, "payment_means"),
        periodo_desde=day(header, "period_from"),
        periodo_hasta=day(header, "period_to"),
        indicador_servicio=_service(header, export),
        tipo_despacho=number(transport, "dispatch_type"),
        indicador_traslado=number(transport, "transport_type"),
        tipo_compra=number(header, "purchase_type") or COMPRAS.get(text(header, "purchase_transaction_type")),
        # Exportaciones/IdDoc has no TpoTranVenta, which the published API asks of a 110.
        tipo_venta=None if tipo in EXPORTACIONES else number(header, "sale_transaction_type"),
        transporte=read_transporte(transport, export),
        guia_exportacion=read_guia(transport),
        moneda=read_moneda(export),
    )


def correction_code(reference: Request, tipo: int) -> int | None:
    """CodRef: as written, or 1 for a note that says it annuls in the published API's very words."""
    annuls = tipo in NOTAS and text(reference, "reference_reason") == ANULA
    return number(reference, "correction_code") or (1 if annuls else None)


def _emisor(issuer: Request) -> Emisor:
    return Emisor(
        rut=issuer["rut"],
        razon_social=text(issuer, "business_name"),
        giro=text(issuer, "business_activity"),
        acteco=text(issuer, "activity_code").zfill(6) if issuer.get("activity_code") else "",
        direccion=text(issuer, "address"),
        comuna=text(issuer, "district"),
        ciudad=text(issuer, "city"),
        telefono=text(issuer, "phone_number"),
        correo=text(issuer, "email"),
        sucursal=text(issuer, "sii_branch_code"),
    )


def _receptor(receiver: Request, export: Request) -> Receptor:
    return Receptor(
        rut=receiver["rut"],
        razon_social=text(receiver, "business_name"),
        giro=text(receiver, "business_activity"),
        direccion=text(receiver, "address"),
        comuna=text(receiver, "district"),
        ciudad=text(receiver, "city"),
        contacto=text(receiver, "contact"),
        codigo_interno=text(receiver, "internal_code"),
        id_extranjero=text(receiver, "foreign_id") or text(export, "tax_id_receptor"),
        nacionalidad=text(receiver, "nationality_code") or text(export, "receiver_nationality_code"),
    )


def read_detalle(line: Request, header: Request) -> Detalle:
    """One line. What its quantity and its price may not be, the rules say."""
    exencion = number(line, "exempt_indicator") or (1 if line.get("is_exempt") else None)
    withheld = bool(header.get("vat_withheld")) and exencion is None
    price = "unit_price" if line.get("gross_unit_price") is None else "gross_unit_price"
    ticket = line.get("ticket")
    return Detalle(
        nombre=text(line, "item_name"),
        cantidad=decimal(line, "quantity"),
        precio=decimal(line, price),
        descripcion=text(line, "item_description"),
        unidad=text(line, "unit"),
        codigo=text(line, "item_code"),
        tipo_codigo=text(line, "item_type_code"),
        descuento_pct=decimal(line, "discount_percent") or Decimal(0),
        descuento_monto=decimal(line, "discount_amount") or Decimal(0),
        recargo_pct=decimal(line, "surcharge_percent") or Decimal(0),
        recargo_monto=decimal(line, "surcharge_amount") or Decimal(0),
        exencion=exencion,
        impuesto=text(line, "other_tax") or (IVA_RETENIDO if withheld else ""),
        agente_retenedor=withheld or bool(line.get("withholding_agent")),
        espectaculo=text(line, "show_item_type"),
        entrada=_entrada(ticket) if ticket else None,
    )


def _entrada(ticket: Request) -> Entrada:
    return Entrada(
        folio=int(ticket["ticket_folio"]),
        generada=text(ticket, "generated_at"),
        evento=text(ticket, "event_name"),
        tipo=text(ticket, "ticket_type"),
        codigo_evento=text(ticket, "event_code"),
        fecha_evento=text(ticket, "event_datetime"),
        lugar=text(ticket, "event_place"),
        ubicacion=text(ticket, "event_location"),
        fila=text(ticket, "row"),
        asiento=text(ticket, "seat"),
    )


def _ajuste(adjustment: Request, tipo: TipoDte) -> Ajuste:
    """Over the affected lines unless another base is said; where all is exempt, over the exempt ones."""
    base = adjustment.get("applies_to") or ("exempt" if tipo in SOLO_EXENTOS else "affected")
    return Ajuste(
        recargo=adjustment["kind"] == "surcharge",
        pct=decimal(adjustment, "percent"),
        monto=decimal(adjustment, "amount"),
        sobre=BASES[base],
        glosa=text(adjustment, "description"),
    )


def _charges(export: Request) -> Iterator[Ajuste]:
    """Freight and insurance are part of an export's total, as surcharges (sii-protocols 1.9)."""
    for field, glosa in (("freight_amount", "FLETE"), ("insurance_amount", "SEGURO")):
        amount = decimal(export, field)
        if amount:
            yield Ajuste(recargo=True, monto=amount, sobre=Base.EXENTO, glosa=glosa)


def _referencia(reference: Request, tipo: TipoDte) -> Referencia:
    return Referencia(
        tipo=text(reference, "dte_type_code"),
        folio=text(reference, "reference_folio"),
        fecha=date.fromisoformat(reference["reference_date"]),
        razon=text(reference, "reference_reason"),
        codigo=correction_code(reference, tipo),
        es_global=bool(reference.get("global")),
        rut_otro=text(reference, "other_rut"),
    )


def _pago(payment: Request) -> Pago:
    return Pago(
        fecha=date.fromisoformat(payment["date"]),
        monto=Decimal(str(payment["amount"])),
        glosa=text(payment, "description"),
    )


def read_moneda(export: Request) -> Moneda:
    """The currency by the format's name; pesos are worth one. A code that is none's is nobody's money."""
    code = number(export, "currency_code")
    name = monedas().get(code) if code is not None else None
    return Moneda(name, decimal(export, "exchange_rate") or Decimal(1)) if name else PESOS


def _service(header: Request, export: Request) -> int | None:
    """IndServicio; an export of goods (export_type 0) has none."""
    return number(header, "service_indicator") or number(export, "export_type") or None
