"""What the tables playbook decided to compute: one frozen, JSON-serialisable plan.

Owns the shape that the compiler writes and the report program and the checks read. Must never
know how words become a plan nor how a plan becomes files.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TOP_MAX = 100
FILTERS_MAX = 12
FILTER_VALUES_MAX = 40

Aggregate = Literal["sum", "mean", "count", "min", "max", "median", "distinct"]
PeriodKind = Literal["quarter", "month", "year", "ytd", "range", "all"]
FilterOp = Literal["eq", "in", "ne", "gt", "ge", "lt", "le", "between"]
RankBy = Literal["value", "growth", "change", "share"]
Kind = Literal["xlsx", "pdf", "csv"]
Scalar = str | int | float

MEDIA_TYPES: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv",
}


class Frozen(BaseModel):
    """A frozen value without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """Which table is read, and how.

    `path` is the file in the working tree. `header_row` counts the file's rows from 0, blank rows
    included (text files: records as the csv reader counts them); data begin on the row after it.
    `skip_footer` rows at the end are not data (totals, remarks); wholly blank rows below the last
    row that holds anything are not counted. `sheet` is null for text files; `encoding`,
    `delimiter` and `decimal` ("." or ",") are null for workbooks. Text such as "€ 1.234,50",
    "(12.00)", "45 %" in a measure column is a number once marks and thousands separators go.
    """

    path: str
    sheet: str | None = None
    header_row: int = Field(default=0, ge=0)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    skip_footer: int = Field(default=0, ge=0)


class Measure(Frozen):
    """The figure: an aggregate of one column. `column` is null only when rows are counted.

    `aggregate` "distinct" counts different values; `label` is the heading a reader sees;
    `unit` is a currency code, "%" or a unit word, null when none is known or none applies.
    """

    column: str | None = None
    label: str
    aggregate: Aggregate = "sum"
    unit: str | None = None


class Group(Frozen):
    """One row of the result for each value of this column.

    When `by` is set the column is a date and its calendar unit is the group (a trend, kept in
    the order of time): month "2026-03", quarter "2026-Q1", year "2026", week "2026-W07" (ISO),
    day "2026-03-09".
    """

    column: str
    label: str
    by: Literal["day", "week", "month", "quarter", "year"] | None = None


class Period(Frozen):
    """The dates counted: ISO, both ends inclusive. `partial`: the period had not ended."""

    kind: PeriodKind
    label: str
    start: str
    end: str
    partial: bool = False


class Compare(Frozen):
    """The dates compared with: ISO, both ends inclusive."""

    label: str
    start: str
    end: str


class Rank(Frozen):
    """Which groups are named, by what: growth is relative, change absolute, share of the total."""

    by: RankBy = "value"
    top: int = Field(default=3, ge=1, le=TOP_MAX)
    order: Literal["desc", "asc"] = "desc"


class Filter(Frozen):
    """Only rows whose column satisfies this. `value` is a list for `in` and `between` (two ends,
    inclusive); text is compared without regard to case and surrounding blanks; a date is ISO."""

    column: str
    op: FilterOp
    value: Scalar | tuple[Scalar, ...]


class Plan(Frozen):
    """All a report needs. `period` null or of kind "all" means every dated and undated row.

    Rules of meaning: rows outside `period` and `compare` are not used; rows whose measure is
    empty or not a number do not count (except for count of rows); rows whose group is empty form
    the group "(blank)". Without `group` the result is one row, the total. `rank` names groups,
    it never removes any from the table. Files are `out/{stem}.{kind}`.
    """

    source: Source
    measure: Measure
    group: Group | None = None
    date_column: str | None = None
    period: Period | None = None
    compare: Compare | None = None
    rank: Rank | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=FILTERS_MAX)
    deliverables: tuple[Kind, ...] = ("xlsx", "pdf")
    title: str
    subtitle: str = ""
    assumptions: tuple[str, ...] = ()
    language: Literal["en"] = "en"
    stem: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")

    def paths(self) -> tuple[str, ...]:
        """Give the deliverables' paths in the working tree, in the order asked for."""
        return tuple(f"out/{self.stem}.{kind}" for kind in self.deliverables)
