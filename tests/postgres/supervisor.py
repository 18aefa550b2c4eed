"""A tiny Deputy for the tests: it owns one server, reports as JSON lines, and can be killed.

Run as `python supervisor.py STATE_DIR stay|once`; it must never clean up after a kill.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import psycopg

from deputy.core.errors import DeputyError
from deputy.postgres import EmbeddedPostgres, Role


async def report(server: EmbeddedPostgres) -> dict[str, object]:
    url = server.url(Role.CELL).replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute("SELECT current_user")
        (user,) = await found.fetchone() or ("",)
    return {
        "uid": os.geteuid(),
        "pid": server.pid,
        "user": user,
        "sockets": str(server.places.sockets),
        "sockets_mode": server.places.sockets.stat().st_mode & 0o777,
    }


async def supervise(state: Path, mode: str) -> None:
    server = EmbeddedPostgres(state)
    await server.start()
    print(json.dumps(await report(server)), flush=True)
    if mode == "stay":
        await server.wait()
    await server.stop()


if __name__ == "__main__":
    try:
        asyncio.run(supervise(Path(sys.argv[1]), sys.argv[2]))
    except DeputyError as error:
        print(json.dumps({"code": error.code, "hint": error.hint}), flush=True)
