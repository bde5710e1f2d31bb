"""`timbre rotate-secret`: everything sealed under a new key, while Timbre serves. No secret is printed."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from timbre.accounts import audit, rotation
from timbre.accounts.rotation import Tally
from timbre.cli.presence import refuse_root
from timbre.config import secret_key
from timbre.enrolling.rekeying import mark_claves_anew

SETTLE = 25
"""Seconds after which no process still writes what it sealed before it saw the new key: waiting for SQLite's
one writer ends after 20.
"""
HOW = """TIMBRE_SECRET_KEY tiene una sola llave. Para cambiarla:
  1. crea otra (por ejemplo con «openssl rand -base64 48») y define TIMBRE_SECRET_KEY=nueva,antigua
  2. reinicia todos los procesos de Timbre, en todas las máquinas
  3. ejecuta de nuevo timbre rotate-secret
  4. deja solo la nueva y reinicia otra vez"""


@click.command(help="Cifra todo de nuevo con una llave nueva. Se puede interrumpir y repetir.")
@click.option("--stopped", is_flag=True, help="Timbre está detenido: no hace falta esperar a nadie.")
def command(*, stopped: bool) -> None:
    audit.act_as(audit.COMMAND_LINE)
    file: Path | None = settings.SECRET_KEY_FILE
    with ExitStack() as stack:
        if file is None and len(settings.SECRET_KEYS) < 2:
            raise click.ClickException(HOW)
        if file:
            refuse_root(file)
        if file and not stack.enter_context(secret_key.alone(file)):
            raise click.ClickException("otro timbre rotate-secret está en curso")
        if file:
            secret_key.add_new(file)
        tallies = _seal_until_nothing_is_left(0 if stopped or file is None else SETTLE)
        if file:
            secret_key.drop_old(file)
        _tell(tallies, file)


def _seal_until_nothing_is_left(settle: int) -> list[Tally]:
    """The sum of all passes; the last one, after ``settle`` seconds, had nothing to do."""
    done: dict[str, int] = {}
    while True:
        tallies = rotation.seal_all_anew()
        marked = mark_claves_anew()
        for each in tallies:
            done[each.column] = done.get(each.column, 0) + each.anew
        if settle:
            click.echo(f"Esperando {settle} s a quienes aún escriben con la llave antigua…", err=True)
            time.sleep(settle)
            settle = 0
        elif not marked and not any(each.anew for each in tallies):
            return [Tally(e.column, done[e.column], e.current - done[e.column], e.lost) for e in tallies]


def _tell(tallies: Sequence[Tally], file: Path | None) -> None:
    for each in tallies:
        lost = f", {each.lost} que ninguna llave abre" if each.lost else ""
        click.echo(f"{each.column}: {each.anew} cifrados de nuevo, {each.current} ya lo estaban{lost}")
    counted = {each.column: each.anew for each in tallies}
    audit.note(user_id=None, action="installation.secret_rotated", detail=counted, now=timezone.now())
    if file:
        click.echo(
            f"La llave nueva está en {file.name}; la antigua ya no abre nada. Reinicia Timbre cuando puedas: "
            "con eso terminan también las sesiones y los enlaces que firmó la antigua. Para restaurar un "
            "respaldo de antes hace falta la antigua: si los guardas, guárdala aparte con ellos."
        )
    else:
        click.echo("Ahora deja en TIMBRE_SECRET_KEY solo la primera llave y reinicia todos los procesos.")
