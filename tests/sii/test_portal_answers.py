"""Strange answers before anything is sent to be issued: nothing happened, and nothing is gone on with."""

import pytest
from portal_cases import ISSUER, invoice

from middleman import Middleman
from serving import Served
from timbre.sii.gateway import Issued, Refused, Unreachable
from timbre.sii.portal.gateway import PortalGateway

STEPS = ("mipeGenFacEx.cgi", "mipeDisplayPreView.cgi", "mipeGenXMLFirma.cgi")
ENTERING = ("CAutInicio.cgi", "mipeSelEmpresa.cgi", "getCertDigital.cgi")
CATALOGUE = b"<html><script>alert('Uno'); alert('Dos'); history.back();</script></html>"
VERDICT = b"<html><script>//alert('Uno');\nalert('El SII dice que no'); history.back();</script></html>"
BUSY = VERDICT.replace(b"El SII dice que no", b"Por el momento no se puede responder su solicitud")
SIGNING = "postFirmaDigital.cgi"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("answer", [b"", b"<html>?</html>", CATALOGUE, BUSY, b"\xff\x00"])
def test_an_unknown_page_is_never_an_answer(
    watched: PortalGateway, man: Middleman, sii: Served, step: str, answer: bytes
) -> None:
    man.answers[step] = lambda _: answer
    with pytest.raises(Unreachable):
        watched.prepare(invoice())
    assert SIGNING not in man.steps()
    assert sii.store.issued() == []


@pytest.mark.parametrize("step", STEPS)
def test_a_verdict_is_passed_on(watched: PortalGateway, man: Middleman, step: str) -> None:
    man.answers[step] = lambda _: VERDICT
    with pytest.raises(Refused) as refused:
        watched.prepare(invoice())
    assert refused.value.sii_words == "El SII dice que no"
    assert SIGNING not in man.steps()


@pytest.mark.parametrize(
    "step", [*STEPS, SIGNING, "mipeSelEmpresa.cgi", "CAutInicio.cgi", "getCertDigital.cgi"]
)
@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_http_error_before_sending_is_unreachable(
    watched: PortalGateway, man: Middleman, step: str, status: int
) -> None:
    man.statuses[step] = status
    with pytest.raises(Unreachable):
        watched.prepare(invoice())


@pytest.mark.parametrize("step", ENTERING)
def test_a_log_in_that_shows_something_unknown_is_unreachable(
    watched: PortalGateway, man: Middleman, step: str
) -> None:
    man.answers[step] = lambda _: b"<html><body>Mantencion programada</body></html>"
    if step == "CAutInicio.cgi":
        man.requests[step] = lambda _: b"rut=1&dv=9&clave="
    with pytest.raises(Unreachable):
        watched.prepare(invoice())


def test_an_unknown_page_instead_of_a_signature_says_nothing_of_the_password(
    watched: PortalGateway, man: Middleman
) -> None:
    man.answers[SIGNING] = lambda _: b"<html>Servicio no disponible</html>"
    with pytest.raises(Unreachable):
        watched.prepare(invoice())


@pytest.mark.parametrize("answer", [b"", b"Clave incorrecta"])
def test_a_signer_that_gives_back_no_signature_means_a_wrong_password(
    watched: PortalGateway, man: Middleman, answer: bytes
) -> None:
    man.answers[SIGNING] = lambda _: answer
    with pytest.raises(Refused) as refused:
        watched.prepare(invoice())
    assert refused.value.reason == "certificate_password_invalid"


def test_a_page_that_is_no_pdf_is_not_kept_as_one(watched: PortalGateway, man: Middleman) -> None:
    issued = watched.send(watched.prepare(invoice()))
    man.answers["mipeDisplayPDF.cgi"] = lambda _: b"<html><title>PDF</title></html>"
    with pytest.raises(Unreachable):
        watched.fetch_pdf(ISSUER.rut, issued)
    man.answers.clear()
    with pytest.raises(Refused, match="no existe"):
        watched.fetch_pdf(ISSUER.rut, Issued(issued.folio, "1"))
