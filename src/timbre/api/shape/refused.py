"""Fields of the published API that Timbre refuses by name: nothing is accepted and ignored."""

from typing import Any

from timbre.api.fields import wrong
from timbre.api.shape.codes import Leaf


def instead(advice: str, code: str = "not_available") -> Leaf:
    """A field that is always refused, with what to do. Null, false and empty ask for nothing: they may be."""
    said = f"Este campo no se ofrece: {advice}."

    def read(value: Any) -> None:
        if value not in (None, False, [], {}, ""):
            raise wrong(code, f"{said} Nada se acepta para ignorarlo.")

    return Leaf(read, {"type": "null", "description": said})


FEES = instead("es de las boletas de honorarios (80 y 90), que no se emiten aquí; quítalo")
FOLIO = instead("el folio lo asigna el SII al emitir; quítalo")
CURRENCY = instead("la moneda de una exportación va en export_data.currency_code; quítalo")
CURRENCY_DAY = instead("escribe el tipo de cambio del día en exchange_rate")
COUNTRY = instead("usa nationality_code, o export_data.receiver_country_code")
TIMBER = instead(
    "el formato del DTE no tiene dónde poner el origen de la madera; escríbelo en item_description",
    code="timber_not_available",
)
