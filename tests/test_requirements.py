"""docs/requirements.md and the tests say the same: every requirement stands there once, and what
is called met is proved by a test that carries its id.

Owns the reading of that table and of the tags. Must never run or import a test to find its tags.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs/requirements.md"
KNOWN = frozenset(f"R{n:03}" for n in (*range(1, 223), *range(301, 318)))
STATES = frozenset({"met", "partly", "open"})
_TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    id: str
    wording: str
    state: str
    proof: str

    @property
    def tests(self) -> list[str]:
        return _TEST.findall(self.proof)


def rows() -> list[Row]:
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\|\s*R\d", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            assert len(cells) == 4, f"a row has four cells: {line}"
            found.append(Row(*cells))
    return found


def tags() -> dict[str, set[str]]:
    """Give the ids each test carries, by `path::name`, read from its decorators."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = _module_ids(tree)
        for name, decorators in _tests(tree):
            ids = {i for d in decorators for i in _ids(d)} | module
            key = f"{path.relative_to(ROOT)}::{name}"
            assert key not in found, f"{key} is written twice"
            found[key] = ids
    return found


def _tests(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_":
            yield node.name, node.decorator_list


def _module_ids(tree: ast.Module) -> set[str]:
    """Give the ids of `pytestmark`, which every test of a module carries."""
    assigned = [n for n in tree.body if isinstance(n, ast.Assign)]
    marks = [n.value for n in assigned if any(_named(t, "pytestmark") for t in n.targets)]
    return {i for mark in marks for node in ast.walk(mark) for i in _ids(node)}


def _ids(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Call) or not _named(node.func, "requirement"):
        return []
    return [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]


def _named(node: ast.expr, name: str) -> bool:
    return getattr(node, "id", getattr(node, "attr", "")) == name


def test_every_requirement_stands_in_the_table_exactly_once() -> None:
    ids = [row.id for row in rows()]
    assert sorted(KNOWN - set(ids)) == [], "absent"
    assert sorted(set(ids) - KNOWN) == [], "unknown"
    assert len(ids) == len(set(ids))


def test_every_row_has_words_a_known_state_and_says_what_proves_it_or_what_is_missing() -> None:
    for row in rows():
        assert row.wording, row.id
        assert row.state in STATES, row.id
        if row.state != "open":
            assert row.tests, f"{row.id} is called {row.state} and names no test"
        if row.state == "partly":
            assert _TEST.sub("", row.proof).strip(" ,;"), f"{row.id} does not say what is missing"
        if row.state == "open":
            assert not row.tests, f"{row.id} is called open and names a test"


def test_the_sums_above_the_table_are_its_own() -> None:
    states = [row.state for row in rows()]
    sums = ", ".join(f"{states.count(state)} {state}" for state in ("met", "partly", "open"))
    assert f"Today: {sums}." in TABLE.read_text(encoding="utf-8")


def test_every_test_the_table_names_exists_and_carries_the_id() -> None:
    known = tags()
    for row in rows():
        for test in row.tests:
            assert test in known, f"{row.id} names {test}, which does not exist"
            assert row.id in known[test], f"{test} does not carry {row.id}"


def test_what_a_test_claims_to_prove_is_not_called_open() -> None:
    state = {row.id: row.state for row in rows()}
    claims = [(name, test) for test, ids in tags().items() for name in sorted(ids)]
    assert [claim for claim in claims if claim[0] not in KNOWN] == []
    assert [claim for claim in claims if state[claim[0]] == "open"] == []
