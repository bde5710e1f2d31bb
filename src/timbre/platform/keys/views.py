"""The screens of Claves API: the list, a new one, its text once, and its end."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from timbre.accounts import keys
from timbre.accounts.errors import NotFound
from timbre.accounts.models import ApiKey, KeyScope
from timbre.platform import once
from timbre.platform.developers import snippets
from timbre.platform.frame import ScreenRequest, address, confirm, do, screen, show
from timbre.platform.keys.forms import KeyForm
from timbre.platform.pages import page_of


@dataclass(frozen=True, slots=True)
class Row:
    """A key and the words for it."""

    key: ApiKey
    scopes: str
    kind: str
    state: str

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> "Row":
        scopes = ", ".join(scope.label for scope in KeyScope if scope in key.scopes)
        if key.revoked_at:
            return cls(key, scopes, "off", "Revocada")
        return (
            cls(key, scopes, "bad", "Vencida") if key.has_expired(now) else cls(key, scopes, "good", "Activa")
        )


@screen
def index(request: ScreenRequest) -> HttpResponse:
    every = ApiKey.within(request.scope).order_by("-created_at", "-pk")
    page = page_of(request, every, total=every.count())
    now = timezone.now()
    return show(request, "keys/index.html", {"page": page, "rows": [Row.of(key, now) for key in page.rows]})


@screen
def new(request: ScreenRequest) -> HttpResponse:
    form = KeyForm(request.POST or None)
    if not form.is_valid():
        return show(request, "keys/new.html", {"form": form})
    now = timezone.now()
    key, text = keys.create(
        request.user,
        request.frame.environment,
        name=form.cleaned_data["name"],
        lenient=form.cleaned_data["unknown"] == "lenient",
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at(now),
        now=now,
    )
    once.keep(request, key.pk, text)
    return redirect(address(request, "keys-created", key_id=key.pk))


@screen
def created(request: ScreenRequest, key_id: str) -> HttpResponse:
    """The key's text, once: looking takes it away."""
    key = _find(request, key_id)
    text = once.take(request, key.pk)
    shown = {"key": key, "text": text, "curl": snippets.with_key(text, key.scopes)}
    return show(request, "keys/created.html", shown)


@screen
def revoke(request: ScreenRequest, key_id: str) -> HttpResponse:
    key, back = _find(request, key_id), address(request, "keys")
    if request.method == "POST":
        said = f"La clave {key} quedó revocada."
        return do(request, lambda: keys.revoke(key, now=timezone.now()), done=said, back=back)
    return confirm(
        request,
        ask=f"¿Revocar la clave {key.name or key}?",
        explain=f"Los programas que usan {key} dejarán de entrar desde ya. No se puede deshacer.",
        button="Revocar la clave",
        back=back,
    )


def _find(request: ScreenRequest, key_id: str) -> ApiKey:
    key = ApiKey.within(request.scope).filter(pk=key_id).first()
    if key is None:
        raise NotFound("una clave", key_id)
    return key
