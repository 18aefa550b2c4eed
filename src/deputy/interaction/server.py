"""The server process of the API: uvicorn with an end that open streams do not delay.

Owns how it is configured. Must never bind anything but the address it is given.
"""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from deputy.interaction.api.services import Services

DRAIN_S_MAX = 5
CONNECTIONS_MAX = 1_000
IDLE_S_MAX = 30


class Server(uvicorn.Server):
    """Serves one application; on its end, streams are told first and requests are drained."""

    def __init__(self, app: FastAPI, *, host: str, port: int, log_level: str = "warning") -> None:
        services = app.state.services
        assert isinstance(services, Services)
        self._tail = services.tail
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level=log_level,
                access_log=False,
                server_header=False,
                date_header=False,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=IDLE_S_MAX,
                timeout_graceful_shutdown=DRAIN_S_MAX,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then drain what is left."""
        self._tail.stop()
        await super().shutdown(sockets)
