"""The borders between planes: the contracts of pyproject.toml, and the two that need a list.

It must never allow an exception to a border; a border moves by changing the design.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/deputy"
# Pure computation; everything else the core needs comes in through a port.
CORE_MAY_IMPORT = frozenset({"cedarpy", "deputy", "pydantic", "rfc8785"})
# Paths as text are rules; paths as files are not the core's business.
PATHS_AS_TEXT = frozenset({"PurePath", "PurePosixPath"})
DEFINES_TABLES = frozenset({"Column", "DeclarativeBase", "Table", "mapped_column"})
CLOCKS_AND_CHANCE = frozenset({"now", "utcnow", "today", "open", "input", "print"})


def modules_below(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def called_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name


def test_every_import_contract_is_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_core_imports_the_standard_library_and_pure_computation_only() -> None:
    for path, tree in modules_below(SOURCE / "core"):
        tops = {name.partition(".")[0] for name in imports_of(tree)}
        assert tops <= CORE_MAY_IMPORT | sys.stdlib_module_names, path


def test_the_core_knows_paths_as_text_only() -> None:
    for path, tree in modules_below(SOURCE / "core"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "pathlib":
                assert {alias.name for alias in node.names} <= PATHS_AS_TEXT, path
            elif isinstance(node, ast.Import):
                assert "pathlib" not in {alias.name for alias in node.names}, path


def test_only_stores_and_journals_define_tables() -> None:
    for path, tree in modules_below(SOURCE):
        inside = path.relative_to(SOURCE).parts
        if inside[0] != "journals" and inside[1:2] != ("store",):
            taken = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
                for alias in node.names
            }
            assert not DEFINES_TABLES & taken, path


def test_the_core_reads_no_clock_and_no_file() -> None:
    for path, tree in modules_below(SOURCE / "core"):
        assert not CLOCKS_AND_CHANCE & set(called_names(tree)), path


def test_what_runs_inside_the_sandbox_needs_the_standard_library_alone() -> None:
    for path, tree in modules_below(SOURCE / "execution/guest"):
        for name in imports_of(tree):
            own = name == "deputy.execution.guest" or name.startswith("deputy.execution.guest.")
            assert own or name.partition(".")[0] in sys.stdlib_module_names, (path, name)
