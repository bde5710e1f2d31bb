"""The defaults of a company fit the form they will be typed into."""

from timbre.sii.portal import parties
from timbre.taxpayers import defaults


def test_what_the_portal_s_form_has_no_room_for_is_refused_here_already() -> None:
    assert (defaults.MAX_EMAIL, defaults.MAX_PHONE) == (parties._CORREO, parties._TELEFONO)
