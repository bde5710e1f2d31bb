"""One invoice, from what was asked to issued XML and PDF, against the simulator over HTTP."""

import pytest
from portal_cases import ISSUER, exempt_invoice, invoice
from serving import Served
from timbre.dte.document import Documento
from timbre.dte.signature import verify_dte
from timbre.sii.portal.gateway import PortalGateway


@pytest.mark.parametrize("documento", [invoice(), exempt_invoice()], ids=["33", "34"])
def test_an_invoice_is_issued_exactly_as_it_was_prepared(
    gateway: PortalGateway, sii: Served, documento: Documento
) -> None:
    prepared = gateway.prepare(documento)
    assert sii.store.issued() == []
    issued = gateway.send(prepared)
    (kept,) = sii.store.issued(ISSUER.rut)
    assert (kept.folio, str(kept.codigo), kept.tipo) == (issued.folio, issued.codigo, documento.tipo)
    assert kept.xml == prepared.xml
    assert verify_dte(prepared.xml).digest_value == prepared.digest
