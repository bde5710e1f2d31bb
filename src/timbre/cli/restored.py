"""What a person wants to know after a restore: which companies are closed, and what nobody knows here."""

import click

from timbre.issuing.models import Document, Reconciliation, State, Stray


def report() -> None:
    """Prints the companies still to be compared with the SII and the documents found there unknown here."""
    waiting = Reconciliation.objects.filter(done_at=None).select_related("company__entity")
    for row in waiting.order_by("company__entity__rut"):
        doubts = Document.objects.filter(company=row.company, lane=row.lane_id, state=State.IN_DOUBT).count()
        click.echo(
            f"por comparar  {row.company.entity.rut}  {row.lane_id}  miradas {row.looks} de 2  "
            f"en duda {doubts}  desde {row.since:%Y-%m-%d %H:%M} UTC"
        )
    done = Reconciliation.objects.exclude(done_at=None).count()
    strays = Stray.objects.select_related("company__entity").order_by("company__entity__rut", "tipo", "folio")
    for stray in strays:
        click.echo(
            f"desconocido  {stray.company.entity.rut}  tipo {stray.tipo}  folio {stray.folio}  "
            f"{stray.date_issued}  receptor {stray.receiver_rut}  ${stray.total}"
        )
    click.echo(f"{len(waiting)} por comparar, {done} comparadas, {len(strays)} documentos desconocidos")
