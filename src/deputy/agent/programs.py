"""Programs for the sandbox: modules kept as real files and sent as one text.

Owns reading their text and joining it. Must never import them: they run elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from importlib.resources import files

RULER = "# " + "-" * 96


def joined(header: str, modules: Sequence[str]) -> str:
    """Give one program: imports once at the top, then the named modules in order.

    `modules` are dotted names; they may lie in several packages, and no two of them may define
    the same name.
    """
    imports: set[str] = set()
    bodies: list[str] = []
    for module in modules:
        package, _, name = module.rpartition(".")
        outside, body = _split(files(package).joinpath(f"{name}.py").read_text("utf-8"))
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
