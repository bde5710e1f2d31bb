"""Bodies and queries read against a shape: every fault at once, in Spanish, by the caller's field names.

Unknown fields are faults for a strict key and warnings for a lenient one; they are never used.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import TypeAdapter, ValidationError

from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.api.auth import key_of
from timbre.api.errors import MOST_TOLD
from timbre.api.requests import read_json
from timbre.api.spanish import explain
from timbre.api.suggestions import suggest
from timbre.dte.errors import Fault

T = TypeVar("T", bound=Mapping[str, Any])
Path = tuple[int | str, ...]
_SUGGESTED = 20
_LONGEST_STEP = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that was understood: its values, its canonical text and what a lenient key is warned of."""

    values: Any
    text: str
    warnings: list[dict[str, Any]]


def read_body(
    request: HttpRequest, shape: TypeAdapter[T], check: Callable[[dict[str, Any]], None] | None = None
) -> Asked:
    """The JSON body in its shape, of JSON's own types: "no" is no boolean. ``check`` sees it raw first.

    Raises Rejection, or InvalidDocuments for faults within ``documents``.
    """
    raw, text = read_json(request)
    if check:
        check(raw)
    lenient = key_of(request).lenient
    values, unknown = _validate(raw, shape, lenient=lenient, strict=True, refuse=_refuse_body)
    return Asked(_without_nulls(values), text, _warnings(unknown, shape))


def read_query(
    request: HttpRequest, shape: TypeAdapter[T], leaving_out: Collection[str] = ()
) -> dict[str, Any]:
    """The query parameters in their shape. Raises Rejection ``parameter_…``."""
    raw: dict[str, Any] = {}
    for name, values in request.GET.lists():
        if name not in leaving_out:
            raw[name] = values if len(values) > 1 else values[0]
    lenient = key_of(request).lenient
    found, _ = _validate(raw, shape, lenient=lenient, strict=False, refuse=_refuse_query)
    return dict(found)


def _validate(
    raw: Any, shape: TypeAdapter[T], *, lenient: bool, strict: bool, refuse: Any
) -> tuple[Any, list[Path]]:
    try:
        return shape.validate_python(raw, strict=strict), []
    except ValidationError as error:
        faults = sorted(error.errors(include_url=False, include_input=False), key=_place)
    unknown = [fault["loc"] for fault in faults if fault["type"] == "extra_forbidden"]
    if not (lenient and unknown):
        raise refuse(faults, shape)
    for path in unknown:
        _drop(raw, path)
    return _validate(raw, shape, lenient=False, strict=strict, refuse=refuse)[0], unknown


def _place(fault: Any) -> tuple[int, bool]:
    """What concerns no document first, then by document; a misspelt name before what is missing for it."""
    return _document(fault["loc"]), fault["type"] != "extra_forbidden"


def _document(path: Path) -> int:
    """The position of the document that a path leads into; -1 for none."""
    return int(path[1]) if len(path) > 1 and path[0] == "documents" else -1


def _dotted(path: Path) -> str:
    """The path as it is told: what the caller made up is cut where no name of ours would still go on."""
    return ".".join(str(step)[:_LONGEST_STEP] for step in path)


def _refuse_query(faults: Sequence[Any], shape: TypeAdapter[T]) -> Rejection:
    fault = faults[0]
    name = _dotted(fault["loc"][:1])
    codes = {"missing": "parameter_missing", "extra_forbidden": "parameter_unknown"}
    code = codes.get(fault["type"], _own_code(fault) or "parameter_invalid")
    meant = suggest(fault["loc"], shape) if fault["type"] == "extra_forbidden" else None
    return Rejection(code, explain(fault, name, meant), param=name)


def _refuse_body(faults: Sequence[Any], shape: TypeAdapter[T]) -> Rejection:
    if _document(faults[0]["loc"]) < 0:
        return _refuse_field(faults[0], shape)
    told = faults[:MOST_TOLD]
    meant = _meant([fault["loc"] for fault in told if fault["type"] == "extra_forbidden"], shape)
    by_document: dict[int, list[Fault]] = {}
    for fault in told:
        found = _document_fault(fault, meant.get(fault["loc"]))
        by_document.setdefault(_document(fault["loc"]), []).append(found)
    return InvalidDocuments(by_document, untold=len(faults) - len(told))


def _refuse_field(fault: Any, shape: TypeAdapter[T]) -> Rejection:
    path = _dotted(fault["loc"])
    if fault["type"] == "extra_forbidden":
        message = explain(fault, path, suggest(fault["loc"], shape))
        return Rejection("unknown_field", message, status=422, param=path)
    missing = _MISSING.get(path, "parameter_missing")
    code = missing if fault["type"] == "missing" else _own_code(fault) or "parameter_invalid"
    return Rejection(code, explain(fault, path, None), param=path)


def _document_fault(fault: Any, meant: str | None) -> Fault:
    path = _dotted(fault["loc"][2:])
    code = _own_code(fault) or "parameter_invalid"
    if fault["type"] == "extra_forbidden":
        code = "unknown_field"
    elif fault["type"] == "missing":
        code = _MISSING.get(path, "dte_field_required")
    return Fault(code, path, explain(fault, path or _dotted(fault["loc"]), meant))


_MISSING = {
    "document_issuer": "issuer_rut_missing",
    "document_issuer.rut": "issuer_rut_missing",
    "document_receiver": "receiver_required",
    "document_receiver.rut": "receiver_required",
    "password": "credential_password_required",
    "digital_certificate_password": "certificate_password_required",
}


def _own_code(fault: Any) -> str | None:
    """The code of a fault that fields raised; pydantic's own types have none."""
    return str(fault["type"]) if "message" in fault.get("ctx", {}) else None


def _warnings(unknown: Sequence[Path], shape: TypeAdapter[T]) -> list[dict[str, Any]]:
    told = unknown[:MOST_TOLD]
    meant = _meant(told, shape)
    warnings = [_warning(path, meant.get(path)) for path in told]
    if len(unknown) > len(told):
        more = f"Hay {len(unknown) - len(told)} campos más que no existen. No se usaron."
        warnings.append(_unknown(None, "", more, None))
    return warnings


def _warning(path: Path, meant: str | None) -> dict[str, Any]:
    document = _document(path)
    field = _dotted(path if document < 0 else path[2:])
    message = explain({"type": "extra_forbidden"}, field, meant) + " No se usó."
    return _unknown(None if document < 0 else document, field, message, meant)


def _unknown(document: int | None, field: str, message: str, meant: str | None) -> dict[str, Any]:
    return {
        "document_index": document,
        "field": field,
        "code": "unknown_field",
        "message": message,
        "suggestion": meant,
    }


def _meant(unknown: Iterable[Path], shape: TypeAdapter[T]) -> dict[Path, str | None]:
    """What the first unknown fields were probably meant to be: comparing names takes its time."""
    return {path: suggest(path, shape) for path in islice(unknown, _SUGGESTED)}


def _drop(raw: Any, path: Path) -> None:
    *parents, last = path
    for parent in parents:
        raw = raw[parent]
    raw.pop(last, None)


def _without_nulls(value: Any) -> Any:
    """Null means not given. ``json_param`` is the caller's own and stays as it is."""
    if isinstance(value, dict):
        return {
            key: each if key == "json_param" else _without_nulls(each)
            for key, each in value.items()
            if each is not None
        }
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
