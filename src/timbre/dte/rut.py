"""RUT: Chile's tax id, digits plus a check digit (modulo 11), written ``76543210-3`` in every XML."""

import re

from cl_sii.rut import Rut

from timbre.dte.errors import InvalidRut

_UNHYPHENED = re.compile(r"[\d.]+[\dkK]", re.ASCII)


def parse_rut(text: str) -> str:
    """The canonical RUT (``76543210-3``: no dots, upper-case K), its check digit verified.

    Accepts dots and blanks around. Raises InvalidRut, whose text is Spanish and names the fault.
    """
    try:
        rut = Rut(text.strip())
    except (ValueError, TypeError) as error:
        raise InvalidRut(f"«{text}» no es un RUT: se escribe 76543210-3.") from error
    expected = check_digit(int(rut.digits))
    if rut.dv.upper() != expected:
        raise InvalidRut(f"El dígito verificador de {rut.canonical} es incorrecto: debería ser {expected}.")
    return f"{int(rut.digits)}-{expected}"


def with_hyphen(text: str) -> str:
    """A RUT that was typed without its hyphen, with it; all else as it is."""
    typed = text.strip()
    return f"{typed[:-1]}-{typed[-1]}" if _UNHYPHENED.fullmatch(typed) else text


def check_digit(body: int) -> str:
    """The modulo-11 check digit (``0``-``9`` or ``K``) of a RUT's digits."""
    return str(Rut.calc_dv(str(body))).upper()


def with_dots(rut: str) -> str:
    """``76543210-3`` as people read it: ``76.543.210-3``."""
    return str(Rut(rut).verbose)


def split_rut(rut: str) -> tuple[str, str]:
    """``76543210-3`` as the portal's forms want it: ``("76543210", "3")``."""
    body, dv = rut.split("-")
    return body, dv
