"""The look of the PDF, in the language of the typesetter.

Owns type, colour and space. Must never hold a word of an answer: those come as data.
"""

from __future__ import annotations

TEMPLATE = r"""
#let d = json(bytes(sys.inputs.data))
#let ink = rgb("#1b1f1d")
#let grey = rgb("#6b736f")
#let green = rgb("#1f5c46")
#let pale = rgb("#b7cdc0")
#let red = rgb("#a63a2b")
#let shades = (green, rgb("#7fa893"), rgb("#c9a15a"), rgb("#4f7cac"), red, rgb("#8c8c8c"))
#let hair = 0.5pt + rgb("#d5dad7")
#set document(title: d.title, author: "Deputy", date: datetime(..d.date))
#set text(font: "Libertinus Serif", size: 10pt, fill: ink, number-type: "lining",
  number-width: "tabular", lang: "en", hyphenate: false)
#set page(paper: "a4", margin: (x: 2cm, top: 1.7cm, bottom: if d.single { 1.5cm } else { 2cm }),
  footer: if d.single { none } else { context {
    set text(8pt, fill: grey)
    line(length: 100%, stroke: hair)
    v(-6pt)
    [#d.foot #h(1fr) Page #counter(page).display("1 of 1", both: true)]
  } })
#set par(leading: 0.55em)
#let tone(word) = {
  if word.starts-with("+") { green } else if word.starts-with("−") { red } else { ink }
}
#let section(word) = text(9pt, fill: green, weight: "semibold", word)

#let figures(kpis, large) = grid(columns: (1fr,) * kpis.len(), column-gutter: 14pt,
  ..kpis.map(k => block(width: 100%, stroke: (top: 0.9pt + ink), inset: (top: 6pt), {
    text(8.5pt, fill: grey, k.label); linebreak()
    text(if kpis.len() > 4 { large - 4pt } else { large }, weight: "semibold",
      fill: if k.toned { tone(k.text) } else { ink }, k.text)
    if k.note != "" { h(4pt); text(9.5pt, weight: "semibold", fill: tone(k.note), k.note) }
  })))

#let legend(chart) = {
  for (i, word) in chart.legend.enumerate() {
    let colour = if chart.bars.first().parts.len() > 0 { shades.at(i) } else {
      (green, pale).at(i) }
    box({ box(width: 7pt, height: 7pt, fill: colour); text(8pt, fill: grey, " " + word) })
    if i + 1 < chart.legend.len() { h(10pt) }
  }
}
#let bars(chart) = {
  section(chart.title)
  if chart.stacked { linebreak() } else { h(1fr) }
  if chart.legend.len() > 1 { legend(chart) }
  v(1pt)
  let thick = if chart.two { chart.thick * 1pt } else { chart.thick * 1.5pt }
  grid(columns: (auto, 1fr, auto), column-gutter: 7pt, row-gutter: chart.gap * 1pt,
    align: (right + horizon, left + horizon, right + horizon),
    ..chart.bars.map(b => (
      text(8.5pt, b.name),
      layout(size => {
        let zero = chart.zero * size.width
        let bar(v, colour) = box(width: size.width, height: thick,
          place(left, dx: calc.min(zero, zero + v * size.width),
            rect(width: calc.max(calc.abs(v) * size.width, 0.4pt), height: thick, fill: colour)))
        if b.parts.len() > 0 {
          stack(dir: ltr, ..b.parts.enumerate().map(((i, p)) =>
            rect(width: p * size.width, height: thick, fill: shades.at(i))))
        } else {
          stack(bar(b.now, green), ..if chart.two { (v(0.7pt), bar(b.then, pale)) })
        }
      }),
      text(8.5pt, b.text),
    )).flatten())
}
#let standing(chart) = {
  section(chart.title)
  v(2pt)
  let tall = 62pt
  let count = chart.columns.len()
  if chart.kind == "line" {
    box(width: 100%, height: tall, layout(size => {
      let spot(i) = ((i + 0.5) / count * size.width,
        (1 - chart.zero - chart.columns.at(i).part) * tall)
      place(line(start: (0pt, (1 - chart.zero) * tall), end: (size.width, (1 - chart.zero) * tall),
        stroke: hair))
      for i in range(count - 1) {
        place(line(start: spot(i), end: spot(i + 1), stroke: (paint: green, thickness: 1.4pt,
          cap: "round")))
      }
    }))
    v(-4pt)
  }
  grid(columns: (1fr,) * count, column-gutter: if count > 30 { 1pt } else { 3pt },
    row-gutter: 3pt,
    ..if chart.kind == "line" { () } else { chart.columns.map(c =>
      box(width: 100%, height: tall, place(top,
        dy: (1 - chart.zero - calc.max(c.part, 0)) * tall,
        rect(width: 100%, height: calc.max(calc.abs(c.part) * tall, 0.4pt),
          fill: if c.dark { green } else { pale })))) },
    ..chart.columns.map(c => align(center, box(width: 1pt, {
      set text(6.5pt, fill: grey)
      place(top + center, c.label.split("\n").map(w => box(w)).join(linebreak()))
    }))))
  v(if chart.columns.any(c => c.label.contains("\n")) { 13pt } else { 6pt })
  text(8pt, fill: grey, chart.note)
}
#let podium(rank) = {
  section(rank.title)
  v(1pt)
  if rank.small {
    grid(columns: (auto, 1fr, auto), column-gutter: 6pt, row-gutter: 4.5pt,
      ..rank.rows.enumerate().map(((i, r)) => (text(8.5pt, fill: grey, str(i + 1)),
        text(8.5pt, r.name), text(8.5pt, weight: "semibold", fill: tone(r.text), r.text)
      )).flatten())
  } else { for (i, r) in rank.rows.enumerate() {
    block(width: 100%, stroke: (bottom: hair), inset: (bottom: 5pt, top: 2pt), {
      grid(columns: (14pt, 1fr, auto), column-gutter: 2pt,
        text(13pt, fill: grey, str(i + 1)),
        { text(10pt, weight: "semibold", r.name)
          if r.note != "" { linebreak(); text(8pt, fill: grey, r.note) } },
        align(right, text(13pt, weight: "semibold", fill: tone(r.text), r.text)))
    })
  } }
  if rank.note != "" { text(8.5pt, fill: grey, rank.note) }
}
#let drawing(b) = {
  let named = b.rank.rows.len() > 0
  if b.chart.kind == "bars" {
    if named { grid(columns: (1.55fr, 1fr), column-gutter: 22pt, bars(b.chart), podium(b.rank)) }
    else { bars(b.chart) }
  } else if b.chart.kind != "" {
    if named { grid(columns: (1.9fr, 1fr), column-gutter: 22pt, standing(b.chart), podium(b.rank)) }
    else { standing(b.chart) }
  } else if named { podium(b.rank) }
  if not named and b.rank.note != "" { text(9pt, fill: grey, b.rank.note) }
}
#let lines(t) = {
  let size = t.size * 1pt
  let widths = if t.widths.len() > 0 { t.widths.map(w => (w + 2) * 1fr) } else {
    (1fr,) + (auto,) * (t.head.len() - 1) }
  table(columns: widths, stroke: none,
    inset: (x: if t.head.len() > 7 { 2pt } else { 5pt }, y: t.pad * 1pt),
    column-gutter: if t.head.len() > 7 { 3pt } else { 6pt },
    align: (x, y) => if x == 0 { left + bottom } else { right + bottom },
    table.header(table.hline(stroke: 0.9pt + ink),
      ..t.head.map(h => text(calc.min(8.5pt, size), fill: grey, h)), table.hline(stroke: hair)),
    ..t.rows.map(r => r.enumerate().map(((x, c)) =>
      text(size, fill: if x > 0 and t.toned.contains(x) { tone(c) } else { ink }, c)
    )).flatten(),
    ..if t.total.len() > 0 { (table.hline(stroke: 0.5pt + ink),) },
    ..t.total.enumerate().map(((x, c)) =>
      text(size, weight: "semibold", fill: if t.toned.contains(x) { tone(c) } else { ink }, c)),
    table.hline(stroke: 0.9pt + ink))
}
#let answer(b, large) = {
  drawing(b)
  if b.chart.kind != "" or b.rank.rows.len() > 0 { v(8pt) }
  if b.table.rows.len() > 0 {
    block(breakable: b.table.rows.len() > 24, lines(b.table))
    if b.remark != "" { v(-4pt); text(8pt, fill: grey, b.remark) }
  }
}

#if d.single {
  let b = d.blocks.first()
  text(9.5pt, fill: grey, d.title)
  v(-2pt)
  text(19pt, weight: "semibold", d.headline)
  v(-6pt)
  text(10.5pt, fill: grey, d.subtitle)
  v(6pt)
  figures(b.kpis, 16pt)
  v(8pt)
  answer(b, 16pt)
  if b.trend.columns.len() > 1 {
    v(10pt)
    standing(b.trend)
  }
  v(1fr)
} else {
  text(19pt, weight: "semibold", d.title)
  if d.subtitle != "" { v(-6pt); text(10.5pt, fill: grey, d.subtitle) }
  for b in d.blocks {
    let opening = {
      v(12pt)
      line(length: 100%, stroke: 0.9pt + ink)
      v(-3pt)
      text(12.5pt, weight: "semibold", b.title)
      v(-4pt)
      text(10pt, b.said)
      if b.dates != "" { linebreak(); text(8.5pt, fill: grey, b.dates) }
      v(2pt)
      if b.table.rows.len() == 0 { figures(b.kpis, 15pt) }
    }
    let shown = drawing(b)
    block(breakable: false, width: 100%, { opening; shown })
    if b.table.rows.len() > 0 {
      // A long table starts only where some of it has room.
      if b.table.rows.len() > 24 { block(breakable: false, v(110pt)); v(-110pt, weak: false) }
      block(breakable: b.table.rows.len() > 24, width: 100%, {
        lines(b.table)
        if b.remark != "" { v(-4pt); text(8pt, fill: grey, b.remark) }
      })
    }
  }
  v(14pt)
}
#block(breakable: not d.single, {
  line(length: 100%, stroke: hair)
  v(-4pt)
  set text(8pt, fill: grey)
  set par(leading: 0.5em, spacing: 0.6em)
  for n in d.notes { par(n) }
})
"""
