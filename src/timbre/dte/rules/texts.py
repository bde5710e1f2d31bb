"""Texts within the lengths and alphabets of the XSD; those a type cannot do without."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.limits import (
    AJUSTE,
    BULTO,
    DETALLE,
    EMISOR,
    ENCABEZADO,
    ENTRADA,
    PAGO,
    RECEPTOR,
    REFERENCIA,
    TRANSPORTE,
    Field,
)
from timbre.dte.rules.rule import Case, Found, rule

LONGEST_LINE = 4_000
"""Bytes of one element's escaped text: the SII refuses lines over 4,090 (CHR-00002)."""
_NEVER_SWELLS = LONGEST_LINE // len("&amp;")
Block = tuple[Any, tuple[Field, ...], str, str]
"""Who holds the texts, which they are, the path they have in the request, and whose they are in Spanish."""


def _blocks(documento: Documento) -> Iterator[Block]:
    yield documento.emisor, EMISOR, "document_issuer", "del emisor"
    yield documento.receptor, RECEPTOR, "document_receiver", "del receptor"
    if documento.condiciones_pago:
        yield documento, ENCABEZADO, "header", "del documento"
    for number, pago in enumerate(documento.pagos):
        yield pago, PAGO, f"header.payments.{number}", f"del pago {number + 1}"
    if documento.transporte:
        yield from _carriage(documento)
    for number, line in enumerate(documento.detalles):
        yield line, DETALLE, f"details.{number}", f"de la línea {number + 1}"
        if line.entrada:
            yield line.entrada, ENTRADA, f"details.{number}.ticket", f"de la entrada {number + 1}"
    for number, ajuste in enumerate(documento.ajustes):
        yield ajuste, AJUSTE, f"global_adjustments.{number}", f"del ajuste {number + 1}"
    for number, each in enumerate(documento.referencias):
        yield each, REFERENCIA, f"references.{number}", f"de la referencia {number + 1}"


def _carriage(documento: Documento) -> Iterator[Block]:
    yield documento.transporte, TRANSPORTE, "transport_data", "del traslado"
    aduana = documento.transporte.aduana if documento.transporte else None
    for number, bulto in enumerate(aduana.bultos if aduana else ()):
        yield bulto, BULTO, f"export_data.packages.{number}", f"del bulto {number + 1}"


def _missing(owner: Any, fields: Iterable[Field], path: str, whose: str, tipo: TipoDte) -> Found:
    for field in fields:
        if tipo in field.required and not getattr(owner, field.attribute).strip():
            yield f"{path}.{field.name}", f"Falta {field.label} {whose}."


@rule("field_too_long", "Ningún texto pasa del largo que admite el SII.", source="DTE_v10.xsd; CHR-00002")
def too_long(case: Case) -> Found:
    for owner, fields, path, whose in _blocks(case.documento):
        for field in fields:
            text = getattr(owner, field.attribute)
            if len(text) > field.longest:
                message = f"{field.named(whose)} tiene {len(text)} caracteres; el máximo es {field.longest}."
                yield f"{path}.{field.name}", message
            elif len(text) > _NEVER_SWELLS and len(escape(text)) > LONGEST_LINE:
                swollen = f"tiene demasiados signos & < >: escritos en XML pasan de {LONGEST_LINE}."
                yield f"{path}.{field.name}", f"{field.named(whose)} {swollen}"


@rule("invalid_code", "Los códigos numéricos del emisor son números.", source="DTE_v10.xsd, Acteco")
def not_a_number(case: Case) -> Found:
    for field in EMISOR:
        text = getattr(case.documento.emisor, field.attribute) if field.digits else ""
        if text.strip() and not (text.isascii() and text.isdigit() and int(text)):
            message = f"{field.named('del emisor')} es «{text}»: debe ser un número."
            yield f"document_issuer.{field.name}", message


@rule(
    "issuer_data_incomplete",
    "El emisor lleva los datos que su tipo de documento exige.",
    source="Formato DTE v2.2, tabla de obligatoriedad, Emisor",
)
def issuer(case: Case) -> Found:
    documento = case.documento
    yield from _missing(documento.emisor, EMISOR, "document_issuer", "del emisor", documento.tipo)


@rule(
    "receiver_data_incomplete",
    "El receptor lleva los datos que su tipo de documento exige.",
    source="Formato DTE v2.2, tabla de obligatoriedad, Receptor",
)
def receiver(case: Case) -> Found:
    documento = case.documento
    yield from _missing(documento.receptor, RECEPTOR, "document_receiver", "del receptor", documento.tipo)


@rule(
    "dte_field_required",
    "Líneas, entradas y referencias llevan los textos que el formato exige.",
    source="Formato DTE v2.2, Detalle y Referencia; Formato boletas v4.2, InfoTicket",
)
def within_blocks(case: Case) -> Found:
    documento = case.documento
    for owner, fields, path, whose in _blocks(documento):
        if fields not in _PARTIES:
            yield from _missing(owner, fields, path, whose, documento.tipo)


_PARTIES = (EMISOR, RECEPTOR)
