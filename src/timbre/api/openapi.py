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
        "responses": {status: _answer(shape) for status, shape in answers.items()}
        | {"default": {"description": "Error", "content": _json({"$ref": REF.format(model="Error")})}},
    }
    if body:
        extra["requestBody"] = {
            "required": True,
            "content": _json(_schema(body, body.json_schema()["title"])),
        }
    return {"openapi_extra": extra}


def complete(schema: Schema) -> Schema:
    """The router's schema with our components, without the 200 it assumes where another is told."""
    schema["components"]["schemas"].update(COMPONENTS)
    for operations in schema["paths"].values():
        for operation in operations.values():
            told = operation["responses"]
            if "content" not in told[200]:
                del told[200]
    return schema


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
