"""A database is sound: no damage, no key that leads nowhere, the tables wanted."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import opened, quoted, shown, tables_of
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "database.keys_hold"
TITLE = "The database is undamaged, its foreign keys lead somewhere, its tables are those stated"
LIMITS = "whether its rows are right"
KIND = "inspects"
APPLIES_TO = (".sqlite", ".sqlite3", ".db")
TAKES = "tables: {table: number of rows, or null}; keys: [table] that must have a primary key."


def check(target: Path, params: dict[str, Any]) -> str:
    """Ask the database itself, then count."""
    database = opened(target)
    try:
        wrong = _unsound(database)
        names = tables_of(database)
        for table, rows in (params.get("tables") or {}).items():
            if table not in names:
                wrong.append(f"there is no table {table!r}")
            elif rows is not None and _count(database, table) != int(rows):
                wrong.append(f"{table!r} has {_count(database, table):,} rows, not {int(rows):,}")
        for table in params.get("keys") or ():
            columns = database.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
            if not any(column[5] for column in columns):
                wrong.append(f"{table!r} has no primary key")
        if not names:
            wrong.append("it has no table")
    except sqlite3.Error as broken:
        raise FailedError(f"{target.name} is damaged: {broken}.") from broken
    finally:
        database.close()
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(names)} tables, undamaged, all keys hold."


def _unsound(database: sqlite3.Connection) -> list[str]:
    told = [row[0] for row in database.execute("PRAGMA integrity_check(10)")]
    wrong = [f"damage: {one}" for one in told if one != "ok"]
    loose = database.execute("PRAGMA foreign_key_check").fetchmany(10)
    return wrong + [f"row {row[1]} of {row[0]!r} names none of {row[2]!r}" for row in loose]


def _count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])  # noqa: S608
