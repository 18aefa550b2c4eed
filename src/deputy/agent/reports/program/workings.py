"""Keeps computed columns of the sheet Data alive: formulas over the cells of their own row.

Owns these formulas. Where the data hold nothing, or there would be too many, values stand alone.
"""

from __future__ import annotations

from typing import Any

from deputy.agent.reports.program.datasheets import DATA_CELLS_MAX, Data
from deputy.agent.reports.program.formulas import DATA, this_row

WORKINGS_MAX = 40_000  # formulas, for all computed columns together
WORKING_CHARACTERS_MAX = 8_000  # a formula holds 8,192
FIRST_YEAR = 1900  # of a spreadsheet's calendar


def add_workings(data: Data, derived: list[dict[str, Any]]) -> None:
    """Give each computed column its formula, and the columns it is made of a place in the data."""
    if len(data.table) * len(derived) > WORKINGS_MAX:
        return
    for one in derived:
        wide = len(data.needed) + len(one["of"]) + 1
        heading = data.cells.named(one["name"])
        if data.roles.get(heading, "numbers") == "numbers" and (
            wide * len(data.table) <= DATA_CELLS_MAX
        ):
            _add(data, one, heading)


def _add(data: Data, one: dict[str, Any], heading: str) -> None:
    spans = one["how"] in ("days", "hours")
    if spans and any(_too_early(data, name) for name in one["of"]):
        return
    parts = [this_row(DATA, data.dates(name) if spans else data.numbers(name))
             for name in one["of"]]  # fmt: skip
    formula = {
        "sum": f"=SUM({','.join(parts)})", "difference": f"={'-'.join(parts)}",
        "product": f"={'*'.join(parts)}", "quotient": f"={'/'.join(parts)}",
        "days": f"={parts[-1]}-{parts[0]}", "hours": f"=({parts[-1]}-{parts[0]})*24",
    }[one["how"]]  # fmt: skip
    if len(formula) <= WORKING_CHARACTERS_MAX:
        data.formulas[data.numbers(heading, data.forms.get(heading, False))] = formula


def _too_early(data: Data, name: str) -> bool:
    return bool((data.cells.dates(name).dt.year < FIRST_YEAR).any())
