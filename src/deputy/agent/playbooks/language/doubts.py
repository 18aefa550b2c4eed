"""Doubts that a finished plan itself gives rise to: what it took for granted, and should not have.

Owns these rules; each ends with a question of its own. Must never change a plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.demands import Told, spoken
from deputy.agent.playbooks.language.phrasing import listed
from deputy.agent.playbooks.language.vocabulary import EVENT_NOUNS, PEOPLE, ROW_NOUNS
from deputy.agent.playbooks.language.words import WORD, key, root, stem
from deputy.agent.playbooks.schema import Table

_DEFAULT = re.compile(r"No figure was named, so (?P<name>.+) is used\.$")
_DECIDES = re.compile(r"(?P<name>.+) is taken as the date that counts\.$")
_OF_ALL = re.compile(
    r"\b(?:overall|in total|grand total|altogether|in all|all in all|in sum|combined|company|whole"
    r"|everything|separately|single|(?:the|a) total(?=\s*(?:[,.;?!]|and\b|of all|$)))"
)
_HOW_MANY = re.compile(
    r"\b(?:how many|number of|count of|no\. of)\s+(?:(?:the|our|all|different|new)\s+)*"
    r"(?P<first>[a-z]+)(?:\s+(?P<second>[a-z]+))?"
)
_SINGLE_BEST = re.compile(
    r"\b(?:highest|lowest|longest|shortest|largest|smallest|biggest|cheapest|dearest|most expensive"
    r"|oldest|youngest|best|worst|maximum|minimum|peak)\b(?![^.;?]*\bthan\b)[^.;?]{0,40}?"
    r"(?<!which )\b(?:(?:at|in|of|for|on|from|to|within) (?:each|every)|per|in every)\b"
)
_ASKS_WHICH = re.compile(r"\b(?:which|who|top|rank\w*|sort\w*|first|\d+|busiest|quietest|list)\b")


def doubted(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Give the question that has to be asked, if any."""
    for rule in _RULES:
        question = rule(told, table, nouns)
        if question is not None:
            return question
    return None


def _alone(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask whether one figure for all is meant where another part of the request is broken down."""
    questions = told.plan.questions
    groups = list(dict.fromkeys(group.label for one in questions for group in one.groups))
    bare = [one for one in questions if not one.groups]
    if not groups or not bare or _OF_ALL.search(told.text):
        return None
    figures = listed([one.label for question in bare for one in question.measures])
    return f"Do you want “{figures}” by {listed(groups)}, too, or as one figure for all?"


def _plural_kept(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask what is counted where "new patients" narrows the rows and no figure was named."""
    named = next((one["name"] for note in told.plan.assumptions
                  if (one := _DEFAULT.match(note))), None)  # fmt: skip
    if named is None or told.plan.unpivot is not None:
        return None
    kept = " ".join(word for one in told.filters for word in (one.column, *spoken(one)))
    roots = {root(word) for word in key(kept.lower()).split()}
    for match in WORD.finditer(told.text):
        word = match[0]
        if word.endswith("s") and stem(word) != word and root(word) in roots:
            return f"Do you want the number of rows, or the total of {named}?"
    return None


def _other_date(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask which date decides where another one bears the name of what the rows are."""
    for note in told.plan.assumptions:
        match = _DECIDES.match(note)
        own = set(facts.core(match["name"]).split()) if match else nouns
        if match is None or own & nouns:
            continue
        others = [one.name for one in table.of_kind("date")
                  if set(facts.core(one.name).split()) & nouns]  # fmt: skip
        if others:
            return f"Which date decides: {match['name']} or {others[0]}?"
    return None


def _repeated(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask when "orders" would be counted by rows and an order may have several."""
    bare = [one for one in told.measures if one.column is None and one.aggregate == "count"]
    if not any(one.label == "Number of rows" for one in bare):
        return None
    for match in _HOW_MANY.finditer(told.text):
        words = [stem(word) for word in match.groups() if word]
        things = [word for word in words if word in EVENT_NOUNS | PEOPLE and word not in nouns]
        if not things or words[0] in ROW_NOUNS or words[0] in nouns:
            continue
        several = [
            one
            for one in table.of_kind("text")
            if facts.is_identifier(one) and one.distinct + one.missing < table.rows
        ]
        if several and not any(facts.is_unique(one, table) for one in table.columns):
            said = " ".join(word for word in match.groups() if word)
            names = " or ".join(one.name for one in several[:3])
            return (
                f"Shall I count rows for “{said}”, or different values of {names}? One of them "
                "can have several rows."
            )
    return None


def _single_best(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask whether "the longest stay at each hotel" means a single row's, or ranks the totals."""
    match = _SINGLE_BEST.search(told.text)
    if match is None or _ASKS_WHICH.search(told.text) or told.aggregated("max", "min"):
        return None
    ranked = next((one for one in told.plan.questions if one.rank is not None), None)
    if ranked is None or not ranked.groups:
        return None
    group = ranked.groups[0].label
    said = " ".join(match[0].replace("\x00", " ").split())
    return (
        f"Does “{said}” mean the single highest or lowest row of each {group}, or shall the "
        f"groups of {group} be ranked?"
    )


def _mixed(told: Told, table: Table, nouns: frozenset[str]) -> str | None:
    """Ask which rows count where a column keeps plans and actual figures apart, and none is."""
    for column in table.of_kind("text"):
        kinds = [one for one in column.values if one.strip().lower() in _KINDS_OF_FIGURE]
        if len(kinds) > 1 and column.name not in told.columns:
            listed_ = " or ".join(kinds[:4])
            return (
                f"The column {column.name} keeps {listed_} apart, and a total of them would be "
                "wrong. Which one shall I count?"
            )
    return None


_KINDS_OF_FIGURE = frozenset(
    ["plan", "planned", "actual", "actuals", "budget", "budgeted", "forecast", "target",
     "prior year", "previous year", "last year"]
)  # fmt: skip
_RULES: tuple[Callable[[Told, Table, frozenset[str]], str | None], ...] = (
    _mixed, _alone, _plural_kept, _other_date, _repeated, _single_best,
)  # fmt: skip
