"""A document as its caller asks for it (the API's words, JSON) read into the tax core's values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia

Request = Mapping[str, Any]


def to_documento(request: Request) -> Documento:
    """The values of a request whose shapes the API has checked: Latin-1 texts, canonical RUTs."""
    header = request.get("header") or {}
    payment = header.get("payment_method")
    due = header.get("due_date")
    return Documento(
        tipo=TipoDte(int(request["dte_type"]["code"])),
        fecha_emision=date.fromisoformat(request["date_issued"]),
        emisor=_emisor(request["document_issuer"]),
        receptor=_receptor(request["document_receiver"]),
        detalles=tuple(_detalle(line) for line in request["details"]),
        referencias=tuple(_referencia(each) for each in request.get("references") or ()),
        forma_pago=FormaPago(int(payment)) if payment else None,
        fecha_vencimiento=date.fromisoformat(due) if due else None,
    )


def _emisor(issuer: Request) -> Emisor:
    return Emisor(
        rut=issuer["rut"],
        razon_social=_text(issuer, "business_name"),
        giro=_text(issuer, "business_activity"),
        acteco=_text(issuer, "activity_code").zfill(6) if issuer.get("activity_code") else "",
        direccion=_text(issuer, "address"),
        comuna=_text(issuer, "district"),
        ciudad=_text(issuer, "city"),
        telefono=_text(issuer, "phone_number"),
        correo=_text(issuer, "email"),
        sucursal=_text(issuer, "sii_branch_code"),
    )


def _receptor(receiver: Request) -> Receptor:
    return Receptor(
        rut=receiver["rut"],
        razon_social=_text(receiver, "business_name"),
        giro=_text(receiver, "business_activity"),
        direccion=_text(receiver, "address"),
        comuna=_text(receiver, "district"),
        ciudad=_text(receiver, "city"),
        contacto=_text(receiver, "contact"),
    )


def _detalle(line: Request) -> Detalle:
    return Detalle(
        nombre=_text(line, "item_name"),
        cantidad=_decimal(line, "quantity"),
        precio=_decimal(line, "unit_price"),
        descripcion=_text(line, "item_description"),
        unidad=_text(line, "unit"),
        codigo=_text(line, "item_code"),
        tipo_codigo=_text(line, "item_type_code"),
        descuento_pct=_decimal(line, "discount_percent") or Decimal(0),
        exento=bool(line.get("is_exempt")),
    )


def _referencia(reference: Request) -> Referencia:
    return Referencia(
        tipo=_text(reference, "dte_type_code"),
        folio=_text(reference, "reference_folio"),
        fecha=date.fromisoformat(reference["reference_date"]),
        razon=_text(reference, "reference_reason"),
    )


def _text(source: Request, field: str) -> str:
    value = source.get(field)
    return "" if value is None else str(value)


def _decimal(source: Request, field: str) -> Decimal | None:
    value = source.get(field)
    return None if value is None else Decimal(str(value))
