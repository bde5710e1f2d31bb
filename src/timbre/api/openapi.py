"""The OpenAPI of /v2: the router's own, with the very shapes that bodies and queries are read against."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"
SHAPES: dict[str, TypeAdapter[Any]] = {}
"""Every documented shape by its reference."""
COMPONENTS: Schema = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["type", "code", "message", "doc_url", "request_id"],
                "properties": {
                    name: {"type": "string"}
                    for name in ("type", "code", "message", "param", "resource", "doc_url", "request_id")
                },
            }
        },
    }
}

LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id")
"""Headers of every answer to a key."""
_SECONDS = {"type": "integer", "minimum": 0}
HEADERS: Schema = {
    name: {"description": said, "schema": kind}
    for name, said, kind in (
        ("X-Request-Id", "Nombra la solicitud; también está en el registro de Timbre.", {"type": "string"}),
        ("X-RateLimit-Limit", "Solicitudes por minuto de esta API key.", _SECONDS),
        ("X-RateLimit-Remaining", "Cuántas más pueden venir ahora mismo.", _SECONDS),
        ("X-RateLimit-Reset", "Segundos hasta que pueden venir todas otra vez.", _SECONDS),
        ("Retry-After", "Segundos que hay que esperar antes de repetirla.", _SECONDS),
    )
}
ERRORS = {
    400: "La solicitud no se entiende, o no se puede en este estado",
    401: "Falta la API key, o no abre",
    403: "A la API key le falta el permiso",
    404: "No existe, o es de otro",
    409: "Ya no se puede, o choca con lo que hay",
    411: "Falta Content-Length",
    413: "Es demasiado grande",
    422: "Un campo o un documento no es válido",
    429: "Demasiadas solicitudes: no se procesó",
    500: "Timbre falló",
    503: "No se procesó: repítela",
}
EVERYWHERE = {400, 401, 403, 411, 413, 429, 500, 503}
NAMING = {"master_entity_id", "rut"}
"""Query parameters that are 404 when they name nothing."""


def documented(
    *,
    query: TypeAdapter[Any] | None = None,
    body: TypeAdapter[Any] | None = None,
    headers: Mapping[str, str] | None = None,
    answers: Mapping[int, Any],
) -> dict[str, Any]:
    """What a route passes to the router so that its OpenAPI says what it reads and answers, by status."""
    parameters = [
        *_query_parameters(query),
        *(_parameter(name, "header", {"type": "string"}, said) for name, said in (headers or {}).items()),
    ]
    extra: Schema = {
        "parameters": parameters,
        "responses": {status: _answer(shape) for status, shape in answers.items()},
    }
    if body:
        extra["requestBody"] = {
            "required": True,
            "content": _json(_schema(body, body.json_schema()["title"])),
        }
    return {"openapi_extra": extra}


def complete(schema: Schema) -> Schema:
    """The router's schema with our components and every error there can be, without the 200 it assumes where
    another is told.
    """
    schema["components"]["schemas"].update(COMPONENTS)
    schema["components"]["headers"] = HEADERS
    schema["components"]["responses"] = {str(status): _error(status) for status in ERRORS}
    for path, operations in schema["paths"].items():
        for verb, operation in operations.items():
            told = operation["responses"]
            if "content" not in told[200]:
                del told[200]
            for answer in told.values():
                answer["headers"] = {name: _header(name) for name in LIMITS}
            told |= {status: _answers(status) for status in sorted(_errors(path, verb, operation))}
    return schema


def _errors(path: str, verb: str, operation: Schema) -> set[int]:
    """The statuses that say no. What names a row may name none: 404; what changes one may come late: 409."""
    names_a_row = "{" in path or any(p["name"] in NAMING for p in operation["parameters"])
    changes = verb != "get"
    return (
        EVERYWHERE
        | ({404} if names_a_row or "requestBody" in operation else set())
        | ({409} if changes else set())
        | ({422} if "requestBody" in operation or path.endswith("/issue/") else set())
    )


def _error(status: int) -> Schema:
    told: Schema = {
        "description": ERRORS[status],
        "content": _json({"$ref": REF.format(model="Error")}),
        "headers": {"X-Request-Id": _header("X-Request-Id")},
    }
    if status in {429, 503}:
        told["headers"]["Retry-After"] = _header("Retry-After")
    return told


def _answers(status: int) -> Schema:
    return {"$ref": f"#/components/responses/{status}"}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _answer(shape: Any) -> Schema:
    if shape is None:
        return {"description": "Sin contenido"}
    return {"description": "Listo", "content": _json(_schema(TypeAdapter(shape), _name(shape)))}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _query_parameters(query: TypeAdapter[Any] | None) -> list[Schema]:
    if query is None:
        return []
    schema = query.json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        _parameter(
            name, "query", {k: v for k, v in kind.items() if k != "title"}, "", required=name in required
        )
        for name, kind in schema["properties"].items()
        if kind.get("type") != "null"
    ]


def _parameter(name: str, place: str, schema: Schema, said: str, *, required: bool = False) -> Schema:
    told: Schema = {"in": place, "name": name, "required": required, "schema": schema}
    return told | {"description": said} if said else told


def _schema(shape: TypeAdapter[Any], name: str) -> Schema:
    """A reference to the shape, which is kept among the components with all that it refers to."""
    schema = shape.json_schema(ref_template=REF)
    COMPONENTS.update(schema.pop("$defs", {}))
    COMPONENTS[name] = schema
    reference = REF.format(model=name)
    SHAPES[reference] = shape
    return {"$ref": reference}


def _name(shape: Any) -> str:
    """``Page[Entity]`` is called ``PageOfEntity``."""
    return "Of".join(each.__name__ for each in (get_origin(shape) or shape, *get_args(shape)))
