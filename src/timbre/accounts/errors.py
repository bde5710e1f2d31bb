"""A request that is answered with a no: the one error domain code raises towards a caller."""

from collections.abc import Mapping, Sequence

from timbre.dte.errors import Fault


class Rejection(Exception):
    """Nothing was saved. ``code`` is stable English (docs/errors.md), ``message`` Spanish for a person.

    ``status`` is the HTTP status that says the same; ``param`` the path of the fault in the request,
    ``resource`` the id of what stands in the way, ``retry_after`` seconds after which to ask again.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        param: str = "",
        resource: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.param, self.resource, self.retry_after = param, resource, retry_after


class NotFound(Rejection):
    """Absent, or somebody else's: the answer is the same."""

    def __init__(self, what: str, resource: str = "") -> None:
        super().__init__(
            "resource_missing", f"No existe {what} con ese identificador.", status=404, resource=resource
        )


OUTSIDE = -1
"""The index of no document."""


def param_of(index: int, fault: Fault) -> str:
    """The path of a fault in the request that holds the document of this index."""
    return fault.path if index == OUTSIDE else f"documents.{index}.{fault.path}".rstrip(".")


class InvalidDocuments(Rejection):
    """A batch that cannot be accepted, with the faults of its documents, by index.

    Under ``OUTSIDE`` are those of what the request says beside ``documents``; ``untold`` is how many there
    are besides.
    """

    def __init__(self, faults: Mapping[int, Sequence[Fault]], untold: int = 0) -> None:
        index, first = next((i, f[0]) for i, f in sorted(faults.items()) if f)
        super().__init__(first.code, first.message, status=422, param=param_of(index, first))
        self.faults, self.untold = faults, untold
