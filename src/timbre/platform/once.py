"""A secret on its way to the one page that shows it: sealed in the session, and gone once shown."""

from timbre.accounts.vault import Unopenable, seal, unseal
from timbre.platform.frame import ScreenRequest


def keep(request: ScreenRequest, of: str, secret: str) -> None:
    """Until ``take`` is asked for the secret of this row (its id)."""
    request.session[_place(of)] = seal(secret, place=_place(of))


def take(request: ScreenRequest, of: str) -> str:
    """The secret, this once; empty when there is none to show."""
    sealed = request.session.pop(_place(of), "")
    try:
        return unseal(sealed, place=_place(of))
    except Unopenable:
        return ""


def _place(of: str) -> str:
    return f"session/{of}"
