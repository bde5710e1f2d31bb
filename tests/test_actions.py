"""The table of actions names every screen and every endpoint there is, and none that is not."""

import re
from pathlib import Path

from django.urls import URLPattern

from timbre.api import v2
from timbre.platform import urls

PAGE = (Path(__file__).parents[1] / "docs" / "actions.md").read_text()
AREAS = {"companies", "documents", "batches", "hooks", "events", "audit", "keys"}
"""What the table is about. Accounts, the start and the developers' page are no actions on these."""
LINE = re.compile(r"^\| (?P<action>[^|]+) \| (?P<screen>[^|]+) \| (?P<endpoint>[^|]+) \|$", re.MULTILINE)
ADDRESS = re.compile(r"`((?:GET|POST|PATCH|PUT|DELETE) [^`\s]*)`")


def rows() -> list[re.Match[str]]:
    return [row for row in LINE.finditer(PAGE) if row["action"] not in {"Action", "---"}]


def named(column: str) -> set[str]:
    return {address for row in rows() for address in ADDRESS.findall(row[column])}


def path_of(route: URLPattern) -> str:
    return re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern))


def test_every_endpoint_has_a_row_and_every_row_an_endpoint_that_is_there() -> None:
    offered = {
        f"{verb.upper()} {path.removeprefix('/v2/')}"
        for path, verbs in v2.schema()["paths"].items()
        for verb in verbs
    }
    assert named("endpoint") == offered


def test_every_screen_has_a_row_and_every_row_a_screen_that_is_there() -> None:
    named_paths = {address.partition(" ")[2] for address in named("screen")}
    every = {path_of(route): (route.name or "").partition("-")[0] for route in urls.inside}
    assert {path for path, area in every.items() if area in AREAS} - named_paths == set()
    assert named_paths - set(every) == set()


def test_what_has_no_screen_or_no_endpoint_says_why() -> None:
    silent = [
        row["action"]
        for row in rows()
        for column in ("screen", "endpoint")
        if not ADDRESS.search(row[column]) and len(row[column].strip()) < 10
    ]
    assert silent == []
