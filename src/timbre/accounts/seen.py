"""When a session or a key was last seen: worth a note, never a wait."""

from django.db import OperationalError, connection
from django.db.models import Model, QuerySet


def note(rows: QuerySet[Model], **columns: object) -> None:
    """Updates the rows; not while another one writes to SQLite, for who only reads waits for no writer.

    What was not noted now is noted at the next request.
    """
    if connection.vendor != "sqlite":
        rows.update(**columns)
        return
    connection.ensure_connection()
    sqlite = connection.connection
    [waits] = sqlite.execute("PRAGMA busy_timeout").fetchone()
    sqlite.execute("PRAGMA busy_timeout = 0")
    try:
        rows.update(**columns)
    except OperationalError as error:
        if "database is locked" not in str(error):
            raise
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {waits}")
