"""The spreadsheet functions that the recomputation knows.

Owns their meaning. A function that is not here is not checked, never passed over.
"""

from __future__ import annotations

import fnmatch
import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from deputy.agent.checks.sandboxed.evaluation import (
    Area,
    CellError,
    Evaluator,
    Grid,
    Scope,
    Value,
    flat,
)
from deputy.agent.checks.sandboxed.expressions import Call, Node
from deputy.agent.checks.sandboxed.spreadsheets import ErrorValue, Scalar, Workbook
from deputy.agent.checks.sandboxed.verdicts import UncheckedError

COMPARED = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le,
            ">": operator.gt, ">=": operator.ge}  # fmt: skip
CRITERION = re.compile(r"(<>|<=|>=|=|<|>)?(.*)", re.DOTALL)


def evaluator(book: Workbook) -> Evaluator:
    """Give an evaluator of this workbook's formulas."""
    return Evaluator(book, call, operate)


def operate(sign: str, operands: list[Scalar | Grid]) -> Value:
    """Apply an operator, element by element where an operand is a grid."""
    if not any(isinstance(one, list) for one in operands):
        return _single(sign, *operands)  # type: ignore[arg-type]
    grids = [one if isinstance(one, list) else [[one]] for one in operands]
    rows = max(len(grid) for grid in grids)
    columns = max(len(grid[0]) for grid in grids)

    def at(grid: Grid, row: int, column: int) -> Scalar:
        return grid[row if len(grid) > 1 else 0][column if len(grid[0]) > 1 else 0]

    return [
        [_single(sign, *(at(grid, row, column) for grid in grids)) for column in range(columns)]
        for row in range(rows)
    ]


def _single(sign: str, *operands: Scalar) -> Scalar:
    for one in operands:
        if isinstance(one, ErrorValue):
            raise CellError(str(one))
    if sign == "negate":
        return -number(operands[0])
    first, second = operands
    if sign == "&":
        return text(first) + text(second)
    if sign in COMPARED:
        return bool(COMPARED[sign](*_comparable(first, second)))
    a, b = number(first), number(second)
    if sign == "/" and b == 0:
        raise CellError("#DIV/0!")
    try:
        return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign in "+-*" else (
            a / b if sign == "/" else a**b)  # fmt: skip
    except (OverflowError, ZeroDivisionError) as wrong:
        raise CellError("#NUM!") from wrong


def _comparable(first: Scalar, second: Scalar) -> tuple[tuple[int, float | str], ...]:
    """Order as spreadsheets do: numbers, then text without case, then truth values."""
    pair = []
    for one, other in ((first, second), (second, first)):
        value = one
        if value is None:
            value = "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0
        kind = 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0
        pair.append((kind, value.casefold() if isinstance(value, str) else float(value)))
    return tuple(pair)


def number(value: Scalar) -> float:
    """Read a value as a number, as arithmetic does."""
    if isinstance(value, ErrorValue):
        raise CellError(str(value))
    if value is None:
        return 0.0
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError as wrong:
            raise CellError("#VALUE!") from wrong
    return float(value)


def text(value: Scalar) -> str:
    """Write a value as the & operator does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def call(scope: Scope, node: Call) -> Value:
    """Evaluate a function by name."""
    if node.function in LAZY:
        return LAZY[node.function](scope, node.arguments)
    if node.function not in FUNCTIONS:
        raise UncheckedError(f"The function {node.function} is not supported.")
    return FUNCTIONS[node.function](scope, [scope.value(one) for one in node.arguments])


def _if(scope: Scope, nodes: tuple[Node, ...]) -> Value:
    if _truth(scope.scalar(scope.value(nodes[0]))):
        return scope.value(nodes[1])
    return scope.value(nodes[2]) if len(nodes) > 2 else False


def _if_error(scope: Scope, nodes: tuple[Node, ...]) -> Value:
    try:
        return scope.scalar(scope.value(nodes[0]))
    except CellError:
        return scope.value(nodes[1])


def _is_number(scope: Scope, nodes: tuple[Node, ...]) -> Value:
    try:
        return _numeric(scope.scalar(scope.value(nodes[0])))
    except CellError:
        return False


def _truth(value: Scalar) -> bool:
    if isinstance(value, str):
        raise CellError("#VALUE!")
    return bool(value)


def _numeric(value: Scalar) -> bool:
    return isinstance(value, float) and not isinstance(value, bool)


def _numbers(scope: Scope, values: list[Value]) -> list[float]:
    """Collect numbers: in areas text, blanks and truth values are passed over."""
    found: list[float] = []
    for value in values:
        lifted = scope.lift(value)
        if not isinstance(value, Area | list):
            if value is not None:
                found.append(number(lifted))  # type: ignore[arg-type]
            continue
        for cell in flat(lifted):
            if isinstance(cell, ErrorValue):
                raise CellError(str(cell))
            if _numeric(cell):
                found.append(float(cell))  # type: ignore[arg-type]
    return found


def _aggregate(function: Callable[[list[float]], float]) -> Callable[[Scope, list[Value]], Value]:
    return lambda scope, values: function(_numbers(scope, values))


def _mean(values: list[float]) -> float:
    if not values:
        raise CellError("#DIV/0!")
    return math.fsum(values) / len(values)


def _mask(scope: Scope, pairs: list[Value]) -> list[bool]:
    """Tell which cells satisfy all pairs of area and criterion."""
    mask: list[bool] | None = None
    for area, criterion in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(area, Area):
            raise UncheckedError("A criterion is applied to something that is no range.")
        wanted = scope.scalar(criterion)
        key = (area, repr(wanted))
        masks = scope.evaluator.masks
        if key not in masks:
            fits = _criterion(wanted)
            masks[key] = [fits(cell) for cell in flat(scope.evaluator.grid(area))]
        both = masks[key]
        if mask is not None and len(mask) != len(both):
            raise CellError("#VALUE!")
        mask = both if mask is None else [a and b for a, b in zip(mask, both, strict=True)]
    return mask or []


def _criterion(wanted: Scalar) -> Callable[[Scalar], bool]:
    """Read a criterion such as 5, "north*" or ">=45000"."""
    if not isinstance(wanted, str):
        value = 0.0 if wanted is None else wanted
        return lambda cell: type(cell) is type(value) and cell == value
    found = CRITERION.fullmatch(wanted)
    sign, rest = (found.group(1) or "=", found.group(2)) if found else ("=", wanted)
    try:
        bound = float(rest)
    except ValueError:
        return _text_criterion(sign, rest)
    compare = COMPARED[sign]
    if sign == "<>":
        return lambda cell: not (_numeric(cell) and cell == bound)
    if sign == "=":
        return lambda cell: cell == bound if _numeric(cell) else _same_number(cell, bound)
    return lambda cell: _numeric(cell) and bool(compare(float(cell), bound))  # type: ignore[arg-type]


def _same_number(cell: Scalar, bound: float) -> bool:
    try:
        return isinstance(cell, str) and float(cell) == bound
    except ValueError:
        return False


def _text_criterion(sign: str, rest: str) -> Callable[[Scalar], bool]:
    if not rest:
        return lambda cell: (cell is not None) == (sign == "<>")
    if sign not in ("=", "<>"):
        raise UncheckedError("A criterion orders text; that is not supported.")
    literal = re.sub(r"~([*?~])", lambda m: f"[{m.group(1)}]", rest.replace("[", "[[]"))
    pattern = re.compile(fnmatch.translate(literal.casefold()), re.DOTALL)

    def fits(cell: Scalar) -> bool:
        return isinstance(cell, str) and bool(pattern.fullmatch(cell.casefold()))

    return fits if sign == "=" else lambda cell: not fits(cell)


def _chosen(scope: Scope, target: Value, pairs: list[Value]) -> list[float]:
    """Give the numbers of `target` where the criteria hold."""
    mask = _mask(scope, pairs)
    cells = flat(scope.lift(target))
    if len(cells) != len(mask):
        raise CellError("#VALUE!")
    hits = [cell for cell, hit in zip(cells, mask, strict=True) if hit]
    for cell in hits:
        if isinstance(cell, ErrorValue):
            raise CellError(str(cell))
    return [float(cell) for cell in hits if _numeric(cell)]  # type: ignore[arg-type]


def _ifs(function: Callable[[list[float]], float]) -> Callable[[Scope, list[Value]], Value]:
    return lambda scope, values: function(_chosen(scope, values[0], values[1:]))


def _sum_if(scope: Scope, values: list[Value]) -> Value:
    return math.fsum(_chosen(scope, values[2] if len(values) > 2 else values[0], values[:2]))


def _average_if(scope: Scope, values: list[Value]) -> Value:
    return _mean(_chosen(scope, values[2] if len(values) > 2 else values[0], values[:2]))


def _sum_product(scope: Scope, values: list[Value]) -> Value:
    columns = [flat(scope.lift(value)) for value in values]
    if len({len(column) for column in columns}) != 1:
        raise CellError("#VALUE!")
    total = []
    for row in zip(*columns, strict=True):
        for cell in row:
            if isinstance(cell, ErrorValue):
                raise CellError(str(cell))
        product = 1.0
        for cell in row:
            product *= float(cell) if _numeric(cell) else 0.0
        total.append(product)
    return math.fsum(total)


def _index(scope: Scope, values: list[Value]) -> Value:
    if not isinstance(values[0], Area):
        raise UncheckedError("INDEX is applied to something that is no range.")
    area = values[0]
    places = [int(number(scope.scalar(value))) for value in values[1:]]
    rows, columns = area.shape
    if len(places) == 1:
        places = [1, places[0]] if rows == 1 else [places[0], 1]
    if not (1 <= places[0] <= rows and 1 <= places[1] <= columns):
        raise CellError("#REF!")
    at = (area.first[0] + places[0] - 1, area.first[1] + places[1] - 1)
    return Area(area.sheet, at, at)


def _match(scope: Scope, values: list[Value]) -> Value:
    if len(values) < 3 or number(scope.scalar(values[2])) != 0:
        raise UncheckedError("MATCH is supported for exact matches only.")
    wanted = scope.scalar(values[0])
    fits = _text_criterion("=", wanted) if isinstance(wanted, str) else _criterion(wanted)
    for place, cell in enumerate(flat(scope.lift(values[1])), start=1):
        if fits(cell):
            return float(place)
    raise CellError("#N/A")


def _nth(largest: bool) -> Callable[[Scope, list[Value]], Value]:
    def function(scope: Scope, values: list[Value]) -> Value:
        ordered = sorted(_numbers(scope, values[:1]), reverse=largest)
        place = int(number(scope.scalar(values[1])))
        if not 1 <= place <= len(ordered):
            raise CellError("#NUM!")
        return ordered[place - 1]

    return function


def _rank(scope: Scope, values: list[Value]) -> Value:
    own, all_of = number(scope.scalar(values[0])), _numbers(scope, values[1:2])
    ascending = len(values) > 2 and number(scope.scalar(values[2])) != 0
    if own not in all_of:
        raise CellError("#N/A")
    return 1.0 + sum(1 for one in all_of if (one < own if ascending else one > own))


def _round(scope: Scope, values: list[Value]) -> Value:
    value = number(scope.scalar(values[0]))
    digits = int(number(scope.scalar(values[1]))) if len(values) > 1 else 0
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _logic(join: Callable[[list[bool]], bool]) -> Callable[[Scope, list[Value]], Value]:
    def function(scope: Scope, values: list[Value]) -> Value:
        cells = [cell for value in values for cell in flat(scope.lift(value))]
        return join([_truth(cell) for cell in cells if cell is not None])

    return function


def _n(scope: Scope, values: list[Value]) -> Value:
    value = scope.scalar(values[0])
    return float(value) if isinstance(value, float | bool) else 0.0


def _count_filled(scope: Scope, values: list[Value]) -> Value:
    return float(sum(c is not None for value in values for c in flat(scope.lift(value))))


def _count_numbers(scope: Scope, values: list[Value]) -> Value:
    return float(sum(_numeric(c) for value in values for c in flat(scope.lift(value))))


def _rows(scope: Scope, values: list[Value]) -> Value:
    lifted = values[0]
    return float(lifted.shape[0] if isinstance(lifted, Area) else len(flat(scope.lift(lifted))))


def _median(values: list[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    if not values:
        raise CellError("#NUM!")
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _subtotal(scope: Scope, values: list[Value]) -> Value:
    kind = int(number(scope.scalar(values[0]))) % 100
    known = {1: "AVERAGE", 2: "COUNT", 3: "COUNTA", 4: "MAX", 5: "MIN", 9: "SUM"}
    if kind not in known:
        raise UncheckedError(f"SUBTOTAL {kind} is not supported.")
    return FUNCTIONS[known[kind]](scope, values[1:])


LAZY: dict[str, Callable[[Scope, tuple[Node, ...]], Value]] = {
    "IF": _if, "IFERROR": _if_error, "ISNUMBER": _is_number,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[[Scope, list[Value]], Value]] = {
    "SUM": _aggregate(math.fsum), "AVERAGE": _aggregate(_mean), "MEDIAN": _aggregate(_median),
    "MIN": _aggregate(lambda v: min(v, default=0.0)),
    "MAX": _aggregate(lambda v: max(v, default=0.0)),
    "COUNT": _count_numbers, "COUNTA": _count_filled, "ROWS": _rows, "N": _n,
    "SUMIFS": _ifs(math.fsum), "AVERAGEIFS": _ifs(_mean),
    "MINIFS": _ifs(lambda v: min(v, default=0.0)), "MAXIFS": _ifs(lambda v: max(v, default=0.0)),
    "SUMIF": _sum_if, "AVERAGEIF": _average_if,
    "COUNTIFS": lambda scope, values: float(sum(_mask(scope, values))),
    "COUNTIF": lambda scope, values: float(sum(_mask(scope, values))),
    "SUMPRODUCT": _sum_product, "INDEX": _index, "MATCH": _match,
    "LARGE": _nth(largest=True), "SMALL": _nth(largest=False),
    "RANK": _rank, "RANK.EQ": _rank, "ROUND": _round,
    "ABS": lambda scope, values: abs(number(scope.scalar(values[0]))),
    "AND": _logic(all), "OR": _logic(any),
    "NOT": lambda scope, values: not _truth(scope.scalar(values[0])),
    "SUBTOTAL": _subtotal,
}  # fmt: skip
