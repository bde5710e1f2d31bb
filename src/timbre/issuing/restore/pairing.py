"""Which document in doubt is which of those the SII has issued and Timbre does not know. Pure.

The same digest is proof. Where there is none, the backup was made before the document was signed: then one
that says exactly the same, was signed after the backup and is nobody's, is it. Of n equal documents and m
equal finds, m are paired, whichever: twins are normal, and they are interchangeable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from timbre.issuing.asking import to_documento
from timbre.issuing.models import Document, Stray
from timbre.sii.portal.matching import content_key

SIGNING = timedelta(minutes=10)
"""Between the SII's signature and our saving of it, and between its clock and ours: no more than this."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A document and what the SII issued. Not ``sure``: it may be another one that says the same."""

    document: Document
    stray: Stray
    sure: bool = True


def pair(documents: Sequence[Document], strays: Sequence[Stray], since: datetime) -> list[Pair]:
    """The documents that the SII has issued, each with its find; ``since`` is the backup's moment."""
    pairs = _by_digest(documents, strays)
    left = _left(documents, pairs)
    moment = since.replace(microsecond=0)  # the SII's clock shows whole seconds
    free = sorted(_free(strays, pairs), key=lambda stray: stray.folio)
    pairs += _by_content(left, [stray for stray in free if stray.signed_at >= moment], sure=True)
    # Whatever was signed well before the backup was saved in it, if it was ours.
    near = [stray for stray in free if moment - SIGNING <= stray.signed_at < moment]
    unsigned = [document for document in _left(left, pairs) if not document.digest]
    return pairs + _by_content(unsigned, near, sure=False)


def pair_equal(documents: Iterable[Document], strays: Iterable[Stray]) -> list[Pair]:
    """Documents that say exactly what the SII has issued already; each may be another one all the same."""
    return _by_content(list(documents), list(strays), sure=False)


def _by_digest(documents: Sequence[Document], strays: Sequence[Stray]) -> list[Pair]:
    found = {stray.digest: stray for stray in strays}
    return [Pair(each, found[each.digest]) for each in documents if each.digest in found]


def _by_content(documents: Sequence[Document], strays: Sequence[Stray], *, sure: bool) -> list[Pair]:
    said: dict[str, list[Stray]] = {}
    for stray in strays:
        said.setdefault(stray.content_key, []).append(stray)
    pairs = []
    for document in documents if said else ():
        equal = said.get(content_key(to_documento(document.request)))
        if equal:
            pairs.append(Pair(document, equal.pop(0), sure))
    return pairs


def _left(documents: Sequence[Document], pairs: Sequence[Pair]) -> list[Document]:
    paired = {each.document.pk for each in pairs}
    return [document for document in documents if document.pk not in paired]


def _free(strays: Sequence[Stray], pairs: Sequence[Pair]) -> list[Stray]:
    paired = {each.stray.pk for each in pairs}
    return [stray for stray in strays if stray.pk not in paired]
