"""Whatever can stand in a document's way, people are told what it means and what helps."""

import pytest

from timbre.issuing.causes import CAUSES, Remedy
from timbre.issuing.models import Document, State
from timbre.platform.advice import BUTTONS, advise


def document(state: State, code: str = "", **columns: str) -> Document:
    return Document(
        id="docu_1",
        batch_id="doba_1",
        company_id="comp_1",
        environment="sandbox",
        state=state,
        error_code=code,
        **columns,
    )


@pytest.mark.parametrize("code", CAUSES)
def test_every_advice_says_what_happened_and_what_it_means(code: str) -> None:
    said = advise(document(State.REFUSED, code, error_message="Lo que dijo Timbre."))
    assert said is not None
    assert said.happened.endswith(".")
    assert said.means.endswith(".")
    assert "desconocido" not in f"{said.happened} {said.means}"
    assert said.action is None or said.action.label


@pytest.mark.parametrize("state", [State.RECEIVED, State.SENDING, State.ISSUED, State.DONE])
def test_a_document_on_its_way_needs_no_advice(state: State) -> None:
    assert advise(document(state)) is None


def test_the_words_of_the_sii_are_what_happened() -> None:
    said = advise(document(State.REFUSED, "sii_rejected", sii_words="Rut Receptor incorrecto"))
    assert said is not None
    assert said.happened == "Rut Receptor incorrecto"
    assert "Corrige" in said.means


def test_a_refusal_with_options_tells_them() -> None:
    message = "La dirección no está registrada. Opciones: AV. UNO 1; AV. DOS 2."
    said = advise(document(State.REFUSED, "address_not_registered", error_message=message))
    assert said is not None
    assert said.happened == message


def test_a_doubt_is_said_honestly_whatever_delays_the_look() -> None:
    for code in ("", "sii_unavailable", "internal_error"):
        said = advise(document(State.IN_DOUBT, code))
        assert said is not None
        assert "No lo envíes de nuevo" in said.means
        assert said.action is None


def test_what_timbre_could_not_find_out_is_resolved_on_its_own_screen() -> None:
    for code in ("doubt_unresolved", "files_missing", "folio_duplicate", "sii_copy_differs"):
        said = advise(document(State.INCOMPLETE, code))
        assert said is not None
        assert said.action is not None
        assert (said.action.screen, said.action.kwargs["document_id"]) == ("documents-one", "docu_1")


def test_a_credential_is_mended_at_its_company() -> None:
    said = advise(document(State.RECEIVED, "sii_credentials_invalid"))
    assert said is not None
    assert said.action is not None
    assert said.action.label == BUTTONS[Remedy.CREDENTIAL]
    assert (said.action.screen, said.action.kwargs["company_id"]) == ("companies-one", "comp_1")


def test_another_try_is_asked_of_the_batch() -> None:
    said = advise(document(State.EXPIRED))
    assert said is not None
    assert said.action is not None
    assert (said.action.address, said.action.posts) == ("/sandbox/lotes/doba_1/reintentar/", True)


def test_after_a_stumble_timbre_goes_on_alone_until_it_gives_up() -> None:
    stumbled, gave_up = (
        advise(document(state, "internal_error")) for state in (State.RECEIVED, State.REFUSED)
    )
    assert stumbled is not None
    assert stumbled.action is None
    assert gave_up is not None
    assert gave_up.action is not None
