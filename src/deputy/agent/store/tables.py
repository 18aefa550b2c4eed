"""Table definitions of schema `cell`.

Owns columns and kinds. Must never hold content: sentences, names and file contents live in
encrypted bodies and blobs; a title or file name is read by fold.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table

from deputy.journals import journal_tables

SCHEMA = "cell"
METADATA = MetaData(schema=SCHEMA)
JOURNALS = journal_tables(METADATA)

_DERIVED = {"kind": "derived"}
_OPERATIONAL = {"kind": "operational"}

sessions = Table(
    "sessions",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("owner", String(40), nullable=False, index=True),
    Column("agent", String(40), nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("moved_us", BigInteger, nullable=False),
    info=_DERIVED,
)

turns = Table(
    "turns",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("session", String(40), nullable=False),
    Column("requester", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("requested_us", BigInteger, nullable=False),
    Column("finished_us", BigInteger),
    Column("claims", Integer, nullable=False),
    Index("turns_session", "session", "id"),
    Index("turns_finished", "finished_us"),
    Index("turns_open", "status", postgresql_where="status <> 'finished'"),
    info=_DERIVED,
)

files = Table(
    "files",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("session", String(40), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    info=_DERIVED,
)

artifacts = Table(
    "artifacts",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("session", String(40), nullable=False, index=True),
    Column("turn", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("verified", Boolean, nullable=False),
    info=_DERIVED,
)

timers = Table(
    "timers",
    METADATA,
    Column("turn", String(40), primary_key=True),
    Column("session", String(40), nullable=False),
    Column("due_us", BigInteger, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),
    info=_OPERATIONAL,
)

exports = Table(
    "exports",
    METADATA,
    Column("turn", String(40), primary_key=True),
    Column("session", String(40), nullable=False),
    Column("finished_us", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Index("exports_state", "state", "tries", "finished_us"),
    info=_OPERATIONAL,
)
