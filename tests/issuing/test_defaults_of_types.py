"""What is ordinary in each type, and what is nobody's to fill in."""

from datetime import date
from typing import Any

import pytest

from timbre.dte.codes import NOTAS, TipoDte
from timbre.issuing.defaults import fill_document, lacks_data
from timbre.taxpayers.models import Company

TODAY = date(2026, 3, 14)
PARTIES: dict[str, Any] = {"document_issuer": {"rut": "76543210-3"}, "document_receiver": {}}


def filled(company: Company, tipo: TipoDte, **said: Any) -> dict[str, str]:
    """What Timbre fills in of a document of the type, issued on a day that was said."""
    asked = PARTIES | {"dte_type": {"code": str(tipo.value)}, "date_issued": "2026-03-01"} | said
    request, sources = fill_document(asked, company, TODAY)
    values = {}
    for path, source in sources.items():
        block, field = path.split(".")
        values[path] = request[block][field]
        assert source == "timbre"
    return values


PAYMENT = {"header.payment_method": "2"}
BOLETA = {"header.service_indicator": "3", "document_receiver.rut": "66666666-6"}
ABROAD = {"document_receiver.rut": "55555555-5"}
ORDINARY = {
    TipoDte.FACTURA: PAYMENT,
    TipoDte.FACTURA_EXENTA: PAYMENT,
    TipoDte.BOLETA: BOLETA,
    TipoDte.BOLETA_EXENTA: BOLETA,
    TipoDte.FACTURA_COMPRA: PAYMENT | {"header.purchase_transaction_type": "1"},
    TipoDte.GUIA_DESPACHO: {"transport_data.transport_type": "1"},
    TipoDte.NOTA_DEBITO: {},
    TipoDte.NOTA_CREDITO: {},
    TipoDte.FACTURA_EXPORTACION: ABROAD | {"export_data.sale_mode_code": "1"},
    TipoDte.NOTA_DEBITO_EXPORTACION: ABROAD,
    TipoDte.NOTA_CREDITO_EXPORTACION: ABROAD,
}


@pytest.mark.parametrize("tipo", TipoDte)
def test_each_type_gets_what_is_ordinary_in_it(company: Company, tipo: TipoDte) -> None:
    assert filled(company, tipo) == ORDINARY[tipo]


def test_a_companys_way_of_payment_is_only_for_what_is_paid_by_invoice(company: Company) -> None:
    company.payment_method = "1"
    for tipo in TipoDte:
        asked = PARTIES | {"dte_type": {"code": str(tipo.value)}}
        request, sources = fill_document(asked, company, TODAY)
        paid = tipo in {TipoDte.FACTURA, TipoDte.FACTURA_EXENTA, TipoDte.FACTURA_COMPRA}
        assert (request["header"].get("payment_method") == "1") == paid
        assert (sources.get("header.payment_method") == "company") == paid


@pytest.mark.parametrize(
    ("tipo", "said", "never"),
    [
        (TipoDte.FACTURA, {"header": {"payment_method": "3"}}, "header.payment_method"),
        (TipoDte.BOLETA, {"header": {"service_indicator": "1"}}, "header.service_indicator"),
        (TipoDte.BOLETA, {"document_receiver": {"rut": "1-9"}}, "document_receiver.rut"),
        (
            TipoDte.FACTURA_COMPRA,
            {"header": {"purchase_type": "4"}},
            "header.purchase_transaction_type",
        ),
        (TipoDte.GUIA_DESPACHO, {"transport_data": {"transport_type": "5"}}, "transport_data.transport_type"),
        (
            TipoDte.FACTURA_EXPORTACION,
            {"export_data": {"sale_mode_code": "4"}},
            "export_data.sale_mode_code",
        ),
    ],
)
def test_what_is_said_is_never_filled(company: Company, tipo: TipoDte, said: Any, never: str) -> None:
    assert filled(company, tipo, **said) == {
        path: value for path, value in ORDINARY[tipo].items() if path != never
    }


@pytest.mark.parametrize(
    "said", [{"export_data": {"export_type": "3"}}, {"header": {"service_indicator": "3"}}]
)
def test_services_sold_abroad_have_no_way_of_sale(company: Company, said: Any) -> None:
    assert filled(company, TipoDte.FACTURA_EXPORTACION, **said) == ABROAD


def test_notes_are_told_nothing_of_payment_and_sale(company: Company) -> None:
    for tipo in NOTAS:
        asked = PARTIES | {"dte_type": {"code": str(tipo.value)}}
        assert fill_document(asked, company, TODAY)[0]["header"] == {}


@pytest.mark.parametrize("rut", ["55555555-5", "66666666-6"])
def test_nobody_is_looked_up_at_the_sii(rut: str) -> None:
    assert not lacks_data({"rut": rut})
    assert lacks_data({"rut": "39007007-1"})
