"""Rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import timbre
from timbre.accounts.scope import Evidence, Tenant

SOURCE = Path(timbre.__file__).parent
MODULES = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def tenants() -> dict[str, str]:
    """Tenant model -> the package it lives in."""
    models = [*Tenant.__subclasses__(), *Evidence.__subclasses__()]
    return {model.__name__: model.__module__.split(".")[1] for model in models}


def accesses(path: Path, attribute: str) -> Iterator[tuple[str, int]]:
    """``Name.attribute`` in a module, as (Name, line)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.value, ast.Name):
            yield node.value.id, node.lineno


def test_tenant_rows_are_reached_through_a_scope_alone_outside_their_own_package() -> None:
    home = tenants()
    assert {"Company", "Document", "Webhook", "ApiKey", "Enrollment"} <= set(home)
    trespasses = [
        f"{path.relative_to(SOURCE)}:{line} {model}.objects"
        for path in MODULES
        for model, line in accesses(path, "objects")
        if model in home and path.relative_to(SOURCE).parts[0] != home[model]
    ]
    assert trespasses == []


def test_variables_of_the_environment_are_read_in_one_place() -> None:
    """Elsewhere it may only be handed on whole, to a child process."""
    reading = re.compile(r"os\.environ(\.get\(|\[)|getenv\(")
    readers = [str(path.relative_to(SOURCE)) for path in MODULES if reading.search(path.read_text())]
    assert readers == ["config/settings.py"]


def test_no_module_is_called_what_could_be_anything() -> None:
    vague = {"utils.py", "helpers.py", "helper.py", "common.py", "base.py", "manager.py", "misc.py"}
    assert [path for path in MODULES if path.name in vague] == []


def test_no_file_outgrows_its_room() -> None:
    assert [path.name for path in MODULES if path.read_text().count("\n") > 300] == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(SOURCE)}:{inner.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
