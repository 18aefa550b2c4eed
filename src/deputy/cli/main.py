"""The `deputy` command: every command under one name, and what a failure looks like.

Owns the list of commands and the way from an error to words and an exit code. Must never import
a heavy module while it is being imported: commands do that when they run.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from deputy.cli import (
    approvals,
    asking,
    briefs,
    deliverables,
    demonstration,
    explaining,
    operating,
    serving,
    sessions,
    tracing,
    turns,
)
from deputy.core.errors import DeputyError

EPILOG = (
    "Exit codes: 0 done (verified, or answered in words), 1 failed or declined, 2 usage, 3 denied,"
    " 4 waiting for a person, 5 over budget, 6 not signed in, 7 verification failed."
)


class Commands(TyperGroup):
    """The command group; a failure speaks in two sentences, or as one JSON object."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; end with the exit code of its failure."""
        as_json = "--json" in [*ctx._protected_args, *ctx.args]
        try:
            return super().invoke(ctx)
        except DeputyError as error:
            from deputy.cli.screen import Screen

            Screen(as_json=as_json).failure(error)
            raise typer.Exit(error.exit_code) from None


app = typer.Typer(
    cls=Commands,
    name="deputy",
    help="Say what result you need; get a file that was checked.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        from deputy import __version__

        typer.echo(__version__)
        raise typer.Exit


for module in (
    operating,
    serving,
    asking,
    sessions,
    turns,
    explaining,
    briefs,
    approvals,
    tracing,
    deliverables,
    demonstration,
):
    module.register(app)
