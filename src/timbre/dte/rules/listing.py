"""What the free portal cannot carry, as rules for whoever issues by it."""

from collections.abc import Iterator

from timbre.dte.codes import TipoDte
from timbre.dte.rules.features import FEATURES
from timbre.dte.rules.gateways import Capabilities
from timbre.dte.rules.rule import EVERY, Listed

_FORM = "Formulario del portal del SII"


def listed(capabilities: Capabilities) -> tuple[Listed, ...]:
    """One for each thing that a document may ask for and this way refuses by name."""
    issued = capabilities.types
    codes = ", ".join(str(tipo.value) for tipo in sorted(issued))
    others = f"Por el portal gratuito se emiten los tipos {codes}; los demás, solo como borrador."
    return (
        _rule("dte_type_not_available", others, EVERY - issued),
        *(_rule(code, f"Por el portal gratuito {says}", issued) for code, says in _limits(capabilities)),
        *(
            _rule(each.code, f"Por el portal gratuito no se puede. {each.fix}", issued)
            for each in FEATURES.values()
            if each.code in capabilities.lacks
        ),
    )


def _limits(capabilities: Capabilities) -> Iterator[tuple[str, str]]:
    """Code and words of each measure in which this way is narrower than the SII's format."""
    yield "detail_line_limit", f"caben {capabilities.max_lines} líneas."
    yield "reference_limit", f"caben {capabilities.max_references} referencias."
    yield "payment_limit", f"caben {capabilities.max_payments} pagos."
    yield "package_limit", f"caben {capabilities.max_packages} tipos de bulto."
    email, phone = capabilities.longest_email, capabilities.longest_phone
    yield "field_too_long", f"caben {email} caracteres del correo del emisor y {phone} de su teléfono."
    yield "date_out_of_range", f"las referencias son desde {capabilities.oldest_reference}."


def _rule(code: str, says: str, types: frozenset[TipoDte]) -> Listed:
    return Listed(name=f"portal.{code}", code=code, says=says, source=_FORM, types=types)
