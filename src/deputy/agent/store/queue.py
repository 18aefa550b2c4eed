"""The queue's schema and its version.

Owns how Procrastinate's own SQL reaches schema `queue`: whole on a new database, its migrations
one by one on an older one. The version is the schema's comment. Must never write a job.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

SCHEMA: Final = "queue"


def newest_change() -> str:
    """Name the newest change of the installed Procrastinate's schema."""
    return _changes()[-1].stem


def bring_up_to_date(connection: Connection) -> None:
    """Make or migrate schema `queue`; a later revision calls this when the lock moves on."""
    found = connection.execute(
        text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')"),
        {"schema": SCHEMA},
    ).scalar_one_or_none()
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    before = connection.execute(text("SELECT current_setting('search_path')")).scalar_one()
    connection.execute(text(f'SET LOCAL search_path = "{SCHEMA}"'))
    if found is None:
        _run(connection, SchemaManager.get_schema())
    else:
        for change in _changes():
            if change.stem > found:
                _run(connection, change.read_text(encoding="utf-8"))
    connection.execute(text("SELECT set_config('search_path', :before, true)"), {"before": before})
    connection.execute(text(f"COMMENT ON SCHEMA \"{SCHEMA}\" IS '{newest_change()}'"))


def _changes() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _run(connection: Connection, script: str) -> None:
    # The driver itself takes many statements at once; a text() would read colons as parameters.
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(script)
