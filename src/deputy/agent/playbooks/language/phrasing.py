"""What the language says: titles, labels, its reading of a request, and its questions.

Owns every sentence made from a plan or a schema. Must never decide anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from deputy.agent.plans import (
    Aggregate,
    Filter,
    Group,
    Kind,
    Measure,
    Plan,
    Question,
    Rank,
    Scalar,
    Unit,
)
from deputy.agent.playbooks.language import facts
from deputy.agent.playbooks.language.facts import inner
from deputy.agent.playbooks.schema import Table

STEM_CHARS_MAX = 60
TITLE_CHARS_MAX = 120
TOLD_MAX = 6

AGGREGATE_WORDS: dict[Aggregate, str] = {
    "sum": "the total", "mean": "the average", "median": "the median", "min": "the lowest",
    "max": "the highest", "count": "the number", "distinct": "the number of different",
    "missing": "the number of empty", "ratio": "the ratio",
}  # fmt: skip
_LABELS: dict[Aggregate, str] = {
    "mean": "Average {}", "median": "Median {}", "min": "Lowest {}", "max": "Highest {}",
    "distinct": "Number of different {}", "missing": "Rows without {}",
}  # fmt: skip
_OPS = {
    "eq": "is", "in": "is one of", "ne": "is not", "not_in": "is none of", "gt": "is above",
    "ge": "is at least", "lt": "is below", "le": "is at most", "between": "is between",
    "contains": "contains", "starts": "starts with", "ends": "ends with", "missing": "is empty",
    "present": "is filled in",
}  # fmt: skip
_FILES: dict[Kind, str] = {
    "xlsx": "an Excel workbook", "pdf": "a PDF", "csv": "a CSV file"
}  # fmt: skip
UNITS: dict[Unit, str] = {
    "hour": "Hour of the day", "weekday": "Weekday", "day": "Day", "week": "Week",
    "month": "Month", "quarter": "Quarter", "year": "Year",
}  # fmt: skip


def measure_label(column: str, aggregate: Aggregate) -> str:
    """Give the heading of a figure: "Revenue", "Average order value"."""
    label = facts.label(column)
    return _LABELS[aggregate].format(inner(label)) if aggregate in _LABELS else label


def title_of(
    measures: Sequence[Measure],
    groups: Sequence[Group],
    filters: Sequence[Filter],
    period: str | None,
) -> str:
    """Give the title of one table."""
    title = listed([measures[0].label, *(inner(one.label) for one in measures[1:3])])
    if len(measures) > 3:
        title += " and more"
    if groups:
        title += " by " + listed([inner(one.label) for one in groups])
    if filters:
        title += ", " + ", ".join(_brief(one) for one in filters[:2])
    return f"{title}, {period}"[:TITLE_CHARS_MAX] if period else title[:TITLE_CHARS_MAX]


def _brief(one: Filter) -> str:
    if one.op in {"eq", "in"} and not any(isinstance(v, int | float) for v in values(one)):
        return ", ".join(str(value) for value in values(one)[:3])
    return filter_text(one)


def titles(questions: Sequence[Question]) -> tuple[str, str]:
    """Give the title and subtitle of the whole report."""
    first = questions[0]
    title = first.title
    if len(questions) > 1:
        more = len(questions) - 1
        title = f"{title} and {more} more {'table' if more == 1 else 'tables'}"
    parts = []
    if first.compare is not None:
        parts.append(f"Compared with {first.compare.label}")
    shared = [one for one in first.filters if all(one in other.filters for other in questions)]
    parts += [filter_text(one) for one in shared]
    return title[: 2 * TITLE_CHARS_MAX], " · ".join(parts)[: 4 * TITLE_CHARS_MAX]


def stem_of(questions: Sequence[Question]) -> str:
    """Give the file name: figures, groups, period, then filters, in plain letters."""
    first = questions[0]
    parts = [first.measures[0].label]
    parts += [f"by {one.label}" for one in first.groups]
    if first.period is not None and first.period.kind != "all":
        parts.append(re.sub(r"\(.*\)", "", first.period.label))
    parts += [str(v) for one in first.filters if one.op in {"eq", "in"} for v in values(one)]
    if len(questions) > 1:
        parts.append("and more")
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:STEM_CHARS_MAX].strip("-")
    return slug or "report"


def reading(plan: Plan, *, one_page: bool) -> str:
    """Give the reading of a request in plain sentences."""
    pages = {**_FILES, "pdf": "a one-page PDF"} if one_page else _FILES
    files = listed([pages[kind] for kind in plan.deliverables])
    if len(plan.questions) == 1:
        return f"I read your request as: {inner_reading(plan.reading[0])}. You get {files}."
    listing = "".join(f"\n{n}. {one}." for n, one in enumerate(plan.reading, start=1))
    return f"I read your request as {len(plan.questions)} questions:{listing}\nYou get {files}."


def inner_reading(text: str) -> str:
    """Give a reading as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def read_as(question: Question) -> str:
    """Say how one question was read."""
    text = listed([_figure(one) for one in question.measures])
    if question.groups:
        text += " by " + listed([inner(one.label) for one in question.groups])
    dated = question.period is not None and question.period.kind != "all"
    text += f" for {question.period.label}" if question.period and dated else ", all dates"
    if question.date_column is None and not dated:
        text = text.removesuffix(", all dates")
        text += "" if question.filters else " over all rows"
    if question.compare is not None:
        text += f", compared with {question.compare.label}"
    if question.filters:
        text += f", o{only(question.filters)[1:]}"
    if question.rank is not None and question.groups:
        text += f", naming {_ranked(question.rank, question.groups[0])}"
        text += " and what they make up together" if question.rank.together else ""
    if question.chart is not None and question.chart.top:
        text += f", with a chart of the top {question.chart.top}"
    return text[:1].upper() + text[1:]


def only(filters: Sequence[Filter]) -> str:
    """Say which rows count."""
    return "Only where " + " and ".join(filter_text(one) for one in filters)


def _figure(measure: Measure) -> str:
    if measure.aggregate == "ratio":
        return measure.label[:1].lower() + measure.label[1:]
    if measure.column is None:
        text = f"the number of {measure.label.removeprefix('Number of ')}"
    else:
        of = " " if measure.aggregate in {"distinct", "missing"} else " of "
        text = f"{AGGREGATE_WORDS[measure.aggregate]}{of}{measure.column}"
    if measure.where:
        text += f" (where {' and '.join(filter_text(one) for one in measure.where)})"
    return text


def _ranked(rank: Rank, group: Group) -> str:
    best = rank.order == "desc"
    by = {
        "value": "highest" if best else "lowest",
        "growth": "fastest-growing" if best else "slowest-growing or most shrinking",
        "change": "largest increases" if best else "largest decreases",
    }[rank.by]
    many = f"{rank.top} " if rank.top > 1 else ""
    return f"the {many}{by} by {inner(group.label)}"


def values(one: Filter) -> tuple[Scalar, ...]:
    """Give the values of a filter: none, one or several."""
    if one.value is None:
        return ()
    return one.value if isinstance(one.value, tuple) else (one.value,)


def filter_text(one: Filter) -> str:
    """Say one filter."""
    joiner = " and " if one.op == "between" else ", "
    many = values(one)
    said = joiner.join(f"{v:,}" if isinstance(v, int | float) else v for v in many[:TOLD_MAX])
    more = f" and {len(many) - TOLD_MAX} more" if len(many) > TOLD_MAX else ""
    return f"{one.column} {_OPS[one.op]} {said}{more}".strip()


def listed(parts: Sequence[str]) -> str:
    """Join parts with commas and "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def what_shall_i_report(table: Table) -> str:
    """Ask for the content of a report, naming what this table offers."""
    figures = [column.name for column in facts.measures(table)][:TOLD_MAX]
    groups = [column.name for column in facts.groupings(table)][:TOLD_MAX]
    offer = []
    if figures:
        offer.append(f"a figure ({', '.join(figures)})")
    if groups:
        offer.append(f"a breakdown ({', '.join(groups)})")
    if table.of_kind("date"):
        offer.append("a period, such as “this quarter”")
    return f"You can name {listed(offer) if offer else 'a column'}. What shall I report?"


def rank_what(table: Table) -> str:
    """Ask by which column to rank."""
    groups = [column.name for column in facts.groupings(table)][:TOLD_MAX]
    return f"What shall I rank{': ' + ' or '.join(groups) if groups else ''}?"
