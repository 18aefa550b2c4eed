"""The command line as a process of its own, pointed at a server under test.

Owns starting it, what it is told of its surroundings, and a wire that breaks. Must never let it
find a Deputy of the person who runs the tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.interaction.sites import ALICES

CUT_BYTES = 2_500


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        (line,) = self.out.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True)
class Terminal:
    """Somebody's terminal in a folder of its own."""

    folder: Path
    url: str
    token: str = ALICES

    async def run(self, *args: str, given: bytes = b"") -> Said:
        """Run `deputy` to its end."""
        process = await self._started(*args, through=asyncio.subprocess.PIPE)
        async with asyncio.timeout(40):
            out, err = await process.communicate(given)
        assert process.returncode is not None
        assert "Traceback" not in err.decode(), err.decode()
        return Said(process.returncode, out.decode(), err.decode())

    async def watched(self, *args: str, typed: bytes) -> Said:
        """Run `deputy` to its end while a person watches and types."""
        near, far = os.openpty()
        process = await self._started(*args, through=far)
        os.close(far)
        os.write(near, typed)
        async with asyncio.timeout(40):
            code = await process.wait()
        said = os.read(near, 1 << 16).decode()
        os.close(near)
        return Said(code, said, said)

    async def _started(self, *args: str, through: int) -> asyncio.subprocess.Process:
        token = self.folder / "token"
        token.write_text(self.token)
        token.chmod(0o600)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deputy.cli",
            *args,
            stdin=through,
            stdout=through,
            stderr=through,
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "HOME": str(self.folder),
                "DEPUTY_URL": self.url,
                "DEPUTY_TOKEN_FILE": str(token),
                "COLUMNS": "100",
            },
        )


@asynccontextmanager
async def breaking_wire(url: str) -> AsyncIterator[tuple[str, list[int]]]:
    """Give an address that passes on to `url` and cuts every stream after some bytes.

    The list counts the cuts.
    """
    cuts: list[int] = []
    port = urlsplit(url).port

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: bool) -> None:
        passed, streaming = 0, False
        with suppress(ConnectionError):
            while raw := await reader.read(512):
                streaming = streaming or b"text/event-stream" in raw
                passed += len(raw)
                writer.write(raw)
                await writer.drain()
                if cut and streaming and passed > CUT_BYTES:
                    cuts.append(passed)
                    break
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(pump(far_reader, writer, True))
        await pump(reader, far_writer, False)
        await back
        with suppress(ConnectionError):
            await writer.wait_closed()
            await far_writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", cuts
    finally:
        server.close()
        await server.wait_closed()
