"""The judge alone, before documents its portal would never propose: well stamped and signed, yet wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from forms import form, taxed
from portal_client import COMPANY, PERSON, invoice

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.authority import Authority, Caf, PersonKey, b64, sign_sha1
from timbre.simulator.building import build_text
from timbre.simulator.form import judge_form
from timbre.simulator.judging import judge_signed
from timbre.simulator.signing import sign
from timbre.simulator.store import Proposal, Store
from timbre.simulator.taxpayers import COMPANIES


@dataclass
class Case:
    proposal: Proposal
    caf: Caf
    person: PersonKey

    def change(self, was: str, becomes: str) -> None:
        assert self.proposal.text
        assert was in self.proposal.text
        self.proposal = replace(self.proposal, text=self.proposal.text.replace(was, becomes))

    def stamp_again(self) -> None:
        text = self.proposal.text or ""
        dd = text[text.index("<DD>") : text.index("</DD>") + len("</DD>")]
        frmt = text[text.index("<FRMT") : text.index("</FRMT>")]
        fresh = b64(sign_sha1(self.caf.key, dd.encode("latin-1")))
        self.change(frmt, f'<FRMT algoritmo="SHA1withRSA">{fresh}')

    def judge(self) -> Decimal:
        signed = sign(self.proposal.text or "", self.person)
        return judge_signed(signed, self.proposal, self.caf, self.person).total


Make = Callable[[dict[str, str]], Case]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    authority = Authority(Store(tmp_path / "s.sqlite3"))

    def make(fields: dict[str, str]) -> Case:
        tipo, receiver = int(fields["PTDC_CODIGO"]), f"{fields['EFXP_RUT_RECEP']}-{fields['EFXP_DV_RECEP']}"
        caf = authority.caf(COMPANIES[0], tipo)
        proposal = Proposal(1, COMPANY, tipo, 7, receiver, "2026-11-20T10:00:00", None)
        text = build_text(judge_form(fields, COMPANIES[0]), proposal, caf)
        return Case(replace(proposal, text=text), caf, authority.person(PERSON))

    return make


@pytest.fixture
def case(make: Make) -> Case:
    return make(invoice())


def test_a_right_document_passes(case: Case) -> None:
    case.stamp_again()
    assert case.judge() == 24275


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("<MntNeto>20399", "<MntNeto>20400"),
        ("<IVA>3876", "<IVA>3875"),
        ("<TasaIVA>19.00", "<TasaIVA>10.00"),
        ("<MontoItem>499", "<MontoItem>500"),
        ("<DescuentoMonto>56", "<DescuentoMonto>55"),
        ("<QtyItem>2.50", "<QtyItem>2.60"),
        ("<PrcItem>221.80", "<PrcItem>222.80"),
        ("<MntNeto>20399</MntNeto>", "<MntNeto>20399</MntNeto><MntExe>5</MntExe>"),
    ],
)
def test_amounts_that_do_not_add_up_are_refused(case: Case, was: str, becomes: str) -> None:
    case.change(was, becomes)
    with pytest.raises(Refusal, match=alerts.MONTOS):
        case.judge()


@pytest.mark.parametrize(
    ("fields", "was", "becomes"),
    [
        (form(34), "<MntExe>3939", "<MntExe>3940"),
        (form(34), "<ValorDR>12.50", "<ValorDR>12.49"),
        (form(34), "<IndExeDR>1</IndExeDR>", ""),
        (form(34), "<TpoMov>D", "<TpoMov>R"),
        (form(46), "<MntTotal>4502", "<MntTotal>5357"),
        (form(46), "<MontoImp>855", "<MontoImp>854"),
        (form(46), "<TasaImp>19.00</TasaImp>", ""),
        (form(46), "<CodImpAdic>15</CodImpAdic>", ""),
        (form(46), "<Retenedor><IndAgente>R</IndAgente></Retenedor>", ""),
        (form(52), "<IVA>855", "<IVA>856"),
        (form(61), "<MntTotal>5357", "<MntTotal>5358"),
        (form(61), "<MntTotal>5357</MntTotal>", "<MntTotal>5357</MntTotal><MontoNF>9</MontoNF>"),
        (taxed(), "<CodImpAdic>26", "<CodImpAdic>25"),
        (taxed(), "<CodImpAdic>26", "<CodImpAdic>19"),
        (taxed(), "<MontoImp>1794", "<MontoImp>1793"),
        (taxed(), "<TasaImp>20.50", "<TasaImp>20.00"),
        (taxed(), "<TpoValor>%", "<TpoValor>$"),
        (form(110), "<MontoItem>124.01", "<MontoItem>124"),
        (form(110), "<IndExe>1</IndExe>", ""),
        (form(110), "<MntExe>485.51", "<MntExe>485.52"),
        (form(110), "<MntExeOtrMnda>454181", "<MntExeOtrMnda>454180"),
        (form(110), "<MntTotOtrMnda>454181", "<MntTotOtrMnda>454180"),
        (form(110), "<TpoCambio>935.4712", "<TpoCambio>935.48"),
        (form(110), "<ValorDR>320.50", "<ValorDR>320.51"),
        (form(110), "<MntFlete>320.50", "<MntFlete>320.51"),
        (form(110), "<MntSeguro>41.00</MntSeguro>", ""),
        (form(110), "<GlosaDR>SEGURO", "<GlosaDR>OTRO"),
    ],
)
def test_amounts_of_any_type_that_do_not_add_up_are_refused(
    make: Make, fields: dict[str, str], was: str, becomes: str
) -> None:
    case = make(fields)
    case.judge()
    case.change(was, becomes)
    with pytest.raises(Refusal, match=alerts.MONTOS):
        case.judge()


def test_an_exports_stamp_keeps_the_decimals(make: Make) -> None:
    case = make(form(110))
    case.change("<MNT>485.51", "<MNT>486")
    case.stamp_again()
    with pytest.raises(Refusal, match=alerts.TIMBRE_INCORRECTO):
        case.judge()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("<F>7<", "<F>8<"),
        ("<MNT>24275", "<MNT>24276"),
        ("<RR>39002002-3", "<RR>39003003-7"),
        ("<FE>2026-11-20", "<FE>2026-11-21"),
        ("<D>1</D>", "<D>2</D>"),
        ("<IDK>999", "<IDK>300"),
    ],
)
def test_a_stamp_that_says_something_else_is_refused_even_when_stamped_right(
    case: Case, was: str, becomes: str
) -> None:
    case.change(was, becomes)
    case.stamp_again()
    with pytest.raises(Refusal, match=alerts.TIMBRE_INCORRECTO):
        case.judge()


def test_a_stamp_that_is_not_the_cafs_is_refused(case: Case) -> None:
    case.change("<RSR>PANADERIA", "<RSR>PASTELERIA")
    with pytest.raises(Refusal, match=alerts.TIMBRE_INCORRECTO):
        case.judge()


def test_a_stamp_over_utf8_bytes_is_refused(case: Case) -> None:
    case.change("<RSR>PANADERIA", "<RSR>PANADERÍA")
    text = case.proposal.text or ""
    dd = text[text.index("<DD>") : text.index("</DD>") + 5]
    frmt = text[text.index("<FRMT") : text.index("</FRMT>")]
    wrong = b64(sign_sha1(case.caf.key, dd.encode("utf-8")))
    case.change(frmt, f'<FRMT algoritmo="SHA1withRSA">{wrong}')
    with pytest.raises(Refusal, match=alerts.TIMBRE_INCORRECTO):
        case.judge()


def test_another_folio_than_the_proposed_one_is_refused(case: Case) -> None:
    case.change("<Folio>7<", "<Folio>8<")
    case.change("<F>7<", "<F>8<")
    case.stamp_again()
    with pytest.raises(Refusal, match=alerts.FOLIO_INCONSISTENTE):
        case.judge()
