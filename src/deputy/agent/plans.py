"""What is to be computed from a requester's tables: frozen, JSON-serialisable plans.

Owns the shape that a model writes, that reports are made from and that checks compute again. Must
never know how words become a plan nor how a plan becomes files.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

TOP_MAX = 100
FILTERS_MAX = 12
FILTER_VALUES_MAX = 200
QUESTIONS_MAX = 8
MEASURES_MAX = 6
STACKED_MAX = 12
DERIVED_MAX = 6
SKIPPED_ROWS_MAX = 2_000

Aggregate = Literal["sum", "mean", "count", "min", "max", "median", "distinct", "missing", "ratio"]
Unit = Literal["day", "week", "month", "quarter", "year", "weekday", "hour"]
PeriodKind = Literal["quarter", "month", "year", "ytd", "range", "all"]
FilterOp = Literal[
    "eq", "in", "ne", "not_in", "gt", "ge", "lt", "le", "between", "contains", "starts", "ends",
    "missing", "present",
]  # fmt: skip
RankBy = Literal["value", "growth", "change"]
Kind = Literal["xlsx", "pdf", "csv"]
DayOrder = Literal["dmy", "mdy", "ymd"]
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
    """Which table is read, and how: enough for two readers that share no code to agree.

    Rows are counted from 0 as the file has them, blank ones included (text files: records as a
    csv reader counts them). The heading of a column is formed by `header_rows` rows that end with
    `header_row`, joined from top to bottom with a blank (equal parts once; in all but the last of
    these rows a blank cell repeats the one to its left); data begin on the row after it. Not data
    are the rows of `skip_rows` (subtotals, repeated headings, remarks between), the last
    `skip_footer` rows, and every blank row; blank rows at the very end are not counted as footer.
    In the columns of `fill_down` a blank cell means the value above it (merged cells).

    `sheet` is null for text files; `encoding`, `delimiter` (several characters count as one mark)
    and `quote` (null: the usual ", empty: none) are null for workbooks. `decimal` ("." or ",") is
    the mark of numbers written as text; null: the column's own texts tell, else ".". Text such as
    "€ 1.234,50", "(12.00)", "45 %" in a measure is a number once marks and thousands separators
    go. `day_order` says how "03/04/2026" is to be read wherever a column's own dates do not settle
    it.
    """

    path: str
    sheet: str | None = None
    header_row: int = Field(default=0, ge=0)
    header_rows: int = Field(default=1, ge=1, le=5)
    skip_rows: tuple[int, ...] = Field(default=(), max_length=SKIPPED_ROWS_MAX)
    skip_footer: int = Field(default=0, ge=0)
    fill_down: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    decimal: str | None = None
    day_order: DayOrder | None = None


class Join(Frozen):
    """A second table looked up for each row of the first; rows are never multiplied or lost.

    `on` pairs a column of the first table with a column of the second; texts are compared without
    regard to case and surrounding blanks. No two rows of the second table may share a key. A row
    without a partner keeps blanks. A column of the second table whose name the first has too is
    called "NAME (2)"; its key columns are not taken over.
    """

    source: Source
    on: tuple[tuple[str, str], ...] = Field(min_length=1, max_length=4)


class Unpivot(Frozen):
    """A wide table made long: each row becomes one row for each of `columns`, in their order.

    `name` is the new column that holds their headings, `value` the one that holds their cells; all
    other columns repeat. A blank cell gives a row whose value is blank.
    """

    columns: tuple[str, ...] = Field(min_length=2, max_length=60)
    name: str = Field(min_length=1, max_length=200)
    value: str = Field(min_length=1, max_length=200)


class Derived(Frozen):
    """A column computed from others of its row; it may be used like any column.

    "sum" adds all of `of` (a cell without a number counts as nothing, none at all gives blank),
    "difference" is the first less the second, "product" multiplies all, "quotient" is the first by
    the second (blank where that is zero). "days" and "hours" are the time from the first to
    the second column, which are dates: whole days where neither bears a time of day, else with
    fractions. But for "sum", one cell that is empty or not of the kind leaves the result blank.
    """

    name: str = Field(min_length=1, max_length=200)
    how: Literal["sum", "difference", "product", "quotient", "days", "hours"]
    of: tuple[str, ...] = Field(min_length=2, max_length=60)

    @model_validator(mode="after")
    def _takes_two(self) -> Self:
        if self.how not in ("sum", "product") and len(self.of) != 2:
            raise ValueError(f"a {self.how} takes two columns")
        return self


class Filter(Frozen):
    """Only rows whose column satisfies this.

    `value` is a list for `in`, `not_in` and `between` (two ends, inclusive), null for `missing`
    and `present`; text is compared without regard to case and surrounding blanks; a date is ISO.
    A row whose cell is empty satisfies `ne`, `not_in` and `missing` only.
    """

    column: str
    op: FilterOp
    value: Scalar | tuple[Scalar, ...] | None = None


class Measure(Frozen):
    """One figure: an aggregate of one column.

    `column` null counts rows. "distinct" counts different values, "missing" rows whose cell is
    empty. "ratio" divides the sum of `column` (null: the number of rows) over the rows that also
    satisfy `where` by the sum of `over` (null: the number of rows) over all rows; a row whose
    numerator or denominator is needed but not a number counts in neither. It is a fraction:
    `unit` "%" shows it as percent. For other aggregates `where` narrows this figure alone.
    `label` is the heading a reader sees; `unit` is a currency code, "%" or a word, else null.
    """

    column: str | None = None
    label: str = Field(min_length=1, max_length=200)
    aggregate: Aggregate = "sum"
    unit: str | None = None
    over: str | None = None
    where: tuple[Filter, ...] = Field(default=(), max_length=FILTERS_MAX)


class Group(Frozen):
    """One row of the result for each value of this column.

    When `by` is set the column is a date and its calendar unit is the group, kept in the order of
    time: day "2026-03-09", week "2026-W07" (ISO), month "2026-03", quarter "2026-Q1", year
    "2026", weekday "Monday", hour "07" (00 to 23).
    """

    column: str
    label: str = Field(min_length=1, max_length=200)
    by: Unit | None = None


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
    """Which groups are named, by which measure (its place in the question) and what of it.

    Growth is relative, change absolute. `together`: the named groups are also taken together and
    set against the total (their share where a share means something). The group "(blank)" is never
    named: its rows may belong to any.
    """

    measure: int = Field(default=0, ge=0)
    by: RankBy = "value"
    top: int = Field(default=3, ge=1, le=TOP_MAX)
    order: Literal["desc", "asc"] = "desc"
    together: bool = False


class Chart(Frozen):
    """What is drawn of a question: at most `top` groups (null: all that can be read).

    No wish, or one without a kind, leaves the choice to the report; kind "none" draws nothing.
    """

    kind: Literal["bar", "column", "line", "none"] | None = None
    top: int | None = Field(default=None, ge=1, le=TOP_MAX)


class Question(Frozen):
    """One table of the result.

    Rows outside `period` and `compare` are not used (`period` null or "all": every row, dated or
    not). Cells that are empty or no number do not count. Rows whose group is empty form the group
    "(blank)". No group: one row, the total. Two groups: a pivot of the first measure, the second
    group across. The total is the aggregate of all rows used, never of the groups' figures.
    `rank` names groups, it never removes any from the table.
    """

    title: str = Field(min_length=1, max_length=300)
    measures: tuple[Measure, ...] = Field(min_length=1, max_length=MEASURES_MAX)
    groups: tuple[Group, ...] = Field(default=(), max_length=2)
    filters: tuple[Filter, ...] = Field(default=(), max_length=FILTERS_MAX)
    date_column: str | None = None
    period: Period | None = None
    compare: Compare | None = None
    rank: Rank | None = None
    chart: Chart | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if len(self.groups) == 2 and (len(self.measures) > 1 or self.compare is not None):
            raise ValueError("two groups take one measure and no comparison")
        if self.rank is not None and self.rank.measure >= len(self.measures):
            raise ValueError("rank names a measure that is not there")
        dated = self.period is not None and self.period.kind != "all"
        if (dated or self.compare is not None) and self.date_column is None:
            raise ValueError("a period needs a date column")
        return self


class Tables(Frozen):
    """The rows that are computed over: one table, those stacked below it, one looked up beside.

    `more` are tables of the same kind (January, February …): their rows follow the first's,
    columns matched by name; a column that one lacks is blank there. Then comes `unpivot`, then
    `join`, then `derived` in order: a later one may use an earlier one.
    """

    source: Source
    more: tuple[Source, ...] = Field(default=(), max_length=STACKED_MAX)
    unpivot: Unpivot | None = None
    join: Join | None = None
    derived: tuple[Derived, ...] = Field(default=(), max_length=DERIVED_MAX)


class Asked(Tables):
    """One question and the rows it is answered from: what a check computes again."""

    question: Question


class Plan(Tables):
    """All a report needs. Files are `out/{stem}.{kind}`."""

    questions: tuple[Question, ...] = Field(min_length=1, max_length=QUESTIONS_MAX)
    deliverables: tuple[Kind, ...] = ("xlsx", "pdf")
    title: str = Field(min_length=1, max_length=300)
    subtitle: str = Field(default="", max_length=500)
    reading: tuple[str, ...] = ()
    """How the request was read, a sentence a question."""
    assumptions: tuple[str, ...] = ()
    language: Literal["en"] = "en"
    stem: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")

    def paths(self) -> tuple[str, ...]:
        """Give the deliverables' paths in the working tree, in the order asked for."""
        return tuple(f"out/{self.stem}.{kind}" for kind in self.deliverables)

    def asked(self) -> tuple[Asked, ...]:
        """Give every question with the rows it is answered from."""
        tables = {name: getattr(self, name) for name in Tables.model_fields}
        return tuple(Asked(**tables, question=one) for one in self.questions)
