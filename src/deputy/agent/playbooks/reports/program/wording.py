"""Words and number formats, the same in every file.

Owns how a figure reads. Must never compute one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.agent.playbooks.reports.program.figures import Figures, Line

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
NEW, NONE = "new", "n/a"
SENTENCE_CHARACTERS_MAX = 220
RANK_HEADINGS = {
    ("growth", "desc"): "Fastest-growing {}", ("growth", "asc"): "{} with the weakest growth",
    ("change", "desc"): "{} with the largest gains",
    ("change", "asc"): "{} with the largest losses",
    ("value", "desc"): "Largest {}", ("value", "asc"): "Smallest {}",
    ("share", "desc"): "{} with the largest share", ("share", "asc"): "{} with the smallest share",
}  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """How the measure is written: sign before or after, decimals, percent as a fraction."""

    before: str
    after: str
    decimals: int
    fraction: bool = False

    def text(self, value: float | None, signed: bool = False) -> str:
        """Write a value for a reader, such as "€1,234" or "+12.5 %"."""
        if value is None:
            return NONE
        shown = value * 100 if self.fraction else value
        size = f"{abs(shown):,.{self.decimals}f}"
        zero = not any(digit in "123456789" for digit in size)
        sign = "" if zero else "−" if shown < 0 else "+" if signed else ""
        return f"{sign}{self.before}{size}{self.after}"

    def excel(self, signed: bool = False) -> str:
        """Give the number format of a spreadsheet that writes the same."""
        if self.fraction:
            return "+0.0%;-0.0%;0.0%" if signed else "0.0%"
        digits = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        before = f'"{self.before}"' if self.before else ""
        after = '"' + self.after.replace('"', "").replace("\u202f", " ") + '"' if self.after else ""
        plain = f"{before}{digits}{after}"
        return f"+{plain};-{plain};{plain}" if signed else f"{plain};-{plain};{plain}"


def unit_of(figures: Figures) -> Unit:
    """Choose the number format from the planned unit and the size of the figures."""
    measure = figures.plan["measure"]
    shown = [line.value for line in (*figures.lines, figures.total) if line.value is not None]
    counted = measure["aggregate"] in ("count", "distinct")
    whole = counted or all(value == round(value) for value in shown)
    large = max((abs(value) for value in shown), default=0.0) >= 10_000
    unit = measure["unit"] or ""
    if unit == "%":
        fraction = not counted and all(abs(value) <= 1 for value in shown)
        return Unit("", "\u202f%", 1, fraction)
    decimals = 0 if whole or large else 2
    if unit.upper() in SYMBOLS:
        return Unit(SYMBOLS[unit.upper()], "", decimals)
    return Unit("", f"\u00a0{unit}" if unit else "", decimals)


def percent(value: float | None, signed: bool = True) -> str:
    """Write a ratio as a percentage with one decimal."""
    return NONE if value is None else Unit("", "\u202f%", 1, True).text(value, signed)


def growth_text(line: Line) -> str:
    """Write a line's growth; "new" where nothing was there before."""
    if line.growth is None:
        return NEW if is_new(line) else NONE
    return percent(line.growth)


def is_new(line: Line) -> bool:
    """Whether a line has a figure now and had none, or zero, before."""
    return line.value is not None and line.value > 0 and not line.compare


def measure_name(plan: dict[str, Any]) -> str:
    """Give the measure's label without its unit in brackets, for use in a sentence."""
    label, unit = plan["measure"]["label"].strip(), plan["measure"]["unit"]
    short = label.removesuffix(f"({unit})").removesuffix(f"[{unit}]").strip() if unit else label
    return str(short or label)


def headings(plan: dict[str, Any]) -> tuple[str, str]:
    """Give the headings of the value and of what it is compared with."""
    if plan["compare"] is None:
        return plan["measure"]["label"], ""
    now = plan["period"]["label"] if plan["period"] else plan["measure"]["label"]
    then = plan["compare"]["label"]
    return now, then if then.casefold() != now.casefold() else f"{then} (before)"


def headline(figures: Figures, unit: Unit) -> str:
    """Say the result in one sentence."""
    plan, total = figures.plan, figures.total
    name = measure_name(plan)
    name = name[:1].upper() + name[1:]
    when = f" in {period_name(plan)}" if period_name(plan) else ""
    value = unit.text(total.value)
    if not figures.compared:
        return f"{name} came to {value}{when}."
    then = compare_name(plan)
    if total.growth is None:
        return f"{name} came to {value}{when}; {then} gives no base for a growth rate."
    if abs(total.growth) < 0.0005:
        return f"{name} held steady at {value}{when} against {then}."
    verb = "rose" if total.growth > 0 else "fell"
    by = percent(abs(total.growth), signed=False)
    return f"{name} {verb} {by} to {value}{when} against {then}."


def period_name(plan: dict[str, Any]) -> str:
    """Give the period's label, or nothing when all rows count."""
    period = plan["period"]
    return period["label"] if period and period["kind"] != "all" else ""


def compare_name(plan: dict[str, Any]) -> str:
    """Give the comparison's label with an article where it needs one."""
    label = plan["compare"]["label"]
    return f"the {label}" if label.casefold().startswith("same ") else label


def rank_heading(plan: dict[str, Any]) -> str:
    """Give the heading of the ranking, such as "Fastest-growing regions"."""
    by = plan["rank"]["by"] if plan["compare"] else "value"
    by = "share" if plan["rank"]["by"] == "share" else by
    heading = RANK_HEADINGS[by, plan["rank"]["order"]].format(plural(plan["group"]["label"]))
    return heading[:1].upper() + heading[1:]


def plural(label: str) -> str:
    """Give the English plural of a heading, in lower case unless it is an abbreviation."""
    word = label if label.isupper() else label[:1].lower() + label[1:]
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def day_text(day: dt.date | str) -> str:
    """Write a date as 18 Nov 2026."""
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%b %Y}"


def span_text(part: dict[str, Any]) -> str:
    """Write two ends of a period."""
    return f"{day_text(part['start'])} – {day_text(part['end'])}"


def source_text(plan: dict[str, Any]) -> str:
    """Name the file and sheet the figures come from."""
    sheet = plan["source"]["sheet"]
    return Path(plan["source"]["path"]).name + (f", sheet {sheet}" if sheet else "")


def subtitle(plan: dict[str, Any]) -> str:
    """Give the planned subtitle and the exact dates of the period and the comparison."""
    period = span_text(plan["period"]) if period_name(plan) else ""
    compare = span_text(plan["compare"]) if plan["compare"] else ""
    dates_counted = " against ".join(filter(None, [period, compare]))
    return " · ".join(filter(None, [str(plan["subtitle"]), dates_counted]))


def reading_notes(figures: Figures) -> list[tuple[str, str]]:
    """Say how the request was read, as pairs of heading and text."""
    plan, measure = figures.plan, figures.plan["measure"]
    of = f" of {measure['column']}" if measure["column"] else " of rows"
    notes = [("Figure", f"{measure['label']}: {measure['aggregate']}{of}")]
    if plan["group"]:
        notes.append(("By", plan["group"]["column"]))
    for heading, part in (("Period", plan["period"]), ("Compared with", plan["compare"])):
        if part and part.get("kind") != "all":
            partial = " (the period had not ended)" if part.get("partial") else ""
            notes.append((heading, f"{part['label']}: {span_text(part)}{partial}"))
    notes += [("Only rows where", filter_text(rule)) for rule in plan["filters"]]
    if figures.compared:
        notes.append(("Growth", "Change divided by the earlier figure. “new”: nothing before; "
                      "“n/a”: no positive figure to compare with."))  # fmt: skip
    return notes


def filter_text(rule: dict[str, Any]) -> str:
    """Say a filter in words."""
    value = rule["value"]
    words = {"eq": "is", "in": "is one of", "ne": "is not", "gt": "is above", "lt": "is below",
             "ge": "is at least", "le": "is at most", "between": "lies between"}  # fmt: skip
    link = " and " if rule["op"] == "between" else ", "
    shown = link.join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"{rule['column']} {words[rule['op']]} {shown}"


def row_notes(figures: Figures) -> list[str]:
    """Say how many rows counted and which were left out, and why."""
    rows, plan = figures.rows, figures.plan
    used = int((rows.current | rows.compare).sum())
    notes = [
        f"{used:,} of {rows.read:,} rows counted: {int(rows.current.sum()):,} in the period"
        + (f", {int(rows.compare.sum()):,} in the comparison." if plan["compare"] else ".")
    ]
    if not period_name(plan) and not plan["compare"]:
        notes = [f"{used:,} of {rows.read:,} rows counted."]
    if rows.undated:
        notes.append(f"{_rows(rows.undated)} without a readable date left out.")
    if rows.unreadable:
        name = plan["measure"]["column"]
        notes.append(f"{_rows(rows.unreadable)} without a usable value in {name} left out.")
    return notes


def _rows(count: int) -> str:
    return f"{count:,} row" + ("" if count == 1 else "s")


def shorten(text: str, limit: int) -> str:
    """Cut a text to a number of characters, with an ellipsis."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def sentence_list(items: Iterable[str]) -> str:
    """Join names as in "A, B and C"."""
    listed = list(items)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
