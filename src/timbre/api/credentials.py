"""/v2/credentials/: enrolling a company with a person's login, and looking after it (contract 2.3-2.7)."""

from typing import Annotated, Any, Required

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.api.answers import CredentialTold, EnrollmentStarted, EnrollmentTold, Page
from timbre.api.auth import scope_of
from timbre.api.entities import known_entity
from timbre.api.errors import respond
from timbre.api.fields import NotOffered, RutText, Secret, TextOrNumber, told_as
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import read_body, read_query
from timbre.api.shape import STRICT
from timbre.dte.rut import with_dots
from timbre.enrolling import enroll
from timbre.enrolling.models import Enrollment
from timbre.issuing.words import instant
from timbre.taxpayers.models import Credential

router = Router(tags=["Credenciales"])
CREDENTIAL_TYPE = {"id": 70, "name": "SII"}
_OURS = {"sii", "70"}
_OTHERS = {"sii_company", "certificate", "bank_chile", "bank_estado", "bank_santander", "bank_scotiabank"}


class CredentialAsked(TypedDict, total=False):
    """El acceso de una persona al SII, para emitir por una empresa."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: Required[str]
    user_rut: Required[RutText]
    password: Required[Secret]
    digital_certificate_password: Required[Secret]
    credential_type: Annotated[str, told_as(enum=["sii"])] | None
    credential_type_id: Annotated[TextOrNumber, WithJsonSchema({"enum": ["sii", "70", 70]})] | None
    digital_certificate_base64: NotOffered


class CredentialChange(TypedDict, total=False):
    """Lo que cambia; lo que no se envía queda igual."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    password: Secret | None
    digital_certificate_password: Secret | None
    default: bool | None


class CredentialQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: str


ASKED, CHANGE, QUERY = (
    TypeAdapter(CredentialAsked),
    TypeAdapter(CredentialChange),
    TypeAdapter(CredentialQuery),
)


@router.post(
    "/credentials/", summary="Crear credencial", **documented(body=ASKED, answers={202: EnrollmentStarted})
)
def create(request: HttpRequest) -> HttpResponse:
    """Enrola la empresa y prueba la clave en el SII, fuera de esta solicitud.

    Consulta el resultado en la dirección de Location, o espera el evento credential.validated o
    credential.invalid. Repetir mientras está pendiente devuelve el mismo enrolamiento.
    """
    asked, scope = read_body(request, ASKED), scope_of(request)
    _refuse_other_types(asked.values)
    enrollment = enroll.start(
        scope,
        entity=known_entity(scope, asked.values["master_entity_id"]),
        person_rut=asked.values["user_rut"],
        clave=asked.values["password"],
        certificate_password=asked.values["digital_certificate_password"],
        now=timezone.now(),
    )
    return _accepted(enrollment, asked.warnings)


@router.get(
    "/credentials/",
    summary="Listar credenciales",
    **documented(query=QUERY, answers={200: Page[CredentialTold]}),
)
def list_credentials(request: HttpRequest) -> HttpResponse:
    """Las credenciales activas, de todas las empresas o de una."""
    query = read_query(request, QUERY)
    rows = _credentials(scope_of(request)).filter(deactivated_at=None).order_by("-created_at", "pk")
    if "master_entity_id" in query:
        rows = rows.filter(company__entity_id=query["master_entity_id"])
    return respond(page_of(request, rows, query, lambda found: [present(each) for each in found]))


@router.get(
    "/credentials/enrollments/{enrollment_id}/",
    summary="Resultado de un enrolamiento",
    **documented(answers={200: EnrollmentTold}),
)
def read_enrollment(request: HttpRequest, enrollment_id: str) -> HttpResponse:
    """pending, valid, invalid (el SII rechazó el acceso) o error (no se pudo preguntar)."""
    found = Enrollment.within(scope_of(request)).filter(pk=enrollment_id)
    enrollment = found.select_related("credential__company__entity").first()
    if enrollment is None:
        raise NotFound("un enrolamiento", enrollment_id)
    return respond(_enrollment(enrollment))


@router.get(
    "/credentials/{credential_id}/", summary="Ver credencial", **documented(answers={200: CredentialTold})
)
def read(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Una credencial. Las claves nunca se devuelven."""
    return respond(present(_find(scope_of(request), credential_id)))


@router.patch(
    "/credentials/{credential_id}/",
    summary="Cambiar clave o dejar por defecto",
    **documented(body=CHANGE, answers={200: CredentialTold, 202: EnrollmentStarted}),
)
def change(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Una clave nueva se prueba en el SII (202, como al crear); default: true la elige para emitir (200)."""
    credential, asked = _find(scope_of(request), credential_id), read_body(request, CHANGE)
    if asked.values.get("default") is False:
        message = "Para dejar de usarla por defecto, marca otra con default: true."
        raise Rejection("parameter_invalid", message, param="default")
    clave = asked.values.get("password")
    certificate_password = asked.values.get("digital_certificate_password")
    enrollment = None
    if clave or certificate_password:
        enrollment = enroll.change(
            credential, clave=clave, certificate_password=certificate_password, now=timezone.now()
        )
    if asked.values.get("default"):
        enroll.make_default(credential, now=timezone.now())
    if enrollment:
        return _accepted(enrollment, asked.warnings)
    return respond(present(credential) | ({"warnings": asked.warnings} if asked.warnings else {}))


@router.delete(
    "/credentials/{credential_id}/", summary="Retirar credencial o empresa", **documented(answers={204: None})
)
def delete(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Con un id cred_ olvida esa credencial; con uno ment_ desenrola la empresa y olvida todas."""
    scope, now = scope_of(request), timezone.now()
    if credential_id.startswith("ment_"):
        enroll.unenroll(scope, credential_id, now=now)
    else:
        enroll.deactivate(_find(scope, credential_id), now=now)
    return HttpResponse(status=204)


def present(credential: Credential) -> dict[str, Any]:
    """A credential in the API's words; never its secrets."""
    entity = credential.company.entity
    return {
        "id": credential.pk,
        "user": credential.person_rut,
        "credential_type": CREDENTIAL_TYPE,
        "created_at": instant(credential.created_at),
        "verified_at": instant(credential.verified_at) if credential.verified_at else None,
        "status": credential.status,
        "reason": credential.reason or None,
        "is_default": credential.is_default,
        "master_entity": {"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)},
        "master_entities": [{"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)}],
    }


def _accepted(enrollment: Enrollment, warnings: list[dict[str, Any]]) -> HttpResponse:
    told: dict[str, Any] = {
        "enrollment_id": enrollment.pk,
        "status": enrollment.status,
        "user_rut": enrollment.credential.person_rut,
        "credential": None,
        "message": "Estamos probando la clave en el SII. El resultado llega por webhook o en Location.",
    }
    response = respond(told | ({"warnings": warnings} if warnings else {}), 202)
    response["Location"] = f"/v2/credentials/enrollments/{enrollment.pk}/"
    return response


def _enrollment(enrollment: Enrollment) -> dict[str, Any]:
    credential = enrollment.credential
    valid = enrollment.status == Enrollment.Status.VALID
    return {
        "enrollment_id": enrollment.pk,
        "status": enrollment.status,
        "user_rut": credential.person_rut,
        "error": {"code": enrollment.error_code, "message": enrollment.error}
        if enrollment.error_code
        else None,
        "credential": present(credential) if valid else None,
        "credential_id": credential.pk,
        "master_entity_id": credential.company.entity_id,
        "created_at": instant(enrollment.created_at),
        "finished_at": instant(enrollment.finished_at) if enrollment.finished_at else None,
    }


def _refuse_other_types(asked: dict[str, Any]) -> None:
    for field in ("credential_type", "credential_type_id"):
        kind = str(asked.get(field, "sii")).lower()
        if kind in _OURS:
            continue
        known = kind in _OTHERS or kind.isdigit()
        code = "not_available" if known else "parameter_invalid"
        raise Rejection(code, f"El tipo «{kind[:40]}» no se ofrece: usa «sii».", param=field)


def _credentials(scope: Scope) -> Any:
    return Credential.within(scope).select_related("company__entity")


def _find(scope: Scope, credential_id: str) -> Credential:
    credential: Credential | None = _credentials(scope).filter(pk=credential_id, deactivated_at=None).first()
    if credential is None:
        raise NotFound("una credencial", credential_id)
    return credential
