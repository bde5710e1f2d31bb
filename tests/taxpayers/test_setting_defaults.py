"""The defaults of a company fit the form they will be typed into."""

import pytest

from offices import Office, documents_of, factura
from timbre.accounts.errors import Rejection
from timbre.dte.rules import PORTAL
from timbre.taxpayers import defaults
from timbre.taxpayers.models import Company


def test_what_the_portal_s_form_has_no_room_for_is_refused_here_already() -> None:
    assert (PORTAL.longest_email, PORTAL.longest_phone) == (defaults.MAX_EMAIL, defaults.MAX_PHONE)


def test_a_default_that_the_sii_drops_leaves_the_company_issuing_with_the_first(enrolled: Office) -> None:
    company = Company.within(enrolled.scope).get()
    first, *_, last = company.entity.addresses.all()
    defaults.set_defaults(company, address_id=last.pk, email="ventas@nandu.cl")
    last.delete()
    company.refresh_from_db()
    assert (company.address, company.email) == (None, "ventas@nandu.cl")
    batch = enrolled.ask(factura())
    enrolled.work()
    (document,) = documents_of(batch)
    assert (document.state, document.request["document_issuer"]["address"]) == ("done", first.direccion)


def test_what_is_not_named_stays_and_none_clears(company: Company) -> None:
    defaults.set_defaults(company, phone="+56 2 2345 6789", email="a@b.cl")
    defaults.set_defaults(company, phone=None)
    assert (company.phone, company.email) == ("", "a@b.cl")


def test_one_wrong_default_sets_none(company: Company) -> None:
    with pytest.raises(Rejection) as refused:
        defaults.set_defaults(company, email="a@b.cl", address_id="addr_nobody")
    assert (refused.value.code, refused.value.param) == ("address_id_unknown", "address_id")
    company.refresh_from_db()
    assert company.email == ""
