"""The server keeps to its own description: schemathesis tries every address of the OpenAPI.

Owns how it is run: a real server over a real database, every check it knows. What it leaves out
is named here with the reason. Must never be given a list of failures to look past.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.databases import Database
from tests.interaction.sites import ALICES, API, Site, open_site

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ANSWER_S_MAX = 10
FAST = ("--phases", "coverage,stateful", "--max-examples", "3")
LONG = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "60")
FOLLOWING = {"true", "1", "yes", "on", "t", "y"}


class Ending:
    """Ends every stream after what is there: a live one has no end to wait for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for no more than there is, wherever to follow was asked for or meant."""
        if scope["type"] == "http" and scope["path"].endswith("/events"):
            sent = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            asked = sent.get("follow", ["true"])
            if asked[-1].lower() in FOLLOWING:
                query = urlencode({**sent, "follow": "false"}, doseq=True)
                scope = {**scope, "query_string": query.encode()}
        await self._app(scope, receive, send)


@pytest.fixture
async def ending_site(cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A real server over a fresh cell, whose streams end."""
    async with open_site(cell_database, tmp_path / "cell", within=Ending) as found:
        yield found


@pytest.mark.parametrize(
    "effort",
    [pytest.param(FAST, id="briefly"), pytest.param(LONG, id="long", marks=pytest.mark.slow)],
)
async def test_every_answer_is_one_the_description_tells(
    ending_site: Site, tmp_path: Path, effort: tuple[str, ...]
) -> None:
    await ending_site.finished_session()
    running = await asyncio.create_subprocess_exec(
        SCHEMATHESIS, "run", f"{ending_site.url}{API}/openapi.json",
        "--header", f"Authorization: Bearer {ALICES}",
        "--checks", "all", "--seed", "1", "--warnings", "off", "--no-color",
        "--request-timeout", str(ANSWER_S_MAX), *effort,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await running.communicate()
    assert running.returncode == 0, said.decode()
