"""Listening planes on loopback for the tests of links: real TLS, real sockets, any port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from deputy.wire.invitations import Invitation
from deputy.wire.links import Door, listening
from deputy.wire.tls import Identity, make_identity
from tests.proxies import Ends, Proxy, proxied

TOKEN = "t" * 43
NOW_US = 1_767_225_600_000_000


def identity(host: str = "127.0.0.1") -> Identity:
    """Make a certificate that is valid today."""
    return make_identity(host, NOW_US)


@asynccontextmanager
async def planes(
    doors: Sequence[Door], *, host: str = "127.0.0.1", named: str | None = None
) -> AsyncIterator[Invitation]:
    """Listen with some doors; give the invitation. `named` is whom the certificate names."""
    made = identity(named or host)
    # As a named protocol the event loop sends small frames at once, as it does for a real plane.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as on:
        on.bind((host, 0))
        on.listen()
        async with listening(on, made, doors):
            yield Invitation(
                to="cell",
                url=f"wss://{host}:{on.getsockname()[1]}",
                token=TOKEN,
                certificate=made.certificate,
            )


@asynccontextmanager
async def proxied_to(invitation: Invitation) -> AsyncIterator[tuple[Invitation, Proxy]]:
    """Give an invitation that leads to the same plane through a proxy."""
    host, _, port = invitation.url.removeprefix("wss://").partition(":")

    async def dial() -> Ends:
        return await asyncio.open_connection(host, int(port))

    async with proxied(dial) as proxy:
        moved = invitation.model_copy(update={"url": f"wss://127.0.0.1:{proxy.port}"})
        yield moved, proxy
