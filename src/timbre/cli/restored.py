"""What a person wants to know after a restore: which companies are closed, and what nobody knows here."""

import click
from django.db.utils import DatabaseError

from timbre.issuing.restore.straying import all_strays, comparisons


def report() -> None:
    """Prints the companies still to be compared with the SII and the documents found there unknown here."""
    try:
        waiting = list(comparisons().filter(done_at=None))
    except DatabaseError as failure:
        raise click.ClickException(f"no se pudo leer la base de datos: {failure}") from None
    for row in waiting:
        click.echo(
            f"por comparar  {row.company.entity.rut}  {row.lane_id}  {row.looks} de 2 miradas  "
            f"desde {row.since:%Y-%m-%d %H:%M} UTC"
        )
    strays = list(all_strays())
    for stray in strays:
        click.echo(
            f"desconocido  {stray.company.entity.rut}  tipo {stray.tipo}  folio {stray.folio}  "
            f"{stray.date_issued}  receptor {stray.receiver_rut}  ${stray.total}"
        )
    compared = comparisons().exclude(done_at=None).count()
    click.echo(f"{len(waiting)} por comparar, {compared} comparadas, {len(strays)} documentos desconocidos")
