"""What can be wrong with a document, told so that a person can mend it."""

from dataclasses import dataclass


class DteError(Exception):
    """The root of everything the tax core raises."""


class InvalidRut(DteError):
    """The text is no RUT, or its check digit is wrong."""


class NotLatin1(DteError):
    """A text holds characters that ISO-8859-1 lacks and that have no honest equivalent."""

    def __init__(self, text: str, characters: str) -> None:
        super().__init__(f"{text!r} has characters outside ISO-8859-1: {characters}")
        self.characters = characters


class InvalidCaf(DteError):
    """The file is no CAF, or its parts do not belong together."""


class InvalidCertificate(DteError):
    """The PKCS#12 cannot be opened, or what it holds cannot sign."""


class InvalidXml(DteError):
    """Not XML, forbidden XML (entities, external references), or not what the schema allows."""


class InvalidSignature(DteError):
    """A digest, a signature or a stamp does not verify."""


class InvalidDigest(InvalidSignature):
    """The content is not what was signed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, before it costs a folio; ``warns`` when it stands in nobody's way.

    ``path`` is the JSON path inside the document as its caller wrote it (``details.0.unit_price``),
    ``code`` is stable and catalogued in docs/errors.md, ``message`` is Spanish for the person who mends it.
    """

    code: str
    path: str
    message: str
    warns: bool = False
