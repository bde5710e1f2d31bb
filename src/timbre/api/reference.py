"""The readable page of an OpenAPI document: static HTML, its style inline, no script, no outside host."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h2{margin-top:3rem;border-bottom:1px solid #d5dbe3}
code{background:#f1f4f8;padding:.1em .3em;border-radius:3px}
h3 .verb{display:inline-block;min-width:4.5rem;color:#0a5cad}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #e6eaf0}
nav li{margin:.2rem 0}.muted{color:#5b6675}:target{background:#fff6d6}
"""


def render(schema: Schema, codes: Mapping[str, tuple[int, str]]) -> str:
    """The page. ``codes`` is the error catalogue, code -> (HTTP status, Spanish); each code is an anchor."""
    operations = list(_operations(schema))
    body = "\n".join(
        [
            f"<h1>{escape(schema['info']['title'])}: referencia de la API</h1>",
            f"<p>{escape(schema['info']['description'])}</p>",
            '<p>La misma referencia para programas: <a href="/v2/openapi.json">/v2/openapi.json</a>.</p>',
            _index(operations),
            *(_operation(path, verb, operation) for path, verb, operation in operations),
            "<h2 id='formas'>Formas</h2>",
            *(_component(name, shape) for name, shape in sorted(schema["components"]["schemas"].items())),
            "<h2 id='errores'>Errores</h2>",
            _codes(codes),
        ]
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    title = f"<title>{escape(schema['info']['title'])}: referencia</title>"
    return f'<!doctype html><html lang="es-CL"><head>{head}{title}</head><body>{body}</body></html>'


def _operations(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb.upper(), operation


def _index(operations: list[tuple[str, str, Schema]]) -> str:
    items = "".join(
        f'<li><a href="#{operation["operationId"]}"><code>{verb} {escape(path)}</code></a> '
        f"{escape(operation['summary'])}</li>"
        for path, verb, operation in operations
    )
    return f'<nav><ul>{items}<li><a href="#errores">Errores</a></li></ul></nav>'


def _operation(path: str, verb: str, operation: Schema) -> str:
    title = f'<span class="verb">{verb}</span><code>{escape(path)}</code>'
    heading = f'<h3 id="{operation["operationId"]}">{title}</h3>'
    said = escape(operation.get("description", "")).replace("\n\n", "</p><p>")
    rows = [
        (p["name"], p["in"], _kind(p["schema"]), p.get("required", False), p.get("description", ""))
        for p in operation["parameters"]
    ]
    body = operation.get("requestBody")
    shape = _kind(body["content"]["application/json"]["schema"]) if body else ""
    answers = "; ".join(
        _answer(status, told) for status, told in operation["responses"].items() if int(status) < 400
    )
    return "\n".join(
        [
            heading,
            f"<p><strong>{escape(operation['summary'])}.</strong> {said}</p>",
            _table(rows),
            f"<p>Cuerpo: {shape}.</p>" if body else "",
            f"<p>Responde {answers}.</p>",
        ]
    )


def _answer(status: int, told: Schema) -> str:
    shape = _kind(told["content"]["application/json"]["schema"]) if "content" in told else "sin contenido"
    return f"{status}: {shape}"


def _component(name: str, shape: Schema) -> str:
    required = shape.get("required", [])
    rows = [
        (field, "", _kind(kind), field in required, kind.get("description", ""))
        for field, kind in shape.get("properties", {}).items()
    ]
    said = escape(shape.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{said}</p>{_table(rows)}'


def _table(rows: list[tuple[str, str, str, bool, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td>"
        f"<td>{'obligatorio' if required else ''}</td><td>{escape(said)}</td></tr>"
        for name, _, kind, required, said in rows
    )
    return f"<table>{lines}</table>"


def _kind(schema: Schema) -> str:
    """A schema in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " o ".join(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema or "const" in schema:
        return " | ".join(escape(str(value)) for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "")
    if kind == "null":
        return '<span class="muted">no se ofrece todavía</span>'
    if kind == "array":
        return f"lista de {_kind(schema['items'])}"
    return escape(
        " o ".join(kind) if isinstance(kind, list) else f"{kind} {schema.get('format', '')}".strip()
    )


def _codes(codes: Mapping[str, tuple[int, str]]) -> str:
    lines = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{status}</td><td>{escape(said)}</td></tr>'
        for code, (status, said) in sorted(codes.items())
    )
    return f"<table><tr><th>Código</th><th>HTTP</th><th>Qué significa y qué hacer</th></tr>{lines}</table>"
