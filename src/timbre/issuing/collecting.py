"""Issued documents get their files: the SII's copies confirm the digests, its PDFs are stored, it is told."""

from collections.abc import Callable, Sequence
from datetime import datetime

from timbre.issuing.models import Document, State, StoredFile
from timbre.issuing.states import Move, move
from timbre.issuing.steps import prepared_of, wait
from timbre.sii.gateway import Gateway, Issued, Unreachable
from timbre.work.claim import holding
from timbre.work.models import Lane

CHUNK = 20
"""The SII's backup hands out twenty documents at a time."""

Clock = Callable[[], datetime]


def collect(lane: Lane, documents: Sequence[Document], gateway: Gateway, clock: Clock) -> None:
    """Fetches the files of up to twenty issued documents of one company, type and date, and tells them.

    Raises Unreachable when the SII cannot be asked; what has no copy at the SII yet waits.
    """
    first = documents[0]
    emisor = first.company.entity.rut
    folios = tuple(document.folio or 0 for document in documents)
    copies = gateway.fetch_digests(emisor, first.tipo, first.date_issued, folios)
    moves, files = [], []
    for document in documents:
        digest = copies.get(document.folio or 0)
        if digest is None:
            wait(lane, document, "sii_copy_missing", clock())
        elif digest != document.digest:
            moves.append(_mismatch(document, digest))
        else:
            try:
                pdf = gateway.fetch_pdf(emisor, _issued(document, gateway))
            except Unreachable:
                wait(lane, document, "sii_unavailable", clock())
                continue
            files.append(StoredFile.of(document, StoredFile.Kind.PDF, pdf))
            moves.append(_done(document, files[-1]))
    _save(lane, moves, files, clock())


def _save(lane: Lane, moves: list[Move], files: list[StoredFile], now: datetime) -> None:
    with holding(lane):
        StoredFile.objects.bulk_create(files)
        confirmed = [file.document_id for file in files]
        StoredFile.objects.filter(document__in=confirmed, kind=StoredFile.Kind.XML, current=True).update(
            confirmed_at=now
        )
        move(moves, now=now)


def _issued(document: Document, gateway: Gateway) -> Issued:
    """The SII's number of the document; looked for when a person resolved the doubt without it."""
    if document.codigo:
        return Issued(document.folio or 0, document.codigo)
    found = gateway.find(prepared_of(document))
    if not isinstance(found, Issued):
        raise Unreachable("the SII does not list the document yet")
    return found


def _done(document: Document, pdf: StoredFile) -> Move:
    evidence = {"pdf_sha256": pdf.sha256, "digest": document.digest}
    said = "La copia del SII lleva la misma firma; XML y PDF guardados."
    return Move(
        document=document,
        to=State.DONE,
        said=said,
        evidence=evidence,
        columns={"error_code": "", "failures": 0},
    )


def _mismatch(document: Document, digest: str) -> Move:
    said = (
        f"La copia del SII con el folio {document.folio} no es la que se envió: una persona debe revisarlo."
    )
    return Move(
        document=document,
        to=State.INCOMPLETE,
        said=said,
        evidence={"sii_digest": digest, "digest": document.digest},
        columns={"error_code": "sii_copy_differs", "error_message": said},
    )
