"""What becomes of a document in doubt once the SII was compared: issued, handed over, or on its way again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from timbre.issuing.causes import say
from timbre.issuing.models import UNSIGNED, Document, State, StoredFile, Stray
from timbre.issuing.restore.pairing import Pair, pair_equal
from timbre.issuing.states import Move, move, reopen

UNSENT = "restored_unsent"
"""The code of what waits for its comparison, and was not signed when the backup was made."""
CANCEL_ASKED = "cancel_asked"
"""The same once somebody has cancelled it: whether it was issued, the comparison will tell."""


def adopt(pairs: Sequence[Pair], now: datetime) -> None:
    """The SII had issued them after the backup: its copies are the evidence. Within the lane's claim."""
    settled = {"issued_at": now, "due_at": now, "failures": 0, "error_code": "", "error_message": ""}
    move([_issue(each, State.ISSUED, _said(each), settled) for each in pairs], now=now)
    _reopen([each.document for each in pairs], now)
    for each in pairs:
        _keep_xml(each)


def hand_over(pairs: Sequence[Pair], now: datetime) -> None:
    """Equal, and perhaps another one all the same: a person looks."""
    moves = []
    for each in pairs:
        said = (
            f"El SII tiene el folio {each.stray.folio}, con exactamente este contenido, y Timbre no puede "
            "saber si es este documento o uno igual: una persona debe revisarlo."
        )
        columns = {"error_code": "doubt_unresolved", "error_message": said}
        moves.append(_issue(each, State.INCOMPLETE, said, columns))
    move(moves, now=now)
    for each in pairs:
        _keep_xml(each)


def hold_equal(documents: Iterable[Document], strays: QuerySet[Stray], now: datetime) -> None:
    """Hands to a person whatever of these says exactly what the SII has issued and nobody here knows."""
    hand_over(pair_equal(documents, strays.order_by("folio")), now)


def resume(documents: Sequence[Document], now: datetime) -> None:
    """Not issued after the backup. What was never signed goes on, or is cancelled if somebody asked for that
    meanwhile; the rest is looked for by folio first.
    """
    _cancel([document for document in documents if document.error_code == CANCEL_ASKED], now)
    said = "El SII no lo tiene, en dos miradas a su lista: no fue emitido. Timbre sigue con él."
    unsigned = [each for each in documents if not each.digest and each.state != State.CANCELLED]
    columns = {**UNSIGNED, "due_at": now, "failures": 0, "error_code": "", "error_message": ""}
    move([Move(document=each, to=State.RECEIVED, said=said, columns=columns) for each in unsigned], now=now)
    _reopen(unsigned, now)
    signed = [document.pk for document in documents if document.digest]
    Document.objects.filter(pk__in=signed, state=State.IN_DOUBT).update(due_at=now, updated_at=now)


def _cancel(documents: Sequence[Document], now: datetime) -> None:
    columns = {**UNSIGNED, "error_code": "cancelled", "error_message": say("cancelled")}
    said = "El SII no lo tiene, en dos miradas a su lista: queda cancelado, como se pidió."
    move([Move(document=each, to=State.CANCELLED, said=said, columns=columns) for each in documents], now=now)


def _reopen(documents: Sequence[Document], now: datetime) -> None:
    """A person may have been asked about them meanwhile, which ended their batch."""
    for batch_id in sorted({document.batch_id for document in documents}):
        reopen(batch_id, now=now)


def _said(pair: Pair) -> str:
    same = pair.document.digest == pair.stray.digest
    proof = "lleva la misma firma" if same else "dice exactamente lo pedido"
    return f"El SII lo emitió con el folio {pair.stray.folio} después del respaldo: su copia {proof}."


def _issue(pair: Pair, to: State, said: str, more: Mapping[str, object]) -> Move:
    sii = {"folio": pair.stray.folio, "codigo": pair.stray.codigo, "digest": pair.stray.digest}
    evidence = {**sii, "content_key": pair.stray.content_key, "signed_at": pair.stray.signed_at.isoformat()}
    return Move(
        document=pair.document, to=to, said=said, evidence=evidence, columns={**sii, "send_form": {}, **more}
    )


def _keep_xml(pair: Pair) -> None:
    """The SII's copy becomes the document's evidence, unless the very bytes that were sent are kept."""
    document, stray = pair.document, pair.stray
    current = StoredFile.objects.filter(document=document, kind=StoredFile.Kind.XML, current=True)
    mark = stray.digest.encode()
    if not any(mark in bytes(file.content) for file in current):
        current.update(current=False)
        StoredFile.of(document, StoredFile.Kind.XML, bytes(stray.xml)).save()
    same = Stray.objects.filter(tipo=stray.tipo, folio=stray.folio)
    same.filter(company__entity=document.company.entity_id).delete()
