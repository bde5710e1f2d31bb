"""What people come for, from the first start to the PDF, in a real browser over real processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, expect

from browsing import House, Person, violations
from customers import COMPANY, invoice, new_rut
from evidence import check_xml
from receiving import Receiver
from timbre.cli.addresses import every_address
from timbre.cli.bench import paused
from timbre.cli.customer import Customer
from timbre.cli.installation import Installation
from timbre.work.environments import Environment

PASSWORD = "un caballo junto al mar"


def test_from_the_first_start_to_the_pdf(browser: Browser, tmp_path: Path) -> None:
    installation = Installation(data_dir=tmp_path / "new", workers=1)
    installation.start()
    ana = Person(browser, installation.url)
    try:
        ana.opens("/")
        ana.sees("Crea el primer usuario")
        ana.fills(email="ana@example.com", password=PASSWORD)
        ana.presses("Crear cuenta")
        ana.sees("De cero a la primera factura")

        ana.presses("Enrolar una empresa")
        ana.fills(rut="390010 01k")
        ana.presses("Buscar")
        ana.fills(person_rut=new_rut(), clave="mi clave", certificate_password="mi certificado")
        ana.presses("Enrolar y probar la clave")
        ana.sees("Vigente")  # The SII's answer, put in its place while we look.
        ana.sees("COMERCIAL ÑANDÚ SPA")

        ana.goes_to("Claves API")
        ana.presses("Crear clave")
        ana.fills(name="Sistema de ventas")
        ana.presses("Crear clave")
        key = ana.page.locator("#new-key").inner_text()
        assert violations(ana.page) == []
        ana.presses("Ya la guardé")
        assert key not in ana.page.content()
        ana.page.go_back()
        assert key not in ana.page.content()

        with paused(installation):
            post(installation, key, [invoice(number) for number in range(5)])
            ana.goes_to("Lotes")
            ana.page.locator("main table a").first.click()
            ana.sees("0 de 5 emitidos")
            stay(ana)
        ana.sees("5 de 5 emitidos")
        ana.sees("Terminado")
        assert never_left(ana), "it was reloaded"

        ana.page.get_by_role("link", name="MUEBLES Y MADERAS PEHUÉN").first.click()
        assert ana.downloads("Descargar PDF")[:5] == b"%PDF-"
        check_xml(ana.downloads("Descargar XML"))
        assert ana.faults == []
    finally:
        ana.leaves()
        installation.stop()


def test_a_batch_is_cancelled_and_then_retried(ana: Person, installation: Installation) -> None:
    key = enrol(ana, installation)
    with paused(installation):
        batch = post(installation, key, [invoice(number) for number in range(3)])
        ana.opens(f"/sandbox/lotes/{batch['batch_id']}/")
        ana.presses("Cancelar 3")
        ana.sees("¿Cancelar 3 documentos")
        ana.presses("Cancelar 3")
        ana.sees("Se canceló lo que todavía no se enviaba al SII.")
        ana.sees("0 de 3 emitidos")
    ana.presses("Reintentar 3")
    ana.sees("Lo que no se había emitido vuelve a la cola.")
    ana.sees("3 de 3 emitidos")


def test_a_webhook_is_tried_fails_and_is_sent_again(ana: Person, installation: Installation) -> None:
    enrol(ana, installation)
    with Receiver() as receiver:
        receiver.answers.append(503)
        ana.opens("/sandbox/webhooks/nuevo/")
        ana.fills(url=receiver.url)
        ana.presses("Crear webhook")
        secret = ana.page.locator("#secret").inner_text()
        assert secret.startswith("whsec_")
        ana.presses("Enviar prueba")
        assert secret not in ana.page.content()
        ana.page.get_by_role("cell", name="503").wait_for()
        ana.page.get_by_role("cell", name="Prueba").get_by_role("link").click()
        ana.sees("Respondió 503")
        ana.presses("Intentar ahora")
        ana.sees("Respondió 200")
        assert [request.json["event"] for request in receiver.requests] == ["webhook.test"] * 2
        assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


def test_the_other_environment_looks_different_and_has_other_rows(
    house: House, arrive: Callable[..., Person]
) -> None:
    olga = arrive(house.cookie)
    ids = {each: house.examples[each]["document_id"][0] for each in ("sandbox", "production")}
    olga.opens("/sandbox/documentos/")
    expect(olga.page).to_have_title("[Sandbox] Documentos · Timbre")
    olga.sees("nada de esto llega al SII")
    olga.page.get_by_role("navigation", name="Ambiente").get_by_role("link", name="Producción").click()
    olga.goes_to("Documentos")
    expect(olga.page).to_have_title("Documentos · Timbre")
    expect(olga.page).to_have_url(f"{olga.url}/produccion/documentos/")
    assert olga.page.get_by_text("nada de esto llega al SII").count() == 0
    assert ids["sandbox"] not in olga.page.content()
    assert olga.opens(f"/produccion/documentos/{ids['production']}/") == 200
    assert olga.opens(f"/produccion/documentos/{ids['sandbox']}/") == 404


def test_a_strangers_pages_are_not_found(ana: Person, house: House) -> None:
    named = [address for address in every_address() if address.names_rows]
    assert len(named) > 20
    for address in named:
        path = next(address.paths(Environment.SANDBOX, house.examples["sandbox"]))
        is_button = ana.context.request.get(path).status == 405
        assert is_button or ana.opens(path) == 404, path
        assert "Comercial Ñandú" not in ana.page.content(), path


def test_a_rut_formats_itself_and_says_when_its_digit_is_wrong(
    house: House, arrive: Callable[..., Person]
) -> None:
    olga = arrive(house.cookie)
    olga.opens("/sandbox/empresas/enrolar/")
    rut = olga.page.locator("main [name=rut]")
    rut.fill("390010 01k")
    rut.blur()
    expect(rut).to_have_value("39.001.001-K")
    rut.fill("39001001-3")
    rut.blur()
    said = rut.evaluate("input => input.validationMessage")
    assert said == "El dígito verificador debería ser K."


def enrol(person: Person, installation: Installation) -> str:
    """Enrols the company by the API, with a key of that person, which is returned."""
    key = installation.create_key(person.email)
    customer = Customer(installation.url, key)
    customer.enrol(COMPANY, person=new_rut(), clave="clave", certificate_password="clave")
    customer._http.close()
    return key


def stay(person: Person) -> None:
    """Marks the page one is on; the mark goes with the page."""
    person.page.evaluate("() => { window.here = true }")


def never_left(person: Person) -> bool:
    stayed: bool = person.page.evaluate("() => window.here === true")
    return stayed


def post(installation: Installation, key: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """A batch by the API, as somebody's program sends it."""
    headers = {"Authorization": f"Api-Key {key}", "X-Use-Defaults": "true"}
    answer = httpx.post(
        f"{installation.url}/v2/documents/batch/", json={"documents": documents}, headers=headers
    )
    assert answer.status_code == 202, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted
