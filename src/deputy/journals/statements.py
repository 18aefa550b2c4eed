"""The statements of an append, run on the driver itself.

Owns their SQL. An append is the beat of every turn: the way through SQLAlchemy costs as much as
the work. Must never choose what is written.
"""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from deputy.journals.tables import Tables


def lock_statement(tables: Tables) -> str:
    """Give the statement that locks a head and brings the writer's data key along."""
    return f"""
        SELECT h.seq, h.hash, h.epoch, k.key_id, k.wrapped
        FROM {tables.heads.fullname} h
        LEFT JOIN {tables.data_keys.fullname} k ON k.journal = h.journal AND k.owner = %(owner)s
        WHERE h.journal = %(journal)s
        FOR UPDATE OF h
        """  # noqa: S608


def write_statement(tables: Tables) -> str:
    """Give the one statement that writes an append: events, bodies, head and notification."""
    return f"""
        WITH written AS (
            INSERT INTO {tables.events.fullname} (journal, seq, type, command, header)
            SELECT %(journal)s, * FROM unnest(
                %(seqs)s::bigint[], %(types)s::text[], %(commands)s::text[], %(headers)s::bytea[])
        ), told AS (
            INSERT INTO {tables.bodies.fullname} (journal, seq, salt, nonce, ciphertext)
            SELECT %(journal)s, * FROM unnest(
                %(seqs)s::bigint[], %(salts)s::bytea[], %(nonces)s::bytea[],
                %(ciphertexts)s::bytea[])
        ), moved AS (
            UPDATE {tables.heads.fullname}
            SET seq = %(seq)s, hash = %(hash)s, epoch = %(epoch)s
            WHERE journal = %(journal)s
        )
        SELECT pg_notify(%(channel)s, %(payload)s),
            EXISTS (SELECT FROM {tables.data_keys.fullname} WHERE key_id = %(key_id)s)
        """  # noqa: S608


def next_statement(tables: Tables) -> str:
    """Give the one statement that appends behind a known head, or does nothing at all."""
    return f"""
        WITH moved AS (
            UPDATE {tables.heads.fullname} SET seq = %(seq)s, hash = %(hash)s
            WHERE journal = %(journal)s AND seq = %(known)s AND hash = %(prev)s
                AND epoch = %(epoch)s
                AND EXISTS (SELECT FROM {tables.data_keys.fullname} WHERE key_id = %(key_id)s)
            RETURNING journal
        ), written AS (
            INSERT INTO {tables.events.fullname} (journal, seq, type, command, header)
            SELECT moved.journal, e.* FROM moved, unnest(
                %(seqs)s::bigint[], %(types)s::text[], %(commands)s::text[],
                %(headers)s::bytea[]) AS e
        ), told AS (
            INSERT INTO {tables.bodies.fullname} (journal, seq, salt, nonce, ciphertext)
            SELECT moved.journal, e.* FROM moved, unnest(
                %(seqs)s::bigint[], %(salts)s::bytea[], %(nonces)s::bytea[],
                %(ciphertexts)s::bytea[]) AS e
        )
        SELECT pg_notify(%(channel)s, %(payload)s) FROM moved
        """  # noqa: S608


async def fetch(
    connection: AsyncConnection, statement: str, values: dict[str, Any]
) -> tuple[Any, ...] | None:
    """Run one statement of the append on the driver itself, in the connection's transaction.

    Errors come as SQLAlchemy's, without the values.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    try:
        cursor = await driver.execute(statement, values)
        found: tuple[Any, ...] | None = await cursor.fetchone()
    except psycopg.OperationalError as error:
        raise OperationalError(statement, None, error) from error
    except psycopg.InterfaceError as error:
        raise InterfaceError(statement, None, error) from error
    except psycopg.Error as error:
        raise DBAPIError(statement, None, error) from error
    return found
