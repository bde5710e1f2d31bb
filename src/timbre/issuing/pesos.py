"""Pesos added up by the database, whatever they come to. A credit note takes off what it credits."""

from typing import Any

from django.db.models import BigIntegerField, Case, F, Sum, When

from timbre.dte.codes import NOTAS_DE_CREDITO


class Pesos(Sum):
    """A sum of pesos: to the peso, on SQLite up to 9·10^15 and beyond that to its first fifteen digits.

    SQLite's own SUM refuses what passes 64 bits, as ten of the largest amounts that the SII takes do.
    """

    def as_sqlite(self, *args: Any, **extra: Any) -> Any:
        return self.as_sql(*args, **extra, function="TOTAL")


def signed(column: str) -> Case:
    """The column of a document, below zero for a credit note."""
    return Case(
        When(tipo__in=NOTAS_DE_CREDITO, then=-F(column)), default=F(column), output_field=BigIntegerField()
    )
