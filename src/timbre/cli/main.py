"""The `timbre` command. Commands are loaded when they are called: the supervisor never pays for Django."""

import importlib
import os
import signal

import click
import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from timbre.cli.lifeline import die_with
from timbre.cli.presence import attend

COMMANDS = {
    "serve": "Levanta todo: API, workers y el SII simulado.",
    "web": "Atiende la API.",
    "worker": "Emite documentos y entrega webhooks.",
    "simulator": "Levanta el SII simulado.",
    "migrate": "Pone la base de datos al día.",
    "keys": "Crea, lista y revoca claves de la API.",
    "people": "Lista usuarios y da enlaces para elegir contraseña.",
    "backup": "Respalda la base de datos mientras atiende.",
    "restore": "Restaura un respaldo; nada se emite hasta comparar con el SII.",
    "rotate-secret": "Cifra todo de nuevo con una llave nueva.",
    "demo": "Emite doce facturas de ejemplo de punta a punta.",
    "verify": "Revisa archivos XML de documentos tributarios, propios o ajenos.",
    "bench": "Mide esta instalación y dice en qué máquina.",
}
HIDDEN = {"screens_filled"}
"""Commands that commands start, and nobody types."""
NEED_DJANGO = {"worker", "migrate", "keys", "people", "backup", "restore", "rotate-secret", *HIDDEN}


class Commands(click.Group):
    """One module of this package per command; its click command is called ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in {*COMMANDS, *HIDDEN}:
            return None
        if cmd_name in NEED_DJANGO:
            _set_up(cmd_name)
            if cmd_name != "restore":
                attend(settings.DATA_DIR)
        module = cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"timbre.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """From the table above: asking for help loads nothing and creates no data dir."""
        with formatter.section("Comandos"):
            formatter.write_dl(list(COMMANDS.items()))


def _set_up(cmd_name: str) -> None:
    """Loads settings and models. What is wrong with a setting or the data dir is told in a line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "timbre.config.settings")
    if cmd_name == "restore":  # it moves every open document: its summary is what a person reads
        os.environ.setdefault("TIMBRE_LOG_LEVEL", "warning")
    try:
        django.setup()
    except ImproperlyConfigured as wrong:
        raise click.ClickException(str(wrong)) from None
    except OSError as refused:
        hint = "¿es TIMBRE_DATA_DIR el de la instalación, y este su usuario (sudo -u)?"
        raise click.ClickException(
            f"no se puede usar {refused.filename}: {refused.strerror}; {hint}"
        ) from None


def _obey(_ctx: click.Context, _option: click.Parameter, parent: int | None) -> None:
    """Before anything is loaded: what this process writes is its user's alone (documents, keys, the simulated
    SII's private keys), and the process belongs to the one that started it.
    """
    os.umask(0o077)
    if parent is not None:
        die_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])


@click.command(cls=Commands)
@click.option("--parent", type=int, hidden=True, is_eager=True, expose_value=False, callback=_obey)
@click.version_option(package_name="timbre")
def main() -> None:
    """Timbre: emite documentos tributarios en lotes y entrega XML y PDF por webhook."""
