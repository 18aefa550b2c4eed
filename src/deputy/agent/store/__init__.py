"""The cell's tables: journals, what is derived from them, and what may be emptied.

Owns every SQL table of schema `cell` and the rows derived from session journals. Must never be
written by anyone but this plane's role.
"""

from deputy.agent.store.migrate import migrate_cell
from deputy.agent.store.projections import project, rebuild
from deputy.agent.store.tables import JOURNALS, METADATA, artifacts, files, sessions, timers, turns

__all__ = [
    "JOURNALS",
    "METADATA",
    "artifacts",
    "files",
    "migrate_cell",
    "project",
    "rebuild",
    "sessions",
    "timers",
    "turns",
]
