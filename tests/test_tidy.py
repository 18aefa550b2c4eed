"""The shape every source file keeps: it owns the limits on length and the demand for docstrings.

It must never learn exceptions; a file that does not fit is to be split.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LOOP_LINES_MAX = 59
VAGUE_NAMES = frozenset({"base", "common", "helpers", "manager", "misc", "util", "utils"})


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("path", sources("src", "tests", "bench"), ids=named)
def test_a_module_says_what_it_owns_and_stays_short(path: Path) -> None:
    tree = ast.parse(path.read_text())
    empty = not tree.body and path.name == "__init__.py" and path.is_relative_to(ROOT / "tests")
    assert empty or ast.get_docstring(tree), "the module has no docstring"
    assert lines_of(path) <= MODULE_LINES_MAX
    assert path.stem not in VAGUE_NAMES, "the name does not say what the module owns"


@pytest.mark.parametrize("path", sources("src", "tests", "bench"), ids=named)
def test_every_function_fits_on_a_screen(path: Path) -> None:
    long = {
        node.name: lines
        for node in functions(ast.parse(path.read_text()))
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert not long, f"functions longer than {FUNCTION_LINES_MAX} lines: {long}"


def test_the_loop_stays_readable_at_a_glance() -> None:
    loop = ROOT / "src/deputy/agent/loop.py"
    if loop.exists():
        assert lines_of(loop) <= LOOP_LINES_MAX
