"""A worker process with a queue of its own that never gets further than its first code call.

Run as `python -m tests.agent.busy_worker` with a JSON object on standard input; it says a word on
standard output when the call runs. Somebody else must end it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from deputy.core.calls import CodeCall, CodeResult
from tests.agent.cells import open_cell
from tests.agent.scripts import REPLIES
from tests.databases import Database


async def main(order: dict[str, Any]) -> None:
    """Take turns from the queue until killed."""
    database = Database("", "", order["url"])

    async def for_ever(call: CodeCall) -> CodeResult:
        print("running", flush=True)
        await asyncio.Event().wait()
        raise AssertionError

    folder = Path(order["folder"])
    async with open_cell(database, folder, REPLIES, result=for_ever, start=10**7) as cell:  # type: ignore[arg-type]
        await cell.worker.run()


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
