"""A collector outside: where OTLP requests go.

Owns the connection and its limits. Must never follow a redirect, read more than a little of an
answer, wait longer than its limit, or let a failure out as anything but a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import httpx2

from deputy.core.errors import InvalidRequestError

POST_S_MAX = 10.0
ANSWER_BYTES_MAX = 65_536
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
OWN_HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Accept-Encoding": "identity",
    "User-Agent": "deputy",
}

Signal = Literal["traces", "metrics"]


@dataclass(frozen=True, slots=True)
class Destination:
    """A collector's address, below which lie `v1/traces` and `v1/metrics`, and what it asks for.

    Raises `InvalidRequestError` for an address nothing may be sent to.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        url = urlsplit(self.url)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise _unsound("The collector's address is no plain http or https address.")
        if url.username is not None or url.password is not None:
            raise _unsound("The collector's address holds a password.")
        if url.scheme == "http" and url.hostname not in LOOPBACK and self.headers:
            raise _unsound("The collector's headers must not leave this machine unencrypted.")

    def place(self, signal: Signal) -> str:
        """Give the address of a signal."""
        return f"{self.url.rstrip('/')}/v1/{signal}"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a collector answered: whether it took the request, why not, and its words' bytes."""

    ok: bool
    why: str = ""
    """`timeout`, `unreachable`, or `status` and a number."""
    raw: bytes = b""


class Collector:
    """Sends requests to one destination."""

    def __init__(self, destination: Destination, *, post_s_max: float = POST_S_MAX) -> None:
        self._destination = destination
        self._post_s_max = post_s_max
        self._http = httpx2.AsyncClient(
            headers={**destination.headers, **OWN_HEADERS},
            timeout=post_s_max,
            follow_redirects=False,
            trust_env=False,
        )

    async def post(self, signal: Signal, raw: bytes) -> Taken:
        """Send one request; whatever goes wrong is in the answer."""
        try:
            async with asyncio.timeout(self._post_s_max):
                return await self._post(self._destination.place(signal), raw)
        except (TimeoutError, httpx2.TimeoutException):
            return Taken(False, "timeout")
        except (httpx2.HTTPError, OSError):
            return Taken(False, "unreachable")

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def _post(self, place: str, raw: bytes) -> Taken:
        async with self._http.stream("POST", place, content=raw) as answer:
            if not answer.is_success:
                return Taken(False, f"status {answer.status_code}")
            said = b""
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > ANSWER_BYTES_MAX:
                    return Taken(True)
            return Taken(True, raw=said)


def _unsound(message: str) -> InvalidRequestError:
    return InvalidRequestError(
        message,
        hint="Set DEPUTY_OTEL_URL to an address such as https://collector.example.com:4318, and"
        " keep keys in DEPUTY_OTEL_HEADERS_FILE.",
        code="telemetry.address_invalid",
    )
