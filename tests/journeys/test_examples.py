"""What the README, the guide and the demo promise, run as they stand."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from customers import COMPANY, EVENTS, Customer, invoice, new_rut, wait_until
from evidence import check_pdf, check_xml
from timbre.cli.installation import Installation
from timbre.cli.ports import free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
PATH = {"PATH": "/usr/bin:/bin"}


def test_the_demo_leaves_documents_the_sii_would_accept(tmp_path: Path) -> None:
    demo = run_demo(EXAMPLES / "facturas.json", tmp_path / "output")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "12 documentos emitidos" in demo.stdout
    issued = sorted((tmp_path / "output").glob("*.xml"))
    assert len(issued) == 12
    for xml in issued:
        check_xml(xml.read_bytes())
        check_pdf(xml.with_suffix(".pdf").read_bytes(), xml.read_bytes())


def test_a_demo_that_fails_says_what_failed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"documents": [invoice(dte_type={"code": "39"})]}))
    demo = run_demo(wrong, tmp_path / "output")
    assert demo.returncode == 1
    assert "dte_type_not_available" in demo.stdout


def test_the_shell_and_the_client_examples_issue_the_batch(
    arrive: Callable[[Installation], Customer], installation: Installation
) -> None:
    key = arrive(installation).key
    shell = run([str(EXAMPLES / "enrolar.sh")], TIMBRE_KEY=key, TIMBRE_URL=installation.url)
    assert "Enrolamiento: valid" in shell.stdout
    assert shell.stdout.rstrip().endswith("completed")
    client = run(
        [sys.executable, str(EXAMPLES / "emitir.py")],
        TUPANA_API_KEY=key,
        TUPANA_BASE_URL=f"{installation.url}/v2",
    )
    assert client.stdout.count("success") == 12


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[int]:
    """The port of examples/receptor.py, at work in tmp_path."""
    port = free_port()
    command = [sys.executable, str(EXAMPLES / "receptor.py"), str(port)]
    process = subprocess.Popen(command, env=PATH | {"TIMBRE_SECRET": "un-secreto-largo-y-tuyo"}, cwd=tmp_path)
    yield port
    process.kill()
    process.wait()


def test_the_receiver_example_keeps_xml_and_pdf(customer: Customer, receiver: int, tmp_path: Path) -> None:
    entity = customer.enrol(COMPANY)
    url = f"http://127.0.0.1:{receiver}/"
    customer.tupana.webhooks.create(
        {"master_entity_id": entity, "url": url, "events": EVENTS, "secret": "un-secreto-largo-y-tuyo"}
    )
    customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    wait_until(lambda: len(list((tmp_path / "recibidos").glob("33-*.pdf"))) == 1)
    (xml,) = (tmp_path / "recibidos").glob("33-*.xml")
    check_xml(xml.read_bytes())


def test_a_receiver_known_by_its_rut_alone_is_enough(customer: Customer) -> None:
    customer.enrol()
    document = invoice(document_receiver={"rut": new_rut()})
    accepted = customer.tupana.documents.create_batch([document], use_defaults=True)
    batch = customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
    assert batch["documents"][0]["status"] == "success"


def run_demo(documents: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "timbre", "demo", "--documents", str(documents), "--output", str(output)]
    return subprocess.run(command, env=PATH, capture_output=True, text=True, check=False, timeout=120)


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=PATH | environment, capture_output=True, text=True, check=True, timeout=120
    )
