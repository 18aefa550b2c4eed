"""Words and number formats, the same in every file.

Owns how a figure reads and what a column is called. Must never compute one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deputy.agent.reports.program.figures import TOTALS, Figure, Line, Result

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
NEW, NONE = "new", "n/a"
HEADING_CHARACTERS = 200
STEADY = 0.0005
ROUNDED_FROM = 10_000
EXACT_BELOW = 100_000_000
NAMED_IN_SENTENCE_MAX = 3
RANK_HEADINGS = {
    ("growth", "desc"): "Fastest-growing {}", ("growth", "asc"): "{} with the weakest growth",
    ("change", "desc"): "{} with the largest gains",
    ("change", "asc"): "{} with the largest losses",
    ("value", "desc"): "Largest {}", ("value", "asc"): "Smallest {}",
}  # fmt: skip
TIMED_HEADINGS = {("value", "desc"): "Highest {}", ("value", "asc"): "Lowest {}"}
COUNTED_TIMES = {("value", "desc"): "Busiest {}", ("value", "asc"): "Quietest {}"}


@dataclass(frozen=True)
class Style:
    """How a measure is written: sign before or after, decimals, percent as a fraction."""

    before: str
    after: str
    decimals: int
    fraction: bool = False

    def text(self, value: float | None, signed: bool = False, bare: bool = False) -> str:
        """Write a value for a reader, such as "€1,234" or "+12.5 %"; bare: without its unit."""
        if value is None:
            return NONE
        shown = value * 100 if self.fraction else value
        size = f"{abs(shown):,.{self.decimals}f}"
        zero = not any(digit in "123456789" for digit in size)
        sign = "" if zero else "−" if shown < 0 else "+" if signed else ""
        if bare and not self.fraction:
            return f"{sign}{size}"
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


def rounded(value: float | None) -> str:
    """Write a figure in three digits or so, such as "240k", "9.20k" or "1.15m"."""
    if value is None:
        return NONE
    size, sign = abs(value), "−" if value < 0 else ""
    for step, mark in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= step * 0.99995:
            shown = size / step
            decimals = 0 if shown >= 99.95 else 1 if shown >= 9.995 else 2
            return f"{sign}{shown:,.{decimals}f}{mark}"
    return f"{sign}{size:,.0f}" if size == int(size) else f"{sign}{size:,.2f}"


@dataclass(frozen=True)
class Column:
    """One column of figures: which cell of a line, which figure of it, how it is written."""

    heading: str
    kind: str  # value, compare, change, growth, share or rank
    at: int
    style: Style

    def of(self, line: Line) -> Any:
        """Give the line's figure; None where there is none."""
        if self.kind in ("share", "rank"):
            return getattr(line, self.kind)
        return getattr(line.cells[self.at], self.kind)

    def text(self, line: Line, bare: bool = False) -> str:
        """Write the line's figure."""
        found = self.of(line)
        if self.kind == "growth":
            return growth_text(line.cells[self.at])
        if self.kind == "share":
            return percent(1.0 if line.name in TOTALS and found is None else found, signed=False)
        if self.kind == "rank":
            return str(found or "–")
        return self.style.text(found, signed=self.kind == "change", bare=bare)


def columns_of(result: Result) -> list[Column]:
    """Lay out the figures of a question's table, without the ranks."""
    question = result.question
    if result.pivot:
        style = style_of(result, result.main, exact=True)
        names = [*result.across, result.total.name]
        return [Column(name, "value", at, style) for at, name in enumerate(names)]
    several = len(question["measures"]) > 1
    columns = []
    for at, measure in enumerate(question["measures"]):
        style, label = style_of(result, at, exact=True), measure["label"]
        columns.append(Column(label, "value", at, style))
        if result.compared:
            of = f"{label}, " if several else ""
            columns += [
                Column(f"{label}, {question['compare']['label']}", "compare", at, style),
                Column(f"{of}change" if of else "Change", "change", at, style),
                Column(f"{of}growth" if of else "Growth", "growth", at, style),
            ]
        if result.shared and at == result.main:
            columns.append(Column("Share", "share", at, style))
    return columns


def free_headings(first: str, headings: Iterable[str], reserved: Iterable[str] = ()) -> list[str]:
    """Keep the headings of a table apart from one another, without regard to case."""
    taken = {first.casefold(), *(one.casefold() for one in reserved)}
    kept = []
    for heading in headings:
        plain = shorten(heading, HEADING_CHARACTERS) or "Value"
        free = plain
        copy = 1
        while free.casefold() in taken:
            copy += 1
            free = f"{plain} (value)" if copy == 2 else f"{plain} ({copy})"
        taken.add(free.casefold())
        kept.append(free)
    return kept


def style_of(result: Result, at: int, *, exact: bool = False) -> Style:
    """Choose the number format from the planned unit and the size of the figures.

    Exact, as in a table, keeps two decimals as long as they are no noise; a sentence rounds.
    """
    measure = result.question["measures"][0 if result.pivot else at]
    places = range(len(result.across) + 1) if result.pivot else (at,)
    shown = [value for place in places for value in result.all_of(place)]
    counted = measure["aggregate"] in ("count", "missing", "distinct")
    whole = counted or all(value == round(value) for value in shown)
    largest = max((abs(value) for value in shown), default=0.0)
    unit = (measure["unit"] or "").strip()
    if unit == "%":
        part = measure["aggregate"] == "ratio" or all(abs(value) <= 1 for value in shown)
        return Style("", "\u202f%", 1, part and not counted)
    rounded_from = EXACT_BELOW if exact else ROUNDED_FROM
    decimals = 0 if whole or largest >= rounded_from else 4 if largest < 0.1 else 2
    if unit.upper() in SYMBOLS:
        return Style(SYMBOLS[unit.upper()], "", decimals)
    return Style("", f"\u00a0{unit}" if unit else "", decimals)


def percent(value: float | None, signed: bool = True) -> str:
    """Write a ratio as a percentage with one decimal."""
    return NONE if value is None else Style("", "\u202f%", 1, True).text(value, signed)


def growth_text(figure: Figure) -> str:
    """Write a figure's growth; "new" where nothing was there before."""
    if figure.growth is None:
        return NEW if is_new(figure) else NONE
    return percent(figure.growth)


def is_new(figure: Figure) -> bool:
    """Whether there is a figure now and there was none, or zero, before."""
    return figure.value is not None and figure.value > 0 and not figure.compare


def measure_name(measure: dict[str, Any]) -> str:
    """Give a measure's label without its unit in brackets, for use in a sentence."""
    label, unit = measure["label"].strip(), measure["unit"]
    short = label.removesuffix(f"({unit})").removesuffix(f"[{unit}]").strip() if unit else label
    return str(short or label)


def period_heading(result: Result) -> tuple[str, str]:
    """Give short headings of a figure and what it is compared with, for narrow places."""
    label = measure_name(result.main_measure)
    if not result.compared:
        return label, ""
    now = period_name(result.question) or label
    then = result.question["compare"]["label"]
    return now, then if then.casefold() != now.casefold() else f"{then} (before)"


def period_name(question: dict[str, Any]) -> str:
    """Give the period's label, or nothing when all rows count."""
    period = question["period"]
    return period["label"] if period and period["kind"] != "all" else ""


def compare_name(question: dict[str, Any]) -> str:
    """Give the comparison's label with an article where it needs one."""
    label = question["compare"]["label"]
    return f"the {label}" if label.casefold().startswith("same ") else label


def rank_title(result: Result) -> str:
    """Give the heading of the ranking, such as "Fastest-growing regions"."""
    assert result.group is not None
    key = result.rank_by, result.question["rank"]["order"]
    form = RANK_HEADINGS[key]
    if result.group["by"]:
        counted = result.main_measure["aggregate"] == "count"
        form = (COUNTED_TIMES if counted else TIMED_HEADINGS).get(key, form)
    heading = form.format(plural(result.group["label"]))
    return heading[:1].upper() + heading[1:]


def rank_heading(result: Result) -> str:
    """Give the heading of the ranking and, of several measures, by which."""
    if len(result.question["measures"]) == 1:
        return rank_title(result)
    return f"{rank_title(result)} by {lower_first(measure_name(result.main_measure))}"


def together_name(result: Result) -> str:
    """Name the ranked lines as a whole, such as "The top 5 together"."""
    rising = result.question["rank"]["order"] == "asc"
    return f"The {'bottom' if rising else 'top'} {len(result.ranked)} together"


def plural(label: str) -> str:
    """Give the English plural of a heading, in lower case unless it is an abbreviation."""
    word, of, rest = lower_first(label).partition(" of ")
    if of and rest:
        return f"{plural(word)} of {rest}"
    word = lower_first(label)
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if word.endswith("s") and not word.endswith("ss"):
        return word  # a heading that is a plural already
    return word + ("es" if word.endswith(("ss", "x", "ch", "sh")) else "s")


def lower_first(label: str) -> str:
    """Give a label as it reads inside a sentence; abbreviations stay."""
    first = label.split(" ", 1)[0]
    return label if len(first) > 1 and first[1:2].isupper() else label[:1].lower() + label[1:]


def day_text(day: dt.date | str) -> str:
    """Write a date as 18 Nov 2026."""
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%b %Y}"


def span_text(part: dict[str, Any]) -> str:
    """Write two ends of a period."""
    return f"{day_text(part['start'])} – {day_text(part['end'])}"


def time_heading(name: str, unit: str) -> str:
    """Write a calendar unit in words that wrap, such as "Mar 2026"; what is none stays."""
    year, _, rest = name.partition("-")
    if not (rest and year.isdigit()) or unit not in ("month", "quarter", "week"):
        return name
    if unit == "month":
        return f"{dt.date(int(year), int(rest), 1):%b} {year}"
    return f"{rest} {year}"


def shorten(text: str, limit: int) -> str:
    """Cut a text to a number of characters, with an ellipsis."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def sentence_list(items: Iterable[str]) -> str:
    """Join names as in "A, B and C"."""
    listed = list(items)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def count_of(count: int, word: str) -> str:
    """Write a number of things, such as "1 row" or "1,234 rows"."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")
