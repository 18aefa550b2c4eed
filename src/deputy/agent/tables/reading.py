"""Reads tables as planned: rows as they stand, then numbers, dates and group names.

Owns `read_table`, `read_tables`, `column_named`, `numbers`, `dates` and `names`, which follow a
`Source` and a `Tables` statement exactly: rows stacked, wide ones made long, partners looked up,
columns computed, in this order. Must never choose which rows count beyond these: that
is the work of whoever computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from deputy.agent.tables.derivations import SECONDS_OF, computed
from deputy.agent.tables.headings import HEADING_CHARACTERS_MAX, free_name
from deputy.agent.tables.sources import filled_down, headings_and_rows

Statement = Mapping[str, Any]
MOSTLY_OF_KIND = 0.9
LONG_ROWS_MAX = 2_000_000


def read_tables(planned: Statement) -> pd.DataFrame:
    """Give the rows of `source`, those of `more` below them; see `Tables` for what follows.

    Takes a `Plan`, an `Asked` or a `Tables` as a dictionary. Cells are raw, computed ones floats.
    `attrs["rows"]` has the rows of each source stacked; `attrs["unmatched"]` the rows without a
    partner in the join; `attrs["orders"]` the values of an unpivoted name column, in their order.
    """
    sources = [planned["source"], *planned.get("more", ())]
    parts = [read_table(source) for source in sources]
    if len(parts) > 1:
        parts = [
            _settled(part, source, sources) for part, source in zip(parts, sources, strict=True)
        ]
    table = _stacked(parts)
    table.attrs = {"rows": [len(part) for part in parts], "unmatched": 0, "orders": {}}
    if planned.get("unpivot"):
        table = _unpivoted(table, planned["unpivot"])
    if join := planned.get("join"):
        other = _settled(read_table(join["source"]), join["source"], [*sources, join["source"]])
        table = _looked_up(table, other, join)
    for one in planned.get("derived", ()):
        table[_free_heading(table.columns, one["name"])] = _derived(table, one, planned["source"])
    return table


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


def _unpivoted(table: pd.DataFrame, wide: Statement) -> pd.DataFrame:
    """Give each row once for each of the columns made long, in their order."""
    columns = [column_named(table, name) for name in wide["columns"]]
    if len(set(columns)) < len(columns):
        raise TableError("A column is to be made long twice. Name each column once.")
    if len(table) * len(columns) > LONG_ROWS_MAX:
        raise TableError(
            f"{len(table):,} rows of {len(columns)} columns would be more than {LONG_ROWS_MAX:,} "
            "rows. Make fewer columns long, or name a part of the table."
        )
    kept = [heading for heading in table.columns if heading not in columns]
    long = table[kept].loc[table.index.repeat(len(columns))].reset_index(drop=True)
    name = _free_heading(kept, wide["name"])
    value = _free_heading([*kept, name], wide["value"])
    cells = [cell for row in zip(*(table[one] for one in columns), strict=True) for cell in row]
    long[name] = pd.Series(columns * len(table), index=long.index, dtype=object)
    long[value] = pd.Series(cells, index=long.index, dtype=object)
    long.attrs = {**table.attrs, "orders": {name: columns}}
    return long


def _derived(table: pd.DataFrame, one: Statement, source: Statement) -> pd.Series:
    """Compute a column from others of its row."""
    spans = one["how"] in SECONDS_OF
    read = []
    for name in one["of"]:
        cells = table[column_named(table, name)]
        read.append(dates(cells, source.get("day_order")) if spans
                    else numbers(cells, source.get("decimal")))  # fmt: skip
    lacking = [name for name, column in zip(one["of"], read, strict=True) if column.isna().all()]
    if lacking and (one["how"] != "sum" or len(lacking) == len(read)):
        kind = "dates" if spans else "numbers"
        raise TableError(
            f"Column {lacking[0]!r} holds no {kind}, so {one['name']!r} cannot be computed. "
            f"Name a column of {kind}."
        )
    values = computed(one["how"], zip(*read, strict=True))
    return pd.Series(values, index=table.index, dtype=object)


def _free_heading(taken: Iterable[str], name: str) -> str:
    """Give a new column's heading; one that is there already would hide it."""
    heading = " ".join(name.split())[:HEADING_CHARACTERS_MAX]
    if not heading or heading.casefold() in {one.casefold() for one in taken}:
        raise TableError(f"The table has a column {name!r} already. Name the new one otherwise.")
    return heading


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
