"""What one way to the SII can carry; what it cannot is refused by name, never left out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from timbre.dte.codes import ANNULS, ANULA, EXPORTACIONES, TipoDte
from timbre.dte.document import Documento, Referencia
from timbre.dte.errors import Fault
from timbre.dte.rules.features import FEATURES

T = TipoDte


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one way to the SII can carry.

    ``lacks`` are codes of FEATURES, ``spares`` those of warnings that nobody could heed on this way.
    """

    types: frozenset[TipoDte] = frozenset(TipoDte)
    max_lines: int = 60
    max_references: int = 40
    max_payments: int = 30
    max_packages: int = 10
    longest_email: int = 80
    longest_phone: int = 20
    """Characters of the issuer's e-mail and, blanks aside, phone; the XSD's unless the way is narrower."""
    oldest_reference: date = date.min
    lacks: frozenset[str] = frozenset()
    spares: frozenset[str] = frozenset()
    annuls: frozenset[TipoDte] = frozenset()
    """Types whose annulment the way writes itself, as they were: that note may have ``REPEATED``."""


REPEATED = frozenset({"mixed_exemption_not_available", "withholding_not_available"})
PORTAL = Capabilities(
    types=frozenset(
        {
            T.FACTURA,
            T.FACTURA_EXENTA,
            T.FACTURA_COMPRA,
            T.GUIA_DESPACHO,
            T.NOTA_DEBITO,
            T.NOTA_CREDITO,
            T.FACTURA_EXPORTACION,
        }
    ),
    max_lines=10,
    max_references=3,
    max_payments=3,
    max_packages=3,
    longest_email=30,
    longest_phone=14,
    oldest_reference=date(2002, 8, 1),
    lacks=frozenset(FEATURES),
    spares=frozenset({"destination_missing"}),
    annuls=frozenset({T.FACTURA_EXENTA, T.FACTURA_COMPRA}),
)
"""The free invoicing portal, whose form is as sii-protocols 5.3 tells it."""
PORTAL_PRODUCTION = replace(PORTAL, types=PORTAL.types - EXPORTACIONES)
"""The SII's own: the names of its export form are in no source, and nothing is guessed there."""


def annulled(documento: Documento, capabilities: Capabilities) -> Referencia | None:
    """The document that a credit note annuls, where the way writes that note itself; None for all others."""
    if documento.tipo is not T.NOTA_CREDITO or len(documento.referencias) != 1:
        return None
    (reference,) = documento.referencias
    types = {str(tipo.value) for tipo in capabilities.annuls}
    return reference if reference.codigo == ANNULS and reference.tipo in types else None


def judge_gateway(documento: Documento, capabilities: Capabilities) -> tuple[Fault, ...]:
    """What this way cannot carry of the document; nothing when it can carry it all."""
    lacks = capabilities.lacks - (REPEATED if annulled(documento, capabilities) else frozenset())
    return (
        *_type(documento, capabilities),
        *_contact(documento, capabilities),
        *_counts(documento, capabilities),
        *_reference_days(documento, capabilities),
        *_reason(documento, capabilities),
        *(
            Fault(feature.code, path, f"Por esta vía no se puede. {feature.fix}")
            for feature in FEATURES.values()
            if feature.code in lacks
            for path in feature.find(documento)
        ),
    )


def _type(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    if documento.tipo not in capabilities.types:
        names = ", ".join(str(tipo.value) for tipo in sorted(capabilities.types))
        message = f"El tipo {documento.tipo:d} no se puede emitir por esta vía: usa uno de {names}."
        yield Fault("dte_type_not_available", "dte_type.code", message)


def _contact(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    emisor = documento.emisor
    phone = "".join(emisor.telefono.split())
    for text, most, path, label in (
        (emisor.correo, capabilities.longest_email, "document_issuer.email", "El correo"),
        (phone, capabilities.longest_phone, "document_issuer.phone_number", "El teléfono"),
    ):
        if len(text) > most:
            message = f"{label} del emisor tiene {len(text)} caracteres; por esta vía caben {most}."
            yield Fault("field_too_long", path, message)


def _reference_days(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    first = capabilities.oldest_reference
    for number, each in enumerate(documento.referencias):
        if each.fecha < first:
            message = (
                f"La referencia {number + 1} es del {each.fecha}; por esta vía se admiten desde {first}."
            )
            yield Fault("date_out_of_range", f"references.{number}.reference_date", message)


def _reason(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    reference = annulled(documento, capabilities)
    if reference and reference.razon not in ("", ANULA):
        message = "Por esta vía la razón de esta anulación la escribe el SII: la tuya no va en el DTE."
        yield Fault("reason_by_sii", "references.0.reference_reason", message, warns=True)


def _counts(documento: Documento, capabilities: Capabilities) -> Iterator[Fault]:
    aduana = documento.transporte.aduana if documento.transporte else None
    packages = aduana.bultos if aduana else ()
    for each, most, code, path, what in (
        (documento.detalles, capabilities.max_lines, "detail_line_limit", "details", "líneas"),
        (documento.referencias, capabilities.max_references, "reference_limit", "references", "referencias"),
        (documento.pagos, capabilities.max_payments, "payment_limit", "header.payments", "pagos"),
        (packages, capabilities.max_packages, "package_limit", "export_data.packages", "tipos de bulto"),
    ):
        if len(each) > most:
            yield Fault(code, path, f"El documento tiene {len(each)} {what}; por esta vía caben {most}.")
