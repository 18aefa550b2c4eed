"""From typed words and the schema of the tables at hand to a plan, a question or a refusal.

Owns the way from one to the other and the choice among tables. Must never answer words that were
understood only in part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from deputy.agent.plans import QUESTIONS_MAX, Filter, Kind, Plan, Question
from deputy.agent.playbooks.language import (
    changes,
    columns,
    computed,
    describe,
    facts,
    figures,
    grouping,
    nearwords,
    phrasing,
    pieces,
    rules,
    secondlook,
    spelling,
    views,
)
from deputy.agent.playbooks.language.items import Item
from deputy.agent.playbooks.language.measures import Desk
from deputy.agent.playbooks.language.orders import ORDER, Files
from deputy.agent.playbooks.language.outcomes import (
    CAN_DO,
    Clarify,
    Declined,
    Outcome,
    Planned,
    Unclear,
    ask,
    asks_to_send,
    decline,
    not_understood,
    reads_two_ways,
)
from deputy.agent.playbooks.language.parts import both
from deputy.agent.playbooks.language.parts import joined as parts_of
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.language.questions import question_of
from deputy.agent.playbooks.language.recognise import Recognised, nouns_of, recognise
from deputy.agent.playbooks.language.scenes import Scene
from deputy.agent.playbooks.language.tasks import Task
from deputy.agent.playbooks.language.views import View
from deputy.agent.playbooks.language.vocabulary import FILLERS
from deputy.agent.playbooks.language.words import WORD, Words
from deputy.agent.playbooks.schema import Table

TYPED_CHARS_MAX = 2_000
TABLES_MAX = 12
SUBTOTALS_MAX = 6


@dataclass(frozen=True, slots=True)
class Request:
    """What is compiled: the words, the plan they may change, the day."""

    text: str
    base: Plan | None
    today: date
    leave_out: bool
    several: bool = False


def compile_request(
    text: str, tables: Sequence[Table], *, base: Plan | None, today: date, leave_out: bool = False
) -> Outcome:
    """Compile typed words over the tables at hand. `base` is the plan they may change."""
    if len(text) > TYPED_CHARS_MAX:
        return Declined(
            f"Your request has more than {TYPED_CHARS_MAX:,} characters.",
            f"Say in a few sentences which figures you want. {CAN_DO}",
        )
    usable = [facts.prepared(table) for table in tables if table.rows and len(table.columns) > 1]
    usable = usable[:TABLES_MAX]
    if not usable:
        return Declined(
            "I found no table with at least two columns and one row of data in your files.",
            "Attach a table whose columns have headings, as CSV or Excel.",
        )
    if not leave_out:
        if (sending := asks_to_send(text)) is not None:
            return sending
        if (twofold := reads_two_ways(text)) is not None:
            return twofold
    request = Request(text, base, today, leave_out, len(usable) > 1)
    return _over(request, usable)


def _over(request: Request, usable: list[Table]) -> Outcome:
    """Try the tables alone first, then with another looked up beside."""
    named = views.named_in(request.text, usable)
    single = views.singles(named or usable)
    if request.base is not None:
        single = _same_source(single, request.base) or single
        single = [] if request.base.join is not None else single
    outcomes = [(view, _compiled(request, view)) for view in single]
    planned = [(view, one) for view, one in outcomes if isinstance(one, Planned)]
    if len(usable) > 1 and (not planned or min(_bent(one) for one in planned)):
        beside = views.lookups(views.singles(usable), usable)
        if request.base is not None:
            beside = [view for view in beside if _based(view, request.base)]
        more = [(view, _compiled(request, view)) for view in beside]
        planned += [
            (view, one)
            for view, one in more
            if isinstance(one, Planned) and _needs_both(view, one.plan)
        ]
    if len(planned) > 1:
        planned = _simplest(planned)
    if len(planned) == 1:
        view, outcome = planned[0]
        return _said(outcome, view, usable)
    if len(planned) > 1:
        listed = " or ".join(f"“{views.place(view.tables[0], usable)}”" for view, _ in planned)
        return Clarify(f"Your request fits more than one table. Which one do you mean: {listed}?")
    if not outcomes:
        return Clarify(phrasing.what_shall_i_report(usable[0]))
    return max(outcomes, key=lambda pair: _telling(pair[1], pair[0]))[1]


def _simplest(planned: list[tuple[View, Planned]]) -> list[tuple[View, Planned]]:
    """Prefer the tables in which the fewest words had to be bent, one before two."""
    least = min(_bent(pair) for pair in planned)
    return [pair for pair in planned if _bent(pair) == least]


_BENT = (
    " is read as ",
    " is taken as one ",
    "No figure was named",
    " is taken to describe the fig",
)


def _bent(pair: tuple[View, Planned]) -> int:
    """Count the words that were not taken at their plainest; a second table counts a little."""
    view, outcome = pair
    notes = outcome.plan.assumptions
    bent = sum(2 for note in notes if any(sign in note for sign in _BENT))
    return bent + (1 if view.join is not None else 0)


def _telling(outcome: Outcome, view: View) -> tuple[int, int]:
    """Prefer the outcome that understood most, then the larger table."""
    unknown = isinstance(outcome, Clarify) and outcome.question.startswith("I did not understand")
    missing = outcome.question.count("“") if isinstance(outcome, Clarify) and unknown else 0
    return (-missing, view.table.rows)


def _same_source(single: list[View], base: Plan) -> list[View]:
    return [view for view in single if _based(view, base)]


def _based(view: View, base: Plan) -> bool:
    """Say whether a view is of the tables that an earlier plan used."""
    source = (base.source.path, base.source.sheet)
    same = any((one.path, one.sheet) == source for one in view.tables)
    return same and (view.join is None or base.join is None or view.join == base.join)


def _needs_both(view: View, plan: Plan) -> bool:
    names: set[str] = set()
    for one in plan.questions:
        names |= {group.column for group in one.groups}
        names |= {kept.column for kept in one.filters}
        for measure in one.measures:
            names |= {name for name in (measure.column, measure.over) if name}
            names |= {kept.column for kept in measure.where}
        names |= {one.date_column} if one.date_column else set()
    names |= {name for one in plan.derived for name in one.of}
    return views.used(view, names - {one.name for one in plan.derived})


def _said(outcome: Planned, view: View, usable: Sequence[Table]) -> Planned:
    notes = [*outcome.plan.assumptions, *view.notes]
    if len(usable) > len(view.tables) and view.join is None and len(view.tables) == 1:
        notes.append(f"Of the tables at hand, “{views.place(view.tables[0], usable)}” is used.")
    plan = outcome.plan.model_copy(update={"assumptions": tuple(dict.fromkeys(notes))})
    return replace(outcome, plan=plan)


def _compiled(request: Request, view: View) -> Outcome:
    try:
        return _plan(request, view)
    except Unclear as unclear:
        return unclear.outcome


def _plan(request: Request, view: View) -> Outcome:
    typed = days_spelled(request.text, view.table)
    shaped, index = computed.shaped(typed, view.table, request.base, request.today)
    table = shaped.table
    view = replace(view, table=table)
    text, slips = spelling.corrected(shaped.text, table, index)
    text, near = nearwords.reworded(text, table, index)
    follows = request.base is not None
    text, cues = changes.cues(text) if follows else (text, changes.NONE)
    told = describe.parted(text)
    nouns = nouns_of(table) | told.nouns
    read = recognise(told.request, table, index, nouns)
    desk = Desk(table, read.words, nouns, request.several, read.fits)
    desk.note(*slips, *shaped.notes, *near)
    items = _reduced(read, table, index)
    extra = _told(told, table, index, nouns, request.today, desk)
    found = pieces.cut(read.words, [*extra, *items])
    found = [_without(piece) for piece in found] if request.leave_out else found
    parts, scopes = parts_of(found)
    left = left_over(read.words, [span for piece in found for span in piece.unused])
    if left and not request.leave_out:
        return not_understood(left, [one.name for one in table.columns])
    base = request.base if cues.follows(parts) else None
    if base is not None:
        questions = changes.changed(base, parts, scopes, cues, desk, request.today)
    else:
        questions = _questions(parts, scopes, desk, request.today)
    plan = _assembled(questions, view, desk, _deliverables(read.files, base, desk))
    plan = computed.told(plan, shaped)
    if not request.leave_out and base is None:
        overlooked = secondlook.unaccounted(read.words.original, plan, table, index, nouns)
        if overlooked is not None:
            return overlooked
    one_page = read.files.one_page or len(questions) == 1
    return Planned(plan, phrasing.reading(plan, one_page=one_page), left, one_page)


_SLASHED = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d\d)\b")


def days_spelled(text: str, table: Table) -> str:
    """Write 03/04/2026 as the table's own dates are read, where it has such an order."""
    if table.day_order not in {"dmy", "mdy"}:
        return text

    def spelled(match: re.Match[str]) -> str:
        first, second = int(match[1]), int(match[2])
        day, month = (first, second) if table.day_order == "dmy" else (second, first)
        if month > 12 >= day:
            day, month = month, day
        return f"{match[3]}-{month:02}-{day:02}" if 1 <= month <= 12 and day <= 31 else match[0]

    return _SLASHED.sub(spelled, text)


def left_over(words: Words, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Give what nothing came of as typed, neighbours joined."""
    runs: list[list[int]] = []
    for start, end in sorted(spans):
        gap = WORD.findall(words.original[runs[-1][1] : start].lower()) if runs else []
        near = runs and len(gap) <= 2 and all(word in FILLERS for word in gap)
        if near and not re.search(r"[,.;:?!]", words.original[runs[-1][1] : start]):
            runs[-1][1] = end
        else:
            runs.append([start, end])
    return tuple(words.said(start, end) for start, end in runs)


def _without(piece: Piece) -> Piece:
    """Let go of what the requester said to leave out, with the nouns that stood in it."""
    gone = piece.unused
    rows = tuple(
        one
        for one in piece.rows
        if not any(start <= one.start and one.end <= end for start, end in gone)
    )
    return replace(piece, rows=rows)


def _reduced(read: Recognised, table: Table, index: columns.Index) -> list[Item]:
    scene = Scene(read.words, table, index)
    return figures.figured(scene, grouping.grouped(scene, rules.joined(scene, read.items)))


def _told(
    told: describe.Described,
    table: Table,
    index: columns.Index,
    nouns: frozenset[str],
    today: date,
    desk: Desk,
) -> list[Item]:
    """Check what is said about the file; give what of it narrows the request after all."""
    extra: list[Item] = []
    for said, title in ((told.about, False), (told.title, True)):
        if not said.strip():
            continue
        read = recognise(said, table, index, nouns)
        scene = Scene(read.words, table, index)
        items = rules.joined(scene, read.items)
        narrows, notes = describe.scope_of(
            items, table, today, title=title, said=" ".join(said.split()).rstrip(".")
        )
        desk.note(*notes)
        extra += narrows
    return extra


def _questions(
    parts: list[Piece], scopes: list[Piece], desk: Desk, today: date
) -> tuple[Question, ...]:
    parts = _inheriting(parts)
    if not parts:
        parts = _nothing_but_scope(scopes, desk)
    if len(parts) > QUESTIONS_MAX:
        raise ask(f"I answer at most {QUESTIONS_MAX} questions at a time. Which come first?")
    made: list[Question] = []
    for part in parts:
        piece = _with_scopes(part, scopes)
        before = made[-1] if made else None
        made.append(question_of(Task(desk, piece, today, before)))
    return tuple(dict.fromkeys(made))


def _nothing_but_scope(scopes: list[Piece], desk: Desk) -> list[Piece]:
    """Give a part of its own to a request that names a period and nothing else."""
    dated = [one for one in scopes if one.dated or one.compared]
    if not dated or any(one.kept for one in scopes):
        raise ask(phrasing.what_shall_i_report(desk.table))
    return [Piece(0, 0)]


def _inheriting(parts: list[Piece]) -> list[Piece]:
    """Hand periods and filters on to the parts that follow without their own."""
    made: list[Piece] = []
    for part in parts:
        last = made[-1] if made else None
        if last is not None and not part.dated and not part.compared:
            part = replace(part, dated=last.dated)
        if last is not None and not part.kept and last.kept and not part.limits:
            part = _same_rows(made, part, last)
        made.append(part)
    return made


def _same_rows(made: list[Piece], part: Piece, last: Piece) -> Piece:
    """Let "and what was their value" speak of the same rows; ask when it may or may not."""
    bare = [one for one in part.figures if one.share and one.over is None]
    if bare and not part.groups and (part.refers or part.sentence == last.sentence):
        # "… and what share of all trips is that?"
        figures = tuple(
            replace(one, where=last.kept, over=replace(one, share=False)) if one in bare else one
            for one in part.figures
        )
        return replace(part, figures=figures, groups=last.groups)
    if part.refers:
        return replace(part, kept=last.kept)
    if len(made) == 1 and part.sentence == last.sentence and not part.groups:
        return replace(part, kept=last.kept)
    if len(made) == 1 and part.sentence == last.sentence:
        said = last.kept[0].said
        raise ask(
            f"Does “{said}” hold for all that you ask, or only for the first part? Please write "
            "it beside each part that it is meant for, or “only …” in a sentence of its own."
        )
    return part


def _with_scopes(part: Piece, scopes: list[Piece]) -> Piece:
    """Narrow a part by what holds for all; what a part says itself outranks words ahead of it."""
    for scope in scopes:
        if scope.end <= part.start and not scope.versus:
            own = {name for kept in part.kept for name in kept.columns}
            kept = tuple(one for one in scope.kept if not own & set(one.columns))
            scope = replace(scope, kept=kept, dated=() if part.dated else scope.dated)
        part = both(part, scope)
    return part


def _deliverables(files: Files, base: Plan | None, desk: Desk) -> tuple[Kind, ...]:
    before = base.deliverables if base is not None else ()
    wanted = before if not files.kinds else (*before, *files.kinds) if files.more else files.kinds
    if not wanted:
        wanted = ("xlsx", "pdf")
    if files.either and len(files.kinds) > 1:
        desk.note("You left the kind of file open, so you get each one you named.")
    kept = tuple(kind for kind in ORDER if kind in wanted and kind not in files.less)
    return kept or ("xlsx",)


def _assembled(
    questions: tuple[Question, ...], view: View, desk: Desk, deliverables: tuple[Kind, ...]
) -> Plan:
    table = view.table
    subtotals = _no_subtotals(table)
    if subtotals:
        questions = tuple(
            one.model_copy(update={"filters": tuple(dict.fromkeys((*one.filters, *subtotals)))})
            for one in questions
        )
        desk.note("Rows that are totals of other rows are not counted.")
    if table.skip_footer and not table.notes:
        rows = "row is" if table.skip_footer == 1 else f"{table.skip_footer} rows are"
        desk.note(f"The last {rows} not counted: totals or remarks, no data.")
    title, subtitle = phrasing.titles(questions)
    return Plan(
        source=view.source, more=view.more, join=view.join, questions=questions,
        deliverables=deliverables, title=title, subtitle=subtitle,
        reading=tuple(phrasing.read_as(one) for one in questions),
        assumptions=(*desk.notes, *table.notes), stem=phrasing.stem_of(questions),
    )  # fmt: skip


def _no_subtotals(table: Table) -> tuple[Filter, ...]:
    if len(table.subtotals) > SUBTOTALS_MAX:
        raise decline(
            "The table mixes its rows with many subtotals, so any sum would count twice.",
            "Remove the subtotal rows, or attach the list the table was made from.",
        )
    return tuple(Filter(column=one.column, op="ne", value=one.value) for one in table.subtotals)
