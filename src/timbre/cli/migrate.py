"""`timbre migrate`: brings the database to the present shape and says how Timbre is configured."""

import json
from dataclasses import asdict

import click
from django.conf import settings
from django.core.management import call_command

from timbre.api.metrics import forget_the_dead
from timbre.cli.plan import Plan


@click.command(help="Pone la base de datos al día e informa la configuración en JSON.")
def command() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    forget_the_dead()
    plan = Plan(
        host=settings.HOST,
        port=settings.PORT,
        base_url=settings.BASE_URL,
        workers=settings.WORKERS,
        simulator_url=settings.SIMULATOR_URL,
        production=settings.PRODUCTION,
    )
    click.echo(json.dumps(asdict(plan)))
