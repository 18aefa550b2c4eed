"""The server process of the API: uvicorn with an end that open streams do not delay.

Owns how it is configured and how it ends; `connections` bounds each client. Must never choose
the address it answers on.
"""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from deputy.interaction.connections import DEFAULT, Bounds, bounded
from deputy.interaction.stream import Tail

DRAIN_S_MAX = 5
CONNECTIONS_MAX = 10_000
"""People who look on keep a connection each, as long as they look."""


class Server(uvicorn.Server):
    """Serves one application; on its end, streams are told first and requests are drained."""

    def __init__(
        self,
        app: FastAPI,
        tail: Tail,
        *,
        bounds: Bounds = DEFAULT,
        clients_max: int = CONNECTIONS_MAX,
        log_level: str = "warning",
    ) -> None:
        """`clients_max` is how many connections this process may keep open."""
        self._tail = tail
        super().__init__(
            uvicorn.Config(
                app,
                http=bounded(bounds),
                log_level=log_level,
                access_log=False,
                server_header=False,
                limit_concurrency=min(clients_max, CONNECTIONS_MAX),
                timeout_graceful_shutdown=DRAIN_S_MAX,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then drain what is left."""
        self._tail.stop()
        await super().shutdown(sockets)
