"""Telling a database that cannot answer now from a defect of ours.

Owns the words for it. Must never hide an error that trying again cannot cure.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import DiskFull, IdleInTransactionSessionTimeout
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from deputy.core.errors import DatabaseUnavailableError

_DRIVERS = (psycopg.OperationalError, psycopg.InterfaceError, IdleInTransactionSessionTimeout)


@contextmanager
def told_as_outages() -> Iterator[None]:
    """Raise `DatabaseUnavailableError` for whatever passes once the database answers again."""
    try:
        yield
    except (DBAPIError, *_DRIVERS) as error:
        cause = getattr(error, "orig", error)
        if not isinstance(error, (OperationalError, InterfaceError)) and not isinstance(
            cause, _DRIVERS
        ):
            raise
        if isinstance(cause, DiskFull):
            raise DatabaseUnavailableError(
                "The disk that keeps the database is full; nothing was recorded.",
                hint="Free space on it or give it more; Deputy goes on by itself.",
                code="database.disk_full",
            ) from error
        raise DatabaseUnavailableError(
            "The database does not answer now; what was recorded is safe.",
            hint="Deputy reconnects by itself: send it again in a moment.",
        ) from error
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError(
            "Every connection to the database is busy.",
            hint="Send it again in a moment; if it stays, fewer people may ask at once here.",
            code="database.busy",
        ) from error
