"""The terminal: results on standard output, progress and failures on standard error.

Owns how things look, plain where no person watches. With `--json` standard output holds one JSON
object and nothing else. Must never print a secret.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from deputy.core.errors import DeputyError

if TYPE_CHECKING:
    from rich.console import Console

TABLE_CHARS = 160

STYLES = {"good": "green", "bad": "yellow", "soft": "dim", "strong": "bold", "plain": ""}


class Screen:
    """One command's view of its terminal."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out: Console | None = None
        self._err: Console | None = None
        self._status: Any = None

    @property
    def out(self) -> Console:
        """Give the console for results."""
        self._out = self._out or _console(stderr=False)
        return self._out

    @property
    def err(self) -> Console:
        """Give the console for progress and failures."""
        self._err = self._err or _console(stderr=True)
        return self._err

    def result(self, value: dict[str, Any]) -> None:
        """Print the one JSON object of a command."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def line(self, text: str, style: str = "plain", *, mark: str = "") -> None:
        """Print one line of a result."""
        if not self.as_json:
            _line(self.out, text, style, mark)

    def progress(self, text: str, style: str = "plain", *, mark: str = "") -> None:
        """Print one line of progress."""
        if not self.as_json:
            _line(self.err, text, style, mark)

    def doing(self, text: str) -> None:
        """Say what is going on now, in the moving line if there is one."""
        if self._status is not None:
            self._status.update(0, description=text)

    @contextmanager
    def moving(self, text: str) -> Iterator[None]:
        """Show a line with what is going on and the time, while a person watches."""
        if self.as_json or not self.err.is_terminal:
            yield
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as progress:
            progress.add_task(text, total=None)
            self._status = progress
            try:
                yield
            finally:
                self._status = None

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a small table."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in head:
            table.add_column(name, no_wrap=True)
        for row in rows:
            table.add_row(*(Text(_plain(cell)) for cell in row))
        # An id is there to be copied: it is never cut or wrapped, however narrow the terminal.
        # The console, too: a width given to `print` alone is held to that of the terminal.
        self.out.width = TABLE_CHARS
        self.out.print(table, crop=False)

    def failure(self, error: DeputyError) -> None:
        """Say what went wrong and what helps."""
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        if self.as_json:
            self.result({"error": told})
            return
        _line(self.err, error.message, "strong", "")
        if error.hint:
            _line(self.err, error.hint, "plain", "")


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True, emoji=False)


def _line(console: Console, text: str, style: str, mark: str) -> None:
    from rich.text import Text

    line = Text(_plain(text), style=STYLES[style] if style != "soft" else "dim")
    if mark:
        line = Text(mark + " ", style=STYLES[style]) + Text(_plain(text))
    console.print(line)


def _plain(text: str) -> str:
    """Take control characters out: what a session holds must not steer a terminal."""
    return "".join(
        c if c.isprintable() or c in "\n\t" or category(c) == "Zs" else "�" for c in text
    )


def program() -> str:
    """Give the name by which the person at this terminal can call `deputy`."""
    beside = Path(sys.executable).with_name("deputy")
    if shutil.which("deputy") or not beside.exists():
        return "deputy"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


def size(count: int) -> str:
    """Give a number of bytes in words."""
    if count < 1_000:
        return f"{count} bytes"
    return f"{count / 1_000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"
