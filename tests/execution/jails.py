"""A real jail for tests: one per test session, driven from plain functions.

It owns the event loop the jail lives on; tests of concurrency bring their own.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import threading
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from deputy.execution import runtimes
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import Limits, SandboxJob, SandboxResult

Value = TypeVar("Value")
ANSWER_S_MAX = 60
LIMITS = Limits(wall_s=20, cpu_s=20, memory_bytes=1 << 30)


def job(
    code: str,
    *,
    files: Mapping[str, bytes] | None = None,
    read_only: Mapping[str, bytes] | None = None,
    params: Mapping[str, Any] | None = None,
    seed: int = 0,
    limits: Limits = LIMITS,
) -> SandboxJob:
    """Give a job with the defaults of the tests."""
    return SandboxJob(
        call_id="call_1",
        attempt=1,
        code=code,
        files=files or {},
        read_only=read_only or {},
        params=params or {},
        seed=seed,
        clock_s=1_700_000_000,
        limits=limits,
    )


def run(code: str, **more: Any) -> SandboxResult:
    """Run code in a jail over the data runtime."""
    return _driver().wait(_driver().jail.run(job(code, **more)))


class Driver:
    """An event loop in a thread of its own, and a jail on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.jail = Jail(runtimes.find("data"))

    def wait(self, work: Coroutine[Any, Any, Value]) -> Value:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(ANSWER_S_MAX)

    def close(self) -> None:
        self.wait(self.jail.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@functools.cache
def _driver() -> Driver:
    driver = Driver()
    atexit.register(driver.close)
    return driver
