"""What people call what a document is made of."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from timbre.dte.codes import NOMBRES, TipoDte
from timbre.issuing.models import Document
from timbre.issuing.words import folio_of

TYPES = {tipo: name.removesuffix(" Electrónica") for tipo, name in NOMBRES.items()} | {
    TipoDte.FACTURA_EXENTA: "Factura exenta"
}
OTHER_TYPES = {
    "30": "Factura en papel",
    "32": "Factura exenta en papel",
    "801": "Orden de compra",
    "802": "Nota de pedido",
    "803": "Contrato",
    "HES": "Hoja de entrada de servicios",
}
PAYMENTS = {"1": "Contado", "2": "Crédito", "3": "Sin costo"}
PARTIES = {"document_issuer": "emisor", "document_receiver": "receptor"}
FIELDS = {
    "dte_type": "Tipo de documento",
    "dte_type.code": "Tipo de documento",
    "date_issued": "Fecha de emisión",
    "header.payment_method": "Forma de pago",
    "header.due_date": "Vencimiento",
    "rut": "RUT",
    "business_name": "Razón social",
    "business_activity": "Giro",
    "activity_code": "Código de actividad",
    "address": "Dirección",
    "district": "Comuna",
    "city": "Ciudad",
    "sii_branch_code": "Sucursal del SII",
    "phone_number": "Teléfono",
    "email": "Correo",
    "contact": "Contacto",
}
SOURCES = {
    "address_id": "de la dirección elegida por su address_id",
    "activity_id": "de la actividad elegida por su activity_id",
    "company": "de los valores por defecto de la empresa",
    "master_entity": "de lo que el SII tiene registrado",
    "timbre": "lo pone Timbre cuando no se dice",
}
ACTORS = {
    "api": "API",
    "timbre": "Timbre",
    "sii": "SII",
    "person": "Persona",
    "cli": "Consola",
    "unknown": "Alguien sin identificar",
}


def title_of(document: Document) -> str:
    """``Factura 123``."""
    folio = folio_of(document)
    return f"{type_name(str(document.tipo))} {folio or 'sin folio'}"


def type_name(code: str) -> str:
    """The name of a type that a document has or refers to; the code itself for one nobody told us of."""
    if code.isascii() and code.isdigit() and int(code) in set(TipoDte):
        return TYPES[TipoDte(int(code))]
    return OTHER_TYPES.get(code, f"Documento tipo {code}")


def actor_name(actor: str) -> str:
    """Who did it: Timbre, SII, the API with the beginning of its key, or a person by its e-mail."""
    kind, _, who = actor.partition(":")
    if kind == "person" and who:
        return who
    return f"{ACTORS.get(kind, kind)}, clave {who}…" if who else ACTORS.get(kind, kind)


def field_name(path: str) -> str:
    """``document_receiver.address`` as people say it: ``Dirección del receptor``."""
    head, _, field = path.partition(".")
    if head in PARTIES and field in FIELDS:
        return f"{FIELDS[field]} del {PARTIES[head]}"
    return FIELDS.get(path, path)


def quantity(number: Decimal | None) -> str:
    """A decimal as Chile writes it: ``1.990,5``."""
    if number is None:
        return ""
    whole, _, fraction = f"{number:f}".partition(".")
    dotted = f"{int(whole):,}".replace(",", ".")
    return f"{dotted},{fraction.rstrip('0')}" if fraction.rstrip("0") else dotted


def pretty(value: Any) -> str:
    """JSON to be read, its letters as letters."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def filled_in(filled: Mapping[str, str]) -> list[tuple[str, str]]:
    """What Timbre filled in, and from where."""
    return [(field_name(path), SOURCES.get(source, source)) for path, source in filled.items()]
