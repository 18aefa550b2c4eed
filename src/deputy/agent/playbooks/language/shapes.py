"""Gives a table the columns that a request computes, and the words that then name them plainly.

Owns putting such columns into the table as the language sees it, and saying so. Must never give a
column that the words do not call for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from deputy.agent.plans import DERIVED_MAX, Derived, Plan, Unpivot
from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.schema import Column, Table

How = Literal["sum", "difference", "product", "quotient", "days", "hours"]
NAME_WORDS_MAX = 6
_MARK = 0xE000
"""A character of private use stands for each computed column until all rules are done."""
_JOINS: dict[How, str] = {
    "sum": "plus", "difference": "less", "product": "times", "quotient": "over",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shaped:
    """A request and its table with what is computed. `notes` say how it was read."""

    text: str
    table: Table
    derived: tuple[Derived, ...] = ()
    unpivot: Unpivot | None = None
    notes: tuple[str, ...] = ()

    def said(self, start: int, end: int, now: str) -> Shaped:
        """Give this with a stretch of the text put differently."""
        for at, one in enumerate(self.derived):
            now = now.replace(one.name, chr(_MARK + at))
        return replace(self, text=f"{self.text[:start]}{now}{self.text[end:]}")

    def spelled(self) -> Shaped:
        """Give this with the names of computed columns written out: until then none is read."""
        text = self.text
        for at, one in enumerate(self.derived):
            text = text.replace(chr(_MARK + at), one.name)
        return replace(self, text=text)

    def noting(self, note: str) -> Shaped:
        """Give this with more to say."""
        return self if note in self.notes else replace(self, notes=(*self.notes, note))

    def used(self, names: set[str]) -> tuple[Derived, ...]:
        """Give the computed columns that a plan uses, those that others need included."""
        wanted = set(names)
        for one in reversed(self.derived):
            wanted |= set(one.of) if one.name in wanted else set()
        return tuple(one for one in self.derived if one.name in wanted)


def with_column(shaped: Shaped, how: How, first: Column, second: Column) -> tuple[Shaped, str]:
    """Give the table with a column computed of two others, and the column's name."""
    name = _name(shaped.table, how, first, second)
    if shaped.table.column(name) is not None or len(shaped.derived) >= DERIVED_MAX:
        return shaped, name
    column = Column(
        name=name, kind="number", unit=_unit(how, first, second), distinct=shaped.table.rows,
        missing=max(first.missing, second.missing), computed=True,
    )  # fmt: skip
    table = shaped.table.model_copy(update={"columns": (*shaped.table.columns, column)})
    one = Derived(name=name, how=how, of=(first.name, second.name))
    return replace(shaped, table=table, derived=(*shaped.derived, one)), name


def _name(table: Table, how: How, first: Column, second: Column) -> str:
    """Give a name of words alone, short enough to be met as one."""
    one, other = (_words(facts.label(column.name)) for column in (first, second))
    if how in {"days", "hours"}:
        parts = [how.capitalize(), "from", *one[-1:], "to", *other[-1:]]
        if one[-1:] == other[-1:]:
            parts = [how.capitalize(), "from", *one[:1], "to", *other[:1]]
    else:
        parts = [*one, _JOINS[how], *(word.lower() for word in other)]
        if len(parts) > NAME_WORDS_MAX:
            parts = [*one[-2:], _JOINS[how], *(word.lower() for word in other[-2:])]
    return " ".join(parts)


def _words(label: str) -> list[str]:
    found = re.findall(r"[^\W_]+", label)
    bare = [word for word in found if word.lower() not in {"date", "time", "on", "at"}]
    return bare or found


def _unit(how: How, first: Column, second: Column) -> str | None:
    if how in {"days", "hours"}:
        return how
    if how == "product":
        units = [one.unit for one in (first, second) if one.unit and len(one.unit) == 3]
        return units[0] if len(units) == 1 else None
    return first.unit if how != "quotient" and first.unit == second.unit else None


def as_before(table: Table, base: Plan | None) -> Shaped:
    """Give the table with the columns that the plan before computed."""
    shaped = Shaped("", table)
    for one in base.derived if base is not None else ():
        found = [shaped.table.column(name) for name in one.of]
        if len(found) == 2 and found[0] is not None and found[1] is not None:
            shaped, _ = with_column(shaped, one.how, found[0], found[1])
    return shaped
