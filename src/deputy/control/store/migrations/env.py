"""Alembic's entry into schema `control`.

Owns nothing: names the tables and hands over. Must never hold a revision.
"""

from alembic import context

from deputy.control.store.tables import METADATA
from deputy.journals.migrations import run_revisions

run_revisions(context, METADATA)
