import re
import subprocess
import sys
from pathlib import Path

import pytest

SECRETS = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("keys")
    timbre(data_dir, "migrate")
    return data_dir


def timbre(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "timbre", *arguments]
    environment = {**SECRETS, "TIMBRE_DATA_DIR": str(data_dir)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def create(data_dir: Path, email: str, environment: str = "sandbox") -> str:
    return timbre(data_dir, "keys", "create", "--email", email, "--environment", environment).stdout


def listed(data_dir: Path, email: str) -> list[list[str]]:
    return [line.split() for line in timbre(data_dir, "keys", "list", "--email", email).stdout.splitlines()]


def test_create_prints_the_key_and_nothing_else(data_dir: Path) -> None:
    printed = create(data_dir, "ana@example.com")
    assert printed.startswith("tk_sandbox_")
    assert printed == printed.strip() + "\n"
    assert len(printed.split()) == 1


def test_a_list_never_shows_a_key(data_dir: Path) -> None:
    key = create(data_dir, "beto@example.com", "production").strip()
    (row,) = listed(data_dir, "beto@example.com")
    assert row[2:4] == ["production", "activa"]
    assert key not in " ".join(row)


def test_a_revoked_key_is_listed_as_such(data_dir: Path) -> None:
    create(data_dir, "carla@example.com")
    key_id = listed(data_dir, "carla@example.com")[0][0]
    assert timbre(data_dir, "keys", "revoke", "--email", "carla@example.com", key_id).returncode == 0
    assert listed(data_dir, "carla@example.com")[0][3] == "revocada"


def test_a_stranger_cannot_revoke_a_key(data_dir: Path) -> None:
    create(data_dir, "diego@example.com")
    create(data_dir, "eva@example.com")
    key_id = listed(data_dir, "diego@example.com")[0][0]
    answer = timbre(data_dir, "keys", "revoke", "--email", "eva@example.com", key_id)
    assert answer.returncode == 1
    assert key_id in answer.stderr
    assert listed(data_dir, "diego@example.com")[0][3] == "activa"


def test_asking_for_help_creates_nothing(tmp_path: Path) -> None:
    answer = timbre(tmp_path / "data", "--help")
    assert "simulator" in answer.stdout
    assert not (tmp_path / "data").exists()


def test_a_key_is_created_with_the_permissions_and_the_end_asked_for(data_dir: Path) -> None:
    asked = ["--email", "fer@example.com", "--environment", "sandbox", "--scopes", "issue, read"]
    assert timbre(data_dir, "keys", "create", *asked, "--expires-days", "30").returncode == 0
    (row,) = listed(data_dir, "fer@example.com")
    assert row[3:6] == ["activa", "read,issue", "hasta"]


@pytest.mark.parametrize(
    "wrong", [["--scopes", "todo"], ["--scopes", ""], ["--expires-days", "0"], ["--expires-days", "99999"]]
)
def test_a_key_is_not_created_with_what_makes_no_sense(data_dir: Path, wrong: list[str]) -> None:
    asked = ["--email", "gina@example.com", "--environment", "sandbox", *wrong]
    answer = timbre(data_dir, "keys", "create", *asked)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "gina" not in timbre(data_dir, "people", "list").stdout


def test_a_person_without_password_gets_a_link_and_nothing_is_created(data_dir: Path) -> None:
    create(data_dir, "hugo@example.com")
    link = timbre(data_dir, "people", "link", "--email", " Hugo@example.com")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/recuperar/user_\w{16}/[\w-]+/\n", link.stdout)
    nobody = timbre(data_dir, "people", "link", "--email", "nadie@example.com")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    people = timbre(data_dir, "people", "list").stdout
    assert "nadie" not in people
    assert re.search(r"^hugo@example\.com  \d{4}-\d\d-\d\d  sin contraseña$", people, re.MULTILINE)
