"""The fault suite in short, and proof that its counter can say no. `make faults` runs all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from faults.counting import Held, Ours, Tally, count

PATIENCE = 600
"""Seconds; a machine with much else to do is slow, not wrong."""
ASKED = ["twin", "twin", "other"]
HELD = [Held("twin", 1, "a"), Held("twin", 2, "b"), Held("other", 3, "c")]


def ours(content: str, folio: int, digest: str, state: str = "done", *signed: str) -> Ours:
    return Ours(content, state, folio, digest, frozenset({digest, *signed}))


TOLD = [ours("twin", 1, "a"), ours("twin", 2, "b"), ours("other", 3, "c")]


def lost_and_twice(tally: Tally) -> tuple[int, int]:
    return tally.lost, tally.twice


def test_twins_issued_once_each_are_neither_lost_nor_twice() -> None:
    assert count(ASKED, TOLD, HELD) == Tally(asked=3, issued=3, in_doubt=0, lost=0, twice=0)


def test_a_content_the_sii_holds_once_more_than_asked_is_twice() -> None:
    assert lost_and_twice(count(ASKED, TOLD, [*HELD, Held("twin", 4, "d")])) == (0, 1)


def test_what_nobody_asked_for_is_twice() -> None:
    assert lost_and_twice(count(ASKED, TOLD, [*HELD, Held("a stranger's", 4, "d")])) == (0, 1)


def test_a_document_told_as_issued_that_the_sii_does_not_hold_is_lost() -> None:
    assert lost_and_twice(count(ASKED, TOLD, HELD[:2])) == (1, 0)


def test_two_documents_told_of_one_folio_are_one_lost() -> None:
    assert lost_and_twice(count(ASKED, [TOLD[0], TOLD[0], TOLD[2]], [HELD[0], HELD[2]])) == (1, 0)


def test_the_right_folio_with_other_bytes_is_lost() -> None:
    assert lost_and_twice(count(ASKED, TOLD, [*HELD[:2], Held("other", 3, "not c")])) == (1, 0)


def test_one_document_under_two_folios_is_twice_even_if_its_twin_is_missing() -> None:
    told = [ours("twin", 1, "a", "done", "b"), ours("twin", 0, "", "in_doubt"), TOLD[2]]
    assert lost_and_twice(count(ASKED, told, HELD)) == (0, 1)


def test_a_document_told_as_not_issued_that_the_sii_holds_is_lost() -> None:
    assert lost_and_twice(count(ASKED, [*TOLD[:2], ours("other", 3, "c", "refused")], HELD)) == (1, 0)


@pytest.mark.parametrize("state", ["received", "sending"])
def test_a_document_that_is_stuck_is_lost(state: str) -> None:
    assert lost_and_twice(count(ASKED, [*TOLD[:2], ours("other", 3, "c", state)], HELD[:2])) == (1, 0)


def test_a_document_that_was_forgotten_is_lost() -> None:
    assert lost_and_twice(count(ASKED, TOLD[:2], HELD[:2])) == (1, 0)


def test_a_document_in_doubt_is_neither() -> None:
    told = [*TOLD[:2], ours("other", 3, "c", "in_doubt")]
    assert count(ASKED, told, HELD) == Tally(asked=3, issued=2, in_doubt=1, lost=0, twice=0)


@pytest.mark.timeout(660)
@pytest.mark.parametrize("folios", ["sending", "signing"])
def test_a_sample_of_the_faults_loses_nothing_and_issues_nothing_twice(folios: str) -> None:
    program = Path(__file__).with_name("run.py")
    command = [sys.executable, str(program), "--short", "--processes", "1", "--only", f"[{folios}]"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"[{folios}]" in ran.stdout
