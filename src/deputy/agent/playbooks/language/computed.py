"""What a request computes from other columns of a row, put into the table before it is read.

Owns the order of these rules. Must never leave a column in a plan that no question uses.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language import columns
from deputy.agent.playbooks.language.arithmetic import arithmetic
from deputy.agent.playbooks.language.columns import Index
from deputy.agent.playbooks.language.demands import Told
from deputy.agent.playbooks.language.durations import durations
from deputy.agent.playbooks.language.shapes import Shaped, as_before
from deputy.agent.playbooks.language.unpivoting import again, long_only, made_long
from deputy.agent.playbooks.language.words import key
from deputy.agent.playbooks.schema import Table


def shaped(text: str, table: Table, base: Plan | None, today: date) -> tuple[Shaped, Index]:
    """Give the words and the table as they are read, with what the plan before computed."""
    unpivot = None
    if base is not None:
        table, unpivot = again(table, base)
    found = replace(as_before(table, base), text=text, unpivot=unpivot)
    index = columns.index(table)
    found = _together(found, index)
    if base is None:
        found = made_long(found, index, today)
        index = index if found.table is table else columns.index(found.table)
    found = arithmetic(durations(found, index), index).spelled()
    return found, columns.index(found.table) if found.derived else index


_ALL_TOGETHER = re.compile(
    r",?\s*(?:\b(?:for|over|across|in)\s+)?\ball\s+(?:the\s+|our\s+)?(?P<what>[a-z]+(?: [a-z]+)?)"
    r"\s+(?:taken\s+)?(?:together|combined)\b"
)
_ACROSS = re.compile(
    r"(?<=\w)\s+across\s+(?:all\s+)?(?:the\s+|our\s+)?(?P<what>[a-z]+(?: [a-z]+)?)"
    r"\s*(?=$|[,.;?!])"
)
_BROKEN_DOWN = re.compile(r"\b(?:by|per|each|every|top|bottom|which|highest|lowest|biggest)\b")


def _together(found: Shaped, index: Index) -> Shaped:
    """Read "all regions together", and "by account across all departments", as no breakdown."""
    text = found.text.lower()
    for source in (_ALL_TOGETHER, _ACROSS):
        match = source.search(text)
        if match is None or not any(
            one.column.kind == "text" for one in index.named(key(match["what"]))
        ):
            continue
        if source is _ACROSS and not _BROKEN_DOWN.search(text[: match.start()]):
            continue
        said = " ".join(match[0].strip(" ,").split())
        found = found.said(*match.span(), "")
        return found.noting(f"“{said}” is read as all of them taken together.")
    return found


def told(plan: Plan, shaped: Shaped) -> Plan:
    """Give the plan with the columns that its questions use."""
    used = shaped.used(set(Told("", plan).columns))
    made = plan.model_copy(update={"derived": used, "unpivot": shaped.unpivot})
    return long_only(made, shaped.table)
