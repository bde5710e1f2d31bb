"""docs/verify.md is held to the code: every finding there is, and none that is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "timbre" / "dte" / "verify"
PAGE = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
TELLING = {"Finding", "_compare"}
"""What takes a finding's code as its first argument."""


def codes() -> Iterator[str]:
    for path in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLING:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield str(code.value)
                else:
                    assert ast.unparse(code) == "code", f"{path.name}:{node.lineno} hides its code"


def test_the_page_of_timbre_verify_names_every_finding_there_is_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) == set(codes())
