"""One connection to a plane's database, which a server that falls silent cannot keep for ever.

Owns how long either side may be silent towards the other. A server that still acknowledges packets
but never answers is noticed by nothing below this. Must never bound how long a connection may rest,
or listen, while no answer is owed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from math import inf
from time import monotonic
from typing import Any, Self, TypeVar

import psycopg
from psycopg import Notify
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import Row
from psycopg.waiting import wait_async

SILENCE_S_MAX = 25.0
"""How long a server that owes an answer may let nothing be heard or sent."""
STATEMENT_S_MAX = 20
"""After this a server that is only slow says so itself, before it counts as silent."""
LOOK_S = 0.1
SERVER_OPTIONS = {
    "statement_timeout": f"{STATEMENT_S_MAX}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_S_MAX}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
}
"""What the server does for its part: whoever went away without a word keeps no lock for long."""
RV = TypeVar("RV")


class BoundedConnection(psycopg.AsyncConnection[Row]):
    """A connection that is closed hard when its server owes an answer and is silent."""

    @classmethod
    async def connect(cls, conninfo: str = "", **more: Any) -> Self:
        """Connect as psycopg does; what an address sets itself goes before our options."""
        given = more.pop("options", None) or conninfo_to_dict(conninfo).get("options") or ""
        ours = " ".join(f"-c {name}={value}" for name, value in SERVER_OPTIONS.items())
        return await super().connect(conninfo, options=f"{ours} {given}".strip(), **more)

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = LOOK_S,
        timeout: float | None = None,  # noqa: ASYNC109  as psycopg names it
    ) -> RV:
        """Wait as psycopg does; raises `psycopg.OperationalError` when the server is silent.

        Whoever is cancelled meanwhile does not stay for the server's consent: a silent one would
        keep them.
        """
        owed = _owed(gen) if timeout is None else gen
        try:
            return await wait_async(owed, self.pgconn.socket, interval=interval, timeout=timeout)
        except (asyncio.CancelledError, _SilentError):
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise

    def notifies(
        self, *, timeout: float | None = None, stop_after: int | None = None
    ) -> AsyncGenerator[Notify]:
        """Give notifications: to hear none is no silence."""
        bound = inf if timeout is None else timeout
        return super().notifies(timeout=bound, stop_after=stop_after)

    async def require_answer(self) -> None:
        """Return if the server answers; raises `psycopg.OperationalError` if it does not."""
        await self.execute("SELECT 1")


class _SilentError(psycopg.OperationalError):
    """The server owes an answer and is not heard."""


def _owed(gen: PQGen[RV]) -> PQGen[RV]:
    """Raise once nothing moved for too long; a slow answer that arrives bit by bit is none."""
    moved_s = monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                moved_s = monotonic()
            elif monotonic() - moved_s > SILENCE_S_MAX:
                raise _SilentError(f"the database was silent for {SILENCE_S_MAX:.0f} s")
            wanted = gen.send(ready)
    except StopIteration as ended:
        answer: RV = ended.value
        return answer
