"""`timbre backup` and `timbre restore` as a person types them: what they refuse, what they leave behind."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from databases import Database, own_database
from timbre.cli.installation import Installation
from timbre.cli.presence import refuse_root
from timbre.cli.processes import start


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "data").mkdir(mode=0o700)
    with own_database(tmp_path / "data") as database:
        yield database


@pytest.fixture
def installation(tmp_path: Path, database: Database) -> Installation:
    return Installation(data_dir=tmp_path / "data", settings=database.settings)


@pytest.fixture
def timbre(tmp_path: Path, installation: Installation) -> Callable[..., str]:
    """Runs a command and gives back what it says, or, when it is to fail, why it does."""

    def run(*arguments: str, fails: bool = False, **settings: str) -> str:
        with (tmp_path / "errors").open("w+b") as errors:
            environment = {**installation.environment, **settings}
            command = start(arguments, environment, stdout=subprocess.PIPE, stderr=errors)
            said, _ = command.communicate(timeout=60)
            errors.seek(0)
            why = errors.read().decode()
        assert bool(command.returncode) == fails, said + why
        return why if fails else said

    run("migrate")
    return run


def people(database: Database) -> set[str]:
    return {email for (email,) in database.ask("SELECT email FROM accounts_user")}


def create(timbre: Callable[..., str], email: str) -> None:
    timbre("keys", "create", "--email", email, "--environment", "sandbox")


def rewrite(archive: Path, **changes: object) -> Path:
    """The same backup with another manifest."""
    with tarfile.open(archive) as tar:
        manifest, content = (file.read() for member in tar if (file := tar.extractfile(member)))
    changed = archive.with_name("changed")
    told = json.dumps(json.loads(manifest) | changes).encode()
    with tarfile.open(changed, "w") as tar:
        for name, data in (("manifest.json", told), ("database", content)):
            about = tarfile.TarInfo(name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))
    return changed


def test_a_backup_is_never_written_over_nor_a_database_unless_told_to(
    timbre: Callable[..., str], database: Database, tmp_path: Path
) -> None:
    archive = tmp_path / "backup"
    create(timbre, "ana@example.cl")
    told = timbre("backup", str(archive))
    assert "0 documentos" in told
    assert "SHA-256" in told
    assert archive.stat().st_mode & 0o777 == 0o600
    assert "ya existe" in timbre("backup", str(archive), fails=True)
    create(timbre, "later@example.cl")
    assert "--force" in timbre("restore", str(archive), fails=True)
    assert people(database) == {"ana@example.cl", "later@example.cl"}
    assert "quedó en" in timbre("restore", str(archive), "--force")
    assert people(database) == {"ana@example.cl"}
    if not database.url:
        (aside,) = (tmp_path / "data").glob("timbre.sqlite3.before-*")
        assert b"later@example.cl" in aside.read_bytes(), "what was there is kept"
    timbre("backup", str(archive), "--force")
    assert not list(tmp_path.glob(".backup*")), "nothing else is left behind"


def test_what_is_no_backup_or_not_this_versions_changes_nothing(
    timbre: Callable[..., str], database: Database, tmp_path: Path
) -> None:
    archive = tmp_path / "backup"
    create(timbre, "ana@example.cl")
    timbre("backup", str(archive))
    create(timbre, "later@example.cl")
    newer = rewrite(archive, migrations=["issuing.9999_from_the_future"])
    assert "actualiza primero" in timbre("restore", str(newer), "--force", fails=True)
    damaged = rewrite(archive, sha256="0" * 64)
    assert "dañado" in timbre("restore", str(damaged), "--force", fails=True)
    cut = tmp_path / "cut"
    cut.write_bytes(archive.read_bytes()[:20_000])
    assert "no está entero" in timbre("restore", str(cut), "--force", fails=True)
    assert people(database) == {"ana@example.cl", "later@example.cl"}


SEAL = """
import django; django.setup()
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.work.models import Lane
owner = {"user": User.objects.named("ana@example.cl"), "environment": "sandbox"}
entity = MasterEntity.objects.create(environment="sandbox", rut="76543210-3")
company = Company.objects.create(entity=entity, **owner)
lane = Lane.portal("sandbox", "12345678-5")
credential = Credential(company=company, lane=lane, person_rut="12345678-5", status="VALID", **owner)
credential.keep_secrets(clave="secreta")
credential.save()
"""


def test_a_key_that_opens_nothing_is_told_before_anything_changes(
    installation: Installation, timbre: Callable[..., str], database: Database, tmp_path: Path
) -> None:
    archive, key = tmp_path / "backup", {"TIMBRE_SECRET_KEY": "the one it was sealed with"}
    environment = {**installation.environment, **key, "DJANGO_SETTINGS_MODULE": "timbre.config.settings"}
    subprocess.run([sys.executable, "-c", SEAL], env=environment, check=True)
    timbre("backup", str(archive), **key)
    other = {"TIMBRE_SECRET_KEY": "another one"}
    assert "no abre 1 de las 1" in timbre("restore", str(archive), "--force", fails=True, **other)
    assert database.ask("SELECT status FROM taxpayers_credential") == [("VALID",)]
    timbre("restore", str(archive), "--force", "--without-key", **other)
    assert database.ask("SELECT status, clave FROM taxpayers_credential") == [("INVALID", "")]
    timbre("restore", str(archive), "--force", **key)
    assert database.ask("SELECT status FROM taxpayers_credential") == [("VALID",)]


def test_a_backup_that_cannot_be_written_says_so_in_a_line_and_leaves_nothing(
    timbre: Callable[..., str], tmp_path: Path
) -> None:
    why = timbre("backup", str(tmp_path / "nowhere" / "backup"), fails=True)
    assert "no existe la carpeta" in why
    why = timbre("backup", "/proc/backup", fails=True)  # a folder in which nobody can write
    assert "no se pudo respaldar" in why
    assert "/proc/" in why
    assert "Traceback" not in why


def test_restoring_a_file_that_is_not_there_says_so(timbre: Callable[..., str], tmp_path: Path) -> None:
    assert "nada cambió: no hay un archivo" in timbre("restore", str(tmp_path / "nowhere"), fails=True)


def test_a_data_dir_that_cannot_be_used_is_told_in_a_line(timbre: Callable[..., str]) -> None:
    why = timbre("restore", "--report", fails=True, TIMBRE_DATA_DIR="/proc/timbre")
    assert "no se puede usar /proc/timbre" in why
    assert "Traceback" not in why


def test_root_does_not_take_the_files_of_timbres_own_user_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What root writes anew is root's alone, and Timbre would not start any more."""
    file = tmp_path / "timbre.sqlite3"
    file.touch()
    if file.stat().st_uid == 0:
        os.chown(file, 65_534, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    refuse_root(tmp_path / "not there")
    with pytest.raises(click.ClickException, match="sudo -u"):
        refuse_root(file)
