"""Reads tables as planned: rows as they stand, then numbers, dates and group names.

Owns `read_table`, `read_tables`, `column_named`, `numbers`, `dates` and `names`, which follow a
`Source` and a `Tables` statement exactly. Must never choose which rows count beyond these: that
is the work of whoever computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from deputy.agent.tables.amounts import decimal_mark, number_in
from deputy.agent.tables.cells import (
    BLANK_GROUP,
    TableError,
    blank,
    key_of,
    text_of,
    words_of,
)
from deputy.agent.tables.days import moments
from deputy.agent.tables.headings import HEADING_CHARACTERS_MAX, free_name
from deputy.agent.tables.sources import filled_down, headings_and_rows

Statement = Mapping[str, Any]
MOSTLY_OF_KIND = 0.9


def read_tables(planned: Statement) -> pd.DataFrame:
    """Give the rows of `source`, those of `more` below them, those of `join` looked up beside.

    Takes a `Plan`, an `Asked` or a `Tables` as a dictionary. Cells are raw. `attrs["rows"]` has
    the rows of each source stacked; `attrs["unmatched"]` the rows without a partner in the join.
    """
    sources = [planned["source"], *planned.get("more", ())]
    parts = [read_table(source) for source in sources]
    if len(parts) > 1:
        parts = [
            _settled(part, source, sources) for part, source in zip(parts, sources, strict=True)
        ]
    table = _stacked(parts)
    table.attrs = {"rows": [len(part) for part in parts], "unmatched": 0}
    join = planned.get("join")
    if join is None:
        return table
    other = _settled(read_table(join["source"]), join["source"], [*sources, join["source"]])
    return _looked_up(table, other, join)


def read_table(source: Statement) -> pd.DataFrame:
    """Give the planned rows as objects, one column per heading, wholly blank rows left out."""
    headings, body = headings_and_rows(source)
    table = pd.DataFrame(body, columns=headings, dtype=object)
    for name in source.get("fill_down", ()):
        column = column_named(table, name)
        table[column] = list(filled_down(table[column]))
    return table


def column_named(table: pd.DataFrame, name: str) -> str:
    """Give the table's own spelling of a planned column name."""
    wanted = " ".join(name.split())[:HEADING_CHARACTERS_MAX].casefold()
    for heading in table.columns:
        if heading.casefold() == wanted:
            return str(heading)
    raise TableError(
        f"There is no column {name!r}; the table has {', '.join(table.columns)}. Name one of these."
    )


def numbers(cells: pd.Series, decimal: str | None = None) -> pd.Series:
    """Give floats; what is no number is missing. Without a mark the column's own texts tell it."""
    mark = decimal or decimal_mark(cells) or "."
    return cells.map(lambda cell: number_in(cell, mark)).astype(float)


def dates(cells: pd.Series, day_order: str | None = None) -> pd.Series:
    """Give timestamps, with the time of day; what is no date is missing.

    Numeric texts are read in the one order that fits most of the column's texts; where two fit
    as many, in `day_order`, and without it day first.
    """
    present = {cell for cell in cells if not blank(cell)}
    found, _, _ = moments(sorted(present, key=str), day_order)
    read = [None if blank(cell) else found.get(cell) for cell in cells]
    return pd.Series(pd.to_datetime(pd.Series(read, index=cells.index, dtype=object)))


def names(cells: pd.Series) -> pd.Series:
    """Give group names: trimmed, the commonest spelling where only case differs."""
    plain = cells.map(lambda cell: words_of(cell) or BLANK_GROUP)
    spelling = {name.casefold(): name for name in reversed(list(plain.value_counts().index))}
    return plain.map(lambda name: spelling[name.casefold()])


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below one another, columns matched by name in the first one's spelling."""
    spelling: dict[str, str] = {}
    for part in parts:
        for heading in part.columns:
            spelling.setdefault(heading.casefold(), heading)
    named = [part.set_axis([spelling[h.casefold()] for h in part.columns], axis=1)
             for part in parts]  # fmt: skip
    columns = list(spelling.values())
    whole = [part.reindex(columns=columns).astype(object) for part in named]
    table = pd.concat(whole, ignore_index=True) if len(whole) > 1 else whole[0]
    return table.where(table.notna(), None)


def _settled(table: pd.DataFrame, source: Statement, sources: list[Statement]) -> pd.DataFrame:
    """Turn texts of numbers and dates into values where another source writes them differently."""
    marks = {one.get("decimal") or "." for one in sources}
    orders = {one.get("day_order") for one in sources}
    changed = table.copy()
    for name in table.columns:
        column = table[name]
        texts = [cell for cell in column if isinstance(cell, str) and cell.strip()]
        if not texts:
            continue
        read: dict[Any, Any] = {}
        if len(marks) > 1:
            read = {text: number_in(text, source.get("decimal") or ".") for text in set(texts)}
        if len(orders) > 1 and not _mostly(read, texts):
            read = {**moments(sorted(set(texts)), source.get("day_order"))[0]}
        if _mostly(read, texts):
            changed[name] = pd.Series(
                [cell if read.get(cell) is None else read[cell] for cell in column],
                index=column.index, dtype=object,
            )  # fmt: skip
    return changed


def _mostly(read: dict[Any, Any], texts: list[str]) -> bool:
    known = sum(read.get(text) is not None for text in texts)
    return bool(texts) and known >= MOSTLY_OF_KIND * len(texts)


def _looked_up(table: pd.DataFrame, other: pd.DataFrame, join: Statement) -> pd.DataFrame:
    """Look up each row's partner by its key; rows are neither multiplied nor lost."""
    mine = [column_named(table, first) for first, _ in join["on"]]
    theirs = [column_named(other, second) for _, second in join["on"]]
    places: dict[tuple[str, ...], int] = {}
    for at, key in enumerate(_keys(other, theirs)):
        if not all(key):
            continue
        if key in places:
            raise TableError(
                f"{Path(join['source']['path']).name} has more than one row for "
                f"{' / '.join(text_of(other[name].iloc[at]) for name in theirs)!r} in "
                f"{' and '.join(theirs)}, so rows cannot be looked up in it. Leave one row for "
                "each, or name another column to match by."
            )
        places[key] = at
    partners = [places.get(key, -1) for key in _keys(table, mine)]
    joined_table = table.copy()
    taken = {heading.casefold() for heading in table.columns}
    for name in (name for name in other.columns if name not in theirs):
        values = list(other[name])
        heading = free_name(name, taken)
        taken.add(heading.casefold())
        joined_table[heading] = pd.Series(
            [values[at] if at >= 0 else None for at in partners],
            index=table.index, dtype=object,
        )  # fmt: skip
    joined_table.attrs = {**table.attrs, "unmatched": partners.count(-1)}
    return joined_table


def _keys(table: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*([key_of(cell) for cell in table[name]] for name in columns), strict=True))
