"""Finds the named checks, joins them into one sandbox program and reads what it prints.

Owns the floor and the strict reading. Must never import a check: their sources are data here.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from deputy.core.brief import CheckResult

PACKAGE = "deputy.agent.checks.sandboxed"
SECONDS_DEFAULT = 200
"""Seconds for all checks of one hand-over; the code call that runs them is given more."""
OUTPUT_BYTES_MAX = 1_000_000
DETAIL_CHARACTERS_MAX = 1_000
OWN_CODE = "code.check"
VERDICTS = ("pass", "fail", "error")
WORKBOOK = (
    "file.opens", "workbook.no_error_cells", "workbook.formulas_recompute",
    "workbook.no_outside_links",
)  # fmt: skip
OFFICE = ("file.opens", "workbook.no_outside_links")
FLOOR: dict[str, tuple[str, ...]] = {
    ".xlsx": WORKBOOK,
    ".xlsm": WORKBOOK,
    ".docx": OFFICE,
    ".pptx": OFFICE,
    ".pdf": ("file.opens", "pdf.no_actions"),
    ".csv": ("file.opens", "csv.no_formulas"),
    ".tsv": ("file.opens", "csv.no_formulas"),
    ".html": ("file.opens", "html.self_contained"),
    ".htm": ("file.opens", "html.self_contained"),
    ".svg": ("file.opens", "html.self_contained"),
    ".sqlite": ("file.opens", "database.keys_hold"),
    ".sqlite3": ("file.opens", "database.keys_hold"),
    ".db": ("file.opens", "database.keys_hold"),
}
FLOOR_OF_ANY = ("file.opens",)
BOOTSTRAP = '''"""Runs named checks over delivered files. Written by Deputy, not by the agent."""

import os
import sys

# Modules come from the runtime alone: a delivered file could bear the name of one.
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]

import types

PACKAGE = {package!r}
SHARED = {shared}
CHECKS = {checks}


def load(name, text):
    """Make one module of the package from its text."""
    module = types.ModuleType(PACKAGE + "." + name)
    sys.modules[module.__name__] = module
    exec(compile(text, name + ".py", "exec"), module.__dict__)
    return module


for name, text in SHARED.items():
    load(name, text)
loaders = {{name: (lambda name=name, text=text: load(name, text)) for name, text in CHECKS.items()}}
print(sys.modules[PACKAGE + ".running"].run(PARAMS, loaders), flush=True)
'''


@dataclass(frozen=True)
class NamedCheck:
    """One check: its name, what it proves in words, what it does not say, the suffixes it is for
    ("*": any), what parameters it takes in words, and its source.

    `needs`: params of which one must be given. `kind`: it "recomputes" figures from a source,
    "inspects" the file, or runs the agent's "own code". `content`: it looks at what the file says,
    against the brief or a source.
    """

    name: str
    title: str
    limits: str
    applies_to: tuple[str, ...]
    takes: str
    needs: tuple[str, ...]
    kind: str
    content: bool
    source: str
    module: str


@cache
def all_checks() -> dict[str, NamedCheck]:
    """Give every check by name; a check is a module of `sandboxed` that states its NAME."""
    found = {}
    for module, source in sorted(_sources().items()):
        stated = _stated(source)
        if "NAME" in stated:
            found[stated["NAME"]] = NamedCheck(
                stated["NAME"],
                stated["TITLE"],
                stated["LIMITS"],
                tuple(stated["APPLIES_TO"]),
                stated.get("TAKES", ""),
                tuple(stated.get("NEEDS", ())),
                stated["KIND"],
                bool(stated.get("CONTENT", False)),
                source,
                module,
            )
    return dict(sorted(found.items()))


def floor(path: str) -> tuple[str, ...]:
    """Give the checks that always run on a file of this kind."""
    return FLOOR.get(PurePosixPath(path).suffix.lower(), FLOOR_OF_ANY)


def described() -> str:
    """Give every check in a line of words, for whoever writes a brief."""
    return "\n".join(
        f"- {check.name} ({' '.join(check.applies_to)}): {check.title}."
        f" {check.takes or 'No params.'}"
        for check in all_checks().values()
    )


def fits(check: str, path: str) -> bool:
    """Say whether there is such a check and it is for files of this kind."""
    found = all_checks().get(check)
    suffix = PurePosixPath(path).suffix.lower()
    return found is not None and (suffix in found.applies_to or "*" in found.applies_to)


def substantial(check: str) -> bool:
    """Say whether passing this check says something about what a file says.

    A file that merely opens is no result: *verified* takes a look at its content, against the
    brief or the sources, by a check that the agent did not write.
    """
    found = all_checks().get(check)
    return found is not None and found.content and found.kind != "own code"


@cache
def _sources() -> dict[str, str]:
    """Give the text of every module that runs in the sandbox."""
    return {
        entry.name.removesuffix(".py"): entry.read_text("utf-8")
        for entry in files(PACKAGE).iterdir()
        if entry.name.endswith(".py") and entry.name != "__init__.py"
    }


def _stated(source: str) -> dict[str, Any]:
    """Read a module's constants in capitals without running it."""
    stated = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name):
            try:
                stated[target.id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return stated


def program(
    requests: Sequence[Mapping[str, Any]], *, seconds: float = SECONDS_DEFAULT
) -> tuple[str, dict[str, Any]]:
    """Give code and parameters of one sandbox program that runs the requests in order.

    A request is `{"id", "check", "target", "params"}`; one that names no known check is left out
    and answered by `parse`. What the agent wrote runs last, on a line of its own.
    """
    own = [one for one in requests if is_own_code(one)]
    share = seconds / 2 if own else seconds
    named = [one for one in requests if not is_own_code(one)]
    return followed_by(*_program(named, share), own)


def is_own_code(request: Mapping[str, Any]) -> bool:
    """Say whether a request runs code that the agent wrote."""
    return bool(request["check"] == OWN_CODE)


def followed_by(
    code: str, params: Mapping[str, Any], requests: Sequence[Mapping[str, Any]]
) -> tuple[str, dict[str, Any]]:
    """Give a program with the agent's own code after it, if any is asked for.

    What the program says has left the sandbox by then, and nothing can take it back.
    """
    if not requests:
        return code, dict(params)
    more, theirs = _program(requests, SECONDS_DEFAULT / 2)
    return f"{code}\nPARAMS = PARAMS['own_code']\n{more}", {**params, "own_code": theirs}


def _program(requests: Sequence[Mapping[str, Any]], seconds: float) -> tuple[str, dict[str, Any]]:
    checks = all_checks()
    known = [
        {"id": one["id"], "check": one["check"], "target": one["target"],
         "params": dict(one.get("params") or {})}
        for one in requests if one["check"] in checks
    ]  # fmt: skip
    asked = {one["check"]: checks[one["check"]] for one in known}
    own = {check.module for check in asked.values()}
    shared = {name: _sources()[name] for name in _needed(own) if name not in own}
    code = BOOTSTRAP.format(
        package=PACKAGE,
        shared=_literal(shared),
        checks=_literal({name: check.source for name, check in asked.items()}),
    )
    return code, {"requests": known, "seconds": seconds}


def ordered_sources() -> list[tuple[str, str]]:
    """Give the name and text of every module that runs in the sandbox, each after its imports."""
    return [(name, _sources()[name]) for name in _needed(set(_sources()))]


def _literal(value: Mapping[str, str]) -> str:
    return "{\n" + "".join(f"    {key!r}: {text!r},\n" for key, text in value.items()) + "}"


def _needed(wanted: set[str]) -> tuple[str, ...]:
    """Give the modules with all they import from the package, each after what it imports."""
    ordered: list[str] = []

    def add(module: str) -> None:
        if module in ordered:
            return
        for needed in _imports(module):
            add(needed)
        ordered.append(module)

    for module in [*sorted(wanted), "running"]:
        add(module)
    return tuple(ordered)


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Give the modules of the package that a module imports, in order."""
    nodes = [n for n in ast.parse(_sources()[module]).body if isinstance(n, ast.ImportFrom)]
    names = [node.module or "" for node in nodes]
    return tuple(n.rpartition(".")[2] for n in names if n.startswith(PACKAGE + "."))


def parse(stdout: bytes, requests: Sequence[Mapping[str, Any]]) -> tuple[CheckResult, ...]:
    """Take a verdict for each request, in their order; what is not plainly said is an error."""
    answers = _answers(stdout, requests)
    results = []
    for one in requests:
        key = (one["id"], one["check"], one["target"])
        verdict, detail = _verdict(one["check"], answers.get(key, []))
        check = all_checks().get(one["check"])
        text = one.get("text") or (check.title if check else one["check"])
        results.append(CheckResult(id=one["id"], check=one["check"], target=one["target"],
                                   text=text, verdict=verdict, detail=detail))  # fmt: skip
    return tuple(results)


def _verdict(check: str, said: list[Mapping[str, Any]]) -> tuple[Any, str]:
    if check not in all_checks():
        return "error", f"There is no check named {check!r}."
    if len(said) != 1:
        return "error", "The check gave no answer." if not said else "The check answered twice."
    verdict, detail = said[0].get("verdict"), said[0].get("detail")
    if verdict not in VERDICTS or not isinstance(detail, str):
        return "error", "The check's answer is not understood."
    return verdict, "".join(c for c in detail if c.isprintable())[:DETAIL_CHARACTERS_MAX]


def _answers(
    stdout: bytes, requests: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    """Read the line of the named checks, and that of the agent's own code below it.

    The first line was out before any code of the agent ran, so nothing below can change it; with
    no such code asked for, a second line spoils all.
    """
    lines = stdout.strip().splitlines() if len(stdout) <= OUTPUT_BYTES_MAX else []
    own = any(is_own_code(one) for one in requests)
    if not lines or (len(lines) > 1 and not own):
        return {}
    answers = {key: said for key, said in _line(lines[0]).items() if key[1] != OWN_CODE}
    if len(lines) == 2:
        answers |= {key: said for key, said in _line(lines[1]).items() if key[1] == OWN_CODE}
    return answers


def _line(line: bytes) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    """Read one JSON line; anything else counts as no answer at all."""
    try:
        results = json.loads(line)["results"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    answers: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for one in results if isinstance(results, list) else ():
        if isinstance(one, dict):
            key = tuple(one.get(part) for part in ("id", "check", "target"))
            if all(isinstance(part, str) for part in key):
                answers.setdefault(key, []).append(one)
    return answers
