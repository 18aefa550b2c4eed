"""Control's tables: the organisation's journal.

Owns every SQL table of schema `control`. Must never be written by anyone but this plane's role.
"""

from deputy.control.store.founding import lock_founding
from deputy.control.store.migrate import migrate_control
from deputy.control.store.projections import project
from deputy.control.store.tables import JOURNALS, METADATA

__all__ = ["JOURNALS", "METADATA", "lock_founding", "migrate_control", "project"]
