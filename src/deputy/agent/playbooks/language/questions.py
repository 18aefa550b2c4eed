"""From a part of a request to one question of a plan: gaps filled by stated rules, or asked.

Owns these rules. Must never choose silently where the choice changes a figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deputy.agent.plans import (
    FILTERS_MAX,
    MEASURES_MAX,
    Aggregate,
    Filter,
    Group,
    Measure,
    Question,
)
from deputy.agent.playbooks.language import facts, measures, phrasing, roles
from deputy.agent.playbooks.language.columns import EXACT, Named
from deputy.agent.playbooks.language.items import Aggregated, Dated, Grouped, Kept, Wanted
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.periods import resolve
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.language.ranks import GROWING, chart_of, rank_of
from deputy.agent.playbooks.language.rules import limit_of
from deputy.agent.playbooks.language.spare import ACROSS_MAX, placed
from deputy.agent.playbooks.language.tasks import Task, size
from deputy.agent.playbooks.language.times import (
    Times,
    Wish,
    date_column,
    extent_of,
    no_dates,
    times_of,
)
from deputy.agent.playbooks.language.vocabulary import EVENT_NOUNS, PEOPLE
from deputy.agent.playbooks.language.words import stem
from deputy.agent.playbooks.schema import Column, Table

_TOWARDS = re.compile(
    r"\b(?:compar\w*\b[^.;]{0,80}?\b(?:with|to|against)|versus|vs\.?|against|relative to|than)\W+"
)


def question_of(task: Task) -> Question:
    """Make the question."""
    heard = task.piece
    task.desk.note(*heard.notes)
    task = placed(_single_most(task))
    for rows in task.piece.rows:
        measures.fitting(task.desk, rows)
    groups = _groups(task)
    found = _measures(task, groups)
    filters = _filters(task, heard)
    for one in found:
        measures.currencies(task.table, one, (*filters, *one.where))
    times, dated = _times(task, groups)
    filters = (*filters, *dated)
    if len(filters) > FILTERS_MAX:
        raise ask(f"That makes more than {FILTERS_MAX} filters. Which of them matter most?")
    rank = rank_of(task, groups)
    if len(groups) == 2 and len(found) > 1:
        raise ask("A table by two columns shows one figure. Which one do you want?")
    if len(groups) == 2 and times.compare is not None:
        raise ask("A table by two columns shows no comparison. By which one column do you want it?")
    if len(found) > MEASURES_MAX:
        raise ask(f"I show at most {MEASURES_MAX} figures in a table. Which of them?")
    task.desk.note(*times.notes, *_blanks(task, found, groups))
    label = times.period.label if times.period is not None else None
    return Question(
        title=phrasing.title_of(found, groups, filters, label), measures=found, groups=groups,
        filters=tuple(dict.fromkeys(filters)), date_column=times.column, period=times.period,
        compare=times.compare, rank=rank, chart=chart_of(task, groups),
    )  # fmt: skip


def _groups(task: Task) -> tuple[Group, ...]:
    found: list[Group] = []
    exact = any(one.unit is not None and not one.trend for one in task.piece.groups)
    for item in _of_dates(task.piece.groups):
        if item.trend and exact:
            continue  # "Weekly trend" is by week.
        one = _group(task, item)
        if one not in found:
            found.append(one)
    for kept in task.piece.kept:
        name = kept.columns[0] if kept.against else None
        against = Group(column=name, label=facts.label(name)) if name is not None else None
        if against is not None and against not in found:
            found.append(against)
    _two_sides(task, found)
    if not found and task.base is not None:
        return task.base.groups
    if len(found) > 2:
        listed = ", ".join(one.label for one in found)
        raise ask(f"A table shows at most two breakdowns. Which of these: {listed}?")
    return tuple(_across(task, found))


def _single_most(task: Task) -> Task:
    """Read "the longest trip" as the greatest figure of a row where nothing is grouped."""
    piece, ranked = task.piece, task.piece.ranked
    if ranked is None or not ranked.about or piece.groups or ranked.top or ranked.everything:
        return task
    things = all(roles.is_thing(one) for one in piece.spare)
    if not (piece.rows or (piece.spare and things)) or task.base is not None:
        return task
    about = _about(task, ranked.about)
    name: Aggregate = "max" if ranked.order == "desc" else "min"
    named = tuple(one for one in piece.figures if _same_column(about, one))
    rest = tuple(one for one in piece.figures if one not in named or one.aggregate)
    most = replace(named[0] if named else about, aggregate=name)
    return replace(
        task, piece=replace(piece, ranked=None, rows=(), spare=(), figures=(most, *rest))
    )


def _of_dates(groups: tuple[Grouped, ...]) -> tuple[Grouped, ...]:
    """Read "by month by invoice date" as the months of that date."""
    dated = [one for one in groups if one.unit == "day" and one.named and one.cue in {"by", "per"}]
    units = [one for one in groups if one.unit is not None and not one.named]
    if len(dated) != 1 or not units:
        return groups
    kept = (replace(one, named=dated[0].named) if one in units else one for one in groups)
    return tuple(one for one in kept if one is not dated[0])


def _two_sides(task: Task, groups: list[Group]) -> None:
    """Ask when a comparison names one value against a breakdown, or values of two columns."""
    piece = task.piece
    against = any(one.against for one in piece.kept)
    compares = piece.versus and not against and not piece.compared and len(piece.dated) < 2
    single = [kept for kept in piece.kept if kept.filters[0].op == "eq" and len(kept.columns) == 1]
    if compares and (len(single) > 1 or any(one.columns[0] == group.column for one in single
                                            for group in groups)):  # fmt: skip
        raise ask(
            "I compare values of one column, or two periods. Which two do you want to set side by "
            "side, for example “Retail versus Online”?"
        )


def _across(task: Task, found: list[Group]) -> list[Group]:
    """Put the breakdown with fewer groups, or time, across."""
    if len(found) != 2:
        return found
    sizes = [size(task.table, one) for one in found]
    if found[0].by is not None and found[1].by is None and sizes[0] <= ACROSS_MAX:
        return found if sizes[1] <= sizes[0] else [found[1], found[0]]
    return [found[1], found[0]] if sizes[1] > ACROSS_MAX >= sizes[0] else found


def _group(task: Task, item: Grouped) -> Group:
    if item.unit is None:
        column = measures.grouped(task.desk, item)
        if column.kind == "date":
            return Group(column=column.name, label=facts.label(column.name), by="day")
        return Group(column=column.name, label=facts.label(column.name))
    named = tuple(one.column for one in item.named if one.column.kind == "date")
    dates = named or _dates(task)
    column, notes = date_column(task.table, Wish(dates=dates), task.base)
    task.desk.note(*notes)
    if item.unit == "hour" and not column.timed:
        raise ask(
            f"{column.name} holds days without a time, so there are no hours. By weekday or by "
            "month instead?"
        )
    if item.trend and item.unit == "month" and "month" not in item.said.lower():
        task.desk.note("The trend is shown by month.")
    return Group(column=column.name, label=phrasing.UNITS[item.unit], by=item.unit)


def _dates(task: Task) -> tuple[Column, ...]:
    """Give the date columns that the words name."""
    dated = [column for one in task.piece.dated for column in one.dates]
    doing = [column for one in task.piece.doing for column in one.dates]
    return tuple(dict.fromkeys(dated or doing))


def _measures(task: Task, groups: tuple[Group, ...]) -> tuple[Measure, ...]:
    wanted = _wanted(task)
    if wanted is None:
        source = task.base or task.before
        return source.measures if source is not None else ()
    found = [measures.measure(task.desk, _hinted(task, one), groups) for one in wanted]
    return tuple(dict.fromkeys(found))


def _hinted(task: Task, wanted: Wanted) -> Wanted:
    """Let "what do they add up to" speak of the one amount that the rows were chosen by."""
    if wanted.columns or wanted.rows or wanted.things or wanted.over or wanted.share:
        return wanted
    limited = {one.column for kept in task.piece.kept for one in kept.filters}
    fits = [one for one in facts.measures(task.table) if one.name in limited]
    return replace(wanted, columns=(Named(fits[0], EXACT),)) if len(fits) == 1 else wanted


def _wanted(task: Task) -> tuple[Wanted, ...] | None:
    """Give the figures asked for; nothing when those of the question before hold on."""
    piece, ranked = task.piece, task.piece.ranked
    loose = [one for one in piece.aggregates if one.aggregate != "sum"]
    if piece.figures:
        return _named(task, loose)
    if ranked is not None and ranked.by == "count":
        return _rows_of(piece)
    if ranked is not None and ranked.about:
        return (_about(task, ranked.about),)
    if loose and (task.base or task.before) is None:
        return tuple(Wanted(aggregate=one.aggregate) for one in loose)
    if loose:
        return _aggregated_anew(task, tuple(one.aggregate for one in loose))
    if piece.rows or _happened(piece) or _lists(piece):
        return _rows_of(piece)
    if task.base is not None or task.before is not None:
        return None
    return (Wanted(),)


def _named(task: Task, loose: list[Aggregated]) -> tuple[Wanted, ...]:
    """Give the figures named, with the one an adjective ranks by ahead of them."""
    piece, ranked = task.piece, task.piece.ranked
    if ranked is not None and ranked.about:
        about = measures.about(task.desk, ranked.about)
        if about is not None and not any(_same_column(about, one) for one in piece.figures):
            return (about, *piece.figures)
    first = piece.figures[0]
    again = tuple(replace(first, aggregate=one.aggregate) for one in loose if first.columns)
    if loose and not again:
        raise ask("Of which figure do you want that?")
    return (*piece.figures, *again)


def _same_column(one: Wanted, other: Wanted) -> bool:
    names = {named.column.name for named in other.columns}
    return other.over is not None or any(named.column.name in names for named in one.columns)


def _about(task: Task, words: tuple[str, ...]) -> Wanted:
    found = measures.about(task.desk, words)
    if found is None:
        raise ask(f"Which figure decides who comes first: {_figure_names(task.table)}?")
    return found


def _lists(piece: Piece) -> bool:
    """Say whether the names themselves are asked for: "which customers have no e-mail"."""
    asked = any(one.cue == "which" for one in piece.groups)
    return asked and bool(piece.kept) and piece.ranked is None


def _happened(piece: Piece) -> bool:
    """Say whether what is done is itself what is counted: "hires per quarter"."""
    return bool(piece.doing) and bool(piece.groups or piece.dated)


def _figure_names(table: Table) -> str:
    return ", ".join(column.name for column in facts.measures(table)[:8]) or "the number of rows"


def _rows_of(piece: Piece) -> tuple[Wanted, ...]:
    if piece.rows:
        return (Wanted(rows=piece.rows[0].noun, said=piece.rows[0].said),)
    return (Wanted(rows="row", said="rows"),)


def _aggregated_anew(task: Task, names: tuple[object, ...]) -> tuple[Wanted, ...]:
    source = task.base or task.before
    column = task.table.column(source.measures[0].column) if source is not None else None
    named = (Named(column, EXACT),) if column is not None else ()
    return tuple(
        Wanted(columns=named, aggregate=one.aggregate)
        for one in task.piece.aggregates
        if one.aggregate in names
    )


def _filters(task: Task, heard: Piece) -> tuple[Filter, ...]:
    piece, desk = task.piece, task.desk
    fresh: list[Filter] = []
    for kept in piece.kept:
        _not_having(task, heard, kept)
        desk.note(*kept.notes)
        fresh += kept.filters
    for limit in piece.limits:
        column = _limited(task)
        fresh.append(limit_of(column, limit))
        desk.note(f"“{limit.said}” is read as a limit of {column.name}.")
    fresh += _done(task)
    _not_at_odds(fresh)
    base = task.base
    if base is None:
        return tuple(fresh)
    changed = {one.column for one in fresh}
    kept_on = [one for one in base.filters if one.column not in changed]
    return (*kept_on, *fresh)


def _not_at_odds(filters: list[Filter]) -> None:
    """Ask when no row could satisfy two filters: "Germany … and France"."""
    held: dict[str, Filter] = {}
    for one in filters:
        if one.op not in {"eq", "in"}:
            continue
        other = held.setdefault(one.column, one)
        if other is not one and not set(phrasing.values(one)) & set(phrasing.values(other)):
            raise ask(
                f"{phrasing.filter_text(other)} and {phrasing.filter_text(one)}: no row is both. "
                "Do you want both together, or two figures beside each other?"
            )


def _limited(task: Task) -> Column:
    """Give the figure a bare limit speaks of: an age of persons, else the amount."""
    piece, table = task.piece, task.table
    persons = any(row.noun in PEOPLE for row in piece.rows) or any(
        PEOPLE & {stem(word) for word in one.said.lower().split()} for one in piece.spare
    )
    ages = [one for one in facts.measures(table) if "age" in facts.core(one.name).split()]
    if persons and len(ages) == 1:
        return ages[0]
    named = {one.columns[0].column.name for one in piece.figures if len(one.columns) == 1}
    money = facts.money(table)
    if len(named) == 1 and not piece.groups:
        return next(one for one in table.columns if one.name in named)
    if len(money) != 1:
        raise ask(f"Which figure does “{piece.limits[0].said}” limit: {_figure_names(table)}?")
    return money[0]


_HAVING = re.compile(r"\s*(?:with|having|whose|that have|which have|who have|with an?)?\s*")


def _not_having(task: Task, heard: Piece, kept: Kept) -> None:
    """Ask when a limit may be meant for a group's total and not for single rows."""
    column = task.table.column(kept.columns[0]) if len(kept.columns) == 1 else None
    if column is None or column.computed:
        return
    if column.kind != "number" or kept.filters[0].op in {"eq", "ne", "missing"}:
        return
    if kept.notes:
        return  # "In stock" tells the state of a row.
    words = task.desk.words.original.lower()
    for start, end, named in _named_groups(heard):
        if EVENT_NOUNS & {stem(word) for word in words[start:end].split()}:
            continue  # Orders over 500 are single ones.
        near = end <= kept.start and _HAVING.fullmatch(words[end : kept.start])
        single = any(facts.is_unique(one.column, task.table) for one in named)
        if near and start >= 0 and not single:
            raise _single_rows(column)
    same = any(one.columns and one.columns[0].column == column for one in task.piece.figures)
    rows = re.search(r"\b(?:rows|lines|records|entries|where|single)\b", words)
    thing = task.piece.rows or any(roles.is_thing(one) for one in task.piece.spare)
    if (same or not task.piece.figures) and task.piece.groups and not (rows or thing):
        raise _single_rows(column)


def _single_rows(column: Column) -> Exception:
    return ask(
        "Is that limit meant for single rows? Then write “only rows where "
        f"{column.name} is …”; or for the total of a group, which I cannot do?"
    )


def _named_groups(piece: Piece) -> list[tuple[int, int, tuple[Named, ...]]]:
    groups = [(one.start, one.end, one.named) for one in piece.groups if one.named]
    spare = [(one.start, one.end, one.named) for one in piece.spare]
    return groups + spare


def _done(task: Task) -> list[Filter]:
    """Read "orders shipped" as those with a ship date when no period tells when."""
    piece = task.piece
    if piece.dated or any(group.unit for group in piece.groups):
        return []
    found = []
    for doing in piece.doing:
        columns = [one for one in doing.dates if one.missing]
        if len(columns) == 1 and len(doing.dates) == 1:
            task.desk.note(f"“{doing.said}” means rows whose {columns[0].name} is filled in.")
            found.append(Filter(column=columns[0].name, op="present"))
    return found


def _times(task: Task, groups: tuple[Group, ...]) -> tuple[Times, tuple[Filter, ...]]:
    """Settle the dates; a second period on another date column becomes a filter."""
    piece = task.piece
    main, others = _parted(piece)
    compared = next((one for one in piece.compared if not one.dropped), None)
    ranked = piece.ranked
    growth = piece.growth or piece.change or (ranked is not None and ranked.by in GROWING)
    trend = next((one for one in groups if one.by is not None), None)
    own = tuple(column for one in main for column in one.dates)
    if trend is not None and not own and not piece.doing:
        column = task.table.column(trend.column)
        own = (column,) if column is not None else ()
    wish = Wish(
        periods=tuple(one.asked for one in main), dates=tuple(dict.fromkeys(own)) or _dates(task),
        trend=trend.by if trend is not None and trend.by in _COURSES else None,
        mode=compared.mode if compared else None, unit=compared.unit if compared else None,
        growth=growth, pair=piece.versus or growth, towards=_towards(task, main),
        dropped=any(one.dropped for one in piece.compared),
    )  # fmt: skip
    times = times_of(task.table, wish, task.base, task.today)
    named = compared.named if compared is not None and times.compare is not None else None
    if named is not None and times.compare and times.compare.start[:4] != str(named):
        raise ask("Which two periods shall I compare? They are not a year apart.")
    return times, tuple(_dated_filter(task, one) for one in others)


_COURSES = frozenset({"day", "week", "month", "quarter", "year"})


def _parted(piece: Piece) -> tuple[list[Dated], list[Dated]]:
    """Part the periods: those of the first date column named, and those of others."""
    if len(piece.dated) < 2 or len({one.dates for one in piece.dated}) == 1:
        return list(piece.dated), []
    first = next((one.dates for one in piece.dated if one.dates), ())
    main = [one for one in piece.dated if one.dates in {first, ()}]
    return main, [one for one in piece.dated if one not in main]


def _dated_filter(task: Task, item: Dated) -> Filter:
    column, _ = date_column(task.table, Wish(dates=item.dates), None)
    extent = extent_of(column, task.today)
    if extent is None:
        raise no_dates(task.table)
    done = resolve(item.asked, extent)
    if done.period is None:
        raise ask(done.question or "Which period do you mean?")
    task.desk.note(*done.notes)
    return Filter(column=column.name, op="between", value=(done.period.start, done.period.end))


def _towards(task: Task, main: Sequence[Dated]) -> bool:
    if len(main) != 1:
        return False
    before = task.desk.words.original[: main[0].start].lower() + " "
    starts = [match.end() for match in _TOWARDS.finditer(before)]
    return bool(starts) and not before[starts[-1] :].strip(" \x00")


def _blanks(task: Task, found: tuple[Measure, ...], groups: tuple[Group, ...]) -> list[str]:
    notes = []
    for one in found:
        column = task.table.column(one.column)
        if column is not None and column.missing and one.aggregate not in {"distinct", "missing"}:
            what = "row has" if column.missing == 1 else "rows have"
            notes.append(f"{column.missing:,} {what} no {column.name} and do not count.")
        if column is not None and column.unread:
            notes.append(f"{column.unread:,} values of {column.name} are no numbers and do not "
                         "count.")  # fmt: skip
    for group in groups:
        column = task.table.column(group.column)
        if column is not None and column.missing and group.by is None:
            notes.append(f"Rows without {column.name} form the group “(blank)”.")
    return notes
