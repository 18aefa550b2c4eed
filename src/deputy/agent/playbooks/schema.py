"""What the schema-reading program found in the attached tables.

Owns the shape of its answer and reading it back safely. Must never guess: an answer that does
not fit is no schema.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

Kind = Literal["date", "number", "text", "empty"]


class Found(BaseModel):
    """A frozen value read from the program's output; fields it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Column(Found):
    """One column. `values`: different texts, most frequent first, as many as the program tells.
    `low` and `high`: smallest and largest number, or ISO date. `grain` "month": every date stands
    for a month. `timed`: the dates bear a time of day. `day_order` "unclear": day and month of the
    dates cannot be told apart. `mixed_units`: the currencies of the amounts when they are more
    than one. `missing`: rows whose cell is empty; `unread`: filled ones not of the kind.
    `computed`: the language made it of others of its row."""

    name: str
    kind: Kind
    unit: str | None = None
    mixed_units: tuple[str, ...] = ()
    distinct: int = 0
    values: tuple[str, ...] = ()
    low: float | str | None = None
    high: float | str | None = None
    missing: int = 0
    unread: int = 0
    timed: bool = False
    grain: Literal["day", "month"] = "day"
    day_order: Literal["clear", "unclear"] = "clear"
    computed: bool = False


class Subtotal(Found):
    """A value that marks rows as sums of other rows."""

    column: str
    value: str


class Table(Found):
    """One table of one file, and how to read it again (see `plans.Source`).

    `notes` say in sentences what was found odd and how it was taken: rows left out as subtotals,
    a heading of two rows, dates as text.
    """

    path: str
    sheet: str | None = None
    header_row: int = 0
    header_rows: int = 1
    skip_rows: tuple[int, ...] = ()
    skip_footer: int = 0
    fill_down: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    decimal: str | None = None
    day_order: Literal["dmy", "mdy", "ymd"] | None = None
    rows: int = 0
    columns: tuple[Column, ...] = ()
    subtotals: tuple[Subtotal, ...] = ()
    notes: tuple[str, ...] = ()

    def column(self, name: str | None) -> Column | None:
        """Give a column by its exact name."""
        return next((column for column in self.columns if column.name == name), None)

    def of_kind(self, kind: Kind) -> tuple[Column, ...]:
        """Give the columns of a kind, in the order of the file."""
        return tuple(column for column in self.columns if column.kind == kind)


class Problem(Found):
    """A file or sheet that could not be read, in words."""

    path: str
    reason: str


class Schema(Found):
    """Every table found, and every file that could not be read."""

    schema_version: Literal[1]
    tables: tuple[Table, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(stdout: str) -> Schema | None:
    """Read the program's answer: its last line that is such a JSON object, else nothing."""
    for line in reversed(stdout.splitlines()):
        if line.startswith("{"):
            try:
                return Schema.model_validate(json.loads(line))
            except (ValueError, ValidationError, RecursionError):
                return None
    return None
