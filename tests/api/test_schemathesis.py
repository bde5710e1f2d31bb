"""schemathesis over /v2/openapi.json, against a running installation where every id is somebody's.

Every check it has, in every phase it has, the same requests each time. ``make fuzz`` draws 300 examples of
each operation instead of the few of an ordinary run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from browsing import run_in
from timbre.cli.installation import Installation

EXAMPLES = os.environ.get("TIMBRE_FUZZ", "2")
OWNER = "olga@ejemplo.cl"
IDS = (
    "batch_id",
    "company_id",
    "credential_id",
    "delivery_id",
    "document_id",
    "enrollment_id",
    "webhook_id",
)

UNSAYABLE = {
    "GET /v2/master-entities/": "the check digit of a RUT",
    "POST /v2/credentials/": "the check digit of a RUT, and whose id it is",
    "PATCH /v2/credentials/{credential_id}/": "that something is changed at all",
    "POST /v2/documents/batch/": "RUTs, sums, what defaults fill in, and the names of scenarios",
    "PATCH /v2/companies/{company_id}/": "which ids are of that company, and what fits Latin-1",
    "POST /v2/webhooks/": "a URL that can be reached and is not taken",
    "PATCH /v2/webhooks/{webhook_id}/": "a URL that can be reached and is not taken",
    "POST /v2/webhooks/{webhook_id}/rotate-secret/": "that what follows whsec_ is base64",
    "POST /v2/webhooks/{webhook_id}/deliveries/replay/": "that a range ends after it begins",
    "POST /v2/documents/{document_id}/states/": "that the document has been issued",
    "GET /v2/documents/{document_id}/preview/": "that the document has that paper and that copy",
    "POST /v2/documents/{document_id}/annul/": "that it has been issued, and not annulled",
    "POST /v2/documents/{document_id}/correct/": "that it has been issued, and that one thing is corrected",
}
"""What a schema cannot say: valid by it and refused all the same. Of all checks only
``positive_data_acceptance`` is left out there."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """Where to send what is generated, and with which ids."""

    url: str
    key: str
    ids: dict[str, str]
    place: Path

    def run(self, *options: str, schema: str = "") -> subprocess.CompletedProcess[str]:
        settings = self.place / "schemathesis.toml"
        settings.write_text(self.settings())
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
        command += [schema or f"{self.url}/v2/openapi.json", "--url", self.url]
        command += ["-H", f"Authorization: Api-Key {self.key}", "--generation-deterministic", "--no-color"]
        command += ["--no-shrink", "--continue-on-failure", "--suppress-health-check", "all", *options]
        return subprocess.run(command, cwd=self.place, check=False, capture_output=True, text=True)

    def settings(self) -> str:
        pinned = "\n".join(f'"path.{name}" = "{value}"' for name, value in self.ids.items())
        # "All checks" on the command line would outdo what is left out below. Sparse answers leave out what
        # the schema asks for: their own tests hold them.
        lines = ["[checks]", "enabled = true", "[parameters]", pinned, '"query.fields" = ""']
        # 413 is how a list that is too long is refused.
        refusals = "[400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]"
        lines += ["[checks.negative_data_rejection]", f"expected-statuses = {refusals}"]
        for operation in UNSAYABLE:
            lines += ["[[operations]]", f'include-name = "{operation}"']
            lines += ["checks.positive_data_acceptance.enabled = false"]
        return "\n".join(lines)


@dataclass(slots=True, kw_only=True)
class Unlimited(Installation):
    """Thousands of requests a minute are the point here; limits have tests of their own."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super(Unlimited, self).environment, "TIMBRE_RATE_LIMIT": "off"}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    place = tmp_path_factory.mktemp("fuzzed")
    installation = Unlimited(data_dir=place / "data", workers=1)
    installation.start()
    key = installation.create_key(OWNER)
    examples = json.loads(run_in(installation, OWNER))["examples"]["sandbox"]
    ids = {name: examples[name][0] for name in IDS}
    # Another one than is read: what is disconnected is not found again.
    yield Fuzzed(installation.url, key, ids | {"connection_id": examples["credential_id"][1]}, place)
    installation.stop()


def test_no_5xx_no_undocumented_status_no_answer_but_as_its_schema_says(fuzzed: Fuzzed) -> None:
    run = fuzzed.run("--max-examples", EXAMPLES)
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(f"✅  {phase}" in run.stdout for phase in ("Coverage", "Fuzzing", "Stateful")), run.stdout


def test_a_schema_that_says_something_else_is_found_out(fuzzed: Fuzzed) -> None:
    schema = httpx.get(f"{fuzzed.url}/v2/openapi.json").json()
    schema["paths"] = {"/v2/webhooks/": {"get": schema["paths"]["/v2/webhooks/"]["get"]}}
    del schema["paths"]["/v2/webhooks/"]["get"]["responses"]["400"]
    schema["components"]["schemas"]["WebhookTold"]["properties"]["is_active"] = {"type": "integer"}
    altered = fuzzed.place / "altered.json"
    altered.write_text(json.dumps(schema))
    run = fuzzed.run("--phases", "coverage", schema=str(altered))
    assert run.returncode == 1
    assert "Response violates schema" in run.stdout
    assert "Undocumented" in run.stdout
