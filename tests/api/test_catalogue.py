"""Every code that can be met is in the catalogue, and the catalogue is the documentation."""

import re
from pathlib import Path

import timbre
from timbre.api.catalogue import CODES
from timbre.enrolling.reasons import REASONS
from timbre.issuing.causes import CAUSES
from timbre.sii.gateway import CREDENTIAL_REASONS

SOURCE = Path(timbre.__file__).parent
DOCS = SOURCE.parents[1] / "docs"
RAISED = re.compile(
    r"\b(?:Rejection|Fault|Refused|wrong|_no)\(\s*\"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\""
    r"|\bcode\s*=\s*\"([a-z]+(?:_[a-z0-9]+)*)\""
    r"|\"(?:error_)?code\": \"([a-z]+(?:_[a-z0-9]+)*)\""
)
NO_ERRORS = {"received"}
"""Codes of a document's history."""


def _met() -> set[str]:
    files = [
        each for each in SOURCE.rglob("*.py") if each.relative_to(SOURCE).parts[0] not in {"simulator", "cli"}
    ]
    found = {code for each in files for groups in RAISED.findall(each.read_text()) for code in groups if code}
    return (found | CREDENTIAL_REASONS | set(CAUSES) | set(REASONS)) - NO_ERRORS


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    assert len(_met()) > 40
    assert _met() <= set(CODES)


def test_the_documentation_lists_exactly_the_catalogue() -> None:
    rows = re.findall(
        r"^\| `([a-z0-9_]+)` \| (\d+) \| (.+) \|$", (DOCS / "errors.md").read_text(), re.MULTILINE
    )
    assert {code: (int(status), said) for code, status, said in rows} == CODES


def test_the_documentation_names_what_is_not_available() -> None:
    text = (DOCS / "api.md").read_text()
    named = SOURCE / "api" / "not_offered.py"
    for family in re.findall(r'^    "([a-z/-]+)":', named.read_text(), re.MULTILINE):
        assert f"`/v2/{family}/" in text
