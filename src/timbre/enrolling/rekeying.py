"""After a rotation of TIMBRE_SECRET_KEY: which claves are equal is known by keyed marks, made anew here."""

from django.db import transaction

from timbre.accounts import vault
from timbre.enrolling.models import Enrollment
from timbre.taxpayers.models import Credential
from timbre.work.models import Lane


def mark_claves_anew() -> int:
    """Rows whose mark of a clave is by the newest key now and was not before.

    Only marks of claves that some credential still holds: of one that was refused and replaced nothing is
    kept but the mark, so that for the rest of an hour Timbre would not recognise it.
    """
    return sum(_mark_anew(credential) for credential in Credential.holding_a_clave())


def _mark_anew(credential: Credential) -> int:
    try:
        newest, *older = vault.fingerprints(credential.lane_id, credential.login().clave)
    except vault.Unopenable:
        return 0
    lane = credential.lane_id
    with transaction.atomic():
        tried = Enrollment.objects.filter(lane=lane, clave_fingerprint__in=older)
        session = Lane.objects.filter(pk=lane, session_owner__in=older)
        return (
            session.update(session_owner=newest)
            + credential.mark_clave(newest, older)
            + tried.update(clave_fingerprint=newest)
        )
