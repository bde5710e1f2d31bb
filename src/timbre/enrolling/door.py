"""The door to production (design 2.10): open on this installation, and acknowledged for each company."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.dte.rut import with_dots
from timbre.enrolling.models import Acknowledgement
from timbre.taxpayers.models import MasterEntity
from timbre.work.environments import Environment

CLOSED = (
    "Producción está cerrada en esta instalación de Timbre. Quien la opera la abre con TIMBRE_PRODUCTION=on."
)
WARNINGS = (
    "Timbre nunca se ha usado contra el SII verdadero: todo lo que hace se ha probado solo con su simulador.",
    "Si un programa puede usar el portal del SII en nombre de una persona es una pregunta legal abierta.",
    (
        "La clave tributaria y la del certificado se guardan cifradas. Quien tenga la base de datos y la "
        "llave de cifrado de esta instalación puede abrirlas."
    ),
    "Cada documento que se emita en producción es un documento tributario verdadero y queda en el SII.",
)
STATEMENTS = {
    "risks": "Leí lo anterior y asumo el riesgo de usar Timbre con el SII verdadero.",
    "mandate": "El contribuyente me encargó emitir por él con este programa.",
    "terms": "Acepto los términos del SII para su portal y respondo de cumplirlos.",
}
"""What a person has to tick, one by one."""


def text_for(entity: MasterEntity) -> str:
    """What the screen says for this company, word by word: warnings and statements."""
    company = f"{entity.name or 'Empresa'}, RUT {with_dots(entity.rut)}, entra a producción."
    return "\n".join([company, *WARNINGS, *STATEMENTS.values()])


def acknowledge(
    scope: Scope,
    entity: MasterEntity,
    *,
    ticked: Collection[str],
    email: str,
    address: str,
    now: datetime,
) -> Acknowledgement:
    """Records a person's word for a company. Raises Rejection for a statement not ticked, or a shut door."""
    refuse_if_shut()
    missing = next((name for name in STATEMENTS if name not in ticked), None)
    if missing:
        message = "Marca cada una de las declaraciones para entrar a producción."
        raise Rejection("production_not_acknowledged", message, status=403, param=missing)
    with transaction.atomic():
        audit.tell(scope, "production.acknowledged", entity.pk, now=now)
        return Acknowledgement.objects.create(
            user_id=scope.user_id,
            environment=Environment.PRODUCTION,
            entity=entity,
            at=now,
            email=email,
            address=address[:45],
            text=text_for(entity),
        )


def acknowledged(scope: Scope, entity: MasterEntity) -> bool:
    """Whether this user has given the word for this company."""
    return Acknowledgement.within(scope).filter(entity=entity).exists()


def refuse_if_shut() -> None:
    """Raises Rejection while this installation does not speak to the true SII."""
    if not settings.PRODUCTION:
        raise Rejection("not_available", CLOSED, param="master_entity_id")


def pass_through(scope: Scope, entity: MasterEntity) -> None:
    """Lets a company be enrolled: always in sandbox. Raises Rejection else, and says who must do what."""
    if scope.environment != Environment.PRODUCTION:
        return
    refuse_if_shut()
    if not acknowledged(scope, entity):
        raise Rejection(
            "production_not_acknowledged",
            "Antes de enrolar esta empresa en producción, una persona debe hacer el reconocimiento expreso "
            "en la plataforma: Producción, Empresas, Enrolar.",
            status=403,
            param="master_entity_id",
        )
