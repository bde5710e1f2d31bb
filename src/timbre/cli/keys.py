"""`timbre keys`: API keys from the terminal."""

from datetime import timedelta

import click
from django.utils import timezone

from timbre.accounts import audit, keys
from timbre.accounts.models import ApiKey, KeyScope, User
from timbre.accounts.scope import Scope
from timbre.work.environments import Environment

ENVIRONMENT = click.Choice([environment.value for environment in Environment])


@click.group(help="Crea, lista y revoca claves de la API.")
def command() -> None:
    audit.act_as(audit.COMMAND_LINE)


@command.command(help="Crea una clave y la muestra: es la única vez que se ve. Crea al usuario si es nuevo.")
@click.option("--email", required=True)
@click.option("--environment", type=ENVIRONMENT, required=True)
@click.option("--name", default="", help="Para reconocerla en la lista.")
@click.option("--lenient", is_flag=True, help="Avisa de campos desconocidos en vez de rechazar el lote.")
@click.option(
    "--scopes", default=",".join(KeyScope.values), show_default=True, help="Lo que puede, separado por comas."
)
@click.option("--expires-days", type=click.IntRange(1, 3650), help="Días hasta que vence; sin esto, nunca.")
def create(
    email: str, environment: str, name: str, scopes: str, expires_days: int | None, *, lenient: bool
) -> None:
    asked = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    if not asked or set(asked) - set(KeyScope.values):
        raise click.BadParameter(f"elige entre {', '.join(KeyScope.values)}", param_hint="--scopes")
    now = timezone.now()
    expires_at = now + timedelta(days=expires_days) if expires_days else None
    _, text = keys.create(
        User.objects.named(email),
        Environment(environment),
        name=name,
        lenient=lenient,
        scopes=[scope for scope in KeyScope.values if scope in asked],
        expires_at=expires_at,
        now=now,
    )
    click.echo(text)


@command.command("list", help="Muestra las claves de un usuario, nunca su texto.")
@click.option("--email", required=True)
def list_keys(email: str) -> None:
    now = timezone.now()
    for environment in Environment:
        for key in ApiKey.within(_scope(email, environment)).order_by("created_at"):
            state = "revocada" if key.revoked_at else "vencida" if key.has_expired(now) else "activa"
            until = f"hasta {key.expires_at:%Y-%m-%d}" if key.expires_at else "sin vencimiento"
            scopes = ",".join(key.scopes)
            click.echo(
                f"{key.id}  {key}  {environment.value}  {state}  {scopes}  {until}  {key.name}".rstrip()
            )


@command.command(help="Revoca una clave por su identificador (akey_…), desde ya.")
@click.option("--email", required=True)
@click.argument("key_id")
def revoke(email: str, key_id: str) -> None:
    for environment in Environment:
        for key in ApiKey.within(_scope(email, environment)).filter(pk=key_id):
            keys.revoke(key, now=timezone.now())
            click.echo(f"{key.id} revocada")
            return
    raise click.ClickException(f"{email} no tiene la clave {key_id}")


def _scope(email: str, environment: Environment) -> Scope:
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise click.ClickException(f"no hay un usuario {email}")
    return Scope(user.pk, environment)
