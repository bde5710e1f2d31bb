"""What must hold whatever happens to the process: restarts, kills, and many hands at once."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import httpx
from portal_client import COMPANY, PORTAL, Portal, alert_of, invoice

from serving import Served, serve_simulator
from timbre.simulator import alerts
from timbre.simulator.server import MAX_BODY
from timbre.simulator.store import FolioBehaviour, Issued, Store
from timbre.simulator.tables import SCHEMA

SERVE = """
import sys
from pathlib import Path
from timbre.simulator.server import serve
serve(Path(sys.argv[1]), host="127.0.0.1", port=0, on_ready=lambda port: print(port, flush=True))
"""


@contextmanager
def process(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", SERVE, str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield running, f"http://127.0.0.1:{running.stdout.readline().strip()}"
        finally:
            running.kill()


def test_a_killed_simulator_remembers_sessions_proposals_keys_and_folios(tmp_path: Path) -> None:
    store = tmp_path / "simulator.sqlite3"
    with process(store) as (running, url), Portal(url) as portal:
        portal.enter()
        portal.issue(invoice())
        page = portal.propose(invoice())
        signed = portal.sign(page.text).text
        cookies = dict(portal.cookies)
        running.send_signal(signal.SIGKILL)
        running.wait()
    with process(store) as (_, url), Portal(url, cookies=cookies) as portal:
        assert f"Rut {COMPANY}" in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text
        assert "N° 2" in portal.send(page, signed).text
        assert alert_of(portal.send(page, signed)) == alerts.FOLIO_YA_UTILIZADO
    assert [document.folio for document in Store(store).issued(COMPANY)] == [2, 1]


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    with process(tmp_path / "simulator.sqlite3") as (running, url):
        assert httpx.get(f"{url}/AUT2000/InicioAutenticacion/IngresoRutClave.html").status_code == 200
        running.terminate()
        assert running.wait(timeout=20) == 0


def test_eight_hands_never_take_a_folio_twice(sii: Served) -> None:
    sent: list[bool] = []

    def work(person: str) -> None:
        with Portal(sii.origin, person=person) as portal:
            portal.enter()
            sent.extend("ENVIADO EXITOSAMENTE" in portal.issue(invoice()).text for _ in range(5))

    run_all(work)
    folios = sorted(document.folio for document in sii.store.issued(COMPANY))
    assert len(sent) == 40
    assert folios == list(range(1, sent.count(True) + 1))


def test_eight_hands_with_reserved_folios_are_never_in_each_others_way(tmp_path: Path) -> None:
    with serve_simulator(tmp_path, folios=FolioBehaviour.SIGNING) as served:

        def work(person: str) -> None:
            with Portal(served.origin, person=person) as portal:
                portal.enter()
                for _ in range(5):
                    assert "ENVIADO EXITOSAMENTE" in portal.issue(invoice()).text

        run_all(work)
        folios = sorted(document.folio for document in served.store.issued(COMPANY))
        assert folios == list(range(1, 41))


def run_all(work: Callable[[str], None]) -> None:
    people = ["15111222-6", "16222333-K", "17333444-3", "18444555-7"] * 2
    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_connection_serves_many_requests(sii: Served) -> None:
    with httpx.Client(base_url=sii.origin) as client:
        path = "/AUT2000/InicioAutenticacion/IngresoRutClave.html"
        answers = [client.get(path) for _ in range(3)]
        streams = {answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers}
        assert {answer.http_version for answer in answers} == {"HTTP/1.1"}
        assert len(streams) == 1


def test_a_body_without_end_is_not_read(sii: Served) -> None:
    answer = httpx.post(f"{sii.origin}{PORTAL}mipeSendXML.cgi", content=b"a" * (MAX_BODY + 1))
    assert answer.status_code == 413


def test_an_unknown_path_is_not_found(sii: Served) -> None:
    assert httpx.get(f"{sii.origin}/otra.cgi").status_code == 404


def test_a_store_begun_when_all_was_in_pesos_holds_exports_too(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA.replace("total TEXT", "total INTEGER"))
    store = Store(path)
    rows = ("15111222-6", "Muñoz & Sons Inc.", Decimal("485.51"), "digest", b"<DTE/>")
    store.issue(Issued(0, COMPANY, 33, 1, "2026-11-20", *rows[:2], Decimal(24275), *rows[3:]))
    store.issue(Issued(0, COMPANY, 110, 1, "2026-11-20", *rows))
    assert [each.total for each in store.issued(COMPANY)] == [Decimal("485.51"), Decimal(24275)]
    assert [str(each.total) for each in store.issued(COMPANY)] == ["485.51", "24275"]
