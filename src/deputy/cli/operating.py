"""`deputy up` and `deputy doctor`: run Deputy on this machine, and look what is missing.

Owns these commands. What they do is the composition root's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deputy.assemble.doctor import Finding
    from deputy.assemble.doctor.support import Support
    from deputy.cli.screen import Screen


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(doctor)


def up(
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Worker processes.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port on this machine; 0 for any.")
    ] = None,
) -> None:
    """Run Deputy on this machine until it is interrupted."""
    from deputy import assemble
    from deputy.cli.installation import settings
    from deputy.cli.screen import Screen

    screen, read = Screen(), settings(workers=workers, api_port=port)
    screen.progress("Starting Deputy; stop it with Ctrl-C.", "soft")
    assemble.up(read, screen.progress)


def doctor(
    support: Annotated[
        Path | None,
        typer.Option(help="Also write a zip file for whoever helps you; it holds no content."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at everything Deputy needs on this machine, with the cure for what is missing."""
    from dataclasses import asdict

    from deputy import assemble
    from deputy.cli.installation import settings
    from deputy.cli.screen import Screen

    screen = Screen(as_json=as_json)
    read = settings()
    findings = assemble.doctor(read)
    sound = all(f.ok or not f.needed for f in findings)
    written = assemble.support(read, findings, support) if support is not None else None
    if as_json:
        told = {"ok": sound, "findings": [asdict(finding) for finding in findings]}
        if written is not None:
            told["support"] = {"file": str(written.file), "inside": dict(written.inside)}
        screen.result(told)
    else:
        _show(screen, findings)
        screen.line("Everything is in order." if sound else "Not everything is in order.", "strong")
        if written is not None:
            _say_inside(screen, written)
    raise typer.Exit(0 if sound else 1)


def _show(screen: Screen, findings: Sequence[Finding]) -> None:
    """Show findings by area; walls that stand share one line."""
    width = max(len(finding.name) for finding in findings if finding.area != "Walls")
    for area, inside in groupby(findings, key=lambda finding: finding.area):
        screen.line(area, "strong")
        told = list(inside)
        if area == "Walls":
            standing = [finding.name for finding in told if finding.ok]
            told = [finding for finding in told if not finding.ok]
            if standing:
                screen.line(f"{len(standing)} stand: {', '.join(standing)}", "good", mark="  ✓")
        for finding in told:
            lacking = ("bad", "✗") if finding.needed else ("soft", "○")
            style, mark = ("good", "✓") if finding.ok else lacking
            screen.line(f"{finding.name:{width}}  {finding.what}", style, mark=f"  {mark}")
            if not finding.ok and finding.cure:
                screen.line(f"      {finding.cure}")


def _say_inside(screen: Screen, written: Support) -> None:
    from deputy.cli.screen import size

    screen.line("")
    screen.line(f"Written: {written.file}", "strong")
    for name, count in written.inside:
        screen.line(f"  {name:14}  {size(count)}")
    screen.line(
        "It holds findings, versions, counts, times and ids; no prompt, no file name, no key."
        " Nothing was sent anywhere: look inside, then give it to whoever helps you."
    )
