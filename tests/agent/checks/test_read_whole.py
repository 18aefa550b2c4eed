"""What the table finder makes of a messy file stands up to a look by other eyes, and only that.

Owns small messy texts. Must never need the sandbox: both sides are pure for text files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deputy.agent.checks.sandboxed import read_whole
from deputy.agent.checks.sandboxed.verdicts import FailedError
from deputy.agent.plans import Source
from deputy.agent.playbooks.schema import Schema
from deputy.agent.tables import probing

TICKETS = "".join(f"T{n},2026-03-0{n},2026-03-1{n}\n" for n in range(1, 8))
MESSES: dict[str, tuple[str, int]] = {
    "subtotals named after their group": (
        "Region;Product;Revenue\nNorth;Anvil;1.234,50\nNorth;Rocket;99,00\n"
        "North total;;1.333,50\nSouth;Anvil;10,00\nSouth;Rocket;20,25\nSouth total;;30,25\n"
        "Grand total;;1.363,75\n\nSource: ERP\n", 4),
    "subtotals of two columns and a firm called Total": (
        "Region,Sales\nKiel,10\nBonn,20\nNorth total,30\nUlm,5\nBern,6\nSouth total,11\n"
        "Total Energies,7\nGrand total,48\n", 5),
    "German sums": (
        "Filiale;Umsatz\nNord A;1.000\nNord B;234\nSumme Nord;1.234\nSüd A;5\nSüd B;6\n"
        "Summe Süd;11\n", 4),
    "pages": (
        "Date,Item,Amount\n2026-01-01,A,10\n2026-01-02,B,20\nPage 1 of 2,,\n\n"
        "Date,Item,Amount\n2026-01-03,C,30\n2026-01-04,D,40\nPage 2 of 2,,\nTotal,,100\n", 4),
    "open tickets at the end": (f"Ticket,Opened,Closed\n{TICKETS}T8,2026-03-09,\nT9,,\n", 9),
    "a remark below two columns": ("Region,Sales\nNorth,10\nSouth,20\nEast,30\n* early\n", 3),
    "another table below": (
        "Item,Qty,Price\nA,1,2.5\nB,2,3.5\nC,3,1.0\n\nRegion,Head,Budget\nN,Ann,10\nS,Bo,20\n", 3),
    "headings of blocks": (
        "Item,Units,Price\nAll of North,,\nAnvil,1,10\nRocket,2,20\nSouth,,\nAnvil,3,30\n"
        "Rocket,4,40\n", 6),
    "totals over their parts": (
        "Region,Kind,Sales\nNorth,Total,30\nNorth,a,10\nNorth,b,20\nSouth,Total,11\nSouth,a,5\n"
        "South,b,6\n", 4),
    "a table below facts": ("Company,ACME\nYear,2026\nVersion,3\n\nRegion,Units,Sales\nN,1,2.5\n"
                            "S,3,4.5\nE,5,1.5\n", 3),
}  # fmt: skip


def source_of(folder: Path, text: str) -> dict[str, Any]:
    """Give how the table finder says a text is to be read."""
    path = folder / "table.csv"
    path.write_text(text)
    (found,) = Schema.model_validate(probing.main([str(path)])).tables
    parts = found.model_dump(include=set(Source.model_fields))
    return Source.model_validate(parts).model_dump(mode="json")


@pytest.mark.parametrize(("text", "rows"), MESSES.values(), ids=MESSES)
def test_other_eyes_agree_with_the_table_finder(tmp_path: Path, text: str, rows: int) -> None:
    said = read_whole.check(tmp_path, {"source": source_of(tmp_path, text)})
    assert f": {rows} rows read" in said


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a subtotal": ("subtotals named after their group", {"skip_rows": []}, "is a total"),
    "the grand total": ("subtotals named after their group", {"skip_footer": 2}, "is a total"),
    "a lost row": ("pages", {"skip_rows": [1, 3, 5]}, "1 of 4 data rows are not read"),
    "a lost ticket": ("open tickets at the end", {"skip_footer": 2}, "data rows are not read"),
    "a page mark": ("pages", {"skip_rows": [5]}, "is a remark"),
    "rows above": ("headings of blocks", {"header_row": 2}, "below data from row"),
}  # fmt: skip


@pytest.mark.parametrize(("mess", "change", "said"), WRONG.values(), ids=WRONG)
def test_other_eyes_object_to_a_reading_that_is_wrong(
    tmp_path: Path, mess: str, change: dict[str, Any], said: str
) -> None:
    wrong = {**source_of(tmp_path, MESSES[mess][0]), **change}
    with pytest.raises(FailedError, match=said):
        read_whole.check(tmp_path, {"source": wrong})


def test_a_total_that_a_filter_leaves_out_is_not_counted(tmp_path: Path) -> None:
    source = source_of(tmp_path, MESSES["subtotals named after their group"][0])
    question = {"title": "Sum", "measures": [{"column": "Revenue", "label": "Sum"}],
                "filters": [{"column": "Region", "op": "not_in",
                             "value": ["North total", "South total"]}]}  # fmt: skip
    asked = {"source": {**source, "skip_rows": []}, "question": question}
    read_whole.check(tmp_path, {"asked": asked})
