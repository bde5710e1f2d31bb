"""A credential's buttons: a new clave, the default, another try, its end."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from timbre.accounts.errors import NotFound, Rejection
from timbre.dte.rut import with_dots
from timbre.enrolling import enroll
from timbre.platform.companies.rows import name_of
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, address, confirm, do, screen, show
from timbre.taxpayers.models import Credential

MAX_SECRET = 200


class Secret(forms.CharField):
    """Taken as it is typed and never rendered again."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(max_length=MAX_SECRET, strip=False, widget=widget, **options)


class Clave(Secret):
    def __init__(self, **options: Any) -> None:
        super().__init__(label="Clave tributaria", **options)


class CertificatePassword(Secret):
    def __init__(self, **options: Any) -> None:
        super().__init__(label="Clave del certificado digital centralizado", **options)


class ChangeForm(forms.Form):
    """What is left empty stays as it is."""

    clave = Clave(required=False, help_text="Escríbela solo si cambió en sii.cl.")
    certificate_password = CertificatePassword(
        required=False, help_text="Escríbela solo si cambió. Se guarda cifrada y no se muestra más."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given.values()):
            raise forms.ValidationError("Escribe al menos una de las dos claves.")
        return given


@require_http_methods(["GET", "POST"])
@screen
def change(request: ScreenRequest, credential_id: str) -> HttpResponse:
    """Takes a new clave, or certificate password, and has the SII asked."""
    credential = _find(request, credential_id)
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: value or None for name, value in form.cleaned_data.items()}
        try:
            enroll.change(credential, **given, now=timezone.now())
        except Rejection as rejection:
            blame(form, rejection, {"password": "clave"})
        else:
            return HttpResponseRedirect(_back(request, credential))
    context = {"form": form, "credential": credential, "name": name_of(credential.company.entity)}
    return show(request, "companies/credential.html", context)


@require_POST
@screen
def choose(request: ScreenRequest, credential_id: str) -> HttpResponse:
    """The company's documents are issued with this one."""
    credential = _find(request, credential_id)
    person = with_dots(credential.person_rut)
    return do(
        request,
        lambda: enroll.make_default(credential, now=timezone.now()),
        done=f"La empresa emite ahora con la credencial de {person}.",
        back=_back(request, credential),
    )


@require_POST
@screen
def retry(request: ScreenRequest, credential_id: str) -> HttpResponse:
    """Has the SII asked again with the claves as they are."""
    credential = _find(request, credential_id)
    return do(
        request,
        lambda: enroll.change(credential, clave=None, certificate_password=None, now=timezone.now()),
        done="Estamos probando la clave en el SII.",
        back=_back(request, credential),
    )


@require_http_methods(["GET", "POST"])
@screen
def remove(request: ScreenRequest, credential_id: str) -> HttpResponseBase:
    """Forgets the claves, once a person has confirmed it."""
    credential = _find(request, credential_id)
    person, name = with_dots(credential.person_rut), name_of(credential.company.entity)
    if request.method == "GET":
        return confirm(
            request,
            ask=f"¿Quitar la credencial de {person}?",
            explain=f"Timbre olvida sus claves y {name} ya no emite con ella. Lo que "
            "espera por emitirse sigue con otra credencial vigente de la empresa, si la hay.",
            button="Quitar la credencial",
            back=_back(request, credential),
        )
    return do(
        request,
        lambda: enroll.deactivate(credential, now=timezone.now()),
        done=f"Las claves de {person} fueron olvidadas.",
        back=_back(request, credential),
    )


def _find(request: ScreenRequest, credential_id: str) -> Credential:
    mine = Credential.within(request.scope).filter(pk=credential_id, deactivated_at=None)
    credential = mine.select_related("company__entity", "lane").first()
    if credential is None:
        raise NotFound("una credencial", credential_id)
    return credential


def _back(request: ScreenRequest, credential: Credential) -> str:
    return address(request, "companies-one", company_id=credential.company_id)
