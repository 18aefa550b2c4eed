"""A source made long or added to by computed columns is looked at in the columns it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deputy.agent.checks.sandboxed import read_whole
from deputy.agent.checks.sandboxed.recomputation import answer
from deputy.agent.checks.sandboxed.verdicts import FailedError
from deputy.agent.plans import Asked

TICKETS = "Case,Opened,Closed,Units,Price\n" + "".join(
    f"T{day},0{day}/04/2026,1{day}/05/2026,{day},{day}.50\n" for day in range(1, 7)
)
BUDGET = "Dept,Jan,Feb,Mar\n" + "".join(f"D{n},{n}.5,{n},n/a\n" for n in range(1, 8))


def asked(path: Path, text: str, column: str, **shape: Any) -> dict[str, Any]:
    """Give the sum of a column as a question over a file of this text."""
    path.write_text(text)
    shape.setdefault("source", {"path": str(path), **shape.pop("how_read", {})})
    question = {"title": "Sum", "measures": [{"column": column, "label": "Sum"}],
                "groups": shape.pop("groups", [])}  # fmt: skip
    return Asked.model_validate({**shape, "question": question}).model_dump(mode="json")


def test_a_product_is_looked_at_in_its_factors(tmp_path: Path) -> None:
    derived = [{"name": "Value", "how": "product", "of": ["Units", "Price"]}]
    one = asked(tmp_path / "t.csv", TICKETS, "Value", derived=derived)
    assert "Units sums to 21.00; Price sums to 24.00" in read_whole.check(tmp_path, {"asked": one})
    assert answer(one).total[0].value == sum(n * (n + 0.5) for n in range(1, 7))


def test_days_need_dates_that_can_be_read_in_one_way(tmp_path: Path) -> None:
    derived = [{"name": "Days open", "how": "days", "of": ["Opened", "Closed"]}]
    one = asked(tmp_path / "t.csv", TICKETS, "Days open", derived=derived)
    with pytest.raises(FailedError, match="'Opened' can be read day first or month first"):
        read_whole.check(tmp_path, {"asked": one})
    told = asked(tmp_path / "t.csv", TICKETS, "Days open", derived=derived,
                 how_read={"day_order": "dmy"})  # fmt: skip
    read_whole.check(tmp_path, {"asked": told})
    assert answer(told).total[0].value == 6 * 40


@pytest.mark.parametrize("shape", [
    {"unpivot": {"columns": ["Jan", "Feb", "Mar"], "name": "Month", "value": "Budget"},
     "groups": [{"column": "Month", "label": "Month"}]},
    {"derived": [{"name": "Budget", "how": "sum", "of": ["Jan", "Feb", "Mar"]}]},
])  # fmt: skip
def test_columns_added_up_may_hold_nothing_yet(tmp_path: Path, shape: dict[str, Any]) -> None:
    one = asked(tmp_path / "b.csv", BUDGET, "Budget", **shape)
    assert "Budget sums to 59.50" in read_whole.check(tmp_path, {"asked": one})
    assert answer(one).total[0].value == 59.5
