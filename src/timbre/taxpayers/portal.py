"""A portal gateway opened with one credential, its session kept on the credential's lane."""

import json
from collections.abc import Mapping

from django.conf import settings

from timbre.accounts import vault
from timbre.sii.gateway import Refused
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport
from timbre.taxpayers.models import Credential
from timbre.work.environments import Environment
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS


class LoginRefused(Exception):
    """The SII does not let a credential do its work: it has to be stopped before anything else is tried."""

    def __init__(self, credential: Credential, refused: Refused) -> None:
        super().__init__(str(refused))
        self.credential, self.refused = credential, refused


class LaneJar:
    """The SII session of a lane, encrypted on its row.

    A session opened with one clave is never lent to a credential that holds another: whoever typed a wrong
    clave for this person must not issue on somebody else's log-in.
    """

    def __init__(self, lane: Lane, owner: str) -> None:
        self._lane, self._owner = lane, owner

    def load(self) -> dict[str, str]:
        return self._open() if self._lane.session_owner == self._owner else {}

    def left_behind(self) -> dict[str, str]:
        return self._open() if self._lane.session_owner != self._owner else {}

    def save(self, cookies: Mapping[str, str]) -> None:
        self._lane.session = vault.seal(json.dumps(dict(cookies)), place=self._place)
        self._lane.session_owner = self._owner
        mine = Lane.objects.filter(pk=self._lane.pk, token=self._lane.token)
        mine.update(session=self._lane.session, session_owner=self._owner)

    def _open(self) -> dict[str, str]:
        if not self._lane.session:
            return {}
        try:
            return dict(json.loads(vault.unseal(self._lane.session, place=self._place)))
        except vault.Unopenable:
            return {}

    @property
    def _place(self) -> str:
        return f"lane/{self._lane.pk}/session"


def open_portal(credential: Credential, lane: Lane, scenario: str = "") -> PortalGateway:
    """The portal as this credential's person, through the transport of the lane.

    ``scenario`` is what the simulator is told with every request, in sandbox alone.
    """
    return PortalGateway(
        _transport(lane.pk, lane.environment),
        credential.login(),
        LaneJar(lane, credential.clave_fingerprint),
        scenario if lane.environment == Environment.SANDBOX else "",
    )


_transports: dict[str, Transport] = {}


def _transport(lane_id: str, environment: str) -> Transport:
    """One per lane and process: it keeps the connections, and the pace the SII is owed by one session."""
    if lane_id not in _transports:
        timing = TIMINGS[environment]
        _transports[lane_id] = Transport(
            settings.SIMULATOR_URL if environment == Environment.SANDBOX else None,
            production=settings.PRODUCTION,
            pace=timing.pace.total_seconds(),
            issue_deadline=timing.send_deadline.total_seconds(),
        )
    return _transports[lane_id]


def hang_up() -> None:
    """Closes the connections to the SII that this process keeps."""
    while _transports:
        _, transport = _transports.popitem()
        transport.close()
