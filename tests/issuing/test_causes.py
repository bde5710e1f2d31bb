"""Whatever can stand in a document's way is understood: why, what to do, and who does it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import timbre
from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.api import catalogue
from timbre.enrolling.reasons import CLOSES_LANE, REASONS
from timbre.issuing.causes import CAUSES, STUMBLED, Remedy, cause_of
from timbre.issuing.models import KNOWN_NOT_ISSUED, Document, State
from timbre.issuing.words import error_of
from timbre.sii.gateway import CREDENTIAL_REASONS
from timbre.webhooks.models import Event

SOURCE = Path(timbre.__file__).parent
STEPS = "batches collecting doubts overdue resolving steps stranding turn words"
WORKS_ON_DOCUMENTS = [
    *(SOURCE / "sii").rglob("*.py"),
    SOURCE / "issuing" / "asking" / "__init__.py",
    *(SOURCE / "issuing" / f"{name}.py" for name in STEPS.split()),
    SOURCE / "issuing" / "restore" / "adopting.py",
]
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([^|]+) \| ([^|]+) \| (yes|no) \| (yes|no) \|$", re.MULTILINE)


def texts_of(path: Path) -> Iterator[str]:
    """Every text in a module but those a caller of the API is rejected with."""
    tree = ast.parse(path.read_text())
    rejections = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rejection"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in rejections:
            yield node.value


def codes_in_the_source() -> set[str]:
    written = {text for path in WORKS_ON_DOCUMENTS for text in texts_of(path)} & set(catalogue.CODES)
    return written | {*REASONS, *CLOSES_LANE, *CREDENTIAL_REASONS}


def test_every_code_that_issuing_can_put_on_a_document_has_a_cause_and_no_cause_is_idle() -> None:
    found = codes_in_the_source()
    assert {"expired", "cancelled", "resolved_not_issued", "sii_copy_differs", "sii_rejected"} <= found
    assert found == set(CAUSES)


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_says_why_and_what_to_do(code: str) -> None:
    told = CAUSES[code]
    assert told.cause.endswith(".")
    assert told.fix.endswith(".")
    assert told.cause not in told.fix


def test_the_documentation_has_the_very_catalogue() -> None:
    text = (SOURCE.parents[1] / "docs" / "errors.md").read_text()
    told = {
        code: (cause, fix, retryable == "yes", on == "yes")
        for code, cause, fix, retryable, on in ROW.findall(text)
    }
    assert told == {code: (c.cause, c.fix, c.retryable, c.goes_on) for code, c in CAUSES.items()}


def test_what_timbre_still_works_on_is_never_to_be_sent_again() -> None:
    for code, told in CAUSES.items():
        assert not (told.retryable and told.goes_on), code
    for state in set(State) - set(KNOWN_NOT_ISSUED):
        assert cause_of(Document(state=state), "internal_error") == STUMBLED
        assert not STUMBLED.retryable
    assert cause_of(Document(state=State.REFUSED), "internal_error").retryable


def test_a_refusal_is_told_with_the_words_of_the_sii_its_cause_and_what_to_do(
    enrolled: Office, line: Middleman
) -> None:
    line.answers["mipeSendXML.cgi"] = lambda _: (
        b"<script>alert('Rut Receptor incorrecto');history.back();</script>"
    )
    batch = enrolled.ask(factura())
    enrolled.work()
    document = documents_of(batch)[0]
    told = error_of(document)
    assert told is not None
    assert told["sii_words"] == "Rut Receptor incorrecto"
    assert (told["code"], told["retryable"]) == ("sii_rejected", False)
    assert told["fix"] == CAUSES["sii_rejected"].fix
    assert Event.objects.get(type="document.issue_failed").data["error"] == told


def test_a_refusal_that_names_data_says_which_and_with_what_instead(enrolled: Office) -> None:
    receiver = {
        "rut": "39002002-3",
        "business_name": "PANADERÍA PEÑA & HIJOS LIMITADA (SANDBOX)",
        "business_activity": "Elaboración de pan",
        "address": "CALLE QUE NO EXISTE 1",
        "district": "CONCEPCIÓN",
        "city": "CONCEPCIÓN",
    }
    batch = enrolled.ask(factura(document_receiver=receiver))
    enrolled.work()
    told = error_of(documents_of(batch)[0])
    assert told is not None
    assert told["code"] in ("address_not_registered", "activity_not_registered")
    assert "Opciones:" in told["cause"]
    assert told["sii_words"] is None
    assert CAUSES[told["code"]].remedy is Remedy.DATA
