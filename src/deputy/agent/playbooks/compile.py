"""From a request and a schema to a plan: gaps filled by stated rules, or a question.

Owns the rules of choice. Must never choose silently where the choice changes a figure: every
choice becomes an assumption in the plan, or a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from deputy.agent.playbooks import columns as names
from deputy.agent.playbooks import phrasing
from deputy.agent.playbooks.columns import Named
from deputy.agent.playbooks.outcomes import (
    CAN_DO,
    Clarify,
    Declined,
    Outcome,
    Planned,
    asks_to_send,
    not_understood,
    reads_two_ways,
)
from deputy.agent.playbooks.phrases import By
from deputy.agent.playbooks.plan import (
    FILTERS_MAX,
    Aggregate,
    Filter,
    Group,
    Kind,
    Measure,
    Plan,
    Rank,
    Source,
)
from deputy.agent.playbooks.ranks import rank_of
from deputy.agent.playbooks.requests import Request, understand
from deputy.agent.playbooks.schema import Column, Table
from deputy.agent.playbooks.times import Times, times_of

TYPED_CHARS_MAX = 2_000
TABLES_MAX = 8
SUBTOTALS_MAX = 6


class Unclear(Exception):  # noqa: N818 - carries an outcome between two functions, no failure
    """Ends the compilation with a question or a refusal."""

    def __init__(self, outcome: Clarify | Declined) -> None:
        super().__init__()
        self.outcome = outcome


def ask(question: str) -> Unclear:
    """End with a question."""
    return Unclear(Clarify(question))


@dataclass(frozen=True, slots=True)
class Draft:
    """What is settled so far, and what has to be said about it."""

    table: Table
    request: Request
    base: Plan | None
    today: date
    notes: tuple[str, ...] = ()

    def noting(self, *notes: str) -> Draft:
        """Give the draft with more assumptions."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def compile_request(
    text: str, tables: Sequence[Table], *, base: Plan | None, today: date, leave_out: bool = False
) -> Outcome:
    """Compile typed words over the tables at hand. `base` is the plan they may change."""
    if len(text) > TYPED_CHARS_MAX:
        return Declined(
            f"Your request has more than {TYPED_CHARS_MAX:,} characters.",
            f"Say in a few sentences which figures you want. {CAN_DO}",
        )
    usable = [table for table in tables if table.rows and len(table.columns) > 1][:TABLES_MAX]
    if not usable:
        return Declined(
            "I found no table with at least two columns and one row of data in your files.",
            "Attach a table whose columns have headings, as CSV or Excel.",
        )
    chosen = _choose(text, usable, base)
    outcomes = [
        (table, _compile_one(text, table, base, today, leave_out=leave_out)) for table in chosen
    ]
    planned = [(table, outcome) for table, outcome in outcomes if isinstance(outcome, Planned)]
    if len(planned) == 1:
        table, outcome = planned[0]
        return outcome if len(usable) == 1 else _say_table(outcome, table, usable)
    if len(planned) > 1:
        listed = " or ".join(f"“{_place(table, usable)}”" for table, _ in planned)
        return Clarify(f"Your request fits more than one table. Which one do you mean: {listed}?")
    return max(outcomes, key=lambda pair: pair[0].rows)[1]


def _choose(text: str, usable: list[Table], base: Plan | None) -> list[Table]:
    lowered = text.lower()
    named = [table for table in usable if _place(table, usable).lower() in lowered]
    if named:
        return named
    if base is not None:
        same = [
            table
            for table in usable
            if (table.path, table.sheet) == (base.source.path, base.source.sheet)
        ]
        return same or usable
    return usable


def _place(table: Table, usable: Sequence[Table]) -> str:
    file = table.path.rsplit("/", 1)[-1]
    several = len({other.path for other in usable}) > 1
    return file if several or not table.sheet else table.sheet


def _say_table(outcome: Planned, table: Table, usable: Sequence[Table]) -> Planned:
    note = f"Of the tables at hand, “{_place(table, usable)}” is used."
    plan = outcome.plan.model_copy(update={"assumptions": (*outcome.plan.assumptions, note)})
    return replace(outcome, plan=plan)


def _compile_one(
    text: str, table: Table, base: Plan | None, today: date, *, leave_out: bool
) -> Outcome:
    index = names.index(table)
    if not leave_out and (sending := asks_to_send(text)) is not None:
        return sending
    if not leave_out and (twofold := reads_two_ways(text)) is not None:
        return twofold
    request = understand(text, table, index, follows=base is not None)
    left = None
    if request.leftovers and not leave_out:
        left = not_understood(request.leftovers, tuple(one.name for one in table.columns))
    if isinstance(left, Declined):
        return left
    if request.question is not None:
        return Clarify(request.question)
    if left is not None:
        return left
    if base is not None and not (request.follow_up or not _whole(request)):
        base = None
    try:
        plan = _plan(Draft(table, request, base, today))
    except Unclear as unclear:
        return unclear.outcome
    return Planned(plan, phrasing.reading(plan), request.leftovers)


def _whole(request: Request) -> bool:
    """Say whether the words stand by themselves: they name a figure or a count."""
    return bool(request.figure or request.counting)


def _plan(draft: Draft) -> Plan:
    request, base = draft.request, draft.base
    if request.empty and base is None:
        raise ask(phrasing.what_shall_i_report(draft.table))
    if request.idle:
        raise ask("I have made that report already. What shall I change about it?")
    draft, group = _group(draft)
    draft, measure = _measure(draft, group)
    draft, filters = _filters(draft, measure)
    _one_currency(draft.table, measure, filters)
    times = times_of(draft.table, request, base, group, draft.today)
    if not isinstance(times, Times):
        raise Unclear(times)
    rank, notes, question = rank_of(draft.table, request, base, group, times)
    if question is not None:
        raise ask(question)
    if request.files.chart and group is None and times.period is None:
        notes = (*notes, "One figure alone has no chart: name a breakdown to get one.")
    draft = draft.noting(*times.notes, *notes)
    return _assemble(_source_notes(draft, measure, group), measure, group, filters, times, rank)


def _assemble(
    draft: Draft,
    measure: Measure,
    group: Group | None,
    filters: tuple[Filter, ...],
    times: Times,
    rank: Rank | None,
) -> Plan:
    table = draft.table
    title, subtitle = phrasing.titles(measure, group, times.period, times.compare, filters)
    return Plan(
        source=Source(
            path=table.path, sheet=table.sheet, header_row=table.header_row,
            encoding=table.encoding, delimiter=table.delimiter, decimal=table.decimal,
            skip_footer=table.skip_footer,
        ),
        measure=measure, group=group, date_column=times.column, period=times.period,
        compare=times.compare, rank=rank, filters=filters,
        deliverables=_deliverables(draft.request, draft.base), title=title, subtitle=subtitle,
        assumptions=draft.notes,
        stem=phrasing.stem_of(measure, group, times.period, filters),
    )  # fmt: skip


def _deliverables(request: Request, base: Plan | None) -> tuple[Kind, ...]:
    files = request.files
    before = base.deliverables if base is not None else ()
    wanted = before if not files.kinds else (*before, *files.kinds) if files.more else files.kinds
    wanted = wanted or ("xlsx", "pdf")
    order: tuple[Kind, ...] = ("xlsx", "pdf", "csv")
    kept = tuple(kind for kind in order if kind in wanted and kind not in files.less)
    return kept or ("xlsx",)


def _group(draft: Draft) -> tuple[Draft, Group | None]:
    request, base = draft.request, draft.base
    candidates: dict[str, Named] = {}
    for mention, fits in request.roles.groups:
        if len({one.column.name for one in fits}) > 1:
            listed = " or ".join(one.column.name for one in fits)
            raise ask(f"By which column do you mean: {listed}?")
        freed = {one.column for one in (base.filters if base is not None else ())}
        if fits[0].column in request.roles.freed and fits[0].column.name in freed:
            continue  # "All countries" lifts a filter of the plan before; it asks for no table.
        candidates.setdefault(fits[0].column.name, fits[0])
        if fits[0].level == names.SYNONYM:
            draft = draft.noting(_synonym(mention.said, fits[0].column))
    units = request.trends or (("day",) if request.roles.by_date and not candidates else ())
    if len(candidates) + len(units) > 1:
        listed = " or ".join([*candidates, *units])
        raise ask(f"I break a figure down one way at a time. By which one: {listed}?")
    if units:
        return draft, _time_group(draft, units[0])
    compared = next((one for one in request.roles.filters if one.op == "in"), None)
    alone = request.comparison.mode is None and len(request.periods) < 2
    against = compared if request.comparison.pair and alone else None
    _two_sides(request, tuple(candidates), compared, alone=alone)
    if candidates and against is not None and against.column not in candidates:
        listed = f"{against.column} or {next(iter(candidates))}"
        raise ask(f"I break a figure down one way at a time. By which one: {listed}?")
    if candidates:
        column = next(iter(candidates.values())).column
        return draft, Group(column=column.name, label=names.label(column.name))
    if against is not None:
        return draft, Group(column=against.column, label=names.label(against.column))
    return draft, base.group if base is not None else None


def _two_sides(
    request: Request, groups: tuple[str, ...], several: Filter | None, *, alone: bool
) -> None:
    """Ask when a comparison names one value against a breakdown, or values of two columns."""
    if not (request.comparison.pair and alone and several is None):
        return
    values = [one for one in request.roles.filters if one.op == "eq"]
    if len(values) > 1 or any(one.column in groups for one in values):
        raise ask(
            "I compare values of one column, or two periods. Which two do you want to set side by "
            "side, for example “Retail versus Online”?"
        )


def _time_group(draft: Draft, unit: By) -> Group:
    roles = draft.request.roles
    dates = roles.dates or names.event_dates(draft.table)
    if not dates:
        raise Unclear(phrasing.no_dates(draft.table))
    return Group(column=dates[0].name, label=unit.title(), by=unit)


def _synonym(said: str, column: Column) -> str:
    return f"“{said}” is read as the column {column.name}."


def _measure(draft: Draft, group: Group | None) -> tuple[Draft, Measure]:
    request, base = draft.request, draft.base
    if len(request.aggregates) > 1:
        listed = " or ".join(phrasing.AGGREGATE_WORDS[one] for one in request.aggregates)
        raise ask(f"I report one kind of figure at a time. Which one: {listed}?")
    if request.counting is not None:
        return _count(draft)
    named = request.figure
    aggregate: Aggregate | None = request.aggregates[0] if request.aggregates else None
    if not named and base is not None:
        return _same_measure(draft, base, aggregate)
    if named:
        column = named[0].column
        if named[0].level == names.SYNONYM:
            draft = draft.noting(_synonym(request.figure_said, column))
    else:
        draft, found = _default_figure(draft)
        if found is None:
            note = "No figure was named and the table has none, so its rows are counted."
            return draft.noting(note), phrasing.count_rows("rows")
        column = found
    draft, chosen = _aggregate(draft, column, aggregate, group)
    return draft, _measure_of(column, chosen)


def _same_measure(draft: Draft, base: Plan, aggregate: Aggregate | None) -> tuple[Draft, Measure]:
    """Keep the figure of the plan before, and how its name was read; perhaps aggregated anew."""
    column = draft.table.column(base.measure.column)
    read_as = f" is read as the column {base.measure.column}."
    draft = draft.noting(*(one for one in base.assumptions if one.endswith(read_as)))
    if aggregate is None or column is None:
        return draft, base.measure
    return draft, _measure_of(column, aggregate)


def _aggregate(
    draft: Draft, column: Column, aggregate: Aggregate | None, group: Group | None
) -> tuple[Draft, Aggregate]:
    if aggregate is None:
        aggregate = "mean" if names.is_rate(column) else "sum"
        if aggregate == "mean":
            draft = draft.noting(f"{column.name} is averaged: adding it up would mean nothing.")
    elif aggregate == "mean" and not names.is_rate(column):
        if group is not None and group.by is not None:
            raise ask(
                f"An average over time can mean two things. Do you want the average {column.name} "
                f"of a single row, or the total of each {group.by}?"
            )
        draft = draft.noting("The average is taken over single rows of the table.")
    return draft, aggregate


def _measure_of(column: Column, aggregate: Aggregate) -> Measure:
    return Measure(
        column=column.name,
        label=phrasing.measure_label(column.name, aggregate),
        aggregate=aggregate,
        unit=None if aggregate in {"count", "distinct"} else column.unit,
    )


def _count(draft: Draft) -> tuple[Draft, Measure]:
    counting, counted = draft.request.counting, draft.request.roles.counted
    if draft.request.aggregates and draft.request.aggregates != ("sum",):
        raise ask("Do you want a count or an average, and of what?")
    if counted is None:
        return draft, phrasing.count_rows(draft.request.counted_rows or "rows")
    figures = counted.of("number", identifiers=False)
    things = counted.of("text") or counted.of("number", "text", identifiers=True)
    if things and (not figures or things[0].level <= figures[0].level):
        if len({one.column.name for one in things}) > 1:
            raise ask(f"What shall I count: {' or '.join(one.column.name for one in things)}?")
        column = things[0].column
        note = f"Each different {column.name} is counted once."
        measure = Measure(
            column=column.name, label=f"Number of {counted.said.lower()}", aggregate="distinct"
        )
        return draft.noting(note), measure
    if figures and counting is not None and not counting.different:
        column = figures[0].column
        if len({one.column.name for one in figures}) > 1:
            raise ask(f"Which do you mean: {' or '.join(one.column.name for one in figures)}?")
        if column in names.money(draft.table):
            note = "“How many” is read as the number of rows, not as an amount."
            return draft.noting(note), phrasing.count_rows("rows")
        return draft, _measure_of(column, "sum")
    raise ask("What shall I count: the rows, or the different values of a column?")


def _one_currency(table: Table, measure: Measure, filters: tuple[Filter, ...]) -> None:
    """Never let amounts of several currencies run into one figure."""
    column = table.column(measure.column)
    if column is None or measure.aggregate in {"count", "distinct"}:
        return
    if column.mixed_units:
        listed = " and ".join(column.mixed_units)
        raise Unclear(
            Declined(
                f"{column.name} holds amounts in {listed}: one figure of both would be wrong.",
                "Bring the amounts to one currency first, or attach the rows of one currency.",
            )
        )
    tells = names.currency_column(table)
    if tells is None or not names.in_currency(column):
        return
    if not any(kept.column == tells.name and kept.op == "eq" for kept in filters):
        listed = " or ".join(sorted(tells.values[:6]))
        raise ask(
            f"{column.name} is in several currencies (column {tells.name}), and a total of them "
            f"would be wrong. Which one shall I count: {listed}?"
        )


def _default_figure(draft: Draft) -> tuple[Draft, Column | None]:
    money = names.money(draft.table)
    figures = names.measures(draft.table)
    found = money or figures
    if not found:
        return draft, None
    if len(found) > 1 or not (money or draft.request.aggregates):
        listed = ", ".join(column.name for column in found)
        raise ask(f"Which figure do you want: {listed}, or the number of rows?")
    note = f"No figure was named, so {found[0].name} is used."
    return draft.noting(note), found[0]


def _filters(draft: Draft, measure: Measure) -> tuple[Draft, tuple[Filter, ...]]:
    request, base = draft.request, draft.base
    fresh = list(request.roles.filters)
    for column, condition, rows in request.conditions:
        if column.name == measure.column and not rows:
            raise ask(
                "Is that limit meant for single rows? Then write “only rows where "
                f"{column.name} is …”; or for the total of a group, which I cannot do?"
            )
        fresh.append(condition)
    if request.adds and base is not None:
        fresh = [_added(one, base.filters) for one in fresh]
    changed = {one.column for one in fresh} | {column.name for column in request.roles.freed}
    kept = [one for one in (base.filters if base is not None else ()) if one.column not in changed]
    filters = tuple(dict.fromkeys((*kept, *fresh, *_no_subtotals(draft.table))))
    if len(filters) > FILTERS_MAX:
        raise ask(f"That makes more than {FILTERS_MAX} filters. Which of them matter most?")
    return draft, filters


def _added(fresh: Filter, before: tuple[Filter, ...]) -> Filter:
    """Read "also France" after "only Germany" as both."""
    for one in before:
        if one.column == fresh.column and {one.op, fresh.op} <= {"eq", "in"}:
            both = dict.fromkeys((*phrasing.values(one), *phrasing.values(fresh)))
            return Filter(column=one.column, op="in", value=tuple(both))
    return fresh


def _no_subtotals(table: Table) -> tuple[Filter, ...]:
    if len(table.subtotals) > SUBTOTALS_MAX:
        raise Unclear(
            Declined(
                "The table mixes its rows with many subtotals, so any sum would count twice.",
                "Remove the subtotal rows, or attach the list the table was made from.",
            )
        )
    return tuple(Filter(column=one.column, op="ne", value=one.value) for one in table.subtotals)


def _source_notes(draft: Draft, measure: Measure, group: Group | None) -> Draft:
    table = draft.table
    notes: list[str] = []
    if table.skip_footer:
        rows = "row is" if table.skip_footer == 1 else f"{table.skip_footer} rows are"
        notes.append(f"The last {rows} not counted: totals or remarks, no data.")
    if table.subtotals:
        notes.append("Rows that are totals of other rows are not counted.")
    column = table.column(measure.column)
    if column is not None and column.missing:
        what = "row has" if column.missing == 1 else "rows have"
        notes.append(f"{column.missing:,} {what} no {column.name} and do not count.")
    grouped = table.column(group.column) if group is not None and group.by is None else None
    if grouped is not None and grouped.missing:
        notes.append(f"Rows without {grouped.name} form the group “(blank)”.")
    return draft.noting(*notes)
