"""The checks' own formula evaluator agrees with what spreadsheets document."""

from __future__ import annotations

from typing import Any

import pytest

from deputy.agent.checks.sandboxed.functions import evaluator
from deputy.agent.checks.sandboxed.spreadsheets import (
    ErrorValue,
    Formula,
    Sheet,
    Table,
    Workbook,
)
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

CELLS: dict[tuple[int, int], Any] = {
    (1, 1): "Name", (1, 2): "It's #1 [x]", (1, 3): "Day",
    (2, 1): "North*", (2, 2): 10.0, (2, 3): 45_000.0,
    (3, 1): "north", (3, 2): 20.0, (3, 3): 45_010.0,
    (4, 1): "South", (4, 2): -5.5, (4, 3): 45_020.0,
    (5, 1): "South", (5, 2): "n/a", (5, 3): 45_030.0,
    (6, 1): "Total", (6, 2): 24.5, (7, 2): ErrorValue("#N/A"),
}  # fmt: skip


def value_of(text: str, shift: tuple[int, int] = (0, 0)) -> Any:
    """Evaluate a formula that stands in E3 of the sheet."""
    sheet = Sheet("My sheet", dict(CELLS), {(3, 5): Formula(text, shift)}, rows=7, columns=5)
    headings = ("Name", "It's #1 [x]", "Day")
    table = Table("T", "My sheet", (1, 1), (6, 3), headings, 1, 1)
    book = Workbook({"My sheet": sheet}, {"t": table}, {"start": "'My sheet'!$C$3"})
    return evaluator(book).cell("My sheet", (3, 5))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+2*3", 7.0), ("(1+2)*3", 9.0), ("-2^2", 4.0), ("2^3^2", 64.0), ("10%", 0.1),
        ("1=1", True), ('"a"="A"', True), ('"b">1', True), ("1&2", "12"), ('""""&"x"', '"x'),
        ("1/0", ErrorValue("#DIV/0!")), ('"x"+1', ErrorValue("#VALUE!")),
        ('IFERROR(1/0,"n/a")', "n/a"), ("IF(1>2,1)", False), ("IF(FALSE,1/0,3)", 3.0),
        ("SUM(B2:B5)", 24.5),
        ("SUM(T[[It''s '#1 '[x']]])", 24.5),
        ("T[[#Totals],[It''s '#1 '[x']]]", 24.5),
        ("T[[#This Row],[Day]]", 45_010.0), ("T[@Day]", 45_010.0), ("COUNT(B2:B5,1)", 4.0),
        ("COUNTA(B2:B5)", 4.0), ("AVERAGE(B2:B4)", 24.5 / 3), ("MIN(B2:B5)", -5.5),
        ("MAX(B:B)", ErrorValue("#N/A")), ('SUMIFS(B2:B5,A2:A5,"north")', 20.0),
        ('SUMIFS(B2:B5,A2:A5,"north*")', 30.0), ('SUMIFS(B2:B5,A2:A5,"North~*")', 10.0),
        ('SUMIFS(B2:B5,C2:C5,">="&start,C2:C5,"<"&start+20)', 14.5),
        ('SUMIF(A2:A5,"south",B2:B5)', -5.5), ('COUNTIFS(A2:A5,"<>south")', 2.0),
        ('COUNTIF(B2:B5,">0")', 2.0), ('AVERAGEIFS(B2:B5,A2:A5,"x")', ErrorValue("#DIV/0!")),
        ('_xlfn.MAXIFS(B2:B5,A2:A5,"s*")', -5.5),
        ("SUMPRODUCT((A2:A5=A3)*(C2:C5>0),C2:C5)", 45_010.0),
        ("INDEX(A2:A5,MATCH(20,B2:B5,0))", "north"), ("MATCH(99,B2:B5,0)", ErrorValue("#N/A")),
        ("LARGE(B2:B5,2)", 10.0), ("SMALL(B2:B5,1)", -5.5), ("RANK(10,B2:B5)", 2.0),
        ("RANK(10,B2:B5,1)", 2.0), ("ROUND(2.5,0)", 3.0), ("ROUND(-2.345,2)", -2.35),
        ("ABS(B4)", 5.5), ("AND(TRUE,1,B2>0)", True), ("OR(FALSE,0)", False), ("NOT(0)", True),
        ('N("x")', 0.0), ("ROWS(B2:B5)", 4.0), ("ISNUMBER(B7)", False),
        ("SUBTOTAL(109,B2:B4)", 24.5),
        ("Z99", 0.0), ("nowhere", ErrorValue("#NAME?")), ("Gone!A1", ErrorValue("#REF!")),
        ("T[Absent]", ErrorValue("#REF!")), ("B7+1", ErrorValue("#N/A")),
    ],
)  # fmt: skip
def test_a_formula_gives_what_a_spreadsheet_gives(text: str, expected: Any) -> None:
    found = value_of(text)
    assert type(found) is type(expected)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_a_shared_formula_moves_its_relative_references_only() -> None:
    assert value_of("B2+$B$2", shift=(1, 0)) == 30.0


@pytest.mark.parametrize(
    "text",
    ["NOW()", "VLOOKUP(1,A1:B2,2)", "B2:B5", "{1,2}", "E3+1", "MATCH(1,B2:B5,1)", "1+", ")",
     "(" * 200 + "1" + ")" * 200],
)  # fmt: skip
def test_what_is_not_understood_is_never_taken_for_right(text: str) -> None:
    with pytest.raises(UncheckedError):
        value_of(text)
