"""Evaluates spreadsheet formulas over the cells of a workbook, formulas before stored values.

Owns what operators and references mean. Must never read the stored value of a formula's cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deputy.agent.checks.sandboxed.expressions import (
    AreaText,
    Call,
    Literal,
    Name,
    Node,
    Structured,
    parse,
)
from deputy.agent.checks.sandboxed.spreadsheets import (
    ErrorValue,
    Formula,
    Place,
    Scalar,
    Sheet,
    Workbook,
    column_number,
    name_of,
)
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

CALLS_DEEP_MAX = 200
AREA_CELLS_MAX = 2_000_000


class CellError(Exception):
    """An error value on its way up through a formula."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Area:
    """A rectangle of a sheet: first and last row and column."""

    sheet: str
    first: Place
    last: Place

    @property
    def shape(self) -> tuple[int, int]:
        """Give the number of rows and of columns."""
        return self.last[0] - self.first[0] + 1, self.last[1] - self.first[1] + 1


Grid = list[list[Scalar]]
Value = Scalar | Area | Grid
Function = Callable[["Scope", Call], Value]
Operation = Callable[[str, list[Scalar | Grid]], Value]
OPERATORS = frozenset(["negate", "=", "<>", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "^"])


class Evaluator:
    """Computes cells on demand, each once."""

    def __init__(self, book: Workbook, call: Function, operate: Operation) -> None:
        self.book, self.call, self.operate = book, call, operate
        self._known: dict[tuple[str, Place], Scalar] = {}
        self._open: set[tuple[str, Place]] = set()
        self._trees: dict[str, Node] = {}
        self._grids: dict[Area, Grid] = {}
        self.masks: dict[tuple[Area, str], list[bool]] = {}

    def cell(self, sheet: str, place: Place) -> Scalar:
        """Give a cell's value, computed if it holds a formula; errors come as `ErrorValue`."""
        page = self._sheet(sheet)
        formula = page.formulas.get(place)
        if formula is None:
            return page.values.get(place)
        key = (sheet, place)
        if key not in self._known:
            if key in self._open or len(self._open) > CALLS_DEEP_MAX:
                raise UncheckedError(f"{sheet}!{name_of(place)} refers to itself or too deeply.")
            self._open.add(key)
            try:
                self._known[key] = self._formula(sheet, place, formula)
            except CellError as wrong:
                self._known[key] = ErrorValue(wrong.code)
            finally:
                self._open.discard(key)
        return self._known[key]

    def _formula(self, sheet: str, place: Place, formula: Formula) -> Scalar:
        if formula.array:
            raise UncheckedError(f"{sheet}!{name_of(place)} holds an array over several cells.")
        if formula.text not in self._trees:
            self._trees[formula.text] = parse(formula.text)
        scope = Scope(self, sheet, place, formula.shift)
        found = scope.scalar(scope.value(self._trees[formula.text]))
        # A formula that refers to an empty cell shows zero.
        return 0.0 if found is None else found

    def _sheet(self, name: str) -> Sheet:
        for known, sheet in self.book.sheets.items():
            if known.casefold() == name.casefold():
                return sheet
        raise CellError("#REF!")

    def grid(self, area: Area) -> Grid:
        """Give an area's values, row by row."""
        if area not in self._grids:
            rows, columns = area.shape
            if rows * columns > AREA_CELLS_MAX:
                raise UncheckedError("A formula reads too many cells to be recomputed.")
            self._grids[area] = [
                [self.cell(area.sheet, (row, column))
                 for column in range(area.first[1], area.last[1] + 1)]
                for row in range(area.first[0], area.last[0] + 1)
            ]  # fmt: skip
        return self._grids[area]


@dataclass(frozen=True)
class Scope:
    """Where a formula stands: what relative references and @ mean."""

    evaluator: Evaluator
    sheet: str
    place: Place
    shift: Place

    def value(self, node: Node) -> Value:
        """Give the value of a tree: a scalar, an area or a grid."""
        if isinstance(node, Literal):
            if node.kind == "error":
                raise CellError(str(node.value))
            return node.value
        if isinstance(node, Structured):
            return self._structured(node)
        if isinstance(node, AreaText):
            return self._area(node)
        if isinstance(node, Name):
            return self._name(node)
        return self._call(node)

    def _call(self, node: Call) -> Value:
        if node.function in OPERATORS:
            operands = [self.lift(self.value(one)) for one in node.arguments]
            return self.evaluator.operate(node.function, operands)
        return self.evaluator.call(self, node)

    def lift(self, value: Value) -> Scalar | Grid:
        """Turn an area into its values; a single cell into a scalar."""
        if isinstance(value, Area):
            grid = self.evaluator.grid(value)
            return grid[0][0] if value.shape == (1, 1) else grid
        return value

    def scalar(self, value: Value) -> Scalar:
        """Give one value; an error in it travels on; several values cannot stand in one cell."""
        found = self.lift(value)
        if isinstance(found, list):
            if len(found) != 1 or len(found[0]) != 1:
                raise UncheckedError("A formula gives several values for one cell.")
            found = found[0][0]
        if isinstance(found, ErrorValue):
            raise CellError(str(found))
        return found

    def _name(self, node: Name) -> Value:
        text = self.evaluator.book.names.get(node.name.casefold())
        if text is None:
            raise CellError("#NAME?")
        return self.value(parse(text))

    def _area(self, node: AreaText) -> Area:
        sheet = node.sheet or self.sheet
        page = self.evaluator._sheet(sheet)
        corners = (self._corner(node.first), self._corner(node.last))
        rows = [row or edge for (row, _), edge in zip(corners, (1, max(1, page.rows)), strict=True)]
        columns = [column for _, column in corners]
        return Area(sheet, (min(rows), min(columns)), (max(rows), max(columns)))

    def _corner(self, text: str) -> tuple[int, int]:
        """Give row (0 for a whole column) and column, moved unless a dollar sign holds them."""
        fixed_column, rest = text.startswith("$"), text.removeprefix("$")
        letters = rest.rstrip("$0123456789")
        digits = rest[len(letters) :]
        column = column_number(letters) + (0 if fixed_column else self.shift[1])
        if not digits:
            return 0, column
        row = int(digits.removeprefix("$"))
        return row + (0 if digits.startswith("$") else self.shift[0]), column

    def _structured(self, node: Structured) -> Area:
        table = self.evaluator.book.tables.get(node.table.casefold())
        if table is None:
            raise CellError("#REF!")
        headings = [heading.casefold() for heading in table.columns]
        wanted = [column.casefold() for column in node.columns] or [headings[0], headings[-1]]
        if any(column not in headings for column in wanted):
            raise CellError("#REF!")
        left, right = (table.first[1] + headings.index(wanted[at]) for at in (0, -1))
        top, bottom = table.body
        rows = {(): (top, bottom), ("#data",): (top, bottom),
                ("#this row",): (self.place[0], self.place[0]),
                ("#totals",): (table.last[0], table.last[0]),
                ("#headers",): (table.first[0], table.first[0]),
                ("#all",): (table.first[0], table.last[0])}.get(node.items)  # fmt: skip
        if rows is None:
            raise UncheckedError(f"A reference to {', '.join(node.items)} is not supported.")
        return Area(table.sheet, (rows[0], left), (rows[1], right))


def flat(value: Scalar | Grid) -> list[Scalar]:
    """Give all values of a scalar or a grid in one list."""
    if isinstance(value, list):
        return [cell for row in value for cell in row]
    return [value]
