"""PostgreSQL for tests: a private cluster from the installed binaries, gone when its block ends.

As a program it runs a command on PostgreSQL: ``python tests/clusters.py pytest -m concurrency``.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg

from timbre.cli.ports import LOOPBACK, free_port

VARIABLE = "TIMBRE_TEST_DATABASE_URL"
SUPERUSER = "timbre_tests"
READY_WITHIN = 30.0
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "max_connections": "300",
    # Processes are killed here, machines are not: what a process has written, the kernel keeps. Waiting for
    # the disk would test the disk.
    "fsync": "off",
    "log_min_messages": "panic",
}


class NoPostgres(Exception):
    """Neither an address nor binaries, or they do not start."""


@contextlib.contextmanager
def a_postgres() -> Iterator[str]:
    """The URL of a server to make databases on: the one the environment names, else a private cluster."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    with private_cluster() as url:
        yield url


@contextlib.contextmanager
def private_cluster() -> Iterator[str]:
    """A cluster of its own in a directory of its own, on a free loopback port. Raises NoPostgres."""
    binaries = find_binaries()
    home = Path(tempfile.mkdtemp(prefix="timbre-postgres-"))
    who = _unprivileged()
    if who:
        os.chown(home, who.pw_uid, who.pw_gid)
    password = secrets.token_hex(16)
    port = free_port()
    try:
        _initialise(binaries, home, password, who)
        server = _serve(binaries, home, port, who)
        try:
            url = f"postgres://{SUPERUSER}:{password}@{LOOPBACK}:{port}/postgres"
            _await(server, url)
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)  # at once, whoever is still connected
            server.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_binaries() -> Path:
    """The directory of the newest initdb and postgres installed. Raises NoPostgres."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("postgres")
    found = [*([Path(on_path).resolve().parent] if on_path else []), *debian]
    whole = [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]
    if not whole:
        raise NoPostgres(f"no PostgreSQL binaries here, and {VARIABLE} is not set")
    return whole[-1]


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses to be root's."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres("PostgreSQL does not run as root, and there is neither a postgres nor a nobody")


def _become(who: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}


def _initialise(binaries: Path, home: Path, password: str, who: pwd.struct_passwd | None) -> None:
    secret = home / "password"
    secret.write_text(password)
    if who:
        os.chown(secret, who.pw_uid, who.pw_gid)
    command = [binaries / "initdb", "-D", home / "data", "-U", SUPERUSER, "--pwfile", secret, "--no-sync"]
    command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    made = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, **_become(who))
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()[-400:]}")


def _serve(binaries: Path, home: Path, port: int, who: pwd.struct_passwd | None) -> "subprocess.Popen[bytes]":
    command = [binaries / "postgres", "-D", home / "data", "-p", str(port), "-k", home]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=home, stdout=log, stderr=log, **_become(who))


def _await(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres("the private cluster did not start") from error
            time.sleep(0.1)
        else:
            return


def main(command: list[str]) -> int:
    """Runs the command on PostgreSQL; after ``--other``, on the database that the tests did not run on."""
    other = command[:1] == ["--other"]
    if other and os.environ.get(VARIABLE):
        return _run(command[1:], {name: value for name, value in os.environ.items() if name != VARIABLE})
    try:
        with a_postgres() as url:
            return _run(command[int(other) :], {**os.environ, VARIABLE: url})
    except NoPostgres as why:
        print(f"Not run on PostgreSQL: {why}.", file=sys.stderr)  # noqa: T201 - this is a program
        return int(os.environ.get("CI") == "true")


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    return subprocess.run(command, env=dict(environment), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
