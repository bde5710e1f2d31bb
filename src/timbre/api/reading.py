"""Bodies and queries read against a shape: every fault at once, in Spanish, by the caller's field names.

Unknown fields are faults for a strict key and warnings for a lenient one; they are never used.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import TypeAdapter, ValidationError

from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.api.auth import key_of
from timbre.api.requests import read_json
from timbre.api.spanish import explain
from timbre.api.suggestions import suggest
from timbre.dte.errors import Fault

T = TypeVar("T", bound=Mapping[str, Any])
Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that was understood: its values, its canonical text and what a lenient key is warned of."""

    values: Any
    text: str
    warnings: list[dict[str, Any]]


def read_body(
    request: HttpRequest, shape: TypeAdapter[T], check: Callable[[dict[str, Any]], None] | None = None
) -> Asked:
    """The JSON body in its shape; ``check`` sees it raw first.

    Raises Rejection, or InvalidDocuments for faults within ``documents``.
    """
    raw, text = read_json(request)
    if check:
        check(raw)
    values, unknown = _validate(raw, shape, lenient=key_of(request).lenient, refuse=_refuse_body)
    return Asked(_without_nulls(values), text, [_warning(path, shape) for path in unknown])


def read_query(
    request: HttpRequest, shape: TypeAdapter[T], leaving_out: Collection[str] = ()
) -> dict[str, Any]:
    """The query parameters in their shape. Raises Rejection ``parameter_…``."""
    raw: dict[str, Any] = {}
    for name, values in request.GET.lists():
        if name not in leaving_out:
            raw[name] = values if len(values) > 1 else values[0]
    found, _ = _validate(raw, shape, lenient=key_of(request).lenient, refuse=_refuse_query)
    return dict(found)


def _validate(raw: Any, shape: TypeAdapter[T], *, lenient: bool, refuse: Any) -> tuple[Any, list[Path]]:
    try:
        return shape.validate_python(raw), []
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    unknown = [fault["loc"] for fault in faults if fault["type"] == "extra_forbidden"]
    if not (lenient and unknown):
        raise refuse(faults, shape)
    for path in unknown:
        _drop(raw, path)
    return _validate(raw, shape, lenient=False, refuse=refuse)[0], unknown


def _refuse_query(faults: Sequence[Any], shape: TypeAdapter[T]) -> Rejection:
    fault = faults[0]
    name = str(fault["loc"][0]) if fault["loc"] else ""
    codes = {"missing": "parameter_missing", "extra_forbidden": "parameter_unknown"}
    code = codes.get(fault["type"], _own_code(fault) or "parameter_invalid")
    meant = suggest(fault["loc"], shape) if fault["type"] == "extra_forbidden" else None
    return Rejection(code, explain(fault, name, meant), param=name)


def _refuse_body(faults: Sequence[Any], shape: TypeAdapter[T]) -> Rejection:
    by_document: dict[int, list[Fault]] = {}
    for fault in faults:
        at = fault["loc"]
        if len(at) < 2 or at[0] != "documents":
            return _refuse_field(fault, shape)
        by_document.setdefault(int(at[1]), []).append(_document_fault(fault, shape))
    return InvalidDocuments(by_document)


def _refuse_field(fault: Any, shape: TypeAdapter[T]) -> Rejection:
    path = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        message = explain(fault, path, suggest(fault["loc"], shape))
        return Rejection("unknown_field", message, status=422, param=path)
    missing = _MISSING.get(path, "parameter_missing")
    code = missing if fault["type"] == "missing" else _own_code(fault) or "parameter_invalid"
    return Rejection(code, explain(fault, path, None), param=path)


def _document_fault(fault: Any, shape: TypeAdapter[T]) -> Fault:
    path = ".".join(map(str, fault["loc"][2:]))
    meant = None
    code = _own_code(fault) or "parameter_invalid"
    if fault["type"] == "extra_forbidden":
        code, meant = "unknown_field", suggest(fault["loc"], shape)
    elif fault["type"] == "missing":
        code = _MISSING.get(path, "dte_field_required")
    return Fault(code, path, explain(fault, path, meant))


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


def _warning(path: Path, shape: TypeAdapter[T]) -> dict[str, Any]:
    meant = suggest(path, shape)
    within = path[2:] if path[0] == "documents" and len(path) > 2 else path
    field = ".".join(map(str, within))
    return {
        "document_index": path[1] if within is not path else None,
        "field": field,
        "code": "unknown_field",
        "message": explain({"type": "extra_forbidden"}, field, meant) + " No se usó.",
        "suggestion": meant,
    }


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
