"""`timbre simulator`: the simulated tax office on its own."""

import click

from timbre.config import settings
from timbre.simulator.server import serve
from timbre.simulator.store import FolioBehaviour


@click.command(help="Levanta el SII simulado; guarda todo en TIMBRE_DATA_DIR/simulator.sqlite3.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, required=True)
@click.option(
    "--folios", type=click.Choice([b.value for b in FolioBehaviour]), default="sending", show_default=True
)
def command(host: str, port: int, folios: FolioBehaviour) -> None:
    serve(settings.DATA_DIR / "simulator.sqlite3", host=host, port=port, folios=folios)
