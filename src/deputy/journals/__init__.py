"""Journals in PostgreSQL: append-only, hash-chained, body-encrypted logs any plane may keep.

Owns the tables of a journal (made inside the schema of the plane that keeps it), appending,
reading and verifying. Must never interpret a body.
"""

from deputy.journals.journal import Connection, Journal, News, Recorded
from deputy.journals.keys import KeyRing
from deputy.journals.projecting import Projection, Projector
from deputy.journals.tables import Tables, journal_tables

__all__ = [
    "Connection",
    "Journal",
    "KeyRing",
    "News",
    "Projection",
    "Projector",
    "Recorded",
    "Tables",
    "journal_tables",
]
