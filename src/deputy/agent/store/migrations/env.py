"""Alembic's entry into schema `cell`.

Owns nothing: names the tables and hands over. Must never hold a revision.
"""

from alembic import context

from deputy.agent.store.tables import METADATA
from deputy.journals.migrations import run_revisions

run_revisions(context, METADATA)
