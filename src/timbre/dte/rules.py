"""What is wrong with a document before it costs a folio: all of it at once, in the caller's own field names.

Refused is only what the SII is known to reject or DTE_v10.xsd forbids (sii-protocols 1.2 to 1.8, 5.3).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia
from timbre.dte.errors import Fault, InvalidRut
from timbre.dte.limits import DETALLE, EMISOR, RECEPTOR, REFERENCIA, Field
from timbre.dte.rut import parse_rut
from timbre.dte.totals import compute_totals

FIRST_DAY = date(2003, 4, 1)
"""The format's first FchEmis; references and due dates may be as old as the XSD's 2000-01-01."""
_XSD_DAYS = (date(2000, 1, 1), date(2050, 12, 31))
_PRICE_LIMIT = Decimal(10) ** 12
_AMOUNT_LIMIT = 10**18
_LONGEST_LINE = 4_000
"""Bytes of one element's escaped text: the SII refuses lines over 4,090."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one way to the SII can carry."""

    max_lines: int
    max_references: int
    mixed_exemption: bool
    types: frozenset[TipoDte]
    longest_email: int = 80
    longest_phone: int = 20
    """Characters of the issuer's e-mail and, blanks aside, phone; the XSD's unless the way is narrower."""


PORTAL = Capabilities(
    max_lines=10,
    max_references=3,
    mixed_exemption=False,
    types=frozenset({TipoDte.FACTURA, TipoDte.FACTURA_EXENTA}),
    longest_email=30,
    longest_phone=14,
)
"""The free invoicing portal: its form has 10 lines, 3 references and no mark of exemption by line."""


def judge(documento: Documento, capabilities: Capabilities, *, today: date) -> tuple[Fault, ...]:
    """Every fault of the document in reading order; none when it can be issued. ``today`` is Chile's."""
    emisor, receptor = documento.emisor, documento.receptor
    return (
        *_type(documento, capabilities),
        *_dates(documento, today),
        *_party(emisor, EMISOR, "document_issuer", "del emisor", "issuer_data_incomplete"),
        *_contact(emisor, capabilities),
        *_party(receptor, RECEPTOR, "document_receiver", "del receptor", "receiver_data_incomplete"),
        *_lines(documento, capabilities),
        *_references(documento, capabilities),
    )


def _contact(emisor: Emisor, capabilities: Capabilities) -> Iterator[Fault]:
    phone = "".join(emisor.telefono.split())
    for text, most, path, label in (
        (emisor.correo, capabilities.longest_email, "document_issuer.email", "El correo"),
        (phone, capabilities.longest_phone, "document_issuer.phone_number", "El teléfono"),
    ):
        if len(text) > most:
            message = f"{label} del emisor tiene {len(text)} caracteres; por esta vía caben {most}."
            yield Fault("field_too_long", path, message)


def _type(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    if documento.tipo not in capabilities.types:
        names = ", ".join(str(tipo.value) for tipo in sorted(capabilities.types))
        yield Fault(
            "dte_type_not_available",
            "dte_type.code",
            f"El tipo {documento.tipo:d} no se puede emitir por esta vía: usa uno de {names}.",
        )


def _dates(documento: Documento, today: date) -> Iterator[Fault]:
    issued, due = documento.fecha_emision, documento.fecha_vencimiento
    if issued > today:
        message = f"La fecha de emisión {issued} es posterior a hoy, {today}."
        yield Fault("date_in_future", "date_issued", message)
    elif issued < FIRST_DAY:
        message = f"La fecha de emisión {issued} es anterior a la factura electrónica ({FIRST_DAY})."
        yield Fault("date_out_of_range", "date_issued", message)
    if due is None:
        return
    if due < issued:
        message = f"La fecha de vencimiento {due} es anterior a la de emisión, {issued}."
        yield Fault("due_date_before_issue", "header.due_date", message)
    yield from _xsd_date(due, "header.due_date")


def _xsd_date(day: date, path: str) -> Iterator[Fault]:
    first, last = _XSD_DAYS
    if not first <= day <= last:
        message = f"La fecha {day} está fuera de lo que admite el SII: de {first} a {last}."
        yield Fault("date_out_of_range", path, message)


def _party(
    party: Emisor | Receptor, fields: Iterable[Field], path: str, whose: str, missing: str
) -> Iterator[Fault]:
    try:
        parse_rut(party.rut)
    except InvalidRut as error:
        yield Fault("invalid_rut", f"{path}.rut", str(error))
    yield from _texts(party, fields, path, whose, missing)


def _texts(
    owner: Emisor | Receptor | Detalle | Referencia,
    fields: Iterable[Field],
    path: str,
    whose: str,
    missing: str,
) -> Iterator[Fault]:
    for field in fields:
        text: str = getattr(owner, field.attribute)
        where = f"{path}.{field.name}"
        if not text.strip():
            if field.required:
                yield Fault(missing, where, f"Falta {field.label} {whose}.")
            continue
        label = f"{field.label[0].upper()}{field.label[1:]} {whose}"
        if len(text) > field.longest:
            message = f"{label} tiene {len(text)} caracteres; el máximo es {field.longest}."
            yield Fault("field_too_long", where, message)
        elif len(escape(text)) > _LONGEST_LINE:
            message = f"{label} tiene demasiados signos & < >: escritos en XML pasan de {_LONGEST_LINE}."
            yield Fault("field_too_long", where, message)
        elif field.digits and not (text.isascii() and text.isdigit() and int(text)):
            yield Fault("invalid_code", where, f"{label} es «{text}»: debe ser un número.")


def _lines(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    lines, most = documento.detalles, capabilities.max_lines
    if not lines:
        yield Fault("dte_field_required", "details", "El documento no tiene líneas de detalle.")
        return
    if len(lines) > most:
        message = f"El documento tiene {len(lines)} líneas; por esta vía caben {most}."
        yield Fault("detail_line_limit", "details", message)
    for number, line in enumerate(lines):
        path, whose = f"details.{number}", f"de la línea {number + 1}"
        yield from _texts(line, DETALLE, path, whose, "dte_field_required")
    numbers = [fault for number, line in enumerate(lines) for fault in _numbers(number, line)]
    yield from numbers or _amounts(documento, capabilities)


def _numbers(number: int, line: Detalle) -> Iterator[Fault]:
    path, whose = f"details.{number}", f"de la línea {number + 1}"
    if line.precio is not None:
        yield from _number(line.precio, f"{path}.unit_price", f"El precio {whose}")
    if line.cantidad is not None:
        yield from _number(line.cantidad, f"{path}.quantity", f"La cantidad {whose}")
        if line.cantidad.is_zero():
            yield Fault("invalid_quantity", f"{path}.quantity", f"La cantidad {whose} debe ser mayor que 0.")
    yield from _discount(line.descuento_pct, f"{path}.discount_percent", f"El descuento {whose}")


def _number(value: Decimal, path: str, label: str) -> Iterator[Fault]:
    """Dec12_6Type: at most 12 digits before the point and 6 after."""
    if not value.is_finite():
        yield Fault("invalid_number", path, f"{label} no es un número.")
    elif value < 0:
        yield Fault("negative_amount", path, f"{label} es {value}: no puede ser negativo.")
    elif value >= _PRICE_LIMIT:
        yield Fault("amount_too_large", path, f"{label} pasa de 12 cifras enteras.")
    elif _decimals(value, 6):
        yield Fault("too_many_decimals", path, f"{label} es {value}: caben a lo más 6 decimales.")


def _discount(percent: Decimal, path: str, label: str) -> Iterator[Fault]:
    if not percent.is_finite() or not 0 <= percent <= 100:
        message = f"{label} es {percent}: debe ser un porcentaje entre 0 y 100."
        yield Fault("discount_out_of_range", path, message)
    elif _decimals(percent, 2):
        yield Fault("too_many_decimals", path, f"{label} es {percent}: caben a lo más 2 decimales.")


def _decimals(value: Decimal, most: int) -> bool:
    return value != value.quantize(Decimal(1).scaleb(-most))


def _amounts(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    """What only the totals show; the lines' own numbers are sound by now."""
    totales = compute_totals(documento)
    for number, monto in enumerate(totales.lineas):
        if monto.monto >= _AMOUNT_LIMIT:
            message = f"El monto de la línea {number + 1} pasa de 18 cifras."
            yield Fault("amount_too_large", f"details.{number}", message)
    if totales.total >= _AMOUNT_LIMIT:
        yield Fault("amount_too_large", "details", "El total del documento pasa de 18 cifras.")
    if documento.tipo is not TipoDte.FACTURA:
        return
    exempt = [number for number, line in enumerate(documento.detalles) if line.exencion == 1]
    if len(exempt) == len(documento.detalles):
        message = "Todas las líneas son exentas: el documento debe ser del tipo 34, no 33."
        yield Fault("all_lines_exempt", "dte_type.code", message)
        return
    if exempt and not capabilities.mixed_exemption:
        message = "Por esta vía una factura no puede mezclar líneas afectas y exentas: emite una 33 y una 34."
        yield Fault("mixed_exemption_not_available", f"details.{exempt[0]}.is_exempt", message)
    if totales.iva == 0:
        message = f"El neto afecto es ${totales.neto} y su IVA sería $0: el SII pide un IVA mayor que 0."
        yield Fault("iva_is_zero", "details", message)


def _references(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    references, most = documento.referencias, capabilities.max_references
    if len(references) > most:
        message = f"El documento tiene {len(references)} referencias; por esta vía caben {most}."
        yield Fault("reference_limit", "references", message)
    for number, reference in enumerate(references):
        path, whose = f"references.{number}", f"de la referencia {number + 1}"
        yield from _texts(reference, REFERENCIA, path, whose, "dte_field_required")
        yield from _xsd_date(reference.fecha, f"{path}.reference_date")
        if reference.codigo not in (None, 1, 2, 3):
            message = f"El código {whose} es {reference.codigo}: debe ser 1, 2 o 3."
            yield Fault("invalid_code", f"{path}.reference_code", message)
