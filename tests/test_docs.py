"""The reference says what the code does: settings, events, addresses, commands, exit codes,
dependencies, and every link and module name.

Owns these comparisons. Must never be made to pass by leaving something out of both sides.
"""

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import deputy
from deputy.agent import checks
from deputy.agent.checks import registry
from deputy.cli.main import app as cli
from deputy.core.errors import DeputyError
from deputy.core.events import TYPES, Header
from deputy.interaction.api import Services, create_app
from deputy.settings import Settings

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/deputy"
REFERENCE = ROOT / "docs/reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PLANES = "|".join(path.stem for path in sorted(SOURCE.iterdir()) if path.stem[0] != "_")
# Sources for the sandbox: the product reads them as text and never imports them.
OUTSIDE_THE_PRODUCT = (
    "deputy.agent.checks.sandboxed", "deputy.agent.playbooks.reports.program",
    "deputy.agent.reports.program",
    "deputy.agent.tables.reading",
)  # fmt: skip


def table(page: Path, *, after: str = "") -> list[list[str]]:
    """Give the cells of a page's table rows, without headings; backticks are taken off."""
    text = page.read_text(encoding="utf-8").partition(after)[2] if after else page.read_text()
    lines = [line.strip().strip("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    heads = {n - 1 for n, row in enumerate(cells) if set("".join(row)) <= set("-:")}
    return [row for n, row in enumerate(cells) if n not in heads and n - 1 not in heads]


def plain(cell: str) -> str:
    return cell.strip("`")


def test_every_setting_is_told_with_its_default() -> None:
    told = {plain(row[0]): row[1] for row in table(REFERENCE / "settings.md") if len(row) == 3}
    fields = Settings.model_fields
    assert set(told) == {f"DEPUTY_{name.upper()}" for name in fields}
    for name, field in fields.items():
        if field.default_factory is not None:
            continue
        shown = "not set" if field.default is None else f"`{field.default!s}`"
        if isinstance(field.default, bool):
            shown = shown.lower()
        assert told[f"DEPUTY_{name.upper()}"] == shown


def test_every_event_is_told_with_its_version_and_fields() -> None:
    rows = table(REFERENCE / "events.md", after="## Bodies")
    told = {plain(r[0]): (int(r[1]), re.findall(r"`(\w+)`", r[2])) for r in rows}
    real = {name: (version, list(body.model_fields)) for name, (version, body) in TYPES.items()}
    assert told == real
    assert len(rows) == len(real)


def test_every_field_of_a_header_is_told() -> None:
    page = (REFERENCE / "events.md").read_text().partition("## Bodies")[0]
    told = [name for row in re.findall(r"^\| (`[^|]+) \|", page, re.M) for name in row.split(", ")]
    assert [plain(name) for name in told] == list(Header.model_fields)


def test_every_address_is_told_and_no_other() -> None:
    parts: Any = None
    app = create_app(Services(parts, parts, parts, parts, parts, version="0"))
    real = {
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    rows = [row for row in table(REFERENCE / "api.md") if row[0] in ("GET", "POST", "PUT")]
    told = [(row[0], plain(row[1])) for row in rows]
    assert set(told) == real
    assert len(told) == len(real)


def errors(kind: type[DeputyError] = DeputyError) -> Iterator[type[DeputyError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors(narrower)


def test_every_check_is_told_with_what_it_proves_and_what_it_does_not_say() -> None:
    told = [row for row in table(REFERENCE / "checks.md") if len(row) == 5]
    real = [
        [
            f"`{check.name}`",
            " ".join("any file" if kind == "*" else kind for kind in check.applies_to),
            f"{check.title}.",
            f"{check.limits}.",
            check.kind + (", content" if check.content else ""),
        ]
        for check in checks.all_checks().values()
    ]
    assert told == real


def test_the_floor_of_every_kind_of_file_is_told() -> None:
    told = {plain(row[0]): row[1] for row in table(REFERENCE / "checks.md") if len(row) == 2}
    real = {**registry.FLOOR, "any other": registry.FLOOR_OF_ANY}
    assert told == {kind: ", ".join(f"`{n}`" for n in names) for kind, names in real.items()}


def test_every_exit_code_is_told() -> None:
    for module in pkgutil.walk_packages(deputy.__path__, "deputy."):
        importable = not module.name.startswith(OUTSIDE_THE_PRODUCT)
        if importable and "migrations" not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
    told = [int(row[0]) for row in table(REFERENCE / "exit-codes.md")]
    assert told == list(range(8))
    assert {error.exit_code for error in errors()} <= set(told)


def test_every_command_and_option_is_told_and_no_other() -> None:
    commands = _commands()
    real = {
        (name, option)
        for name, command in commands.items()
        for one in command.params
        for option in one.opts
        if option.startswith("-") and option != "--json"
    }
    rows = [row for row in table(REFERENCE / "cli.md") if len(row) == 3]
    told = {(plain(row[0]), option) for row in rows for option in re.findall(r"`(-\S+)`", row[1])}
    assert told == real
    shown = [row for row in table(REFERENCE / "cli.md") if len(row) == 2]
    named = [re.split(r" [A-Z\[]", plain(row[0]).removeprefix("deputy "))[0] for row in shown]
    assert named == list(commands)
    as_json = {name for name, c in commands.items() if any("--json" in p.opts for p in c.params)}
    assert {name.split()[0] for name in set(commands) - as_json} == {"up", "serve"}


def _commands() -> dict[str, Any]:
    """Give every command that is shown by its full name, those of groups behind their group's."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(cli).commands.items():  # type: ignore[attr-defined]
        if not command.hidden:
            inner = getattr(command, "commands", {})
            if not inner or command.invoke_without_command:
                found[name] = command
            found |= {f"{name} {n}": c for n, c in inner.items()}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_an_example_exists(page: Path) -> None:
    known = set(typer.main.get_command(cli).commands)  # type: ignore[attr-defined]
    text = page.read_text(encoding="utf-8")
    examples = re.findall(r"```(.*?)```", text, re.DOTALL) + re.findall(r"`(deputy [^`]+)`", text)
    for name in re.findall(r"(?:^|/|\s)deputy ([a-z]+)\b", "\n".join(examples)):
        assert name in known, name


def test_every_dependency_has_its_line_and_no_other_has_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    runtime = (ROOT / "runtimes/data.in").read_text().splitlines()
    wanted += [line for line in runtime if line and not line.startswith("#")]
    page = ROOT / "docs/decisions/0009-dependencies.md"
    told = [row[0].partition(" ")[0] for row in table(page)]
    assert sorted(told) == sorted(_name(one) for one in wanted)
    for one in project["optional-dependencies"]["build"]:
        assert _name(one) in page.read_text()


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9-]+", requirement)
    assert found, requirement
    return found[0].lower()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_and_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(rf"`(?:deputy\.)?((?:{PLANES})(?:\.\w+)+)`", text):
        assert _exists(name), name
    for path in re.findall(r"`((?:src|tests|docs|script|runtimes|examples)/[\w./-]+)`", text):
        assert "NAME" in path or (ROOT / path).exists(), path


def _exists(name: str) -> bool:
    """Say whether a dotted name below `deputy` is a module, or a name at the top of one."""
    place = SOURCE.joinpath(*name.split("."))
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    module = place.parent.with_suffix(".py")
    module = module if module.exists() else place.parent / "__init__.py"
    if not module.exists():
        return False
    tree = ast.parse(module.read_text(encoding="utf-8"))
    named = {getattr(node, "name", "") for node in tree.body}
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    return place.name in named | {getattr(target, "id", "") for target in targets}
