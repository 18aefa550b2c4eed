"""The rows derived from the organisation's journal: none yet beyond the journal's own.

Owns the place where they are written. The directory is small and folded in memory.
"""

from __future__ import annotations

from deputy.journals import Projector

project = Projector({})
"""Writes control's derived rows."""
