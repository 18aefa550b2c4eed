"""Gives a role to mentions of columns that the words around them left without one.

Owns these rules. Must never drop a mention in silence.
"""

from __future__ import annotations

from dataclasses import replace

from deputy.agent.playbooks.language import facts, roles
from deputy.agent.playbooks.language.items import Doing, Grouped, Naming, Wanted
from deputy.agent.playbooks.language.outcomes import ask
from deputy.agent.playbooks.language.pieces import Piece
from deputy.agent.playbooks.language.tasks import Task

ACROSS_MAX = 24


KINDS_MAX = 12
"""A column with so few values holds kinds, not things one would count."""


def placed(task: Task) -> Task:
    """Give a role to mentions that the words around them left without one."""
    piece = task.piece
    for naming in piece.spare:
        rest = tuple(one for one in piece.spare if one is not naming)
        if roles.is_date(naming):
            piece = _spare_date(piece, naming, rest)
        elif _grouped_by(piece, naming, task):
            piece = replace(piece, spare=rest)
        elif roles.is_thing(naming) and (piece.figures or piece.groups):
            piece = _spare_thing(piece, naming, rest)
        else:
            piece = _spare_text(task, piece, naming, rest)
    return replace(task, piece=piece)


def _spare_date(piece: Piece, naming: Naming, rest: tuple[Naming, ...]) -> Piece:
    dates = tuple(one.column for one in roles.dates(naming))
    if not (piece.dated or any(group.unit for group in piece.groups)):
        raise ask(f"What shall I do with “{naming.said}”: a period, or one row for each day?")
    doing = Doing(naming.start, naming.end, dates, naming.said)
    return replace(piece, spare=rest, doing=(*piece.doing, doing))


def _grouped_by(piece: Piece, naming: Naming, task: Task) -> bool:
    groups = {one.column.name for group in piece.groups for one in group.named}
    if task.base is not None and not piece.groups:
        return False
    return any(one.column.name in groups for one in naming.named)


def _spare_thing(piece: Piece, naming: Naming, rest: tuple[Naming, ...]) -> Piece:
    """Count things where nothing else is a figure; beside a figure they say what rows are."""
    if piece.figures or (piece.ranked and piece.ranked.about):
        return replace(piece, spare=rest)
    things = roles.identifiers_first(roles.texts(naming))
    return replace(piece, spare=rest, figures=(Wanted(things=things, said=naming.said),))


def _spare_text(task: Task, piece: Piece, naming: Naming, rest: tuple[Naming, ...]) -> Piece:
    options = roles.group_of(naming, numbers=False) or roles.texts(naming)
    if not options:
        raise ask(f"What shall I do with “{naming.said}”?")
    group = Grouped(naming.start, naming.end, options, None, naming.said)
    if not piece.groups:
        if not (piece.figures or piece.ranked or piece.rows or piece.versus or task.base):
            counted = Wanted(things=options, said=naming.said)
            return replace(piece, spare=rest, figures=(counted,))
        return replace(piece, spare=rest, groups=(group,))
    if not (piece.figures or piece.rows or piece.ranked or piece.aggregates or task.before):
        if all(one.column.distinct <= KINDS_MAX and not facts.is_identifier(one.column)
               for one in options):  # fmt: skip
            # "Gender by department" breaks down by both: a few kinds are nothing to be counted.
            rows = Wanted(rows="row", said="rows")
            _must_mean_rows(task, naming.said)
            return replace(piece, spare=rest, figures=(rows,), groups=(group, *piece.groups))
        # "Customers by region" counts customers: nothing else was named that could be a figure.
        counted = Wanted(things=roles.identifiers_first(roles.texts(naming)), said=naming.said)
        return replace(piece, spare=rest, figures=(counted,))
    column = options[0].column
    if len(piece.groups) == 1 and (piece.versus or column.distinct <= ACROSS_MAX):
        return replace(piece, spare=rest, groups=(group, *piece.groups))
    task.desk.note(f"“{naming.said}” is taken to describe the figure, not as a further breakdown.")
    return replace(piece, spare=rest)


def _must_mean_rows(task: Task, said: str) -> None:
    """Ask which figure is broken down by two columns, unless the rows alone can be meant."""
    figures = facts.money(task.table)
    if figures and not facts.persons(task.table):
        listed = ", ".join(one.name for one in figures[:6])
        raise ask(f"Which figure do you want for “{said}”: the number of rows, or {listed}?")
    task.desk.note("No figure was named, so rows are counted.")
