"""docs/sandbox.md says what the simulator does."""

import re
from pathlib import Path

from timbre.dte.rut import check_digit
from timbre.simulator import alerts
from timbre.simulator.arithmetic import ADDITIONAL
from timbre.simulator.entering import BAD_CLAVES, CLAVE_WITHOUT_CERTIFICATE
from timbre.simulator.fields import EXPORT_FIELDS, TYPES
from timbre.simulator.issuing import WRONG_CERTIFICATE_PASSWORD
from timbre.simulator.scenarios import CATALOGUE, STEPS, Scenario
from timbre.simulator.taxpayers import COMPANIES, EXTRANJERO, UNKNOWN

PAGE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")


def test_every_alert_is_documented() -> None:
    texts = [text for name, text in vars(alerts).items() if name.isupper()]
    assert len(texts) > 40
    assert [text for text in texts if f"- {text.partition(chr(10))[0]}\n" not in PAGE] == []


def test_every_type_and_every_name_of_the_simulators_own_is_documented() -> None:
    assert [tipo for tipo in TYPES if f"| {tipo} |" not in PAGE] == []
    rows = {re.sub(r"_0[1-3]$", "_nn", name) for name in EXPORT_FIELDS}
    assert [name for name in sorted(rows) if f"`{name}`" not in PAGE] == []
    assert [code for code in ADDITIONAL if f"{code} ({ADDITIONAL[code]} %)" not in PAGE] == []
    assert f"`{EXTRANJERO}`" in PAGE


def test_every_documented_taxpayer_is_as_documented() -> None:
    for company in COMPANIES:
        addresses = " · ".join(f"{a.direccion}, {a.comuna}" for a in company.addresses)
        codes = " ".join(activity.codigo for activity in company.activities)
        assert f"| `{company.rut}` | {company.razon_social} | {addresses} | {codes} |" in PAGE
    assert all(f"`{rut}`" in PAGE for rut in UNKNOWN)


def test_every_magic_password_is_documented() -> None:
    for clave in (*BAD_CLAVES, CLAVE_WITHOUT_CERTIFICATE, WRONG_CERTIFICATE_PASSWORD):
        assert f"`{clave}`" in PAGE
    for clave, code in BAD_CLAVES.items():
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{clave}`")]
        assert line.rstrip("` |").endswith(code)


def test_every_scenario_is_documented_as_it_strikes() -> None:
    for scenario in CATALOGUE.values():
        row = f"| `{scenario.name}` | {scenario.words} | {_where(scenario)} | {_how_often(scenario)} | "
        assert row in PAGE, row
        if scenario.number:
            rut = f"{scenario.number:,}".replace(",", ".") + f"-{check_digit(scenario.number)}"
            assert f"| `{rut}` | {scenario.number} | `{scenario.name}` |" in PAGE, rut
    assert PAGE.count("| `39.091.") == sum(1 for each in CATALOGUE.values() if each.number)


def test_every_step_is_documented() -> None:
    assert [step for step in STEPS if f"`{step}`" not in PAGE] == []


def _where(scenario: Scenario) -> str:
    return ", ".join(f"`{step}`" for step in scenario.steps) or "any"


def _how_often(scenario: Scenario) -> str:
    often = {None: "always", 1: "once", 2: "twice"}.get(scenario.times, f"{scenario.times} times")
    return often + (" at each" if len(scenario.steps) > 1 else "")
