"""What the bench times is the real thing: documents in order, none of them warned of or refused."""

import pytest

from factories import NOW, TODAY
from timbre.cli.bench_core import LONG, SHORT, Timed, make_documento, make_keys, time_all
from timbre.dte.rules import judge_document
from timbre.dte.totals import compute_totals
from timbre.dte.verify import verify


@pytest.mark.parametrize("lines", [SHORT, LONG])
def test_a_document_of_the_bench_is_accepted_and_issued(lines: int) -> None:
    documento = make_documento(7, lines, TODAY)
    assert judge_document(documento, today=TODAY) == ()
    xml = make_keys(NOW).issue(documento, compute_totals(documento), 1)
    assert verify(xml).is_valid


def test_the_best_round_is_never_slower_than_the_middle_one() -> None:
    [timed] = time_all({"sum": lambda turn: sum(range(1000 + turn))}).values()
    assert isinstance(timed, Timed)
    assert 0 < timed.best <= timed.median
