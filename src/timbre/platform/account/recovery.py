"""A password forgotten, or never had: a link by e-mail (or from `timbre people link`) to choose one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from timbre.accounts import people
from timbre.accounts.addresses import client_address
from timbre.accounts.errors import Rejection
from timbre.accounts.letters import goes_by_mail
from timbre.platform.account import letters
from timbre.platform.account.doors import refuse
from timbre.platform.account.forms import ChooseForm, EmailForm
from timbre.platform.frame import show


def ask(request: HttpRequest) -> HttpResponse:
    """The same answer whether or not the address has an account."""
    form = EmailForm(request.POST or None)
    if not form.is_valid():
        return show(request, "account/recover.html", {"form": form})
    email, now = form.cleaned_data["email"], timezone.now()
    try:
        user = people.ask_for_link(email, address=client_address(request), now=now)
    except Rejection as no:
        return refuse(request, "account/recover.html", {"form": form}, no)
    if user:
        letters.send_link(user, now=now)
    return show(request, "account/recover_sent.html", {"email": email, "by_mail": goes_by_mail()})


def choose(request: HttpRequest, user_id: str, token: str) -> HttpResponse:
    """A new password by a link that is still good; then all sessions have ended and one logs in with it."""
    now = timezone.now()
    user = people.holder_of(user_id, token, now=now)
    if user is None:
        return show(request, "account/recover_expired.html", status=410)
    form = ChooseForm(request.POST or None, user=user)
    if not form.is_valid():
        return show(request, "account/choose.html", {"form": form, "user": user})
    new, address = form.cleaned_data["password"], client_address(request)
    if people.redeem(user_id, token, new, address=address, now=now) is None:
        return show(request, "account/recover_expired.html", status=410)
    letters.password_changed(user)
    messages.success(request, "Tu contraseña quedó guardada. Entra con ella.")
    return redirect("login")
