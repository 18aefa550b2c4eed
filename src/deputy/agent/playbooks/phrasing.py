"""What the playbook says: titles, labels, its reading of a request, and its questions.

Owns every sentence made from a plan or a schema. Must never decide anything.
"""

from __future__ import annotations

import re
import unicodedata

from deputy.agent.playbooks import columns as names
from deputy.agent.playbooks.outcomes import Declined
from deputy.agent.playbooks.plan import (
    Aggregate,
    Compare,
    Filter,
    Group,
    Kind,
    Measure,
    Period,
    Plan,
    Rank,
    Scalar,
)
from deputy.agent.playbooks.schema import Table

STEM_CHARS_MAX = 60
TITLE_CHARS_MAX = 120

AGGREGATE_WORDS: dict[Aggregate, str] = {
    "sum": "the total", "mean": "the average", "median": "the median", "min": "the lowest",
    "max": "the highest", "count": "the number", "distinct": "the number",
}  # fmt: skip
_LABELS: dict[Aggregate, str] = {
    "mean": "Average {}", "median": "Median {}", "min": "Lowest {}", "max": "Highest {}",
    "distinct": "Number of different {}",
}  # fmt: skip
_OPS = {
    "eq": "is", "in": "is one of", "ne": "is not", "gt": "is above", "ge": "is at least",
    "lt": "is below", "le": "is at most", "between": "is between",
}  # fmt: skip
_FILES: dict[Kind, str] = {
    "xlsx": "an Excel workbook with a chart", "pdf": "a one-page PDF", "csv": "a CSV file"
}  # fmt: skip


def measure_label(column: str, aggregate: Aggregate) -> str:
    """Give the heading of a figure: "Revenue", "Average order value"."""
    label = names.label(column)
    if aggregate not in _LABELS:
        return label
    inner = label if label[:2].isupper() else label[:1].lower() + label[1:]
    return _LABELS[aggregate].format(inner)


def count_rows(what: str) -> Measure:
    """Give the measure that counts rows, called by what they are."""
    return Measure(column=None, label=f"Number of {what}", aggregate="count")


def titles(
    measure: Measure,
    group: Group | None,
    period: Period | None,
    compare: Compare | None,
    filters: tuple[Filter, ...],
) -> tuple[str, str]:
    """Give title and subtitle."""
    title = measure.label + (f" by {_inner(group.label)}" if group is not None else "")
    if period is not None:
        title += f", {period.label}"
    parts = []
    if compare is not None:
        parts.append(f"Compared with {compare.label}")
    parts += [_filter(one) for one in filters]
    return title[:TITLE_CHARS_MAX], " · ".join(parts)[: 2 * TITLE_CHARS_MAX]


def stem_of(
    measure: Measure, group: Group | None, period: Period | None, filters: tuple[Filter, ...]
) -> str:
    """Give the file name: figure, grouping, period, then filters, in plain letters."""
    parts = [measure.label, f"by {group.label}" if group else ""]
    if period is not None:
        parts.append(re.sub(r"\(.*\)", "", period.label))
    parts += [str(value) for one in filters if one.op in {"eq", "in"} for value in values(one)]
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:STEM_CHARS_MAX].strip("-")
    return slug or "report"


def reading(plan: Plan) -> str:
    """Give the reading of a request in two plain sentences."""
    what = f"{AGGREGATE_WORDS[plan.measure.aggregate]} of {_thing(plan.measure)}"
    text = f"I read your request as: {what}"
    if plan.group is not None:
        text += f" by {_inner(plan.group.label)}"
    text += f" for {plan.period.label}" if plan.period is not None else " over all rows"
    if plan.compare is not None:
        text += f", compared with {plan.compare.label}"
    if plan.filters:
        text += f", o{only(plan.filters)[1:]}"
    if plan.rank is not None and plan.group is not None:
        text += f", naming {_ranked(plan.rank, plan.group)}"
    files = [_FILES[kind] for kind in plan.deliverables]
    if plan.group is None:
        files = [file.removesuffix(" with a chart") for file in files]
    return f"{text}. You get {_and(files)}."


def only(filters: tuple[Filter, ...]) -> str:
    """Say which rows count."""
    return "Only where " + " and ".join(_filter(one) for one in filters)


def _thing(measure: Measure) -> str:
    if measure.column is None:
        return measure.label.removeprefix("Number of ")
    if measure.aggregate == "distinct":
        return f"different {measure.column}"
    return measure.column


def _ranked(rank: Rank, group: Group) -> str:
    best = rank.order == "desc"
    by = {
        "value": "highest" if best else "lowest",
        "growth": "fastest-growing" if best else "slowest-growing or most shrinking",
        "change": "largest increases" if best else "largest decreases",
        "share": "largest shares" if best else "smallest shares",
    }[rank.by]
    return (
        f"the {rank.top} {by} by {_inner(group.label)}"
        if rank.top > 1
        else (f"the {by} by {_inner(group.label)}")
    )


def _inner(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def values(one: Filter) -> tuple[Scalar, ...]:
    """Give the values of a filter, one or several."""
    return one.value if isinstance(one.value, tuple) else (one.value,)


def _filter(one: Filter) -> str:
    joiner = " and " if one.op == "between" else ", "
    said = joiner.join(f"{v:,}" if isinstance(v, int | float) else v for v in values(one))
    return f"{one.column} {_OPS[one.op]} {said}"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def what_shall_i_report(table: Table) -> str:
    """Ask for the content of a report, naming what this table offers."""
    figures = [column.name for column in names.measures(table)][:6]
    groups = [column.name for column in names.groupings(table)][:6]
    offer = []
    if figures:
        offer.append(f"a figure ({', '.join(figures)})")
    if groups:
        offer.append(f"a breakdown ({', '.join(groups)})")
    if table.of_kind("date"):
        offer.append("a period, such as “this quarter”")
    return f"You can name {_and(offer) if offer else 'a column'}. What shall I report?"


def rank_what(table: Table) -> str:
    """Ask by which column to rank."""
    groups = [column.name for column in names.groupings(table)][:6]
    return f"What shall I rank{': ' + ' or '.join(groups) if groups else ''}?"


def no_dates(table: Table) -> Declined:
    """Say that periods need a column of dates."""
    groups = names.groupings(table)
    return Declined(
        "The request is about time, but the table has no column of dates that I can read.",
        "Add a date column, or ask for the figures by another column"
        + (f", for example {groups[0].name}." if groups else "."),
    )
