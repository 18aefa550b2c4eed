"""The tables a request may be about: each alone, those of one kind stacked, one looked up beside.

Owns building these views of the schema. Must never join where the second table's keys repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import PurePosixPath

from deputy.agent.plans import STACKED_MAX, Join, Source
from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.words import key
from deputy.agent.playbooks.schema import Column, Table

SHARED_MIN = 0.8
"""Tables with so large a part of their headings in common are of one kind."""
VIEWS_MAX = 40


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the tables: `table` as the language sees it, and how it is read.

    `tables` are those of the schema that it uses.
    """

    table: Table
    tables: tuple[Table, ...]
    join: Join | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        """Give how the first table is read."""
        return source_of(self.tables[0])

    @property
    def more(self) -> tuple[Source, ...]:
        """Give how the tables below it are read."""
        joined = 1 if self.join is not None else 0
        stacked = self.tables[1 : len(self.tables) - joined]
        return tuple(source_of(one) for one in stacked)


def source_of(table: Table) -> Source:
    """Give how a table is read again."""
    return Source(
        path=table.path, sheet=table.sheet, header_row=table.header_row,
        header_rows=table.header_rows, skip_rows=table.skip_rows, skip_footer=table.skip_footer,
        fill_down=table.fill_down, encoding=table.encoding, delimiter=table.delimiter,
        quote=table.quote, decimal=table.decimal, day_order=table.day_order,
    )  # fmt: skip


def place(table: Table, tables: Sequence[Table]) -> str:
    """Give the name a reader knows a table by: its file, or its sheet within one file."""
    file = PurePosixPath(table.path).name
    paths = {other.path for other in tables}
    sheets = [other for other in tables if other.path == table.path]
    if table.sheet and len(sheets) > 1:
        return table.sheet if len(paths) == 1 else f"{file}, {table.sheet}"
    return file


def singles(tables: Sequence[Table]) -> list[View]:
    """Give every table alone; tables of one kind only together."""
    found: list[View] = []
    left = list(tables)
    while left:
        first = left.pop(0)
        alike = [other for other in left if _alike(first, other)]
        left = [other for other in left if other not in alike]
        group = (first, *alike)[: STACKED_MAX + 1]
        found.append(_stacked(group, tables) if len(group) > 1 else View(first, (first,)))
    return found


def _alike(one: Table, other: Table) -> bool:
    mine = {key(column.name) for column in one.columns}
    theirs = {key(column.name) for column in other.columns}
    shared = len(mine & theirs) / max(1, len(mine | theirs))
    kinds = {key(column.name): column.kind for column in one.columns}
    same = all(
        column.kind == kinds.get(key(column.name), column.kind) or column.kind == "empty"
        for column in other.columns
    )
    exact = {column.name for column in one.columns} & {column.name for column in other.columns}
    return shared >= SHARED_MIN and same and len(exact) >= SHARED_MIN * len(mine)


def _stacked(group: tuple[Table, ...], tables: Sequence[Table]) -> View:
    names = list(dict.fromkeys(column.name for table in group for column in table.columns))
    columns = tuple(_stacked_column(name, group) for name in names)
    rows = sum(table.rows for table in group)
    subtotals = tuple(one for table in group for one in table.subtotals)
    notes = tuple(note for table in group for note in table.notes)
    table = group[0].model_copy(
        update={"columns": columns, "rows": rows, "subtotals": subtotals, "notes": notes}
    )
    listed = ", ".join(f"“{place(one, tables)}”" for one in group)
    said = f"The tables {listed} have the same headings and are taken together, one below another."
    return View(table, group, notes=(said,))


def _stacked_column(name: str, group: tuple[Table, ...]) -> Column:
    found = [(table, column) for table in group if (column := table.column(name)) is not None]
    columns = [column for _, column in found]
    first = next((column for column in columns if column.kind != "empty"), columns[0])
    values = tuple(dict.fromkeys(value for column in columns for value in column.values))
    lows = [column.low for column in columns if column.low is not None]
    highs = [column.high for column in columns if column.high is not None]
    lacking = sum(table.rows for table in group if table.column(name) is None)
    whole = all(len(column.values) >= column.distinct for column in columns)
    return first.model_copy(
        update={
            "values": values,
            "distinct": len(values) if whole and values else sum(c.distinct for c in columns),
            "low": min(lows, key=_order, default=None),
            "high": max(highs, key=_order, default=None),
            "missing": sum(column.missing for column in columns) + lacking,
            "unread": sum(column.unread for column in columns),
            "day_order": "unclear" if any(c.day_order == "unclear" for c in columns) else "clear",
        }
    )


def _order(value: float | str) -> tuple[int, float, str]:
    return (0, value, "") if isinstance(value, int | float) else (1, 0.0, value)


def lookups(found: Sequence[View], tables: Sequence[Table]) -> list[View]:
    """Give every table with another looked up beside it by a column that both have."""
    made: list[View] = []
    for first, second in permutations(found, 2):
        if len(second.tables) > 1 or len(made) >= VIEWS_MAX:
            continue
        on = _shared_key(first.table, second.table)
        if on is not None:
            made.append(_looked_up(first, second.table, on, tables))
    return made


def _shared_key(first: Table, second: Table) -> tuple[Column, Column] | None:
    """Give the columns that say which row of the second belongs to a row of the first."""
    for other in second.columns:
        if not facts.is_unique(other, second) or other.kind not in {"text", "number"}:
            continue
        for column in first.columns:
            if column.kind == other.kind and _same_key(column, other, second):
                return column, other
    return None


def _same_key(column: Column, other: Column, second: Table) -> bool:
    mine, theirs = key(column.name), key(other.name)
    nouns = key(PurePosixPath(second.path).stem).split() + key(second.sheet or "").split()
    named = mine == theirs or any(mine == f"{noun} {theirs}" for noun in nouns)
    amounts = other.kind == "number" and not facts.is_identifier(other)
    known = set(column.values) & set(other.values)
    apart = bool(column.values and other.values) and not known
    complete = len(column.values) >= column.distinct and len(other.values) >= other.distinct
    return named and not amounts and not (apart and complete)


def _looked_up(
    first: View, second: Table, on: tuple[Column, Column], tables: Sequence[Table]
) -> View:
    mine, theirs = on
    taken = {column.name.casefold() for column in first.table.columns}
    more = tuple(
        column.model_copy(update={"name": _free(column.name, taken)})
        for column in second.columns
        if column.name != theirs.name
    )
    table = first.table.model_copy(update={"columns": (*first.table.columns, *more)})
    said = (
        f"“{place(second, tables)}” is looked up for each row of “{place(first.tables[0], tables)}”"
        f" by {mine.name}; its keys are unique, so no row is counted twice, and rows without a "
        "partner stay in as “(blank)”."
    )
    join = Join(source=source_of(second), on=((mine.name, theirs.name),))
    return View(table, (*first.tables, second), join, (*first.notes, said))


def _free(name: str, taken: set[str]) -> str:
    return f"{name} (2)" if name.casefold() in taken else name


def used(view: View, names: set[str]) -> bool:
    """Say whether both sides of a looked-up table are needed for these columns."""
    if view.join is None:
        return True
    own = {column.name for column in view.table.columns[len(_first_columns(view)) :]}
    first = {column.name for column in _first_columns(view)}
    return bool(own & names) and (bool(first & names) or not names - own)


def _first_columns(view: View) -> tuple[Column, ...]:
    count = len(view.table.columns) - len(view.tables[-1].columns) + 1
    return view.table.columns[:count]


def named_in(text: str, tables: Sequence[Table]) -> list[Table]:
    """Give the tables whose file or sheet the words name."""
    lowered = f" {key(text)} "
    found = []
    for table in tables:
        stem = key(PurePosixPath(table.path).stem)
        sheet = key(table.sheet or "")
        several = [other for other in tables if other.path == table.path]
        by_file = PurePosixPath(table.path).name.lower() in text.lower() and len(several) == 1
        names = [sheet] if len(several) > 1 and sheet else [stem, sheet]
        cued = any(
            f" {cue} {name} " in lowered or f" {name} {cue} " in lowered
            for name in names if name
            for cue in ("sheet", "tab", "file", "table", "worksheet")
        )  # fmt: skip
        if by_file or cued:
            found.append(table)
    return found
