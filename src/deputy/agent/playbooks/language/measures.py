"""From a figure as asked for to a measure of a plan: its column, aggregate, unit and meaning.

Owns the rules of choice for figures. Must never let amounts of several currencies run into one
figure, nor choose silently between columns that fit equally well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deputy.agent.plans import Aggregate, Filter, Group, Measure
from deputy.agent.playbooks.language import facts, phrasing
from deputy.agent.playbooks.language.columns import SYNONYM, Named
from deputy.agent.playbooks.language.facts import inner
from deputy.agent.playbooks.language.items import Grouped, Kept, Rows, Wanted
from deputy.agent.playbooks.language.outcomes import ask, decline
from deputy.agent.playbooks.language.vocabulary import PEOPLE, ROW_NOUNS, listed
from deputy.agent.playbooks.language.words import Words, stem
from deputy.agent.playbooks.schema import Column, Table

COUNTED: frozenset[Aggregate] = frozenset({"count", "distinct", "missing"})


@dataclass(slots=True)
class Desk:
    """What questions are made at: the table, the words, and notes taken on the way."""

    table: Table
    words: Words
    nouns: frozenset[str]
    several_tables: bool = False
    fits: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def note(self, *notes: str) -> None:
        """Take down what must be said about the plan."""
        self.notes += [one for one in notes if one not in self.notes]


def measure(desk: Desk, wanted: Wanted, groups: tuple[Group, ...]) -> Measure:
    """Settle one figure."""
    if wanted.over is not None:
        return _ratio(desk, wanted, wanted.over, groups)
    if wanted.rows is not None:
        return _rows(desk, wanted)
    if wanted.things:
        return _distinct(desk, wanted)
    column = _column(desk, wanted)
    if column is None:
        desk.note("No figure was named, so rows are counted.")
        return _count("rows")
    _one_sign(column, wanted)
    chosen = _aggregate(desk, column, wanted.aggregate, groups, wanted.said)
    if wanted.share and chosen not in {"sum", "count"}:
        raise ask(f"A share of an average says nothing. Do you want the total of {column.name}?")
    return of_column(column, chosen)


SIGNS_SHARE_MIN = 0.02
_GENERIC = listed("amount value total betrag montant importe importo bedrag sum summe")


def _one_sign(column: Column, wanted: Wanted) -> None:
    """Ask what spend is where amounts go both ways: credits alone are no doubt."""
    low, high = column.low, column.high
    bent = wanted.columns and min(one.level for one in wanted.columns) >= SYNONYM
    if not bent or not (isinstance(low, int | float) and isinstance(high, int | float)):
        return
    both = low < 0 < high and -low > SIGNS_SHARE_MIN * high
    plain = {"balance", "net", "amount", "value", "money", "total"} & set(
        wanted.said.lower().split()
    )
    generic = facts.core(column.name).split()[-1] in _GENERIC
    if both and not plain and generic:
        raise ask(
            f"{column.name} holds amounts above and below zero. Is “{wanted.said}” what stands "
            f"below zero, or all of it? Write “{column.name}” for all, or “only rows where "
            f"{column.name} is below 0”."
        )


def of_column(column: Column, aggregate: Aggregate) -> Measure:
    """Give the measure of one column."""
    return Measure(
        column=column.name,
        label=phrasing.measure_label(column.name, aggregate),
        aggregate=aggregate,
        unit=None if aggregate in COUNTED else column.unit,
    )


def _count(what: str) -> Measure:
    return Measure(column=None, label=f"Number of {what}", aggregate="count")


def _rows(desk: Desk, wanted: Wanted) -> Measure:
    """Count rows; a noun that nothing in the table backs must fit what a row can be."""
    noun = wanted.rows or "row"
    if wanted.aggregate not in {None, "sum", "count"}:
        raise ask("Do you want a count or an average, and of what?")
    if wanted.different:
        raise ask("What shall I count: the rows, or the different values of a column?")
    if noun not in ROW_NOUNS and noun not in desk.nouns:
        _plausible(desk, noun, wanted.said)
        desk.note(f"Each row of the table is taken as one {noun}.")
    return _count(wanted.said.lower() if wanted.said and wanted.said != "row" else "rows")


def fitting(desk: Desk, rows: Rows) -> None:
    """Ask when a noun for the rows does not fit what the rows are known to be."""
    if not rows.sure and rows.noun not in ROW_NOUNS and rows.noun not in desk.nouns:
        _plausible(desk, rows.noun, rows.said)


def _plausible(desk: Desk, noun: str, said: str) -> None:
    """Ask when the rows of the table are known to be something else."""
    identifiers = [
        column
        for column in desk.table.columns
        if facts.is_identifier(column) and facts.is_unique(column, desk.table)
    ]
    people = noun in PEOPLE and not any(PEOPLE & set(facts.core(column.name).split())
                                        for column in desk.table.columns)  # fmt: skip
    others = [word for word in desk.nouns if word in PEOPLE and noun not in PEOPLE]
    if desk.several_tables or others or (people and not facts.persons(desk.table)):
        raise ask(
            f"Nothing in the table is called “{said}”. "
            f"Shall I count its rows? Then write “number of rows”; or which column names the "
            f"{said}: {', '.join(column.name for column in desk.table.columns[:8])}?"
        )
    for column in identifiers[:1]:
        named = facts.core(column.name).split()
        if len(named) > 1 and noun not in named and not _related(noun, named[0]):
            raise ask(
                f"A row of the table is one {named[0]} (column {column.name}), and nothing in it "
                f"is called “{said}”. Shall I count the rows? Then write “number of rows”."
            )


_RELATED = (
    frozenset({"order", "sale", "purchase", "transaction", "txn", "receipt", "invoice"}),
    frozenset({"ticket", "case", "issue", "incident", "request", "complaint", "enquiry", "query"}),
    frozenset({"payment", "transaction", "txn", "invoice", "purchase", "bill"}),
    frozenset({"employee", "staff", "person", "emp", "worker", "headcount", "colleague"}),
    frozenset({"booking", "reservation", "stay", "visit", "appointment"}),
    frozenset({"shipment", "delivery", "parcel", "consignment", "order"}),
    frozenset({"trip", "ride", "journey"}),
    frozenset({"response", "survey", "answer", "respondent", "review", "participant"}),
    frozenset({"lead", "deal", "opportunity"}),
)


def _related(noun: str, other: str) -> bool:
    return any(noun in family and other in family for family in _RELATED)


def _distinct(desk: Desk, wanted: Wanted) -> Measure:
    """Count different values of the column that names the things."""
    if wanted.aggregate not in {None, "sum", "count"}:
        raise ask("Do you want a count or an average, and of what?")
    column = choose(desk, wanted.things, wanted.said, "What shall I count")
    if facts.is_place(column):
        return _count(wanted.said.lower())
    if not wanted.different and facts.is_named_like_money(column):
        raise ask(
            f"{column.name} holds texts that I cannot read as numbers. Which figure shall I use "
            "instead, or shall I count its different values?"
        )
    if not (facts.is_identifier(column) and facts.is_unique(column, desk.table)):
        desk.note(f"Each different {column.name} is counted once.")
    return Measure(
        column=column.name, label=f"Number of {wanted.said.lower()}", aggregate="distinct"
    )


def choose(desk: Desk, options: tuple[Named, ...], said: str, what: str) -> Column:
    """Give the one column that fits best, or ask; a synonym is noted."""
    best = min(one.level for one in options)
    fits = [one for one in options if one.level == best]
    if len({one.column.name for one in fits}) > 1:
        fits = _leaning(desk, fits)
    if len({one.column.name for one in fits}) > 1:
        listed = " or ".join(dict.fromkeys(one.column.name for one in fits))
        raise ask(f"{what} do you mean by “{said}”: {listed}?")
    if best >= SYNONYM and said:
        desk.note(f"“{said}” is read as the column {fits[0].column.name}.")
    return fits[0].column


def _leaning(desk: Desk, fits: list[Named]) -> list[Named]:
    """Use a word such as "net" that stands in the name of one of the columns only."""
    said = {stem(word) for word in desk.words.text.replace("\x00", " ").split()}
    said |= {stem(word) for word in desk.words.original.lower().split()}
    for word in sorted(said):
        hits = [one for one in fits if word in facts.core(one.column.name).split()]
        if len(hits) == 1:
            return hits
    return fits


def _column(desk: Desk, wanted: Wanted) -> Column | None:
    if wanted.columns:
        return choose(desk, wanted.columns, wanted.said, "Which figure")
    return default_figure(desk, named_aggregate=wanted.aggregate is not None)


def default_figure(desk: Desk, *, named_aggregate: bool = False) -> Column | None:
    """Give the figure that stands out when none was named, or ask."""
    money, figures = facts.money(desk.table), facts.measures(desk.table)
    if facts.persons(desk.table) and not named_aggregate:
        return None
    found = money or figures
    if not found:
        return None
    if len(found) > 1 or not (money or named_aggregate):
        listed = ", ".join(column.name for column in found[:8])
        raise ask(f"Which figure do you want: {listed}, or the number of rows?")
    desk.note(f"No figure was named, so {found[0].name} is used.")
    return found[0]


def _aggregate(
    desk: Desk, column: Column, aggregate: Aggregate | None, groups: tuple[Group, ...], said: str
) -> Aggregate:
    rate = facts.is_rate(column)
    if aggregate is None:
        if rate:
            desk.note(f"{column.name} is averaged: adding it up would mean nothing.")
        return "mean" if rate else "sum"
    _single_rows(desk, column, aggregate, said)
    if aggregate == "mean" and not rate and not _per_person(column):
        timed = next((one for one in groups if one.by is not None), None)
        either = column in facts.money(desk.table) or _OF_PERIODS.search(desk.words.original)
        if timed is not None and timed.by is not None and either:
            raise ask(
                f"An average over time can mean two things. Do you want the average {column.name} "
                f"of a single row, or the total of each {timed.by}?"
            )
        desk.note("The average is taken over single rows of the table.")
    return aggregate


_OF_PERIODS = re.compile(
    r"(?i)\b(?:average|mean|avg) (?:daily|weekly|monthly|quarterly|yearly|annual)\b"
)


def _single_rows(desk: Desk, column: Column, aggregate: Aggregate, said: str) -> None:
    """Ask when "average order value" would be taken over lines of orders."""
    if aggregate == "sum":
        return
    words = {stem(word) for word in said.lower().split()} - set(facts.core(column.name).split())
    for other in desk.table.columns:
        named = facts.is_identifier(other) and facts.core(other.name).split()[0] in words
        if named and other.distinct + other.missing < desk.table.rows:
            raise ask(
                f"One {other.name} can have several rows, and I compute over single rows. Do you "
                f"want the figure of a single row of {column.name}, or the total of each "
                f"{other.name}?"
            )


def _per_person(column: Column) -> bool:
    return bool(
        {"salary", "wage", "pay", "hour", "duration"} & set(facts.core(column.name).split())
    )


def _ratio(desk: Desk, wanted: Wanted, over: Wanted, groups: tuple[Group, ...]) -> Measure:
    """Divide one figure by another over the same rows, or the rows of some by all."""
    if wanted.aggregate not in {None, "sum", "mean", "count"}:
        raise ask("Shall I set totals against each other, or compute a median of something?")
    filters = tuple(one for kept in wanted.where for one in kept.filters)
    for kept in wanted.where:
        desk.note(*kept.notes)
    top = None if _counts_rows(wanted) else _column(desk, wanted)
    below = None if _counts_rows(over) else _column(desk, over)
    if top is None and wanted.things:
        _one_row_each(desk, wanted)
    if below is None and (over.things or (over.rows and not filters)):
        _one_row_each(desk, over)
    for one in filters:
        if any(one.column == group.column and group.by is None for group in groups):
            raise ask(
                f"I cannot give the share of {one.column} within a single {one.column}. By which "
                "other column do you want it?"
            )
    name = inner(facts.label(top.name)) if top is not None else "rows"
    per = inner(facts.label(below.name)) if below is not None else (over.said or "row").lower()
    per = per if wanted.share else _singular(per)
    if filters:
        return _part(desk, top, filters, wanted, per)
    if top is None or (below is None and not over.said):
        raise ask("Which two figures shall I set against each other?")
    said = f"{name} by {per}" if below is not None else f"{name} by the number of {per}s"
    desk.note(
        f"“{facts.label(top.name)} {'as % of' if wanted.share else 'per'} {per}” is pooled: the "
        f"sum of {said}, over all rows of a group together."
    )
    joiner = "as % of" if wanted.share else "per"
    return Measure(
        column=top.name, label=f"{facts.label(top.name)} {joiner} {per}", aggregate="ratio",
        unit="%" if wanted.share else top.unit, over=below.name if below is not None else None,
    )  # fmt: skip


def _singular(text: str) -> str:
    head, _, last = text.rpartition(" ")
    return f"{head} {stem(last)}".strip()


def _counts_rows(wanted: Wanted) -> bool:
    return wanted.rows is not None or bool(wanted.things)


def _part(
    desk: Desk, top: Column | None, filters: tuple[Filter, ...], wanted: Wanted, per: str
) -> Measure:
    """Give the part of the rows, or of a figure, that satisfies something."""
    what = " and ".join(phrasing.filter_text(one) for one in filters)
    of = inner(facts.label(top.name)) if top is not None else _noun(per)
    if top is not None and facts.is_rate(top):
        raise ask(
            f"{top.name} cannot be added up, so a share of it says nothing. What do you want?"
        )
    desk.note(f"The share is {of} where {what}, divided by all {of} counted.")
    return Measure(
        column=top.name if top is not None else None, label=f"Share of {of} where {what}"[:200],
        aggregate="ratio", unit="%", over=top.name if top is not None else None, where=filters,
    )  # fmt: skip


def _noun(said: str) -> str:
    return said if said not in {"row", ""} else "rows"


def _one_row_each(desk: Desk, wanted: Wanted) -> None:
    """Ask when a figure per thing is wanted and a thing may have several rows."""
    if wanted.rows is not None:
        if wanted.rows not in ROW_NOUNS and wanted.rows not in desk.nouns:
            _plausible(desk, wanted.rows, wanted.said)
            desk.note(f"Each row of the table is taken as one {wanted.rows}.")
        return
    column = choose(desk, wanted.things, wanted.said, "What")
    if not facts.is_place(column) and column.distinct + column.missing < desk.table.rows:
        raise ask(
            f"One {column.name} can have several rows, and I divide by rows only. Do you want it "
            f"by {column.name}, or without “{wanted.said}”?"
        )


def currencies(table: Table, found: Measure, filters: tuple[Filter, ...]) -> None:
    """Never let amounts of several currencies run into one figure."""
    for name in (found.column, found.over):
        column = table.column(name)
        if column is None or found.aggregate in COUNTED:
            continue
        if column.mixed_units:
            listed = " and ".join(column.mixed_units)
            raise decline(
                f"{column.name} holds amounts in {listed}: one figure of both would be wrong.",
                "Bring the amounts to one currency first, or attach the rows of one currency.",
            )
        tells = facts.currency_column(table)
        if tells is None or not facts.in_currency(column):
            continue
        if not any(kept.column == tells.name and kept.op == "eq" for kept in filters):
            listed = " or ".join(sorted(tells.values[:6]))
            raise ask(
                f"{column.name} is in several currencies (column {tells.name}), and a total of "
                f"them would be wrong. Which one shall I count: {listed}?"
            )


def about(desk: Desk, words: tuple[str, ...]) -> Wanted | None:
    """Give the figure that an adjective speaks of: "oldest" of an age."""
    named = [
        Named(one, 0)
        for one in facts.measures(desk.table)
        if one.name in desk.fits and set(words) & set(facts.core(one.name).split())
    ]
    if len(named) == 1:
        return Wanted(columns=tuple(named), said=words[0])
    for word in words:
        fits = tuple(
            Named(column, 0)
            for column in facts.measures(desk.table)
            if word in facts.core(column.name).split()
        )
        if fits:
            return Wanted(columns=fits, said=word)
    return None


def grouped(desk: Desk, item: Grouped) -> Column:
    """Give the column of a group, or ask; a name stands for the number of the same thing."""
    column = choose(desk, item.named, item.said, "By which column")
    if not (facts.is_identifier(column) and facts.is_unique(column, desk.table)):
        return column
    if {"id", "no", "nr", "number", "code"} & {stem(word) for word in item.said.lower().split()}:
        return column
    names = [
        one
        for one in desk.table.of_kind("text")
        if facts.core(one.name).split()[-1:] == ["name"] and facts.is_unique(one, desk.table)
    ]
    if len(names) != 1:
        return column
    desk.note(f"“{item.said}” are listed by {names[0].name}; each has one {column.name}.")
    return names[0]


def notes_of(kept: tuple[Kept, ...]) -> list[str]:
    """Give what must be said about filters."""
    return [note for one in kept for note in one.notes]
