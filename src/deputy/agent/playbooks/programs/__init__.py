"""Programs the playbooks run in the sandbox, kept as real files and sent as one text.

Owns reading their text and joining their parts. Must never import them: they run elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

PROBE = '''"""Reads which tables and columns the attached files have; prints one JSON line.

Runs in the sandbox with PARAMS["paths"]; it changes no file.
"""
'''
RULER = "# " + "-" * 96


@cache
def probe_text() -> str:
    """Give the program that reads which tables and columns the attached files have."""
    return joined(PROBE, __name__, ("telling", "probe"))


def joined(header: str, package: str, parts: Sequence[str]) -> str:
    """Give one program: imports once at the top, then the modules of a package in order."""
    imports: set[str] = set()
    bodies: list[str] = []
    for part in parts:
        text = files(package).joinpath(f"{part}.py").read_text("utf-8")
        outside, body = _split(text)
        imports |= outside
        bodies.append(body)
    plain = sorted(line for line in imports if line.startswith("import "))
    named = sorted(line for line in imports if line.startswith("from "))
    head = "\n".join([header, "from __future__ import annotations", "", *plain, *named])
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
