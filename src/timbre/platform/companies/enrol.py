"""Enrolling: the RUT, in production a person's word, and the credential. One address a step."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from timbre.accounts.addresses import client_address
from timbre.accounts.errors import Rejection
from timbre.enrolling import door, enroll
from timbre.platform.companies.credentials import CertificatePassword, Clave
from timbre.platform.companies.rows import name_of
from timbre.platform.companies.views import is_shut
from timbre.platform.forms import RutField, blame
from timbre.platform.frame import ScreenRequest, address, screen, show
from timbre.taxpayers.lookups import find
from timbre.taxpayers.models import MasterEntity
from timbre.work.environments import Environment


class WhichForm(forms.Form):
    """The company's RUT."""

    rut = RutField(label="RUT de la empresa", help_text="La que emitirá. Por ejemplo 76.543.210-3.")


class LoginForm(forms.Form):
    """A person's access to the SII for a company. Secrets are never shown again, not even after a fault."""

    person_rut = RutField(
        label="RUT de la persona",
        help_text="Quien entra a sii.cl y está autorizado a emitir por la empresa en el portal de "
        "facturación gratuita. No es el RUT de la empresa.",
    )
    clave = Clave(
        help_text="La que esta persona usa para entrar a sii.cl. Se guarda cifrada y no se muestra más."
    )
    certificate_password = CertificatePassword(
        help_text="La que pide sii.cl al firmar con el certificado digital centralizado de esta persona "
        "(«Certificado digital» en sii.cl). También se guarda cifrada."
    )


class WordForm(forms.Form):
    """The statements of the door to production, to be ticked one by one."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, said in door.STATEMENTS.items():
            missing = {"required": "Sin marcar esto no se puede entrar a producción."}
            self.fields[name] = forms.BooleanField(label=said, error_messages=missing)


@require_http_methods(["GET", "POST"])
@screen
def enrol(request: ScreenRequest) -> HttpResponse:
    """Step 1 asks for the RUT; with ``?rut=`` step 2 shows the company and asks for the credential."""
    if is_shut(request):
        return show(request, "companies/shut.html", {"said": door.CLOSED})
    if request.method == "POST":
        return _start(request)
    which = WhichForm(request.GET if "rut" in request.GET else None)
    entity = _find(request, which)
    if entity is None:
        return show(request, "companies/which.html", {"form": which})
    if _needs_word(request, entity):
        return HttpResponseRedirect(_step(request, "companies-acknowledge", entity))
    return _ask_login(request, entity, LoginForm())


@require_http_methods(["GET", "POST"])
@screen
def acknowledge(request: ScreenRequest) -> HttpResponse:
    """Production alone: what has to be known, and a person's word, recorded."""
    entity = _held(request)
    if is_shut(request) or entity is None or not _needs_word(request, entity):
        to = address(request, "companies-enrol")
        return HttpResponseRedirect(_step(request, "companies-enrol", entity) if entity else to)
    form = WordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        door.acknowledge(
            request.scope,
            entity,
            ticked=[name for name, ticked in form.cleaned_data.items() if ticked],
            email=request.user.email,
            address=client_address(request),
            now=timezone.now(),
        )
        return HttpResponseRedirect(_step(request, "companies-enrol", entity))
    context = {"form": form, "entity": entity, "name": name_of(entity), "warnings": door.WARNINGS}
    return show(request, "companies/word.html", context)


def _find(request: ScreenRequest, which: WhichForm) -> MasterEntity | None:
    """The company asked for; None when there is none, and the form says why."""
    if not which.is_valid():
        return None
    try:
        return find(request.scope, which.cleaned_data["rut"], now=timezone.now())
    except Rejection as rejection:
        held = _held(request)
        if rejection.code == "sii_unavailable" and held:
            # No reason to keep somebody out: the log-in will tell the rest.
            messages.warning(
                request, "El SII no respondió a tiempo. Puedes seguir: los datos llegan después."
            )
            return held
        blame(which, rejection)
        return None


def _held(request: ScreenRequest) -> MasterEntity | None:
    """The company of the step before, which looked it up."""
    which = WhichForm(request.GET)
    if not which.is_valid():
        return None
    held = MasterEntity.objects.filter(environment=request.frame.environment)
    return held.filter(rut=which.cleaned_data["rut"]).first()


def _start(request: ScreenRequest) -> HttpResponse:
    entity, form = _held(request), LoginForm(request.POST)
    if entity is None:
        return HttpResponseRedirect(address(request, "companies-enrol"))
    if form.is_valid():
        try:
            tried = enroll.start(request.scope, entity=entity, **form.cleaned_data, now=timezone.now())
        except Rejection as rejection:
            blame(form, rejection, {"password": "clave"})
        else:
            company_id = tried.credential.company_id
            return HttpResponseRedirect(address(request, "companies-one", company_id=company_id))
    return _ask_login(request, entity, form)


def _ask_login(request: ScreenRequest, entity: MasterEntity, form: LoginForm) -> HttpResponse:
    context = {
        "form": form,
        "entity": entity,
        "name": name_of(entity),
        "addresses": list(entity.addresses.all()),
        "activities": list(entity.activities.all()),
    }
    return show(request, "companies/login.html", context)


def _needs_word(request: ScreenRequest, entity: MasterEntity) -> bool:
    in_production = request.frame.environment == Environment.PRODUCTION
    return in_production and not door.acknowledged(request.scope, entity)


def _step(request: ScreenRequest, name: str, entity: MasterEntity) -> str:
    to = reverse(name, kwargs={"environment": request.frame.environment})
    return f"{to}?{urlencode({'rut': entity.rut})}"
