"""What an unknown field was probably meant to be."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter
from typing_extensions import is_typeddict

_KNOWN = {
    "header.transfer_indicator": "transport_data.transport_type",
    "export_data.export_clause": "export_data.sale_clause_code",
    "export_data.destination_country": "export_data.destination_country_code",
    "export_data.destination_port": "export_data.arrival_port_code",
    "export_data.origin_port": "export_data.departure_port_code",
    "export_data.transport_mode": "export_data.transport_way_code",
}
"""Names that older pages of the public documentation taught (contract 6.5, 6.6)."""
_LONGEST = 64
"""Characters that are compared: longer than any name there is."""


def suggest(path: tuple[int | str, ...], shape: TypeAdapter[Any]) -> str | None:
    """The nearest field: of the same object first, then the same name elsewhere in the same document."""
    within = path[2:] if path and path[0] == "documents" and len(path) > 2 else path
    written = ".".join(map(str, within))
    if written in _KNOWN:
        return _KNOWN[written]
    *parents, name = within
    fields = _fields(shape)
    parent = ".".join("0" if isinstance(step, int) else step for step in path[:-1])
    beside = [field.rsplit(".", 1)[-1] for field in fields if field.rpartition(".")[0] == parent]
    close = get_close_matches(str(name)[:_LONGEST], beside, n=1)
    if close:
        return ".".join([*map(str, parents), close[0]])
    elsewhere = [field for field in fields if field.rsplit(".", 1)[-1] == name]
    return elsewhere[0].removeprefix("documents.0.") if elsewhere else None


@cache
def _fields(shape: TypeAdapter[Any]) -> tuple[str, ...]:
    return tuple(_walk(shape._type))  # noqa: SLF001 - the adapter has no public name for it


def _walk(shape: Any, path: str = "") -> Iterator[str]:
    """Every field's path; positions in lists are written ``0``."""
    for name, annotation in get_type_hints(shape).items():
        if name.startswith("__"):
            continue
        yield f"{path}{name}"
        nested = _typed_dict(annotation)
        if nested:
            kind, is_list = nested
            yield from _walk(kind, f"{path}{name}.0." if is_list else f"{path}{name}.")


def _typed_dict(annotation: Any) -> tuple[Any, bool] | None:
    """The TypedDict within an annotation, and whether it stands in a list."""
    if is_typeddict(annotation):
        return annotation, False
    for inner in get_args(annotation):
        found = _typed_dict(inner)
        if found:
            is_list = getattr(annotation, "__origin__", None) is list
            return found[0], is_list or found[1]
    return None
