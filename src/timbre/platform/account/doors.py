"""The screens before the log-in: creating an account, entering, leaving."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from timbre.accounts import people, sessions
from timbre.accounts.addresses import client_address
from timbre.accounts.errors import Rejection
from timbre.accounts.letters import goes_by_mail
from timbre.accounts.models import User
from timbre.platform.account import letters
from timbre.platform.account.forms import LogInForm, SignUpForm
from timbre.platform.account.where import agent_of
from timbre.platform.frame import show

BACKEND = "django.contrib.auth.backends.ModelBackend"
ENTER = "Entra con tu correo y tu contraseña; si ya tenías una cuenta, con la de siempre."
MAILED = "Te escribimos con el detalle."
NOT_BOTH = "El correo o la contraseña no coinciden."


def sign_up(request: HttpRequest) -> HttpResponse:
    """The first user enters at once. For later ones the answer is the same whether the address was new or
    not, and one e-mail leaves in either case: it tells the address's owner which.
    """
    if request.user.is_authenticated:
        return redirect("arrive")
    first = people.nobody_yet()
    if not people.may_sign_up():
        return show(request, "account/closed.html", status=403)
    form = SignUpForm(request.POST or None)
    if not form.is_valid():
        return show(request, "account/sign_up.html", {"form": form, "first": first})
    try:
        user = people.sign_up(**form.cleaned_data, address=client_address(request), now=timezone.now())
    except Rejection as no:
        return refuse(request, "account/sign_up.html", {"form": form, "first": first}, no)
    if user and first:
        enter(request, user)
        messages.success(request, "Tu cuenta está creada. Estos son los pasos hasta tu primera factura.")
        return redirect("arrive")
    email = form.cleaned_data["email"]
    _ = letters.welcome(email) if user else letters.already_here(email)
    messages.success(request, f"{ENTER} {MAILED if goes_by_mail() else ''}".rstrip())
    return redirect("login")


def log_in(request: HttpRequest) -> HttpResponse:
    onward = _onward(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    form = LogInForm(request.POST or None)
    shown = {"form": form, "may_sign_up": people.may_sign_up()}
    if not form.is_valid():
        return show(request, "account/login.html", shown)
    try:
        user = people.log_in(**form.cleaned_data, address=client_address(request), now=timezone.now())
    except Rejection as no:
        return refuse(request, "account/login.html", shown, no)
    if user is None:
        return show(request, "account/login.html", shown | {"refused": NOT_BOTH})
    enter(request, user)
    return HttpResponseRedirect(onward)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        people.log_out(request.user, now=timezone.now())
    logout(request)
    return redirect("login")


def enter(request: HttpRequest, user: User) -> None:
    """Logs the user in under a new session key, so that a key planted before is worth nothing."""
    login(request, user, backend=BACKEND)
    sessions.remember(request.session, address=client_address(request), agent=agent_of(request))


def refuse(request: HttpRequest, template: str, context: dict[str, Any], no: Rejection) -> HttpResponse:
    """The same form again, with why not and, where waiting helps, for how long."""
    response = show(request, template, context | {"refused": no.message}, status=no.status)
    if no.retry_after is not None:
        response["Retry-After"] = str(no.retry_after)
    return response


def _onward(request: HttpRequest) -> str:
    """Where ``?next=`` leads, if that is an address of ours; else the front door."""
    wish = request.GET.get("next", "")
    return wish if url_has_allowed_host_and_scheme(wish, allowed_hosts=None) else "/"
