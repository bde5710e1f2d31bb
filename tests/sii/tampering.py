"""What the man in the middle does to one field."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode


def altered(value: str) -> str:
    """One character of the value changed: a peso, a digit, a letter; a blank is filled."""
    if not value:
        return "1"
    last = value[-1]
    return value[:-1] + (str((int(last) + 1) % 10) if last.isdigit() else ("b" if last == "a" else "a"))


def in_request(
    name: str, change: Callable[[str], str], *, encoding: str = "iso-8859-1"
) -> Callable[[bytes], bytes]:
    def tamper(body: bytes) -> bytes:
        fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, encoding=encoding))
        if not fields:
            return body
        fields[name] = change(fields.get(name, ""))
        return urlencode(fields, encoding=encoding).encode()

    return tamper
