"""`timbre people`: users from the terminal, for installations without a mail server."""

import click
from django.utils import timezone

from timbre.accounts import audit
from timbre.accounts.models import User
from timbre.accounts.people import normal
from timbre.platform.account.letters import link_for


@click.group(help="Lista usuarios y da enlaces para elegir contraseña.")
def command() -> None: ...


@command.command("list", help="Muestra los usuarios: correo, desde cuándo y si tienen contraseña.")
def list_people() -> None:
    for user in User.objects.order_by("created_at"):
        password = "con contraseña" if user.has_usable_password() else "sin contraseña"
        click.echo(f"{user.email}  {user.created_at:%Y-%m-%d}  {password}")


@command.command(help="Muestra un enlace para elegir contraseña: sirve una vez, durante una hora.")
@click.option("--email", required=True)
def link(email: str) -> None:
    user = User.objects.filter(email=normal(email)).first()
    if user is None:
        raise click.ClickException(f"no hay un usuario {email}")
    now = timezone.now()
    audit.note(user_id=user.pk, action="account.link_made", actor=audit.COMMAND_LINE, now=now)
    click.echo(link_for(user, now=now))
