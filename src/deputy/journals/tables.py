"""The tables of a journal, defined inside the metadata of the plane that owns them.

Owns their columns. Every table of Deputy declares its kind: `journal` (the truth), `derived`
(rebuilt by fold), `operational` (may be emptied, losing no fact) or `secret`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

KINDS = ("journal", "derived", "operational", "secret")


@dataclass(frozen=True, slots=True)
class Tables:
    """The journal's tables of one plane."""

    heads: Table
    events: Table
    bodies: Table
    data_keys: Table


def journal_tables(metadata: MetaData) -> Tables:
    """Define a plane's journal tables in its metadata (schema included there)."""
    heads = Table(
        "heads",
        metadata,
        Column("journal", String(40), primary_key=True),
        Column("seq", BigInteger, nullable=False),
        Column("hash", String(64), nullable=False),
        Column("epoch", Integer, nullable=False),
        info={"kind": "derived"},
    )
    events = Table(
        "events",
        metadata,
        Column("journal", String(40), primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("type", String(64), nullable=False),
        Column("command", String(40)),
        Column("header", LargeBinary, nullable=False),
        Index(
            "events_command",
            "journal",
            "command",
            unique=True,
            postgresql_where="command IS NOT NULL",
        ),
        info={"kind": "journal"},
    )
    bodies = Table(
        "bodies",
        metadata,
        Column("journal", String(40), primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("salt", LargeBinary, nullable=False),
        Column("nonce", LargeBinary, nullable=False),
        Column("ciphertext", LargeBinary, nullable=False),
        info={"kind": "journal"},
    )
    data_keys = Table(
        "data_keys",
        metadata,
        Column("key_id", String(40), primary_key=True),
        Column("journal", String(40), nullable=False),
        Column("owner", String(40), nullable=False),
        Column("wrapped", LargeBinary, nullable=False),
        Column("wrapped_by", Text, nullable=False),
        Index("data_keys_owner", "journal", "owner", unique=True),
        info={"kind": "secret"},
    )
    return Tables(heads, events, bodies, data_keys)
