"""Table definitions of schema `control`.

Owns columns and kinds. Must never hold content of sessions: ids, digests and numbers only.
"""

from __future__ import annotations

from sqlalchemy import MetaData

from deputy.journals import journal_tables

SCHEMA = "control"
METADATA = MetaData(schema=SCHEMA)
JOURNALS = journal_tables(METADATA)
