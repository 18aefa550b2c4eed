"""What a question is made from: a part of a request, the table, and what it follows or changes.

Owns that record. Must never decide anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from deputy.agent.plans import (
    Group,
    Question,
    Unit,
)
from deputy.agent.playbooks.language.measures import Desk
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.schema import Table


@dataclass(frozen=True, slots=True)
class Task:
    """One part to be made a question. `before`: the question it follows in the message; `base`:
    the question of an earlier plan that it changes."""

    desk: Desk
    piece: Piece
    today: date
    before: Question | None = None
    base: Question | None = None

    @property
    def table(self) -> Table:
        """Give the table."""
        return self.desk.table


def size(table: Table, group: Group) -> int:
    """Give about how many groups there will be."""
    column = table.column(group.column)
    sizes: dict[Unit, int] = {"weekday": 7, "hour": 24, "quarter": 8, "year": 4, "month": 24}
    if group.by is not None:
        return sizes.get(group.by, 60)
    return column.distinct if column is not None else 0
