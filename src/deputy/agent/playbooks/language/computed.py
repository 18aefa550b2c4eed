"""What a request computes from other columns of a row, put into the table before it is read.

Owns the order of these rules. Must never leave a column in a plan that no question uses.
"""

from __future__ import annotations

from dataclasses import replace

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language import columns
from deputy.agent.playbooks.language.arithmetic import arithmetic
from deputy.agent.playbooks.language.demands import Told
from deputy.agent.playbooks.language.durations import durations
from deputy.agent.playbooks.language.shapes import Shaped, as_before
from deputy.agent.playbooks.schema import Table


def shaped(text: str, table: Table, base: Plan | None) -> Shaped:
    """Give the words and the table as they are read, with what the plan before computed."""
    found = replace(as_before(table, base), text=text)
    index = columns.index(table)
    return arithmetic(durations(found, index), index).spelled()


def told(plan: Plan, shaped: Shaped) -> Plan:
    """Give the plan with the columns that its questions use."""
    return plan.model_copy(update={"derived": shaped.used(set(Told("", plan).columns))})
