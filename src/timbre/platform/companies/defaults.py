"""What a company's documents say unless told otherwise, and its logo."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_http_methods

from timbre.accounts.errors import NotFound, Rejection
from timbre.platform.companies.rows import PAYMENTS, company_of, name_of
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, address, confirm, do, screen, show
from timbre.taxpayers.defaults import MAX_EMAIL, MAX_PHONE, set_defaults
from timbre.taxpayers.logos import MAX_BYTES, drop_logo, keep_logo, logo_of
from timbre.taxpayers.models import Company


class DefaultsForm(forms.Form):
    """The addresses and activities to choose from are those the SII has on file."""

    address_id = forms.ChoiceField(label="Dirección", required=False)
    activity_id = forms.ChoiceField(label="Actividad económica", required=False)
    email = forms.CharField(
        label="Correo",
        required=False,
        help_text=f"Va en el documento. El portal del SII admite {MAX_EMAIL} caracteres.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label="Teléfono",
        required=False,
        help_text=f"Va en el documento. El portal del SII admite {MAX_PHONE} caracteres.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    payment_method = forms.ChoiceField(
        label="Forma de pago",
        required=False,
        choices=[("", "Crédito, la de Timbre"), *PAYMENTS.items()],
    )

    def __init__(self, company: Company, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        first = ("", "La primera que informa el SII")
        addresses = [(each.pk, str(each)) for each in company.entity.addresses.all()]
        activities = [(each.pk, str(each)) for each in company.entity.activities.all()]
        for name, choices in (("address_id", addresses), ("activity_id", activities)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [first, *choices]
            field.error_messages["invalid_choice"] = "Ya no está en los registros del SII. Elige otra."


class LogoForm(forms.Form):
    """A picture; what it really is, its bytes tell."""

    logo = forms.FileField(
        label="Imagen",
        help_text="PNG o JPEG de hasta 200 KB.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={"required": "Elige una imagen.", "empty": "El archivo está vacío."},
    )


@require_http_methods(["GET", "POST"])
@screen
def edit(request: ScreenRequest, company_id: str) -> HttpResponse:
    """The form of the company's defaults."""
    company = _enrolled(request, company_id)
    now = {
        "address_id": company.address_id or "",
        "activity_id": company.activity_id or "",
        "email": company.email,
        "phone": company.phone,
        "payment_method": company.payment_method,
    }
    form = DefaultsForm(company, request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        try:
            set_defaults(company, **form.cleaned_data)
        except Rejection as rejection:
            blame(form, rejection)
        else:
            messages.success(request, "Los valores por defecto quedaron guardados.")
            return HttpResponseRedirect(address(request, "companies-one", company_id=company.pk))
    return show(request, "companies/defaults.html", _about(company, form))


@require_GET
@screen
def logo(request: ScreenRequest, company_id: str) -> HttpResponse:
    """The logo's bytes, as we drew them."""
    kept = logo_of(company_of(request, company_id))
    if kept is None:
        raise NotFound("un logo", company_id)
    response = HttpResponse(bytes(kept.content), content_type=kept.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
@screen
def change_logo(request: ScreenRequest, company_id: str) -> HttpResponse:
    """Takes a logo."""
    company = _enrolled(request, company_id)
    form = LogoForm(request.POST, request.FILES) if request.method == "POST" else LogoForm()
    if form.is_valid():
        try:
            keep_logo(company, form.cleaned_data["logo"].read(MAX_BYTES + 1))
        except Rejection as rejection:
            blame(form, rejection)
        else:
            messages.success(request, "El logo quedó guardado.")
            return HttpResponseRedirect(address(request, "companies-one", company_id=company.pk))
    return show(request, "companies/logo.html", _about(company, form))


@require_http_methods(["GET", "POST"])
@screen
def remove_logo(request: ScreenRequest, company_id: str) -> HttpResponseBase:
    """Drops the logo, once a person has confirmed it."""
    company = company_of(request, company_id)
    back = address(request, "companies-one", company_id=company.pk)
    name = name_of(company.entity)
    if request.method == "GET":
        return confirm(
            request,
            ask=f"¿Quitar el logo de {name}?",
            explain="Los PDF que Timbre ya dibujó lo conservan; los próximos van sin logo.",
            button="Quitar el logo",
            back=back,
        )
    return do(request, lambda: drop_logo(company), done="La empresa ya no tiene logo.", back=back)


def _about(company: Company, form: forms.Form) -> dict[str, object]:
    return {"form": form, "company": company, "name": name_of(company.entity)}


def _enrolled(request: ScreenRequest, company_id: str) -> Company:
    company = company_of(request, company_id)
    if company.unenrolled_at:
        raise NotFound("una empresa enrolada", company_id)
    return company
