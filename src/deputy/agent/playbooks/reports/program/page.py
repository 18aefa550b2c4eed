"""Sets the one-page PDF: a sentence, key figures, a chart, the ranking, the table, small print.

Owns the page. All words and figures reach the template as data, so none can act as markup.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from deputy.agent.playbooks.reports.program.figures import Figures, Line, aggregate
from deputy.agent.playbooks.reports.program.reading import ReportError
from deputy.agent.playbooks.reports.program.wording import (
    Unit,
    day_text,
    growth_text,
    headings,
    headline,
    measure_name,
    percent,
    period_name,
    plural,
    rank_heading,
    reading_notes,
    row_notes,
    shorten,
    source_text,
    subtitle,
    unit_of,
)

ROWS_TRIED = (16, 13, 10, 7, 4)
BARS_MAX = 12
RANKED_MAX = 5
NOTES_MAX = 5
NAME_CHARACTERS_MAX = 34
NO_TREND: dict[str, Any] = {"title": "", "columns": [], "note": ""}

TEMPLATE = r"""
#let d = json(bytes(sys.inputs.data))
#let ink = rgb("#1b1f1d")
#let grey = rgb("#6b736f")
#let green = rgb("#1f5c46")
#let pale = rgb("#b7cdc0")
#let red = rgb("#a63a2b")
#let hair = 0.5pt + rgb("#d5dad7")
#set document(title: d.title, author: "Deputy", date: datetime(..d.date))
#set page(paper: "a4", margin: (x: 2cm, top: 1.7cm, bottom: 1.5cm))
#set text(font: "Libertinus Serif", size: 10pt, fill: ink, number-type: "lining",
  number-width: "tabular", lang: "en", hyphenate: false)
#set par(leading: 0.55em)
#let tone(word) = {
  if word.starts-with("+") { green } else if word.starts-with("−") { red } else { ink }
}
#let section(word) = text(9pt, fill: green, weight: "semibold", word)

#text(9.5pt, fill: grey, d.title)
#v(-2pt)
#text(19pt, weight: "semibold", d.headline)
#v(-6pt)
#text(10.5pt, fill: grey, d.subtitle)
#v(6pt)
#grid(columns: (1fr,) * d.kpis.len(), column-gutter: 14pt,
  ..d.kpis.map(k => block(width: 100%, stroke: (top: 0.9pt + ink), inset: (top: 6pt), {
    text(8.5pt, fill: grey, k.label); linebreak()
    text(16pt, weight: "semibold", fill: if k.toned { tone(k.text) } else { ink }, k.text)
  })))
#v(8pt)

#let bars(width) = {
  section(d.chart.title)
  if d.chart.stacked { linebreak() } else { h(1fr) }
  if d.chart.legend.len() > 1 {
    for (i, word) in d.chart.legend.enumerate() {
      box(width: 7pt, height: 7pt, fill: (green, pale).at(i))
      text(8pt, fill: grey, " " + word + if i == 0 { "    " } else { "" })
    }
  }
  v(1pt)
  let two = d.chart.legend.len() > 1
  let thick = if two { d.chart.thick * 1pt } else { d.chart.thick * 1.5pt }
  grid(columns: (auto, 1fr, auto), column-gutter: 7pt, row-gutter: d.chart.gap * 1pt,
    align: (right + horizon, left + horizon, right + horizon),
    ..d.chart.bars.map(b => (
      text(8.5pt, b.name),
      layout(size => {
        let zero = d.chart.zero * size.width
        let bar(v, colour) = box(width: size.width, height: thick,
          place(left, dx: calc.min(zero, zero + v * size.width),
            rect(width: calc.max(calc.abs(v) * size.width, 0.4pt), height: thick, fill: colour)))
        stack(bar(b.now, green), ..if two { (v(0.7pt), bar(b.then, pale)) })
      }),
      text(8.5pt, b.text),
    )).flatten())
}
#let podium = {
  section(d.rank.title)
  v(1pt)
  for (i, r) in d.rank.rows.enumerate() {
    block(width: 100%, stroke: (bottom: hair), inset: (bottom: 5pt, top: 2pt), {
      grid(columns: (14pt, 1fr, auto), column-gutter: 2pt,
        text(13pt, fill: grey, str(i + 1)),
        { text(10pt, weight: "semibold", r.name); linebreak(); text(8pt, fill: grey, r.note) },
        align(right, text(13pt, weight: "semibold", fill: tone(r.text), r.text)))
    })
  }
}
#if d.chart.bars.len() > 1 {
  if d.rank.rows.len() > 0 {
    grid(columns: (1.55fr, 1fr), column-gutter: 22pt, bars(100%), podium)
  } else { bars(100%) }
  v(8pt)
}

#if d.table.rows.len() > 0 {
  let last = d.table.rows.len()
  table(columns: (1fr,) + (auto,) * (d.table.head.len() - 1), stroke: none,
    inset: (x: 5pt, y: d.table.pad * 1pt), column-gutter: 6pt,
    align: (x, y) => if x == 0 { left + bottom } else { right + bottom },
    table.hline(stroke: 0.9pt + ink),
    ..d.table.head.map(h => text(8.5pt, fill: grey, h)),
    table.hline(stroke: hair),
    ..d.table.rows.map(r => r.enumerate().map(((x, c)) =>
      text(9.5pt, fill: if x > 0 and d.table.toned.contains(x) { tone(c) } else { ink }, c)
    )).flatten(),
    table.hline(stroke: 0.5pt + ink),
    ..d.table.total.enumerate().map(((x, c)) =>
      text(9.5pt, weight: "semibold", fill: if d.table.toned.contains(x) { tone(c) } else { ink },
        c)),
    table.hline(stroke: 0.9pt + ink))
}
#if d.trend.columns.len() > 1 {
  v(10pt)
  section(d.trend.title)
  v(2pt)
  let tall = 62pt
  grid(columns: (1fr,) * d.trend.columns.len(), column-gutter: 3pt, row-gutter: 3pt,
    ..d.trend.columns.map(c => box(width: 100%, height: tall, align(bottom,
      rect(width: 100%, height: calc.max(c.part * tall, 0.4pt),
        fill: if c.counted { green } else { pale })))),
    ..d.trend.columns.map(c => align(center, text(6.5pt, fill: grey, c.label))))
  text(8pt, fill: grey, d.trend.note)
}
#v(1fr)
#line(length: 100%, stroke: hair)
#v(-4pt)
#set text(8pt, fill: grey)
#set par(leading: 0.5em, spacing: 0.6em)
#for n in d.notes { par(n) }
"""


def write_page(figures: Figures, path: Path, created: dt.date) -> None:
    """Write the PDF; fewer groups are shown one by one until all fits on one page."""
    tried = [(most, with_trend) for most in ROWS_TRIED for with_trend in (True, False)]
    for rows_max, with_trend in tried:
        content = _content(figures, created, rows_max)
        data = json.dumps(content if with_trend else {**content, "trend": NO_TREND})
        page = typst.compile(TEMPLATE.encode(), ignore_system_fonts=True,
                             sys_inputs={"data": data},
                             timestamp=dt.datetime.combine(created, dt.time(), dt.UTC))  # fmt: skip
        if len(pypdfium2.PdfDocument(page)) == 1:
            path.write_bytes(page)
            return
    raise ReportError("The text is too long for one page. Shorten the title or the assumptions.")


def _content(figures: Figures, created: dt.date, rows_max: int) -> dict[str, Any]:
    """Give the template its data."""
    plan, unit = figures.plan, unit_of(figures)
    lines = _shown(figures, rows_max)
    tight = len(lines) > 10
    return {
        "date": {"year": created.year, "month": created.month, "day": created.day},
        "title": shorten(plan["title"], 110), "headline": shorten(headline(figures, unit), 200),
        "subtitle": shorten(subtitle(plan), 220),
        "kpis": _page_figures(figures, unit), "chart": _page_chart(figures, unit, rows_max),
        "rank": _podium(figures, unit),
        "table": _page_table(figures, unit, lines, 2.2 if tight else 3.2),
        "trend": _page_trend(figures, unit), "notes": _page_notes(figures, rows_max),
    }  # fmt: skip


def _shown(figures: Figures, rows_max: int) -> list[Line]:
    """Give the first lines, and the rest as one line "other"."""
    lines = list(figures.lines)
    if len(lines) <= rows_max:
        return lines
    kept, rest = lines[: rows_max - 1], lines[rows_max - 1 :]
    label = figures.plan["group"]["label"]
    name = f"{len(rest)} other {plural(label)}"
    rows, how = figures.rows, figures.plan["measure"]["aggregate"]
    among = (
        rows.current & False
        if rows.group is None
        else rows.group.isin([line.name for line in rest])
    )
    value = aggregate(rows.value[rows.current & among], how)
    share = _sum_of(rest, "share")
    if not figures.compared:
        return [*kept, Line(name, value, share=share)]
    compare = aggregate(rows.value[rows.compare & among], how)
    if value is None or compare is None:
        return [*kept, Line(name, value, compare, share=share)]
    growth = value / compare - 1 if compare > 0 else None
    return [*kept, Line(name, value, compare, value - compare, growth, share)]


def _sum_of(lines: list[Line], field: str) -> float | None:
    values = [getattr(line, field) for line in lines]
    return None if None in values else sum(values)


def _page_figures(figures: Figures, unit: Unit) -> list[dict[str, Any]]:
    total, plan = figures.total, figures.plan
    now, then = headings(plan)
    if figures.compared:
        return [
            {"label": shorten(now, 30), "text": unit.text(total.value), "toned": False},
            {"label": shorten(then, 30), "text": unit.text(total.compare), "toned": False},
            {"label": "Change", "text": unit.text(total.change, signed=True), "toned": True},
            {"label": "Growth", "text": growth_text(total), "toned": True},
        ]
    found = [{"label": shorten(measure_name(plan), 40), "text": unit.text(total.value)}]
    if figures.lines:
        known = [line for line in figures.lines if line.value is not None]
        top = max(known, key=lambda line: line.value or 0, default=None)
        label = plural(plan["group"]["label"])
        found.append({"label": label.capitalize(), "text": f"{len(figures.lines):,}"})
        if top is not None:
            found.append({"label": f"Highest: {shorten(top.name, 24)}",
                          "text": unit.text(top.value)})  # fmt: skip
    rows = int(figures.rows.current.sum())
    found.append({"label": "Rows counted", "text": f"{rows:,}"})
    return [{**one, "toned": False} for one in found]


def _page_chart(figures: Figures, unit: Unit, rows_max: int) -> dict[str, Any]:
    """Give bars as fractions of the width, with the place of zero; the trend without groups."""
    plan = figures.plan
    room = min(BARS_MAX, rows_max)
    if figures.lines:
        timed = bool(plan["group"]["by"])
        lines = figures.lines[-room:] if timed else figures.lines[:room]
        label = plan["group"]["label"]
        by = label if label.isupper() else label[:1].lower() + label[1:]
        of = f" ({len(lines)} of {len(figures.lines)})" if len(lines) < len(figures.lines) else ""
        title = f"{measure_name(plan)} by {by}{of}"
        bars = [(line.name, line.value or 0.0, line.compare or 0.0, unit.text(line.value))
                for line in lines]  # fmt: skip
    else:
        title = f"{measure_name(plan)} over time"
        bars = [(one.label, one.value or 0.0, 0.0, unit.text(one.value))
                for one in figures.trend[-room:]]  # fmt: skip
    two = figures.compared and bool(figures.lines)
    values = [value for bar in bars for value in (bar[1:3] if two else bar[1:2])]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    tight = len(bars) > 10
    legend = [shorten(one, 24) for one in headings(plan)][: 1 + two]
    return {
        "title": shorten(title, 60), "legend": legend,
        "stacked": two and bool(figures.ranked) and len(title) + sum(map(len, legend)) > 52,
        "zero": -low / span, "thick": 4.2 if tight else 5.5, "gap": 3.5 if tight else 5,
        "bars": [{"name": shorten(name, 26), "now": now / span, "then": then / span, "text": text}
                 for name, now, then, text in bars],
    }  # fmt: skip


def _page_trend(figures: Figures, unit: Unit) -> dict[str, Any]:
    """Give the trend as columns; those inside the period or the comparison stand out."""
    plan, buckets = figures.plan, figures.trend
    values = [one.value or 0.0 for one in buckets]
    if not figures.lines or len(buckets) < 3 or min(values) < 0 or max(values) == 0:
        return NO_TREND
    spans = [plan[key] for key in ("period", "compare") if plan[key]] if period_name(plan) else []
    columns = []
    for one, value in zip(buckets, values, strict=True):
        counted = not spans or any(
            span["start"] <= one.start.isoformat() <= span["end"] for span in spans
        )
        columns.append(
            {
                "label": one.label.replace(" ", "\n", 1),
                "part": value / max(values),
                "counted": counted,
            }
        )
    ends = f"{buckets[-1].label} runs to {day_text(buckets[-1].end)}." if figures.cut else ""
    dark = "Dark columns hold the dates compared. " if spans else ""
    high = f"Highest: {unit.text(max(values))}, {buckets[values.index(max(values))].label}. "
    return {
        "title": f"{measure_name(plan)} over time",
        "columns": columns,
        "note": dark + high + ends,
    }


def _podium(figures: Figures, unit: Unit) -> dict[str, Any]:
    """Give the named groups with the figure they are named for."""
    if not figures.ranked:
        return {"title": "", "rows": []}
    by = figures.plan["rank"]["by"]
    rows = []
    for line in figures.ranked[:RANKED_MAX]:
        value = unit.text(line.value)
        if figures.compared:
            note = f"{unit.text(line.compare)} → {value}"
        else:
            note = f"{percent(line.share, signed=False)} of the total" if line.share else ""
        text = {"growth": growth_text(line), "share": percent(line.share, signed=False),
                "change": unit.text(line.change, signed=True)}.get(by, value)  # fmt: skip
        rows.append({"name": shorten(line.name, 26), "note": note,
                     "text": text if figures.compared or by == "share" else value})  # fmt: skip
    return {"title": rank_heading(figures.plan), "rows": rows}


def _page_table(figures: Figures, unit: Unit, lines: list[Line], pad: float) -> dict[str, Any]:
    """Give the table as text, with the columns whose sign is coloured."""
    if not lines:
        return {"head": [], "rows": [], "total": [], "toned": [], "pad": pad}
    now, then = (shorten(one, 28) for one in headings(figures.plan))
    shares = any(line.share is not None for line in lines)
    head = [shorten(figures.plan["group"]["label"], 30), now]
    head += [then, "Change", "Growth"] if figures.compared else []
    head += ["Share"] if shares else []

    def cells(line: Line) -> list[str]:
        row = [shorten(line.name, NAME_CHARACTERS_MAX), unit.text(line.value)]
        if figures.compared:
            row += [unit.text(line.compare), unit.text(line.change, signed=True),
                    growth_text(line)]  # fmt: skip
        return row + ([percent(line.share, signed=False)] if shares else [])

    total = cells(figures.total)
    if shares:
        total[-1] = percent(1.0, signed=False)
    return {"head": head, "rows": [cells(line) for line in lines], "total": total,
            "toned": [3, 4] if figures.compared else [], "pad": pad}  # fmt: skip


def _page_notes(figures: Figures, rows_max: int) -> list[str]:
    """Give the small print: reading, assumptions, rows, source."""
    plan = figures.plan
    notes = [shorten(f"{label}: {text}", 200) for label, text in reading_notes(figures)
             if label in ("Figure", "Only rows where")]  # fmt: skip
    notes += [shorten(text, 220) for text in plan["assumptions"][:NOTES_MAX]]
    if len(plan["assumptions"]) > NOTES_MAX:
        more = len(plan["assumptions"]) - NOTES_MAX
        notes.append(f"{more} more in the brief.")
    if any(growth_text(line) in ("new", "n/a") for line in figures.lines) and figures.compared:
        notes.append("“new”: nothing before; “n/a”: no positive figure to compare with.")
    source = f"Source: {source_text(plan)}. " + " ".join(row_notes(figures))
    return [*notes, shorten(source, 320)]
