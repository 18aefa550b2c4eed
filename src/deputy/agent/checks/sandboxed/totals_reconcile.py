"""Every group and the total of the delivered table equal a recomputation from the source."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.recomputation import Expected, Figure, recompute
from deputy.agent.checks.sandboxed.spreadsheets import Workbook, open_workbook
from deputy.agent.checks.sandboxed.verdicts import FailedError, close, must

NAME = "table.totals_reconcile"
TITLE = "Every group and the total agree with the source, computed by a second route"
LIMITS = "whether the question is the one that was meant"
KIND = "recomputes"
CONTENT = True
NEEDS = ("plan",)
APPLIES_TO = (".xlsx", ".xlsm", ".csv")
TAKES = (
    "plan: what is computed again from an upload, in rows of one figure by one column: "
    "{source: {path, sheet (workbooks), header_row (from 0), skip_footer (rows that are no data), "
    "encoding, delimiter, decimal (text tables)}, measure: {column, label, aggregate: sum | mean | "
    "count | min | max | median | distinct}, group: {column, label, by: day | week | month | "
    "quarter | year, for a date column} or null, date_column, period: {kind: range, label, start, "
    "end} or null, compare: {label, start, end} or null, rank: {by: value | growth | change | "
    "share, top, order: desc | asc} or null, filters: [{column, op: eq | in | ne | gt | ge | lt | "
    "le | between, value}]}. source and measure are needed. The file's table has the headings "
    "group.label and measure.label side by side, a row for each value, and last a row Total."
)
SHOWN_MAX = 3
FIGURES = ("value", "compare", "change", "growth", "share")

Grid = dict[tuple[int, int], Any]


@dataclass
class Found:
    """The table as delivered: figures by group, the total, and where columns stand."""

    columns: dict[str, int]
    rows: dict[str, dict[str, Any]]
    order: list[str]
    total: dict[str, Any] | None


def check(target: Path, params: dict[str, Any]) -> str:
    """Compare the table found by its headings with the figures recomputed for `plan`."""
    plan = must(params, "plan")
    expected = recompute(plan)
    found = _find(plan, _grids(target))
    wrong = _missing(expected, found) if plan["group"] else []
    for name, figure in expected.groups.items():
        row = found.rows.get(name.casefold())
        if row is not None:
            wrong += _differences(name, row, figure, expected)
    if found.total is None and plan["group"]:
        wrong.append("there is no total")
    total = found.total or next(iter(found.rows.values()), {})
    wrong += _differences("Total", total, expected.total, expected)
    wrong += _misplaced(plan, expected, found)
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX:,} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError("; ".join(wrong[:SHOWN_MAX]) + more + ".")
    return (f"{len(expected.groups):,} groups and the total ({expected.total.value:,.2f}) equal "
            f"a recomputation from {expected.rows:,} source rows.")  # fmt: skip


def _grids(target: Path) -> list[Grid]:
    """Give each sheet's cells; a CSV is one sheet."""
    if target.suffix.lower() == ".csv":
        with target.open(encoding="utf-8-sig", newline="") as lines:
            return [{(r, c): _shielded(cell) for r, row in enumerate(csv.reader(lines))
                     for c, cell in enumerate(row)}]  # fmt: skip
    book: Workbook = open_workbook(target)
    return [dict(sheet.values) for sheet in book.sheets.values()]


class TextCell(str):
    """A cell of a text file: a number, or a name that may look like one."""

    __slots__ = ()


def _typed(cell: Any) -> Any:
    """Read a figure from a text file; cells of a workbook have their type."""
    if not isinstance(cell, TextCell):
        return cell
    try:
        return float(cell)
    except ValueError:
        return str(cell)


def _shielded(cell: str) -> TextCell:
    """Take off the sign that keeps a spreadsheet from reading a formula."""
    return TextCell(cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t\r") else cell)


def _find(plan: dict[str, Any], grids: list[Grid]) -> Found:
    """Find the row of headings by name, wherever it stands, and read down from there."""
    group = plan["group"]["label"] if plan["group"] else None
    compare = plan["compare"]
    now = ([plan["period"]["label"]] if plan["period"] and compare else []) + [
        plan["measure"]["label"]
    ]
    wanted = {"value": now, "change": ["Change"], "growth": ["Growth"], "share": ["Share"],
              "rank": ["Rank"]}  # fmt: skip
    if compare:
        wanted["compare"] = [f"{compare['label']} (before)", compare["label"]]
    needed = ["value", *(["compare", "change", "growth"] if compare else [])]
    for grid in grids:
        lines: dict[int, dict[int, Any]] = {}
        for (row, column), cell in grid.items():
            lines.setdefault(row, {})[column] = cell
        for row, cells in sorted(lines.items()):
            columns = _columns(cells, group, wanted)
            if columns is not None and all(name in columns for name in needed):
                return _read(lines, row, columns)
    raise FailedError(f"No sheet has a table with the headings {group or 'Figure'!r} "
                      f"and {now[0]!r}.")  # fmt: skip


def _columns(cells: dict[int, Any], group: str | None,
             wanted: dict[str, list[str]]) -> dict[str, int] | None:  # fmt: skip
    """Tell which column holds what, if this row is the table's heading."""
    spelled = {" ".join(cell.split()).casefold(): at for at, cell in reversed(list(cells.items()))
               if isinstance(cell, str)}  # fmt: skip
    first = spelled.get(" ".join((group or "Figure").split()).casefold())
    if first is None:
        return None
    columns = {"name": first}
    for figure, headings in wanted.items():
        for heading in [*headings, *(f"{one} (value)" for one in headings)]:
            at = spelled.get(" ".join(heading.split()).casefold())
            if at is not None and at > first and figure not in columns:
                columns[figure] = at
    return columns


def _read(lines: dict[int, dict[int, Any]], heading: int, columns: dict[str, int]) -> Found:
    """Read the rows below the headings up to the total or the first gap."""
    found = Found(columns, {}, [], None)
    row = heading + 1
    while row in lines and columns["name"] in lines[row]:
        cells = lines[row]
        figures = {name: _typed(cells.get(at)) for name, at in columns.items()}
        name = _spelled(cells[columns["name"]])
        last = row + 1 not in lines or columns["name"] not in lines[row + 1]
        if name.casefold() == "total" and last:
            found.total = figures
            break
        if name.casefold() in found.rows:
            raise FailedError(f"The table names {name!r} twice.")
        found.rows[name.casefold()] = figures
        found.order.append(name.casefold())
        row += 1
    return found


def _spelled(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return " ".join(str(cell).split())


def _missing(expected: Expected, found: Found) -> list[str]:
    known = {name.casefold(): name for name in expected.groups}
    wrong = [f"{name!r} is missing" for key, name in known.items() if key not in found.rows]
    return wrong + [f"{key!r} does not belong there" for key in found.rows if key not in known]


def _differences(name: str, row: dict[str, Any], figure: Figure, expected: Expected) -> list[str]:
    """Compare one line's figures; a growth that cannot be formed must not be a number."""
    total = expected.total.value
    share = figure.value / total if figure.value is not None and total else None
    wrong = []
    for kind in FIGURES:
        if kind not in row:
            continue
        right = share if kind == "share" else getattr(figure, kind)
        shown = row[kind]
        numeric = isinstance(shown, float) and not isinstance(shown, bool)
        if right is None and numeric:
            wrong.append(f"{name}: {kind} shows {shown:,.4f} where there is none")
        elif right is not None and not (numeric and close(shown, right)):
            said = f"{shown:,.4f}" if numeric else repr(shown)
            wrong.append(f"{name}: {kind} shows {said}, the source gives {right:,.4f}")
    return wrong


def _misplaced(plan: dict[str, Any], expected: Expected, found: Found) -> list[str]:
    """Compare the ranks shown with the order of the recomputed figures."""
    if not plan["rank"] or "rank" not in found.columns:
        return []
    by = plan["rank"]["by"] if plan["compare"] else "value"
    by = "value" if by == "share" else by
    known = {name.casefold(): getattr(figure, by) for name, figure in expected.groups.items()}
    sign = 1.0 if plan["rank"]["order"] == "asc" else -1.0
    wrong = []
    for key, figure in known.items():
        if figure is None or key not in found.rows:
            continue
        ahead = sum(1 for other in known.values()
                    if other is not None and sign * other < sign * figure
                    and not close(other, figure))  # fmt: skip
        tied = sum(1 for other in known.values() if other is not None and close(other, figure))
        shown = found.rows[key]["rank"]
        if not isinstance(shown, float) or not ahead < shown <= ahead + tied:
            wrong.append(f"{key}: rank shows {shown!r}, the source gives {ahead + 1}")
    return wrong
