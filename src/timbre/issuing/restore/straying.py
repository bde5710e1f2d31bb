"""Documents the SII has and Timbre does not: told once, warned of when the same is asked for again."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet

from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.dte.codes import NOTAS
from timbre.dte.document import Documento
from timbre.dte.rut import with_dots
from timbre.issuing.models import Document, Reconciliation, Stray
from timbre.sii.portal.matching import content_key
from timbre.sii.portal.reading import annulled
from timbre.taxpayers.models import Company
from timbre.webhooks.emit import Telling, emit

log = structlog.get_logger(__name__)
UNKNOWN = "document.unknown"
SHOWN_FOR, MOST_SHOWN = timedelta(days=30), 50


def tell_strays(company: Company, now: datetime) -> None:
    """Tells, once, of what nobody here knows; while a lane has still to be compared, it may yet be known."""
    if is_comparing(company):
        return
    strays = Stray.objects.filter(company=company, told_at=None).order_by("tipo", "folio")
    found = list(strays)
    for stray in found:
        log.warning("document unknown", company=company.pk, tipo=stray.tipo, folio=stray.folio)
    emit([Telling(type=UNKNOWN, company=company, data=_data(stray, company)) for stray in found], now=now)
    strays.update(told_at=now)


def equal_strays(asked: Collection[tuple[str, Documento]]) -> dict[tuple[str, str], list[int]]:
    """(company id, content key) -> folios the SII issued with exactly that content and nobody here knows."""
    strays = Stray.objects.filter(company__in={company for company, _ in asked})
    found: dict[tuple[str, str], list[int]] = {}
    for company, key, folio in strays.order_by("folio").values_list("company", "content_key", "folio"):
        found.setdefault((company, key), []).append(folio)
    return found


def warnings_of_strays(asked: Collection[tuple[str, Documento]]) -> list[dict[str, Any]]:
    """A warning for each document of (company id, content) that equals one the SII issued and we lost."""
    found = equal_strays(asked)
    warnings = []
    for index, (company, documento) in enumerate(asked if found else ()):
        folios = found.get((company, content_key(documento)))
        if folios:
            warnings.append(_warning(index, folios.pop(0)))
    return warnings


def refuse_lost_annulments(originals: Iterable[Document]) -> None:
    """Raises Rejection (409) for what a note annuls that the SII has and nobody here knows,
    ``annulled_at_sii``; and while that is still being looked up, ``company_comparing``.
    """
    for original in originals:
        if is_comparing(original.company):
            raise Rejection(
                "company_comparing",
                "Se restauró un respaldo y Timbre está mirando en el SII qué se emitió después: puede que ya "
                "esté anulado. Espera a que termine y repite.",
                status=409,
                resource=original.pk,
            )
        named = (str(original.tipo), str(original.folio))
        for stray in Stray.objects.filter(company=original.company_id, tipo__in=NOTAS).order_by("folio"):
            if named in {(tipo, folio.lstrip("0")) for tipo, folio in annulled(bytes(stray.xml))}:
                raise _annulled_at_sii(original, stray)


def _annulled_at_sii(original: Document, stray: Stray) -> Rejection:
    return Rejection(
        "annulled_at_sii",
        f"El SII tiene la nota tipo {stray.tipo}, folio {stray.folio}, que lo anula, emitida antes de "
        "restaurar un respaldo. Si esa nota fue anulada a su vez, envía la nueva en un lote.",
        status=409,
        resource=original.pk,
    )


def _warning(index: int, folio: int) -> dict[str, Any]:
    return {
        "document_index": index,
        "field": "",
        "code": "already_at_sii",
        "message": f"El SII ya tiene el folio {folio} con exactamente este contenido, emitido antes de "
        "restaurar un respaldo. Se emitirá de todos modos: cancela el lote si es el mismo.",
        "suggestion": None,
    }


def _data(stray: Stray, company: Company) -> dict[str, Any]:
    entity = company.entity
    return {
        "folio": str(stray.folio),
        "dte_type": {"code": str(stray.tipo)},
        "date_issued": stray.date_issued.isoformat(),
        "amount_with_iva": float(stray.total),
        "sender": {"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)},
        "receiver": {"tax_id": with_dots(stray.receiver_rut)},
    }


def is_comparing(company: Company) -> bool:
    """Whether the company issues nothing in some lane until what the SII has was compared."""
    return Reconciliation.objects.filter(company=company, done_at=None).exists()


def recent_strays(scope: Scope, company: Company, now: datetime) -> list[Stray]:
    """What nobody here knows of the company's documents at the SII, for a month after it was found."""
    recent = Stray.within(scope).filter(company=company, found_at__gt=now - SHOWN_FOR)
    return list(recent.defer("xml").order_by("tipo", "folio")[:MOST_SHOWN])


def comparisons() -> QuerySet[Reconciliation]:
    """Everybody's companies that were or are to be compared, for who operates Timbre; of those that were
    retired, which issue nothing, only what was compared.
    """
    retired = {"done_at": None, "company__unenrolled_at__isnull": False}
    rows = Reconciliation.objects.exclude(**retired).select_related("company__entity")
    return rows.order_by("company__entity__rut")


def all_strays() -> QuerySet[Stray]:
    """What nobody here knows of anybody's documents at the SII, for who operates Timbre."""
    ordered = Stray.objects.order_by("company__entity__rut", "tipo", "folio")
    return ordered.select_related("company__entity").defer("xml")
