"""The OpenAPI of /v2: the router's own, with the very shapes that bodies and queries are read against."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"
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
    status: int = 200,
) -> dict[str, Any]:
    """What a route passes to the router so that its OpenAPI says what it reads and answers."""
    parameters = [
        *_query_parameters(query),
        *(_parameter(name, "header", {"type": "string"}, said) for name, said in (headers or {}).items()),
    ]
    extra: Schema = {
        "parameters": parameters,
        "responses": {
            status: {"description": "Sin contenido" if status == 204 else "Listo"},
            "default": {
                "description": "Error",
                "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
            },
        },
    }
    if body:
        content = {"application/json": {"schema": _schema(body)}}
        extra["requestBody"] = {"required": True, "content": content}
    return {"openapi_extra": extra}


def complete(schema: Schema) -> Schema:
    """The router's schema with our components, without the 200 it assumes where another is told."""
    schema["components"]["schemas"].update(COMPONENTS)
    for operations in schema["paths"].values():
        for operation in operations.values():
            told = operation["responses"]
            if any(status in told for status in (201, 202, 204)):
                told.pop(200, None)
    return schema


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


def _schema(shape: TypeAdapter[Any]) -> Schema:
    schema = shape.json_schema(ref_template=REF)
    COMPONENTS.update(schema.pop("$defs", {}))
    COMPONENTS[schema["title"]] = schema
    return {"$ref": REF.format(model=schema["title"])}
