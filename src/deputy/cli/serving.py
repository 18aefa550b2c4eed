"""`deputy serve`: run one plane of Deputy, apart from the others.

Owns these commands. What they do is the composition root's work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WireHost = Annotated[str | None, typer.Option(help="Where to listen for other planes.")]
WirePort = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port for other planes; 0 for any.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    planes = typer.Typer(help="Run one plane of Deputy, apart from the others.")
    for command in (control, cell, execution):
        planes.command()(command)
    app.add_typer(planes, name="serve")


def control(
    host: WireHost = None,
    port: WirePort = None,
) -> None:
    """Run a control plane: who may do what, for the cells that connect to it."""
    from deputy import assemble
    from deputy.cli.installation import settings
    from deputy.cli.screen import Screen

    screen, read = Screen(), settings(wire_host=host, wire_port=port)
    screen.progress("Starting a control plane; stop it with Ctrl-C.", "soft")
    assemble.serve_control(read, screen.progress)


def cell(
    invitation: Annotated[
        Path | None,
        typer.Option(
            help="The control plane's invitations/cell.json; needed once.", readable=False
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Worker processes.")] = None,
    host: WireHost = None,
    port: WirePort = None,
) -> None:
    """Run a cell: sessions, files and the web address people use."""
    from deputy import assemble
    from deputy.cli.installation import settings
    from deputy.cli.screen import Screen

    screen, read = Screen(), settings(workers=workers, wire_host=host, wire_port=port)
    screen.progress("Starting a cell; stop it with Ctrl-C.", "soft")
    assemble.serve_cell(read, screen.progress, invitation)


def execution(
    invitation: Annotated[
        Path | None,
        typer.Option(help="The cell's invitations/execution.json; needed once.", readable=False),
    ] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, max=256, help="Code calls at the same time.")
    ] = None,
) -> None:
    """Run an execution host: sandboxes for the cell it connects to, and no database."""
    from deputy import assemble
    from deputy.cli.installation import settings
    from deputy.cli.screen import Screen

    screen, read = Screen(), settings(slots=slots)
    screen.progress("Starting an execution host; stop it with Ctrl-C.", "soft")
    assemble.serve_execution(read, screen.progress, invitation)
