"""A note from the page of the document it is about: asked for with a form that says what it will do."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from timbre.accounts.errors import InvalidDocuments, NotFound, Rejection
from timbre.issuing import notes
from timbre.issuing.models import Document
from timbre.platform.documents.note_forms import AmountsForm, AnnulForm, TextForm
from timbre.platform.documents.words import title_of
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, actor_of, address, screen, show
from timbre.work.environments import Environment

NoteForm = AnnulForm | TextForm | AmountsForm


@require_http_methods(["GET", "POST"])
@screen
def annul(request: ScreenRequest, document_id: str) -> HttpResponse:
    return _note(request, document_id, AnnulForm, ask="¿Anular {}?", button="Anular")


@require_http_methods(["GET", "POST"])
@screen
def correct_text(request: ScreenRequest, document_id: str) -> HttpResponse:
    return _note(request, document_id, TextForm, ask="¿Corregir el texto de {}?", button="Corregir texto")


@require_http_methods(["GET", "POST"])
@screen
def correct_amounts(request: ScreenRequest, document_id: str) -> HttpResponse:
    return _note(
        request, document_id, AmountsForm, ask="¿Corregir los montos de {}?", button="Corregir montos"
    )


def _note(
    request: ScreenRequest, document_id: str, kind: type[NoteForm], *, ask: str, button: str
) -> HttpResponse:
    """The form, which asks; sent, the note, or the form with what was written and what is wrong with it."""
    back = address(request, "documents-one", document_id=document_id)
    try:
        document = notes.original(request.scope, document_id)
    except NotFound:
        raise
    except Rejection as rejection:
        messages.error(request, rejection.message)
        return HttpResponseRedirect(back)
    form = _form(request, kind)
    if form.is_valid():
        try:
            return _issue(request, document, form)
        except Rejection as rejection:
            _blame(form, rejection)
    context = {
        "form": form,
        "ask": ask.format(title_of(document).lower()),
        "explain": _explain(request, document),
        "button": button,
        "back": back,
    }
    return show(request, "documents/note.html", context, status=422 if form.errors else 200)


def _form(request: ScreenRequest, kind: type[NoteForm]) -> NoteForm:
    """As it was sent; where one more line is asked for, what was typed is kept and not judged yet."""
    if request.method == "GET":
        return kind()
    if kind is AmountsForm and "otra" in request.POST:
        return AmountsForm(request.POST, one_more=True)
    return kind(request.POST)


def _issue(request: ScreenRequest, document: Document, form: NoteForm) -> HttpResponse:
    now, as_draft = timezone.now(), request.POST.get("guardar") == "borrador"
    note = form.note(document, notes.day_of(None, now))
    asking = notes.Asking(actor=actor_of(request), now=now, as_draft=as_draft)
    answer = notes.issue(request.scope, document, note, asking).answer
    for warning in answer.get("warnings", []):
        messages.warning(request, warning["message"])
    done = "Quedó como borrador." if as_draft else "La nota se va a emitir en cuanto llegue su turno."
    messages.success(request, done)
    made = answer["documents"][0]["document"]["id"]
    return HttpResponseRedirect(address(request, "documents-one", document_id=made))


def _blame(form: NoteForm, rejection: Rejection) -> None:
    """Each fault beside the field it speaks of; on top what the document itself brings along."""
    if not isinstance(rejection, InvalidDocuments):
        blame(form, rejection)
        return
    for fault in rejection.faults[0]:
        form.add_error(form.fields_of.get(fault.path), fault.message)


def _explain(request: ScreenRequest, document: Document) -> str:
    issuer = document.company.entity.name or document.company.entity.rut
    if request.frame.environment == Environment.PRODUCTION:
        return (
            f"Se emite de verdad una nota ante el SII, a nombre de {issuer}, con la fecha de hoy. "
            "No se puede deshacer: solo se anula con otra nota."
        )
    return "La nota va al SII simulado: no vale nada."
