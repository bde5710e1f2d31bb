"""The environment is part of a screen's address, so that it can never change behind somebody's back."""

from timbre.work.environments import Environment

SLUGS = {Environment.SANDBOX: "sandbox", Environment.PRODUCTION: "produccion"}
_BY_SLUG = {slug: environment for environment, slug in SLUGS.items()}


class EnvironmentConverter:
    """``/sandbox/…`` and ``/produccion/…``; anything else is no address of ours."""

    regex = "sandbox|produccion"

    def to_python(self, value: str) -> Environment:
        return _BY_SLUG[value]

    def to_url(self, value: str) -> str:
        return SLUGS[Environment(value)]
