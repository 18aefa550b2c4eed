"""The report program: one readable Python file that turns a plan into finished files.

Owns how its parts are joined. Must never run any of it on the product side.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files

PACKAGE = "deputy.agent.playbooks.reports.program"
PARTS = (
    "reading", "figures", "wording", "workbook", "styles", "summary", "sheets", "page", "plain",
    "running",
)  # fmt: skip
HEADER = '''"""Computes one report from one plan and writes it as Excel, PDF and CSV.

Runs in the sandbox with PARAMS["plan"]; prints one JSON line. It reads the source file, writes
below out/, and needs nothing else.
"""
'''
RULER = "# " + "-" * 96


@cache
def source() -> str:
    """Give the whole program: imports once at the top, then the parts in order."""
    imports: set[str] = set()
    bodies: list[str] = []
    for part in PARTS:
        text = files(PACKAGE).joinpath(f"{part}.py").read_text("utf-8")
        outside, body = _split(text)
        imports |= outside
        bodies.append(body)
    plain = sorted(line for line in imports if line.startswith("import "))
    named = sorted(line for line in imports if line.startswith("from "))
    head = "\n".join([HEADER, "from __future__ import annotations", "", *plain, *named])
    return "\n\n\n".join([head, *bodies]) + "\n"


def _split(text: str) -> tuple[set[str], str]:
    """Part a module into the imports it needs from outside and its code under its purpose."""
    tree = ast.parse(text)
    lines = text.splitlines()
    imports: set[str] = set()
    gone: set[int] = set()
    for node in tree.body:
        imported = isinstance(node, ast.Import | ast.ImportFrom)
        docstring = node is tree.body[0]
        if imported or docstring:
            gone.update(range(node.lineno - 1, (node.end_lineno or node.lineno)))
        if isinstance(node, ast.Import | ast.ImportFrom) and _outside(node):
            imports.add(ast.unparse(node))
    kept = [line for at, line in enumerate(lines) if at not in gone]
    purpose = (ast.get_docstring(tree) or "").splitlines()[0]
    return imports, f"{RULER}\n# {purpose}\n\n" + "\n".join(kept).strip()


def _outside(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import names a library, not another part of the program."""
    module = node.module if isinstance(node, ast.ImportFrom) else None
    return module is None or not (module.startswith("deputy.") or module == "__future__")
