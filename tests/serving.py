"""The real simulator over HTTP on a loopback port, for any test that needs a tax office."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from timbre.simulator.server import make_server
from timbre.simulator.store import FolioBehaviour, Store

STORE_NAME = "simulator.sqlite3"


@dataclass(frozen=True, slots=True)
class Served:
    """Where the simulator listens, and the very store it writes."""

    origin: str
    store: Store


@contextmanager
def serve_simulator(
    tmp_path: Path, *, folios: FolioBehaviour = FolioBehaviour.SENDING, session_limit: int = 10
) -> Iterator[Served]:
    """Serves until the block ends."""
    path = tmp_path / STORE_NAME
    server = make_server(path, folios=folios, session_limit=session_limit)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.port}", Store(path, folios))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
