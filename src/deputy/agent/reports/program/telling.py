"""Sentences about a question: its answer, how it was read, which rows counted.

Owns what is said in prose. Must never compute a figure.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deputy.agent.reports.program.figures import Line, Result
from deputy.agent.reports.program.selecting import FILTER_VALUES_SHOWN, filter_text, timed
from deputy.agent.reports.program.wording import (
    NAMED_IN_SENTENCE_MAX,
    STEADY,
    columns_of,
    compare_name,
    count_of,
    growth_text,
    lower_first,
    measure_name,
    percent,
    period_name,
    plural,
    rank_heading,
    sentence_list,
    shorten,
    span_text,
    style_of,
    time_heading,
    together_name,
)

AGGREGATE_WORDS = {
    "sum": "sum", "mean": "mean", "count": "number", "min": "smallest", "max": "largest",
    "median": "median", "distinct": "different values", "missing": "rows without",
}  # fmt: skip
DERIVED_WORDS = {
    "sum": "{0} plus {1}", "difference": "{0} less {1}", "product": "{0} times {1}",
    "quotient": "{0} divided by {1}", "days": "days from {0} to {1}",
    "hours": "hours from {0} to {1}",
}  # fmt: skip
SAID_AS_STATE = ("mean", "median", "ratio", "min", "max")


def headline(result: Result) -> str:
    """Say the result in one sentence: the total, and who leads where that was asked."""
    question = result.question
    when = f" in {period_name(question)}" if period_name(question) else ""
    if result.compared:
        return _compared_headline(result, when)
    if result.pivot or len(question["measures"]) == 1:
        return f"{_total_said(result, result.main)}{when}."
    others = [at for at in range(len(question["measures"])) if at != result.main]
    rest = ", ".join(
        f"{lower_first(measure_name(question['measures'][at]))} "
        f"{style_of(result, at).text(result.total.cells[at].value)}"
        for at in others[:NAMED_IN_SENTENCE_MAX]
    )
    return f"{_total_said(result, result.main)}{when}; {rest}."


def _total_said(result: Result, at: int) -> str:
    measure = result.main_measure
    name = measure_name(measure)
    value = style_of(result, at).text(result.total.cells[at].value)
    verb = "stood at" if measure["aggregate"] in SAID_AS_STATE else "came to"
    return f"{name[:1].upper() + name[1:]} {verb} {value}"


def _compared_headline(result: Result, when: str) -> str:
    total, name = result.total.cells[result.main], measure_name(result.main_measure)
    name = name[:1].upper() + name[1:]
    value = style_of(result, result.main).text(total.value)
    then = compare_name(result.question)
    if total.growth is None:
        said = _total_said(result, result.main)
        return f"{said}{when}; {then} gives no base for a growth rate."
    if abs(total.growth) < STEADY:
        return f"{name} held steady at {value}{when} against {then}."
    verb = "rose" if total.growth > 0 else "fell"
    by = percent(abs(total.growth), signed=False)
    return f"{name} {verb} {by} to {value}{when} against {then}."


def leaders(result: Result) -> str:
    """Say who is named by the ranking, or nothing."""
    if not result.ranked:
        return ""
    named = [f"{line.name} ({rank_figure(result, line)})" for line in result.ranked]
    return sentence_list(named)


def leaders_sentence(result: Result) -> str:
    """Say who leads, in a sentence for the reader of several answers; or nothing."""
    if not result.ranked:
        return ""
    shown = result.ranked[:NAMED_IN_SENTENCE_MAX]
    named = [f"{line.name} ({rank_figure(result, line)})" for line in shown]
    return f"{rank_heading(result)}: {sentence_list(named)}."


def rank_figure(result: Result, line: Line) -> str:
    """Write the figure a line is ranked by."""
    cell = line.cells[result.main]
    if result.rank_by == "growth":
        return growth_text(cell)
    style = style_of(result, result.main)
    return style.text(getattr(cell, result.rank_by), signed=result.rank_by == "change")


def together(result: Result) -> str:
    """Say what the ranked lines make up together, or nothing."""
    if result.together is None:
        return ""
    cell, style = result.together.cells[result.main], style_of(result, result.main)
    said = f"{together_name(result)}: {style.text(cell.value)}"
    if result.together.share is not None:
        return f"{said}, {percent(result.together.share, signed=False)} of the total"
    if result.compared:
        return f"{said}, growth {growth_text(cell)}"
    return f"{said}, against {style.text(result.total.cells[result.main].value)} over all"


def table_of(result: Result) -> str:
    """Name the table of a question, such as "Net sales by region and month"."""
    measures = result.question["measures"]
    named = measure_name(measures[0]) if len(measures) == 1 else measure_name(result.main_measure)
    by = " and ".join(lower_first(group["label"]) for group in result.question["groups"])
    return f"{named} by {by}" if by else named


def subtitle_of(plan: dict[str, Any], question: dict[str, Any]) -> str:
    """Give the planned subtitle and the exact dates of the period and the comparison."""
    period = span_text(question["period"]) if period_name(question) else ""
    compare = span_text(question["compare"]) if question["compare"] else ""
    return " · ".join(filter(None, [plan["subtitle"], " against ".join(
        filter(None, [period, compare]))]))  # fmt: skip


def source_text(plan: dict[str, Any]) -> str:
    """Name the files and sheets the figures come from."""
    sources = [plan["source"], *plan["more"]]
    shown = [Path(one["path"]).name + (f", sheet {one['sheet']}" if one["sheet"] else "")
             for one in sources]  # fmt: skip
    text = shown[0] if len(shown) == 1 else f"{'; '.join(shown)} (one below the other)"
    if plan["join"]:
        other = plan["join"]["source"]
        text += f"; looked up in {Path(other['path']).name}"
        text += f", sheet {other['sheet']}" if other["sheet"] else ""
    return text


def table_notes(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """Say how the table was made before anything was counted, as pairs of heading and text."""
    notes = []
    wide = plan.get("unpivot")
    if wide:
        columns = ", ".join(wide["columns"][:FILTER_VALUES_SHOWN])
        more = len(wide["columns"]) - FILTER_VALUES_SHOWN
        columns += f" and {more} more" if more > 0 else ""
        text = f"each row became one for each of {columns}: {wide['name']} and {wide['value']}"
        notes.append(("Made long", text))
    for one in plan.get("derived") or ():
        text = f"{one['name']}: {DERIVED_WORDS[one['how']].format(*_ends(one['of']))}"
        notes.append(("Computed column", text))
    return notes


def _ends(columns: list[str]) -> tuple[str, str]:
    """Give the first column and the others in words."""
    return columns[0], sentence_list(columns[1:])


def measure_text(measure: dict[str, Any]) -> str:
    """Say how a figure is formed."""
    column, how = measure["column"], measure["aggregate"]
    where = "; ".join(filter_text(rule) for rule in measure["where"])
    only = f", only rows where {where}" if where else ""
    if how == "ratio":
        over = f"sum of {measure['over']}" if measure["over"] else "number of rows"
        part = f"sum of {column}" if column else "number of rows"
        return f"{part}{f' where {where}' if where else ''}, divided by {over}"
    if column is None:
        return f"number of rows{only}"
    if how == "count":
        return f"number of rows with {column}{only}"
    link = "of" if how in ("sum", "mean", "median") else "in" if how == "distinct" else ""
    return f"{' '.join(filter(None, [AGGREGATE_WORDS[how], link, column]))}{only}"


def reading_notes(result: Result) -> list[tuple[str, str]]:
    """Say how the question was computed, as pairs of heading and text."""
    question = result.question
    notes = [("Figure", f"{one['label']}: {measure_text(one)}") for one in question["measures"]]
    for group in question["groups"]:
        unit = f", by {group['by']}" if group["by"] else ""
        notes.append(("By", f"{group['column']}{unit}"))
    for heading, part in (("Period", timed(question["period"])),
                          ("Compared with", question["compare"])):  # fmt: skip
        if part:
            partial = " (the period had not ended)" if part.get("partial") else ""
            notes.append((heading, f"{part['label']}: {span_text(part)}{partial}"))
    notes += [("Only rows where", filter_text(rule)) for rule in question["filters"]]
    if result.compared:
        notes.append(("Growth", "Change divided by the earlier figure. “new”: nothing before; "
                      "“n/a”: no positive figure to compare with."))  # fmt: skip
    return notes


def row_notes(result: Result) -> list[str]:
    """Say how many rows counted and which were left out, and why."""
    rows, question = result.rows, result.question
    read, used = len(rows.cells.table), int(rows.used.sum())
    notes = [f"{used:,} of {count_of(read, 'row')} counted"]
    if question["compare"]:
        notes[0] += (f": {int(rows.current.sum()):,} in the period, "
                     f"{int(rows.compare.sum()):,} in the comparison")  # fmt: skip
    notes[0] += "."
    if rows.undated:
        notes.append(f"{count_of(rows.undated, 'row')} without a readable date left out.")
    for measure, lacking in zip(question["measures"], rows.unreadable, strict=True):
        if lacking:
            name = measure["column"] or measure["over"]
            notes.append(f"{count_of(lacking, 'row')} without a figure in {name} "
                         f"not counted in {measure['label']}.")  # fmt: skip
    return notes


def others_name(result: Result, count: int) -> str:
    """Name the lines that are not shown one by one."""
    assert result.group is not None
    return f"{count:,} other {plural(result.group['label'])}"


def short_headings(result: Result, limit: int) -> list[str]:
    """Give the headings of the table for narrow columns."""
    columns = columns_of(result)
    if result.pivot and result.question["groups"][1]["by"]:
        unit = result.question["groups"][1]["by"]
        return [time_heading(one.heading, unit) for one in columns]
    if not result.compared or len(result.question["measures"]) > 1:
        return [shorten(one.heading, limit) for one in columns]
    now, then = period_name(result.question), result.question["compare"]["label"]
    named = {"value": now, "compare": then}
    return [shorten(named.get(one.kind) or one.heading, limit) for one in columns]
