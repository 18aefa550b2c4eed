"""Guards that stand before every route: the name a server is called by, and the size of a body.

Owns both limits. Must never read a body or know an address beyond telling uploads apart. Who may
do what is asked behind them; a stranger only gets less room here.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deputy.core.artifacts import FILE_BYTES_MAX
from deputy.core.errors import NotSignedInError
from deputy.interaction.api.errors import STATUS_CODES, Refusal, answer
from deputy.interaction.signin import CURE, SignIn

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
JSON_BYTES_MAX = 4 << 20
UPLOAD_BYTES_MAX = FILE_BYTES_MAX + (1 << 20)
"""A file and the form around it."""
STRANGER_BYTES_MAX = 64 << 10
"""What is read of somebody who is not signed in, before they are told so."""


class HostCheck:
    """Refuses requests for other host names: a web page cannot reach this server by a name of
    its own that it lets point here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 421."""
        if scope["type"] != "http" or _host(scope) in self._hosts:
            await self._app(scope, receive, send)
            return
        refusal = answer(
            421,
            "host.refused",
            "This server does not answer to that host name.",
            "Call it by the address `deputy up` printed.",
        )
        await refusal(scope, receive, send)


class BodyLimit:
    """Ends requests whose body is larger than its limit, whatever they announced."""

    def __init__(self, app: ASGIApp, *, signin: SignIn) -> None:
        self._app = app
        self._signin = signin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body counted, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, refusal = _limit(scope["path"])
        if self._is_stranger(scope):
            most, refusal = STRANGER_BYTES_MAX, Refusal(401, "You are not signed in.", CURE)
        announced = _header(scope, b"content-length")
        if announced.isdigit() and int(announced) > most:
            code = STATUS_CODES[refusal.status_code]
            told = answer(refusal.status_code, code, refusal.detail, refusal.hint)
            await told(scope, receive, send)
            return
        await self._app(scope, _counted(receive, most, refusal), send)

    def _is_stranger(self, scope: Scope) -> bool:
        scheme, _, token = _header(scope, b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            return True
        try:
            self._signin.who(token.strip())
        except NotSignedInError:
            return True
        return False


def _counted(receive: Receive, most: int, refused: Refusal) -> Receive:
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise refused
        return message

    return count


def _limit(path: str) -> tuple[int, Refusal]:
    """Give how many bytes a body may have at an address, and the refusal of more."""
    if path.endswith("/files"):
        words = f"A file may have {FILE_BYTES_MAX >> 20} MiB; this one has more."
        return UPLOAD_BYTES_MAX, Refusal(413, words, "Split it, or leave out what is not needed.")
    words = f"A body may have {JSON_BYTES_MAX >> 20} MiB here; this one has more."
    return JSON_BYTES_MAX, Refusal(413, words, "Bring long text as a file, or send less at once.")


def _host(scope: Scope) -> str:
    host = _header(scope, b"host").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _header(scope: Scope, name: bytes) -> str:
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if len(found) == 1 else ""
