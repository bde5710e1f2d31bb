"""What a company's documents say unless told otherwise: chosen by its user, of what the SII has on file."""

from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.dte.codes import FormaPago
from timbre.dte.errors import NotLatin1
from timbre.dte.text import to_latin1
from timbre.taxpayers.models import Activity, Address, Company

MAX_EMAIL, MAX_PHONE = 30, 14
"""Characters that the portal's form has for the issuer's e-mail and phone."""
MOST_TOLD = 10
"""Options that one message names."""


class Defaults(TypedDict, total=False):
    """What to set; None or an empty text clears it, what is not named stays."""

    address_id: str | None
    activity_id: str | None
    email: str | None
    phone: str | None
    payment_method: str | None


def set_defaults(company: Company, **given: Unpack[Defaults]) -> None:
    """Sets a company's defaults, all or none of them. Raises Rejection with ``param``, the name of the fault.

    Documents already accepted keep what they have.
    """
    columns = {name: _READ[name](company, str(value or "")) for name, value in given.items()}
    with transaction.atomic():
        Company.objects.filter(pk=company.pk).update(**columns)
        scope, now = company.scope, timezone.now()
        audit.tell(scope, "company.defaults_changed", company.pk, now=now, changed=sorted(columns))
    company.refresh_from_db()


def _address(company: Company, address_id: str) -> str | None:
    options = Address.objects.filter(entity=company.entity_id)
    return _chosen(address_id, options, "address_id_unknown", "address_id")


def _activity(company: Company, activity_id: str) -> str | None:
    options = Activity.objects.filter(entity=company.entity_id)
    return _chosen(activity_id, options, "activity_id_unknown", "activity_id")


def _chosen(pk: str, options: QuerySet[Address] | QuerySet[Activity], code: str, param: str) -> str | None:
    """An id among those on file of the company. The SII may have dropped it since it was shown."""
    if pk and pk not in {each.pk for each in options}:
        told = "; ".join(f"{each.pk} ({each})" for each in options[:MOST_TOLD]) or "ninguna todavía"
        message = f"Ese id no está entre los que el SII tiene registrados para la empresa. Opciones: {told}."
        raise Rejection(code, message, status=422, param=param)
    return pk or None


def _email(_: Company, value: str) -> str:
    email = _latin1(value, "email")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            message = "Debe ser un correo como ventas@empresa.cl."
            raise Rejection("parameter_invalid", message, param="email") from None
    return _fitting(email, MAX_EMAIL, "email")


def _phone(_: Company, value: str) -> str:
    phone = _latin1(value, "phone")
    return _fitting(phone if len(phone) <= MAX_PHONE else "".join(phone.split()), MAX_PHONE, "phone")


def _payment_method(_: Company, value: str) -> str:
    if value and value not in {str(each.value) for each in FormaPago}:
        message = "Debe ser 1 (contado), 2 (crédito) o 3 (sin costo)."
        raise Rejection("parameter_invalid", message, param="payment_method")
    return value


def _latin1(value: str, param: str) -> str:
    try:
        return to_latin1(value)
    except NotLatin1 as error:
        message = f"Tiene caracteres que el SII no admite: {error.characters}. Quítalos o reemplázalos."
        raise Rejection("text_not_latin1", message, status=422, param=param) from None


def _fitting(value: str, longest: int, param: str) -> str:
    if len(value) > longest:
        message = f"Tiene {len(value)} caracteres; el formulario del portal del SII admite {longest}."
        raise Rejection("field_too_long", message, status=422, param=param)
    return value


_READ = {
    "address_id": _address,
    "activity_id": _activity,
    "email": _email,
    "phone": _phone,
    "payment_method": _payment_method,
}
