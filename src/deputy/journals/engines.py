"""Connections to a plane's database.

Owns how a libpq address becomes an engine. Must never choose the address or the role.
"""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deputy.journals.connections import BoundedConnection

CONNECTIONS_MAX = 10
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""How long the machine of a server may be silent (s; the last in ms) before a connection to it
counts as broken; an address may say otherwise. Local sockets need none of it. A server that is
silent on a machine that answers is noticed by `connections`."""


def open_engine(
    url: str, *, connections: int = CONNECTIONS_MAX, durable: bool = True
) -> AsyncEngine:
    """Give an engine for `postgresql://role:password@/database?host=…`; nothing is sent yet.

    A connection that a database restart broke is replaced before it is handed out. Without
    `durable` a commit is told before it is on disk: order and wholeness hold, the last instant
    may be lost.
    """
    return create_async_engine(
        driver_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"async_creator_fn": BoundedConnection.connect}
        | ({} if durable else {"options": "-c synchronous_commit=off"}),
    )


def driver_url(url: str) -> URL:
    """Give the address with the one driver Deputy uses."""
    return _bounded(make_url(url)).set(drivername="postgresql+psycopg")


def libpq_url(url: str) -> str:
    """Give the address as libpq itself reads it, password included."""
    return (
        _bounded(make_url(url)).set(drivername="postgresql").render_as_string(hide_password=False)
    )


def _bounded(url: URL) -> URL:
    return url.set(query={**PATIENCE, **url.query})
