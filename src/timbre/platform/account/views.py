"""The screen of one's own account: password and sessions."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from timbre.accounts import people, sessions
from timbre.accounts.errors import NotFound, Rejection
from timbre.platform.account import letters
from timbre.platform.account.doors import enter, refuse
from timbre.platform.account.forms import ChangeForm
from timbre.platform.account.where import in_words
from timbre.platform.frame import ScreenRequest, address, screen, show


@screen
def index(request: ScreenRequest) -> HttpResponse:
    form = ChangeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        return _change(request, form)
    return show(request, "account/index.html", _shown(request, form))


@screen
@require_POST
def end(request: ScreenRequest, session_id: str) -> HttpResponse:
    if session_id == sessions.id_of(request.session):
        people.log_out(request.user, now=timezone.now())
        logout(request)
        return redirect("login")
    if not sessions.end(request.user, session_id):
        raise NotFound("una sesión", session_id)
    messages.success(request, "La sesión está cerrada.")
    return redirect(address(request, "account"))


@screen
@require_POST
def end_others(request: ScreenRequest) -> HttpResponse:
    ended = sessions.end_others(request.user, request.session)
    said = (
        f"Se cerraron {ended} sesiones."
        if ended > 1
        else "Se cerró una sesión."
        if ended
        else "No había otras."
    )
    messages.success(request, said)
    return redirect(address(request, "account"))


def _change(request: ScreenRequest, form: ChangeForm) -> HttpResponse:
    """With the new password every session has ended; this browser is let in again."""
    given = form.cleaned_data
    try:
        right = people.change_password(request.user, given["present"], given["password"], now=timezone.now())
    except Rejection as no:
        return refuse(request, "account/index.html", _shown(request, form), no)
    if not right:
        form.add_error("present", "No es tu contraseña actual.")
        return show(request, "account/index.html", _shown(request, form))
    letters.password_changed(request.user)
    enter(request, request.user)
    messages.success(request, "Tu contraseña cambió y las demás sesiones se cerraron.")
    return redirect(address(request, "account"))


def _shown(request: ScreenRequest, form: ChangeForm) -> dict[str, object]:
    here = sessions.id_of(request.session)
    found = sessions.open_sessions(request.user, timezone.now())
    rows = [(session, in_words(session.agent), session.pk == here) for session in found]
    return {"form": form, "rows": rows, "has_password": request.user.has_usable_password()}
