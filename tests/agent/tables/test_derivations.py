"""Wide tables made long and computed columns mean the same to the report and to its checks.

Owns the two routes' agreement: examples of each kind, and small random tables.
"""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.agent.checks.sandboxed.shaping import ShapedRows
from deputy.agent.checks.sandboxed.verdicts import UncheckedError
from deputy.agent.plans import Derived, Tables, Unpivot
from tests.agent.tables.reading import read_all

STOCK = (
    "Item,Units,Price,Reorder,Opened,Closed\n"
    'Bolt,3,"€ 1,250.50",5,2026-01-30,2026-02-02\n'
    "Nut,,2.5,0,2026-02-28 18:00,2026-03-01 06:00\n"
    "Cog,0.3,0.1,0,,2026-03-01\n"
    "Pin,(4),oops,0.3,2026-03-02,2026-03-01\n"
)
BUDGET = "Dept,Jan,Feb,Mar\nSales,10,,30\nOps,1,2,\n"
FEBRUARY = "dept,mar,Jan\nIT,7,8\n"
MANAGERS = "Month,Season\nJAN,Winter\nmar,Spring\n"
LONG = {"columns": ["jan", "Feb", "Mar"], "name": "Month", "value": "Budget"}


def one(how: str, *of: str, name: str = "Found") -> dict[str, Any]:
    return {"name": name, "how": how, "of": list(of)}


ASKED: dict[str, dict[str, Any]] = {
    "a sum": {"derived": [one("sum", "Units", "Reorder", "Price")]},
    "a difference": {"derived": [one("difference", "Units", "Reorder")]},
    "a product": {"derived": [one("product", "Units", "Price")]},
    "a quotient": {"derived": [one("quotient", "Units", "Reorder")]},
    "days": {"derived": [one("days", "Opened", "Closed")]},
    "hours": {"derived": [one("hours", "Opened", "Closed")]},
    "one from another": {"derived": [one("product", "Units", "Price", name="Value"),
                                     one("difference", "Value", "units")]},
    "no column": {"derived": [one("product", "Units", "Cost")]},
    "no numbers": {"derived": [one("product", "Units", "Item")]},
    "no dates": {"derived": [one("days", "Opened", "Item")]},
    "a clash": {"derived": [one("sum", "Units", "Price", name=" price ")]},
    "a later one": {"derived": [one("sum", "Units", "Value"),
                                one("product", "Units", "Price", name="Value")]},
    "long": {"source": "budget.csv", "unpivot": LONG},
    "long and looked up": {
        "source": "budget.csv", "more": ["february.csv"], "unpivot": LONG,
        "join": {"source": "managers.csv", "on": [["Month", "Month"]]},
        "derived": [one("product", "Budget", "Budget")],
    },
    "a long clash": {"source": "budget.csv", "unpivot": {**LONG, "name": "dept"}},
    "long twice": {"source": "budget.csv", "unpivot": {**LONG, "columns": ["Jan", "JAN"]}},
    "nothing to make long": {"source": "budget.csv",
                             "unpivot": {**LONG, "columns": ["Jan", "May"]}},
    "a full year": {"source": "budget.csv", "derived": [one("sum", "Jan", "Feb", "Mar")]},
}  # fmt: skip
EXPECTED: dict[str, list[float | None]] = {
    "a sum": [1258.5, 2.5, 0.4, -3.7],
    "a difference": [-2, None, 0.3, -4.3],
    "a product": [3751.5, None, 0.03, None],
    "a quotient": [0.6, None, None, -13.333333333333334],
    "days": [3, 0.5, None, -1],
    "hours": [72, 12, None, -24],
    "one from another": [3748.5, None, -0.27, None],
    "long and looked up": [100, None, 900, 1, 4, None, 64, None, 49],
    "a full year": [40, 3],
}
CURES = {
    "no column": "There is no column 'Cost'",
    "no numbers": "Column 'Item' holds no numbers",
    "no dates": "Column 'Item' holds no dates",
    "a clash": "has a column ' price ' already",
    "a later one": "There is no column 'Value'",
    "a long clash": "has a column 'dept' already",
    "long twice": "Name each column once",
    "nothing to make long": "There is no column 'May'",
}


def stated(folder: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Give a statement as a program gets it: validated, with sources as paths."""

    def at(name: str) -> dict[str, Any]:
        return {"path": str(folder / name)}

    whole = {**asked, "source": at(asked.get("source", "stock.csv")),
             "more": [at(name) for name in asked.get("more", ())]}  # fmt: skip
    if "join" in asked:
        whole["join"] = {**asked["join"], "source": at(asked["join"]["source"])}
    return Tables.model_validate(whole).model_dump(mode="json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("tables")
    for name, text in (("stock", STOCK), ("budget", BUDGET), ("february", FEBRUARY),
                       ("managers", MANAGERS)):  # fmt: skip
        (made / f"{name}.csv").write_text(text)
    return made


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, dict[str, Any]]:
    every = [stated(folder, asked) for asked in ASKED.values()]
    return dict(zip(ASKED, read_all(folder, *every), strict=True))


@pytest.mark.parametrize("case", EXPECTED)
def test_a_computed_column_holds_what_its_row_says(
    told: dict[str, Any], folder: Path, case: str
) -> None:
    assert [row[-1] for row in told[case]["rows"]] == EXPECTED[case]
    checked = ShapedRows(stated(folder, ASKED[case])).column("Found")
    assert checked.cells() == EXPECTED[case]


def test_a_wide_table_made_long_keeps_the_order_of_rows_and_of_columns(
    told: dict[str, Any], folder: Path
) -> None:
    assert told["long"]["headings"] == ["Dept", "Month", "Budget"]
    assert told["long"]["rows"] == [
        ["Sales", "Jan", "10"], ["Sales", "Feb", None], ["Sales", "Mar", "30"],
        ["Ops", "Jan", "1"], ["Ops", "Feb", "2"], ["Ops", "Mar", None],
    ]  # fmt: skip
    assert told["long"]["attrs"]["orders"] == {"Month": ["Jan", "Feb", "Mar"]}
    rows = ShapedRows(stated(folder, ASKED["long"]))
    assert rows.count == 6
    assert rows.column("month").labels() == ["Jan", "Feb", "Mar"] * 2
    assert rows.column("Dept").labels() == ["Sales"] * 3 + ["Ops"] * 3
    with pytest.raises(UncheckedError):
        rows.column("Jan")


def test_rows_made_long_are_stacked_before_and_looked_up_after(
    told: dict[str, Any], folder: Path
) -> None:
    seasons = ["Winter", "(blank)", "Spring"] * 3
    joined = told["long and looked up"]
    assert [row[3] or "(blank)" for row in joined["rows"]] == seasons
    assert joined["attrs"]["unmatched"] == 3
    rows = ShapedRows(stated(folder, ASKED["long and looked up"]))
    assert rows.column("Season").labels() == seasons


@pytest.mark.parametrize("case", CURES)
def test_what_cannot_be_made_is_refused_with_a_cure(
    told: dict[str, Any], folder: Path, case: str
) -> None:
    assert CURES[case] in told[case]["error"]
    with pytest.raises(UncheckedError):
        ShapedRows(stated(folder, ASKED[case]))


CELLS = st.one_of(
    st.just(""), st.integers(-50, 5_000).map(str), st.integers(-9_999, 9_999).map(
        lambda cents: f"{cents / 100:.2f}"), st.sampled_from(["n/a", "0", "1,234.50", "12-"]),
)  # fmt: skip
MOMENTS = st.integers(-30_000_000, 30_000_000).map(
    lambda minutes: dt.datetime(2000, 1, 1) + dt.timedelta(minutes=minutes)  # noqa: DTZ001
)
DAYS = st.one_of(
    st.just(""), MOMENTS.map(lambda moment: f"{moment:%Y-%m-%d}"),
    MOMENTS.map(lambda moment: f"{moment:%Y-%m-%d %H:%M}"),
)  # fmt: skip
NUMBERS = ("A", "B", "C")


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, Any]]:
    """Draw the rows of a table and how it is shaped."""
    rows = draw(st.lists(st.tuples(CELLS, CELLS, CELLS, DAYS, DAYS), min_size=1, max_size=4))
    rows.append(("1.5", "2", "0", "2026-01-01", "2026-02-01"))  # each column has something
    long = draw(st.booleans())
    known = ["A", "Figure"] if long else list(NUMBERS)
    derived = []
    for number in range(draw(st.integers(1, 3))):
        how = draw(st.sampled_from(["sum", "difference", "product", "quotient", "days", "hours"]))
        of = ["D", "E"] if how in ("days", "hours") else draw(
            st.lists(st.sampled_from(known), min_size=2, max_size=2))  # fmt: skip
        derived.append(Derived(name=f"X{number}", how=how, of=tuple(of)))
        known.append(f"X{number}")
    unpivot = Unpivot(columns=("C", "B"), name="Which", value="Figure") if long else None
    shape = {"unpivot": unpivot and unpivot.model_dump(), "derived": [d.model_dump()
                                                                     for d in derived]}  # fmt: skip
    return [list(row) for row in rows], shape


@settings(max_examples=4, deadline=None)
@given(drawn=st.lists(cases(), min_size=8, max_size=12))
def test_two_routes_compute_the_same_columns(
    drawn: list[tuple[list[list[str]], dict[str, Any]]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        every = []
        for number, (rows, shape) in enumerate(drawn):
            path = Path(place) / f"{number}.csv"
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([["A", "B", "C", "D", "E"], *rows])
            every.append({**Tables.model_validate(
                {"source": {"path": str(path)}, **shape}).model_dump(mode="json")})  # fmt: skip
        for planned, found in zip(every, read_all(Path(place), *every), strict=True):
            if "error" in found:
                with pytest.raises(UncheckedError):
                    ShapedRows(planned)
                continue
            rows = ShapedRows(planned)
            assert rows.count == len(found["rows"])
            for at, heading in enumerate(found["headings"]):
                if heading.startswith("X"):
                    cells = rows.column(heading).cells()
                    assert cells == [row[at] for row in found["rows"]], planned
