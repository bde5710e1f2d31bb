"""Companies of fictitious taxpayers, enrolled without asking anybody."""

from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company, MasterEntity


def enrol(scope: Scope, rut: str = "76543210-3", name: str = "Panadería Ñandú SpA") -> Company:
    """The scope's company of this RUT; the master entity is shared, as it is in use."""
    entity, _ = MasterEntity.objects.get_or_create(
        environment=scope.environment, rut=rut, defaults={"name": name}
    )
    company = Company(user_id=scope.user_id, environment=scope.environment, entity=entity)
    company.save()
    return company
