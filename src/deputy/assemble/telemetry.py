"""Telling a collector of finished turns: whether, where, and the process that does it.

Owns reading its settings and its headers file. The process exists only while a collector is set,
so that nothing of it costs a server or a worker anything. Must never import the messages of
OpenTelemetry where no collector is set.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from deputy.agent.telemetry.collectors import Collector, Destination
from deputy.assemble.cells import open_cell
from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.assemble.private_files import read_private
from deputy.core.errors import DeputyError, InvalidRequestError
from deputy.settings import Settings

HEADERS_BYTES_MAX = 16_384
HEADER = re.compile(r"([0-9A-Za-z][0-9A-Za-z-]{0,99}):[ \t]*([\x21-\x7e][\x20-\x7e]*)")
MESSAGES = "opentelemetry.proto"


def destination(settings: Settings) -> Destination | None:
    """Give the collector of these settings, or None; raises `DeputyError` naming the cure."""
    if settings.otel_url is None:
        return None
    if not _installed():
        raise DeputyError(
            "The package that speaks to collectors is not installed.",
            hint="Run script/setup again, or unset DEPUTY_OTEL_URL.",
            code="telemetry.not_installed",
        )
    file = settings.otel_headers_file
    return Destination(settings.otel_url, read_headers(file) if file else {})


def read_headers(path: Path) -> dict[str, str]:
    """Give the headers a file holds, `Name: value` line by line; only its owner may read it."""
    raw = read_private(path, HEADERS_BYTES_MAX, code="telemetry.headers_unusable")
    headers = {}
    for line in raw.decode("ascii", "replace").splitlines():
        found = HEADER.fullmatch(line.strip())
        if found is not None:
            headers[found[1]] = found[2]
        elif line.strip():
            raise InvalidRequestError(
                f"The file {path} holds a line that is no header.",
                hint="Write one header a line, such as `Authorization: Bearer …`.",
                code="telemetry.headers_unusable",
            )
    return headers


async def follow(settings: Settings, handover: Handover) -> None:
    """Tell the collector of finished turns until cancelled."""
    from deputy import __version__
    from deputy.agent.telemetry.following import Follower

    where = destination(settings)
    assert where is not None, "this process is started only where a collector is set"
    collector = Collector(where)
    try:
        async with open_cell(StateDir(settings.state_dir), handover) as parts:
            follower = Follower(
                parts.journal, parts.clock, collector, cell=handover.cell, version=__version__
            )
            await follower.run()
    finally:
        await collector.close()


def _installed() -> bool:
    try:
        return importlib.util.find_spec(MESSAGES) is not None
    except ModuleNotFoundError:
        return False
