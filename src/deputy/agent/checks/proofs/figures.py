"""Proofs of the checks that compute figures again, and of those that look at the source anew.

Owns a small source with known figures. Must never compute those figures with the checks' own code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.proof import (
    Change,
    Proof,
    cell,
    each,
    in_book,
    repacked,
    replaced,
    write_book,
    write_csv,
    write_text,
)

SALES = [
    ["Day", "Region", "Product", "Sales"],
    ["05.01.2026", "North", "Chair", "1.200,50"],
    ["20.01.2026", "North", "Table", "800,00"],
    ["03.02.2026", "South", "Chair", "1.500,25"],
    ["14.02.2026", "East", "Lamp", "300,00"],
    ["01.03.2026", "South", "Table", "700,75"],
    ["15.03.2026", "North", "Lamp", "250,00"],
    ["28.03.2026", "West", "Chair", "950,00"],
    ["10.01.2025", "North", "Chair", "1.000,00"],
    ["11.02.2025", "South", "Chair", "2.000,00"],
    ["12.03.2025", "East", "Lamp", "150,00"],
    ["20.03.2025", "West", "Chair", "1.000,00"],
    ["Total", "", "", "9.851,50"],
]
SOURCE = {"path": "sales.csv", "delimiter": ";", "decimal": ",", "skip_footer": 1}
YEAR = {"kind": "range", "label": "2026", "start": "2026-01-01", "end": "2026-12-31"}
BEFORE = {"label": "2025", "start": "2025-01-01", "end": "2025-12-31"}
QUESTION: dict[str, Any] = {
    "title": "Sales by region", "measures": [{"column": "Sales", "label": "Sales", "unit": "EUR"}],
    "groups": [{"column": "Region", "label": "Region"}], "date_column": "Day", "period": YEAR,
    "compare": BEFORE, "rank": {"by": "value", "top": 2, "measure": 0},
}  # fmt: skip
BOOK = "out/report.xlsx"
TABLE: list[Sequence[Any]] = [
    ["Sales by region"],
    [],
    ["Region", "Sales", "Sales, 2025", "Change", "Growth", "Share"],
    ["North", 2250.5, 1000, 1250.5, 1.2505, 2250.5 / 5701.5],
    ["South", 2201, 2000, 201, 0.1005, 2201 / 5701.5],
    ["West", 950, 1000, -50, -0.05, 950 / 5701.5],
    ["East", 300, 150, 150, 1, 300 / 5701.5],
    ["Total", 5701.5, 4150, 1551.5, 1551.5 / 4150, 1],
]
PIVOT: list[Sequence[Any]] = [
    ["Region", "Chair", "Table", "Lamp", "Total"],
    ["North", 1200.5, 800, 250, 2250.5],
    ["South", 1500.25, 700.75, None, 2201],
    ["East", None, None, 300, 300],
    ["West", 950, None, None, 950],
    ["Total", 3650.75, 1500.75, 550, 5701.5],
]


def asked(source: Mapping[str, Any] = SOURCE, **changes: Any) -> dict[str, Any]:
    """Give the question with changes."""
    return {"source": dict(source), "question": {**QUESTION, **changes}}


def table(rows: Sequence[Sequence[Any]], sheet: str = "Report") -> Change:
    """Give a change that writes the report anew with these rows."""
    return write_book(BOOK, {sheet: rows})


def sample(folder: Path) -> None:
    """Write the source and its report."""
    each(write_csv("sales.csv", SALES, ";"), table(TABLE))(folder)


def edited(edit: Callable[[Any], object]) -> Change:
    """Give a change of the report's sheet."""
    return in_book(BOOK, lambda book: edit(book["Report"]))


def wide(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Give a table with rows for columns."""
    return [list(row) for row in zip(*rows, strict=True)]


def _hide_right_show_wrong(folder: Path) -> None:
    wrong = [*TABLE[:3], ["North", 2251.5, *TABLE[3][2:]], *TABLE[4:]]
    write_book(BOOK, {"Report": wrong, "Proof": TABLE})(folder)

    def hide(book: Any) -> None:
        book["Proof"].sheet_state = "hidden"

    in_book(BOOK, hide)(folder)


def _percent(sheet: Any) -> None:
    for row in range(4, 9):
        sheet[f"E{row}"].number_format = sheet[f"F{row}"].number_format = "0.0%"


SHUFFLED = [*TABLE[:3], TABLE[5], TABLE[3], TABLE[6], TABLE[4], TABLE[7]]
TOP_TWO: list[Sequence[Any]] = [
    ["Top 2 regions"], ["Rank", "Region", "Sales"], [1, "North", 2250.5], [2, "South", 2201],
]  # fmt: skip
PLAIN = [["Area", "Turnover", "Last year"], *(row[:3] for row in TABLE[3:])]
WHOLE: dict[str, Sequence[Sequence[Any]]] = {"Top": TOP_TWO, "Report": TABLE}
IN_TABLES = Proof(
    "figures.in_tables", BOOK, {"asked": asked()}, sample,
    mutators={
        "a figure is off by one": cell(BOOK, "Report", "B4", 2251.5),
        "two digits are swapped": cell(BOOK, "Report", "B5", 2210),
        "two groups' figures are swapped": table(
            [*TABLE[:3], ["North", *TABLE[4][1:]], ["South", *TABLE[3][1:]], *TABLE[5:]]
        ),
        "a group is missing": edited(lambda sheet: sheet.delete_rows(6)),
        "a group that is none": edited(lambda sheet: (
            sheet.insert_rows(6), sheet.cell(6, 1, "Mars"), sheet.cell(6, 2, 12))),
        "a group stands there twice": edited(lambda sheet: (
            sheet.insert_rows(6), sheet.cell(6, 1, "South"), sheet.cell(6, 2, 2201))),
        "the total is wrong": cell(BOOK, "Report", "B8", 5702.5),
        "the year before is wrong": cell(BOOK, "Report", "C5", 2100),
        "the growth is wrong": cell(BOOK, "Report", "E5", 0.2005),
        "the shares are of the groups shown last year": cell(BOOK, "Report", "F4", 0.24),
        "a list of leaders names another": write_book(BOOK, {**WHOLE, "Top": [
            *TOP_TWO[:3], [2, "West", 950]]}),
        "a second table of the same headings differs": write_book(BOOK, {"Report": TABLE,
            "Copy": [*TABLE[:4], ["South", 2202, *TABLE[4][2:]], *TABLE[5:]]}),
        "right figures on a hidden sheet, wrong ones in sight": _hide_right_show_wrong,
        "right figures in a hidden column": edited(lambda sheet: setattr(
            sheet.column_dimensions["B"], "hidden", True)),
        "thousands without a word": table([*TABLE[:3], *(
            [row[0], row[1] / 1000, *row[2:]] for row in TABLE[3:])]),
        "nothing is compared": table([row[:2] for row in TABLE]),
        "all years": table([*TABLE[:3], ["North", 3250.5, *TABLE[3][2:]], *TABLE[4:]]),
    },
    invariances={
        "another order of rows": table(SHUFFLED),
        "another sheet name and place": each(
            table(TABLE, "Übersicht"), in_book(BOOK, lambda book: book.create_sheet("Notes", 0))),
        "other headings": table(PLAIN),
        "turned round": table(wide([row for row in TABLE if len(row) == 6])),
        "rounded to cents and percent": edited(_percent),
        "growth in percent points": table([*TABLE[:3], *(
            [*row[:4], row[4] * 100, row[5] * 100] for row in TABLE[3:])]),
        "no total": edited(lambda sheet: sheet.delete_rows(8)),
        "a list of leaders beside it": write_book(BOOK, WHOLE),
        "nothing but the list of leaders": table([*TABLE[:5]]),
        "in thousands, and it says so": table([
            ["Region", "Sales (EUR thousand)", "Sales, 2025 (EUR thousand)"],
            *([row[0], row[1] / 1000, row[2] / 1000] for row in TABLE[3:])]),
        "figures as text": table([*TABLE[:3], *(
            [row[0], f"€ {row[1]:,.2f}", f"€ {row[2]:,.2f}"] for row in TABLE[3:])]),
        "packed otherwise": repacked(BOOK),
    },
    errors={"the source has no such column": write_csv("sales.csv", [["A", "B"], [1, 2]], ";")},
)  # fmt: skip
CSV = "out/report.csv"
IN_CSV = Proof(
    "figures.in_tables", CSV, {"asked": asked(compare=None, rank=None)},
    each(write_csv("sales.csv", SALES, ";"), write_csv(CSV, [row[:2] for row in TABLE[2:]])),
    mutators={
        "a figure is off": replaced(CSV, "2250.5", "2250.6"),
        "a line is missing": replaced(CSV, "West,950\n", ""),
        "right and wrong blocks": write_csv(CSV, [
            *(row[:2] for row in TABLE[2:]), [], ["Region", "Sales"], ["North", 1],
            ["South", 2], ["West", 3], ["East", 4]]),
    },
    invariances={
        "semicolons and decimal commas": write_csv(CSV, [
            ["Region", "Sales"], *([row[0], f"{row[1]:.2f}".replace(".", ",")]
                                   for row in TABLE[3:])], ";"),
        "another order": write_csv(CSV, [row[:2] for row in SHUFFLED[2:]]),
    },
)  # fmt: skip
CROSSED = Proof(
    "figures.in_tables", BOOK,
    {"asked": asked(compare=None, rank=None, groups=[
        {"column": "Region", "label": "Region"}, {"column": "Product", "label": "Product"}])},
    each(write_csv("sales.csv", SALES, ";"), table(PIVOT)),
    mutators={
        "a cell is off": cell(BOOK, "Report", "C3", 700.57),
        "a cell where there is none": cell(BOOK, "Report", "D3", 40),
        "a column is missing": edited(lambda sheet: sheet.delete_cols(3)),
        "a row is missing": edited(lambda sheet: sheet.delete_rows(3)),
        "the total is wrong": cell(BOOK, "Report", "E6", 5700),
    },
    invariances={
        "turned round": table(wide(PIVOT)),
        "noughts for blanks": cell(BOOK, "Report", "D3", 0),
        "as a list": table([["Region", "Product", "Sales"], *(
            [row[0], head, value] for row in PIVOT[1:5]
            for head, value in zip(PIVOT[0][1:4], row[1:4], strict=True) if value)]),
    },
)  # fmt: skip
ALONE = Proof(
    "figures.in_tables", BOOK, {"asked": asked(compare=None, rank=None, groups=[])},
    each(write_csv("sales.csv", SALES, ";"), table([["Sales 2026"], [], ["Sales", 5701.5]])),
    mutators={"another figure": cell(BOOK, "Report", "B3", 9851.5),
              "no figure": edited(lambda sheet: sheet.delete_rows(3))},
    invariances={"below its name": table([["", "Sales"], ["Total", 5701.5]]),
                 "under another name": table([["Turnover in 2026", 5701.5]])},
)  # fmt: skip
TEXT = "out/report.md"
PAGE = """# Sales by region

Sales came to EUR 5,701.50, 37.4 % more than in 2025 (EUR 4,150.00).

| Region | Sales | 2025 | Growth |
|---|---|---|---|
| North | 2,250.50 | 1,000.00 | +125.1 % |
| South | 2,201.00 | 2,000.00 | +10.1 % |
| West | 950.00 | 1,000.00 | -5.0 % |
| East | 300.00 | 150.00 | +100.0 % |
| Total | 5,701.50 | 4,150.00 | +37.4 % |
"""
CELLS = "".join(
    f"<tr><td>{row[0]}</td><td>{row[1]:,.2f}</td><td>{row[2]:,.2f}</td></tr>" for row in TABLE[3:]
)


def _turned_marks(text: str) -> str:
    return text.replace(",", ";").replace(".", ",").replace(";", ".")


IN_TEXT = Proof(
    "figures.in_text", TEXT, {"asked": asked()},
    each(write_csv("sales.csv", SALES, ";"), write_text(TEXT, PAGE)),
    mutators={
        "a figure is off": replaced(TEXT, "2,250.50", "2,205.50"),
        "the total is off": replaced(TEXT, "5,701.50", "5,710.50"),
        "the table's total alone is off": replaced(TEXT, "Total | 5,701.50", "Total | 5,801.50"),
        "figures are swapped": write_text(TEXT, PAGE.replace("North", "?").replace(
            "South", "North").replace("?", "South")),
        "another year": write_text(TEXT, PAGE.replace("2,250.50", "1,000.00").replace(
            "2,201.00", "2,000.00").replace("950.00", "1,000.00")),
        "the order is another": write_text(TEXT, "\n".join(reversed(PAGE.splitlines()))),
        "half of it": write_text(TEXT, PAGE[:190]),
    },
    invariances={
        "decimal commas": write_text(TEXT, _turned_marks(PAGE)),
        "whole euros": write_text(TEXT, PAGE.replace("5,701.50", "5,702").replace(
            "2,250.50", "2,251").replace("2,201.00", "2,201")),
        "a sentence for each": write_text(TEXT, "In all 5,701.50 after 4,150. First came North "
            "with 2,250.50 (+125 %), then South with 2,201 (+10.1 %), West with 950 (-5 %) and "
            "East with 300 (+100 %).\n"),
    },
)  # fmt: skip
PAGE_HTML = "out/report.html"
IN_HTML = Proof(
    "figures.in_text", PAGE_HTML, {"asked": asked(rank=None)},
    each(write_csv("sales.csv", SALES, ";"),
         write_text(PAGE_HTML, f"<html><body><table>{CELLS}</table></body></html>")),
    mutators={
        "right figures that nobody sees": write_text(
            PAGE_HTML, f"<body><table style='display:none'>{CELLS}</table>"
            f"<table>{CELLS.replace('2,250.50', '2,999.50').replace('5,701.50', '6,450.50')}"
            "</table></body>"),
        "right figures in a comment": write_text(PAGE_HTML, f"<body><!-- {CELLS} --></body>"),
    },
    invariances={"other tags": write_text(
        PAGE_HTML, "<body>" + CELLS.replace("td>", "span> ").replace("tr>", "p>") + "</body>")},
)  # fmt: skip
WORD = "out/report.docx"


def letter(rows: Sequence[Sequence[Any]], white: Sequence[Sequence[Any]] = ()) -> Change:
    """Give a change that writes a Word file with a table, and white words below it."""

    def change(folder: Path) -> None:
        import docx

        document = docx.Document()
        table = document.add_table(rows=0, cols=3)
        for row in rows:
            cells = table.add_row().cells
            for at, value in enumerate(row[:3]):
                cells[at].text = value if isinstance(value, str) else f"{value:,.2f}"
        for row in white:
            run = document.add_paragraph().add_run(f"{row[0]} {row[1]:,.2f} {row[2]:,.2f}")
            run.font.color.rgb = docx.shared.RGBColor(255, 255, 255)
        (folder / WORD).parent.mkdir(exist_ok=True)
        document.save(str(folder / WORD))

    return change


WRONG = [["North", 2999.5, 1000], *TABLE[4:]]
IN_WORD = Proof(
    "figures.in_text", WORD, {"asked": asked(rank=None)},
    each(write_csv("sales.csv", SALES, ";"), letter(TABLE[2:])),
    mutators={"a figure is off": letter([TABLE[2], *WRONG]),
              "right figures in white": letter([TABLE[2], *WRONG], white=TABLE[3:])},
    invariances={"another order": letter(SHUFFLED[2:]), "packed otherwise": repacked(WORD)},
)  # fmt: skip
READ = Proof(
    "sources.read_whole", BOOK, {"asked": asked()}, sample,
    mutators={
        "the total is read as data": write_csv("sales.csv", [*SALES, ["", "", "", ""], [
            "Printed 1 April", "", "", ""]], ";"),
        "two rows more at the end": write_csv("sales.csv", [
            *SALES[:-1], ["02.04.2026", "West", "Lamp", "120,00"]], ";"),
        "the heading stands lower": write_csv("sales.csv", [["Sales report"], *SALES], ";"),
        "another decimal mark": write_csv("sales.csv", [
            SALES[0], *([*row[:3], row[3].replace(".", "").replace(",", ".")]
                        for row in SALES[1:])], ";"),
        "another delimiter": write_csv("sales.csv", SALES, "|"),
    },
    invariances={
        "more rows": write_csv("sales.csv", [*SALES[:-1], *SALES[1:]], ";"),
        "blank rows": write_csv("sales.csv", [*SALES[:4], ["", "", "", ""], *SALES[4:]], ";"),
    },
)  # fmt: skip
PROOFS = (IN_TABLES, IN_CSV, CROSSED, ALONE, IN_TEXT, IN_HTML, IN_WORD, READ)
