"""Control's tables: the organisation's journal.

Owns every SQL table of schema `control`. Must never be written by anyone but this plane's role.
"""

from deputy.control.store.migrate import migrate_control
from deputy.control.store.tables import JOURNALS, METADATA

__all__ = ["JOURNALS", "METADATA", "migrate_control"]
