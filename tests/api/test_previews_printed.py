"""The copies a preview can be asked for over HTTP: on which paper, and the one that can be assigned."""

from typing import Any

import pypdfium2
import pytest
from django.test import Client

from calling import Caller, error_of, factura
from timbre.issuing.models import Document
from timbre.taxpayers.models import Company

pytestmark = pytest.mark.django_db
INVOICE: dict[str, Any] = {}
BOLETA: dict[str, Any] = {
    "dte_type": {"code": "39"},
    "details": [{"item_name": "Pan", "quantity": 3, "gross_unit_price": 1190}],
    "header": {},
}
GUIDE: dict[str, Any] = {"dte_type": {"code": "52"}, "transport_data": {"transport_type": "1"}}
CREDIT: dict[str, Any] = {
    "dte_type": {"code": "61"},
    "references": [
        {
            "dte_type_code": "33",
            "reference_folio": "1",
            "reference_date": "2026-03-02",
            "correction_code": "3",
        }
    ],
}
LETTER, ROLL = 612, 80 / 25.4 * 72
ASSIGNABLE = {"copy": "assignable"}


def keep(caller: Caller, document: dict[str, Any]) -> str:
    asked = {"documents": [factura(**document)], "use_default": True, "state": "draft"}
    response = caller.post("/v2/documents/batch/", asked)
    assert response.status_code == 202, response.content
    return f"/v2/documents/{response.json()['documents'][0]['document']['id']}/preview/"


def path_of(url: str) -> str:
    return "/files/" + url.partition("/files/")[2]


def printed(caller: Caller, preview: str, **asked: str) -> tuple[set[float], list[str]]:
    """The widths of the pages behind the link, in points, and the text of each."""
    told = caller.get(preview, **asked)
    assert told.status_code == 200, told.content
    assert told.json()["pdf_url"] == told.json()["pdf_download_url"]
    answer = Client().get(path_of(told.json()["pdf_url"]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pypdfium2.PdfDocument(answer.content) as pdf:
        return (
            {round(page.get_width(), 1) for page in pdf},
            [page.get_textpage().get_text_bounded() for page in pdf],
        )


@pytest.mark.parametrize("document", [INVOICE, BOLETA, GUIDE, CREDIT])
def test_a_preview_is_the_original_on_a_letter_page_if_nothing_else_is_asked(
    enrolled: Company, caller: Caller, document: dict[str, Any]
) -> None:
    preview = keep(caller, document)
    widths, pages = printed(caller, preview)
    assert widths == {LETTER}
    assert "CEDIBLE" not in "".join(pages)
    assert printed(caller, preview, paper="letter", copy="original") == (widths, pages)


@pytest.mark.parametrize(
    ("document", "asked", "width", "said"),
    [
        (BOLETA, {"paper": "roll"}, ROLL, "BOLETA ELECTRÓNICA"),
        (INVOICE, ASSIGNABLE, LETTER, "CEDIBLE"),
        (GUIDE, ASSIGNABLE, LETTER, "CEDIBLE CON SU FACTURA"),
    ],
)
def test_the_link_opens_the_copy_that_was_asked_for_marked_on_every_page(
    enrolled: Company,
    caller: Caller,
    document: dict[str, Any],
    asked: dict[str, str],
    width: float,
    said: str,
) -> None:
    widths, pages = printed(caller, keep(caller, document), **asked)
    assert widths == {round(width, 1)}
    assert said in pages[0]
    assert "Cálculo paso a paso" in pages[-1]
    for page in pages:
        assert "VISTA PREVIA" in page
        assert "SIN VALIDEZ" in page


@pytest.mark.parametrize(
    ("document", "asked", "param"),
    [
        (INVOICE, {"paper": "roll"}, "paper"),
        (INVOICE, {"paper": "roll"} | ASSIGNABLE, "paper"),
        (BOLETA, ASSIGNABLE, "copy"),
        (BOLETA, {"paper": "roll"} | ASSIGNABLE, "copy"),
        (CREDIT, ASSIGNABLE, "copy"),
        (GUIDE | {"transport_data": {"transport_type": "6"}}, ASSIGNABLE, "copy"),
        (INVOICE, {"paper": "A4"}, "paper"),
        (INVOICE, {"copy": "cedible"}, "copy"),
    ],
)
def test_a_copy_that_the_document_cannot_have_is_refused_in_spanish(
    enrolled: Company, caller: Caller, document: dict[str, Any], asked: dict[str, str], param: str
) -> None:
    refused = caller.get(keep(caller, document), **asked)
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (400, "parameter_invalid", param)
    assert error["message"].startswith(("Solo una", f"«{param}» debe ser"))


def test_a_parameter_that_does_not_exist_is_named(enrolled: Company, caller: Caller) -> None:
    error = error_of(caller.get(keep(caller, BOLETA), papel="rollo"))
    assert (error["code"], error["param"]) == ("parameter_unknown", "papel")


def test_a_link_to_one_copy_cannot_be_made_into_one_to_another(enrolled: Company, caller: Caller) -> None:
    path = path_of(caller.get(keep(caller, INVOICE)).json()["pdf_url"])
    original = Client().get(path).content
    assert Client().get(path, {"copy": "assignable", "copia": "cedible"}).content == original
    assert "carta" in path
    for other in ("cedible", "rollo", ""):
        assert Client().get(path.replace("carta", other)).status_code == 404


def test_once_it_is_signed_there_is_no_copy_to_link_to(enrolled: Company, caller: Caller) -> None:
    preview = keep(caller, INVOICE)
    path = path_of(caller.get(preview, **ASSIGNABLE).json()["pdf_url"])
    Document.objects.update(state="sending")
    assert caller.get(preview, **ASSIGNABLE).json()["pdf_url"] is None
    assert Client().get(path).status_code == 404


def test_the_openapi_names_the_papers_and_the_copies() -> None:
    schema = Client().get("/v2/openapi.json").json()
    told = schema["paths"]["/v2/documents/{document_id}/preview/"]["get"]["parameters"]
    choices = {each["name"]: each["schema"]["enum"] for each in told if each["in"] == "query"}
    assert choices == {"paper": ["letter", "roll"], "copy": ["original", "assignable"]}
