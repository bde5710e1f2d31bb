"""What a supervisor must know of the settings, told by a child so that it need not load them itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where Timbre listens and what it starts. ``simulator_url`` is empty when none was configured."""

    host: str
    port: int
    base_url: str
    workers: int
    simulator_url: str
    production: bool
