"""No log line, no error answer and no audit entry of the whole run holds a secret of it: a pytest plugin.

Secrets are taken down where they come into being (sealed, signed, hashed, kept by an installation), and what
was told where it is told; the processes of a run write both into one directory, and its first process
compares them at the end. A run that told a secret fails with the line.
"""

import json
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core.signing import Signer

from timbre.accounts import audit, people, vault
from timbre.accounts.models import ApiKey, User
from timbre.accounts.sessions import SessionStore
from timbre.api.access import AccessMiddleware
from timbre.cli.installation import Installation
from timbre.dte import caf

SHORTEST = 10
"""Letters of the shortest secret looked for; the tests' own words without a digit are no secrets."""
DIRECTORY = "TIMBRE_TESTS_SECRECY"
_secrets: dict[str, str] = {}
"""Each secret, and the test that brought it in."""


def is_telling(secret: str) -> bool:
    """Whether finding it somewhere would mean anything."""
    return len(secret) >= SHORTEST and any(letter.isdigit() for letter in secret)


def spill(secrets: Iterable[str], lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The lines that hold one of the secrets, as it is or as it stands in a form; with that secret."""
    forms = {form: s for s in secrets if is_telling(s) for form in (s, quote_plus(s))}
    by_beginning: dict[str, list[str]] = {}
    for form in forms:
        by_beginning.setdefault(form[:SHORTEST], []).append(form)
    for line in lines:
        pieces = {line[at : at + SHORTEST] for at in range(len(line) - SHORTEST + 1)}
        beginning = (form for piece in pieces & by_beginning.keys() for form in by_beginning[piece])
        found = next((form for form in beginning if form in line), None)
        if found:
            yield line, forms[found]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[DIRECTORY] = tempfile.mkdtemp(prefix="timbre-secrecy-")
    _take_down_secrets()
    _take_down_what_is_told()


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Everything that reached stderr, of this process and of those it started. With xdist, reports arrive at
    the first process, too."""
    if report.capstderr:
        _write("told", report.capstderr)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    _write("secrets", "".join(json.dumps(each) + "\n" for each in _secrets.items()))
    if hasattr(session.config, "workerinput"):
        return
    directory = Path(os.environ.pop(DIRECTORY))
    told = [line for file in directory.glob("told-*") for line in file.read_text().splitlines()]
    secrets: dict[str, str] = dict(
        json.loads(line)
        for file in directory.glob("secrets-*")
        for line in file.read_text().split("\n")
        if line
    )
    spilt = {f"(of {secrets[secret]}) {line}" for line, secret in spill(secrets, set(told))}
    session.config.stash[SPILT] = sorted(spilt)
    session.config.stash[COUNTS] = (len(set(told)), sum(map(is_telling, secrets)))
    if session.config.stash[SPILT]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    shutil.rmtree(directory)


SPILT, COUNTS = pytest.StashKey[list[str]](), pytest.StashKey[tuple[int, int]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stash = terminalreporter.config.stash
    if COUNTS not in stash:
        return
    lines, secrets = stash[COUNTS]
    terminalreporter.write_line(f"secrecy: {lines} lines told, {secrets} secrets looked for in each")
    for line in stash[SPILT]:
        terminalreporter.write_line(f"A SECRET WAS TOLD: {line[:1000]}", red=True)


def _write(kind: str, text: str) -> None:
    if DIRECTORY in os.environ:
        with (Path(os.environ[DIRECTORY]) / f"{kind}-{os.getpid()}").open("a") as file:
            file.write(text if text.endswith("\n") else text + "\n")


def _note(secret: object) -> None:
    running = os.environ.get("PYTEST_CURRENT_TEST", "")
    if "schemathesis" in running and "(setup)" not in running:
        return  # It draws claves from any text it has seen, and its installation keeps them to the end.
    text = secret.decode("utf-8", "replace") if isinstance(secret, bytes) else str(secret)
    if text.startswith("{"):
        # A session's cookies, and beside them what Timbre notes of it: the company chosen is no secret.
        cookies = (str(value) for name, value in json.loads(text).items() if not name.startswith("_"))
        _secrets.update(dict.fromkeys(cookies, running))
    _secrets[text] = running


def _take_down_secrets() -> None:
    """Where secrets come into being, or come in."""
    _secrets.update(dict.fromkeys(settings.SECRET_KEYS, "the settings"))
    vault.AESGCM = _Sealing  # type: ignore[assignment,misc]
    vault._cipher.cache_clear()
    _watch(ApiKey, "create", result=_note)
    _watch(Signer, "sign", result=_note)
    _watch(people, "token_for", result=_note)
    _watch(SessionStore, "digest_of", argument=lambda *args: _note(args[-1]))
    _watch(User, "set_password", argument=lambda _, password: _note(password))
    _watch(caf, "open_caf", argument=lambda data, *_, **__: [_note(key) for key in _private_keys(data)])
    _watch(Installation, "create_key", result=_note)
    _watch(Installation, "stop", argument=_take_down_installation)


def _take_down_what_is_told() -> None:
    """Besides stderr: answers that say no, and the audit log."""
    answer = AccessMiddleware.__call__

    @wraps(answer)
    def answering(middleware: AccessMiddleware, request: Any) -> Any:
        response = answer(middleware, request)
        if response.status_code >= 400 and not response.streaming:
            _write("told", response.content.decode("utf-8", "replace"))
        return response

    AccessMiddleware.__call__ = answering  # type: ignore[method-assign]
    _watch(audit, "note", argument=lambda **entry: _write("told", repr(entry)))


class _Sealing:
    """The vault's cipher, which tells us what it seals."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.decrypt = self._cipher.decrypt

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        _note(data)
        return self._cipher.encrypt(nonce, data, associated_data)


def _private_keys(data: bytes) -> list[str]:
    """The lines of the private key in a CAF."""
    found = re.search(rb"<RSASK>.*?</RSASK>", data, re.DOTALL)
    return re.findall(r"[A-Za-z0-9+/=]{40,}", found[0].decode("latin-1")) if found else []


def _take_down_installation(installation: Installation) -> None:
    """What `timbre serve` wrote, and the secrets its data dir keeps."""
    if installation.log.exists():
        _write("told", installation.log.read_text(errors="replace"))
    key_file = installation.data_dir / "secret.key"
    keys = key_file.read_text().split() if key_file.exists() else []
    for key in keys:
        _note(key)
    database = installation.data_dir / "timbre.sqlite3"
    if keys and database.exists():
        for purpose, column, pk, sealed in _sealed_in(database):
            for key in keys:
                try:
                    _note(vault._open(sealed, f"{purpose}/{pk}/{column}", key))
                except Exception:  # noqa: BLE001, S112 - sealed by another key, or half written
                    continue


def _sealed_in(database: Path) -> Iterator[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for kept, label in vault.KEPT.items():
            purpose, _, column = kept.partition("/")
            table = apps.get_model(label)._meta.db_table
            query = f"SELECT id, {column} FROM {table} WHERE {column} != ''"  # noqa: S608 - our own names
            try:
                rows = connection.execute(query).fetchall()
            except sqlite3.OperationalError:
                continue
            for pk, sealed in rows:
                yield purpose, column, pk, sealed


def _watch(
    owner: Any,
    name: str,
    *,
    argument: Callable[..., object] | None = None,
    result: Callable[[Any], object] | None = None,
) -> None:
    """Passes what the function is given, or what it gives, on to us; nothing else changes."""
    kind, plain = owner.__dict__.get(name), getattr(owner, name)

    @wraps(plain)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if argument:
            argument(*args, **kwargs)
        given = plain(*args, **kwargs)
        if result:
            result(given)
        return given

    bound = isinstance(kind, classmethod | staticmethod)
    setattr(owner, name, staticmethod(watched) if bound else watched)
