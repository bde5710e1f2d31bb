"""Every golden case, down to the last byte, judged by libraries that are not ours."""

from collections import Counter

import pytest

from evidence import check_pdf, check_signed
from golden import TODAY, Case, cases, issue, told
from timbre.dte.codes import TipoDte
from timbre.dte.document import Resolucion
from timbre.dte.rules import judge_document
from timbre.dte.totals import compute_totals
from timbre.pdf.page import draw

ALL = cases()
FEWEST = 6
RESOLUCION = Resolucion(numero=0, fecha=TODAY)


@pytest.fixture(params=ALL, ids=[case.name for case in ALL])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_no_type_has_fewer_than_six_cases() -> None:
    counted = Counter(case.path.parent.name for case in ALL)
    assert {str(tipo.value): counted[str(tipo.value)] >= FEWEST for tipo in TipoDte} == {
        str(tipo.value): True for tipo in TipoDte
    }


def test_a_case_is_kept_under_its_own_type(case: Case) -> None:
    assert str(case.documento().tipo.value) == case.path.parent.name


def test_the_totals_are_those_worked_out_by_hand(case: Case) -> None:
    content = case.read()
    assert content["by_hand"]
    assert told(compute_totals(case.documento())) == content["totals"]


def test_the_rules_find_nothing_to_refuse(case: Case) -> None:
    found = judge_document(case.documento(), today=TODAY)
    assert [fault for fault in found if not fault.warns] == []


def test_the_xml_is_the_same_to_the_last_byte(case: Case) -> None:
    assert issue(case.documento()).decode("iso-8859-1") == case.xml_path.read_bytes().decode("iso-8859-1")


def test_others_find_the_xml_valid_its_signature_and_its_stamp_right(case: Case) -> None:
    check_signed(case.xml_path.read_bytes())


def test_the_barcode_on_paper_is_the_stamp(case: Case) -> None:
    xml = case.xml_path.read_bytes()
    check_pdf(draw(xml, resolucion=RESOLUCION), xml)
