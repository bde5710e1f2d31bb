"""Trouble with who logs in: each has its own reason, is found out once, and issues nothing."""

from dataclasses import replace

import pytest
from portal_cases import ISSUER, LOGIN, RECEIVER, Connect, Jar, emisor, invoice

from middleman import Middleman
from serving import Served, serve_simulator
from timbre.sii.gateway import CREDENTIAL_REASONS, Refused, Unreachable
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport
from timbre.simulator.taxpayers import COMPANIES, NOT_REPRESENTED


@pytest.mark.parametrize(
    ("clave", "reason"),
    [
        ("clave-mala", "sii_credentials_invalid"),
        ("clave-ultimos-intentos", "sii_credentials_invalid"),
        ("clave-bloqueada", "credential_locked"),
        ("clave-sesiones", "sii_session_limit"),
    ],
)
def test_a_refused_log_in_is_tried_once_and_says_why(
    connect: Connect, man: Middleman, clave: str, reason: str
) -> None:
    gateway = PortalGateway(connect(man.origin), replace(LOGIN, clave=clave), Jar())
    with pytest.raises(Refused) as refused:
        gateway.prepare(invoice())
    assert refused.value.reason == reason
    assert reason in CREDENTIAL_REASONS
    assert "01.01.203.500.720." in refused.value.sii_words
    assert man.steps().count("CAutInicio.cgi") == 1


def test_the_last_attempts_before_the_lock_are_told(transport: Transport) -> None:
    with pytest.raises(Refused, match="3 intentos"):
        PortalGateway(transport, replace(LOGIN, clave="clave-ultimos-intentos"), Jar()).check(ISSUER.rut)


def test_a_company_one_may_not_act_for_is_refused(gateway: PortalGateway) -> None:
    with pytest.raises(Refused) as refused:
        gateway.check(NOT_REPRESENTED)
    assert refused.value.reason == "company_not_authorised"
    assert "autorizado" in refused.value.sii_words


def test_a_company_missing_from_the_list_is_asked_for_all_the_same(gateway: PortalGateway) -> None:
    assert gateway.check("76086428-5").rut == "76086428-5"


def test_a_person_without_a_centralised_certificate_is_refused(transport: Transport, sii: Served) -> None:
    gateway = PortalGateway(transport, replace(LOGIN, clave="clave-sin-certificado"), Jar())
    for ask in (lambda: gateway.check(ISSUER.rut), lambda: gateway.prepare(invoice())):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.reason == "certificate_missing"
    assert sii.store.issued() == []


@pytest.mark.parametrize("password", ["certificado-malo", ""])
def test_a_wrong_certificate_password_is_told_when_signing(
    transport: Transport, sii: Served, password: str
) -> None:
    gateway = PortalGateway(transport, replace(LOGIN, certificate_password=password), Jar())
    with pytest.raises(Refused) as refused:
        gateway.prepare(invoice())
    assert refused.value.reason == "certificate_password_invalid"
    assert sii.store.issued() == []


def test_the_siis_own_limit_of_sessions_is_told(
    connect: Connect, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve_simulator(tmp_path_factory.mktemp("sii"), session_limit=1) as sii:
        first, second = (PortalGateway(connect(sii.origin), LOGIN, Jar()) for _ in range(2))
        first.check(ISSUER.rut)
        with pytest.raises(Refused) as refused:
            second.check(ISSUER.rut)
        assert refused.value.reason == "sii_session_limit"
        first.log_out()
        assert second.check(ISSUER.rut).rut == ISSUER.rut


def test_a_session_the_sii_has_ended_is_opened_again_once(
    gateway: PortalGateway, sii: Served, jar: Jar
) -> None:
    gateway.prepare(invoice())
    sii.store.close_session(jar.cookies["CSESSIONID"])
    assert gateway.send(gateway.prepare(invoice())).folio == 1


def test_a_company_changed_behind_our_back_is_noticed_and_chosen_again(
    gateway: PortalGateway, sii: Served, jar: Jar
) -> None:
    gateway.prepare(invoice())
    session = sii.store.find_session(jar.cookies["CSESSIONID"], jar.cookies["TOKEN"])
    assert session is not None
    sii.store.choose_company(session, COMPANIES[3].rut)
    gateway.send(gateway.prepare(invoice()))
    assert [document.issuer for document in sii.store.issued()] == [ISSUER.rut]


def test_a_header_of_another_company_is_never_gone_on_with(watched: PortalGateway, man: Middleman) -> None:
    other = COMPANIES[3].rut.encode()
    man.answers["mipeGenFacEx.cgi"] = lambda body: body.replace(
        b"Rut " + ISSUER.rut.encode(), b"Rut " + other
    )
    with pytest.raises(Unreachable):
        watched.prepare(invoice())
    assert "mipeDisplayPreView.cgi" not in man.steps()


def test_a_session_that_is_always_lost_is_not_opened_for_ever(watched: PortalGateway, man: Middleman) -> None:
    lost = b"<html><body><p>Usted no se encuentra autenticado<p>CODIGO: 01.01.203.500.720.28</body></html>"
    man.answers["mipeGenFacEx.cgi"] = lambda _: lost
    with pytest.raises(Unreachable):
        watched.prepare(invoice())
    assert man.steps().count("CAutInicio.cgi") == 2


def test_a_person_with_a_single_other_company_is_not_authorised(
    watched: PortalGateway, man: Middleman
) -> None:
    title = b"<html><head><title>Facturacion Electronica - Launcher</title></head><body></body></html>"
    man.answers["mipeSelEmpresa.cgi"] = lambda _: title
    man.answers["mipeGenFacEx.cgi"] = lambda _: (
        f"<form name=VIEW_EFXP></form><strong>Rut {RECEIVER.rut}</strong>".encode()
    )
    with pytest.raises(Refused) as refused:
        watched.prepare(invoice(emisor=emisor()))
    assert refused.value.reason == "company_not_authorised"
