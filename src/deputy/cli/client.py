"""The API's client: requests, uploads, the live stream, and where the server is.

Owns signing in, making command ids, resuming a broken stream, and turning the API's errors back
into errors. Must never read the server's files, save for the owner's token.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from deputy.core.errors import DeputyError
from deputy.core.ids import make

API = "/api/v1"
TIMEOUT_S = 120.0
STREAM_SILENCE_S_MAX = 40.0
"""The server says something every 15 s; beyond this the connection is dead."""
RECONNECT_S = 0.2
RECONNECT_S_MAX = 2.0
GIVE_UP_S = 60.0
BUSY = 503
BUSY_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""How long a command waits before it is sent again to a server that cannot take it now."""
BUSY_S = sum(BUSY_PAUSES_S)

EXIT_CODES = {401: 6, 402: 5, 403: 3, 422: 2}


class NotRunningError(DeputyError):
    """No Deputy answers."""

    code = "deputy.not_running"


class ApiError(DeputyError):
    """What the API answered instead of a success."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status
        self.exit_code = EXIT_CODES.get(status, 1)


class Client:
    """One signed-in client of one Deputy."""

    def __init__(
        self, url: str, token: str, *, say: Callable[[str], None] = lambda words: None
    ) -> None:
        """`say` tells the person why it takes longer."""
        self.url = url
        self._say = say
        self._http = httpx2.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx2.Timeout(TIMEOUT_S, connect=5.0),
            trust_env=False,
        )

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Get JSON."""
        answer: dict[str, Any] = self._send("GET", path, params=params).json()
        return answer

    def bytes(self, path: str) -> bytes:
        """Get bytes."""
        return self._send("GET", path).content

    def command(self, path: str, *, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Send a command under a new command id.

        A lost answer is asked for again; a server that cannot take it now is asked for a while.
        """
        sent = {"command_id": new_command(), **{k: v for k, v in body.items() if v is not None}}
        answer: dict[str, Any] = self._send(method, path, again=True, json=sent).json()
        return answer

    def upload(self, session: str, file: Path) -> dict[str, Any]:
        """Bring a file into a session."""
        with file.open("rb") as opened:
            answer: dict[str, Any] = self._send(
                "POST",
                f"/sessions/{session}/files",
                again=True,
                data={"command_id": new_command()},
                files={"file": (file.name, opened)},
            ).json()
        return answer

    def follow(self, cursor: str) -> Iterator[Mapping[str, Any]]:
        """Give events after a cursor, for ever; a broken stream is resumed where it broke.

        Raises `NotRunningError` when nothing answers for a minute.
        """
        pause_s, alone_since = RECONNECT_S, time.monotonic()
        while True:
            try:
                for place, event in self._stream(cursor):
                    cursor = place
                    pause_s, alone_since = RECONNECT_S, time.monotonic()
                    yield event
            except httpx2.TransportError:
                if time.monotonic() - alone_since > GIVE_UP_S:
                    raise _gone() from None
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, RECONNECT_S_MAX)

    def ready(self) -> str:
        """Give "ok", or what is missing."""
        try:
            answer = self._http.get("/readyz")
            if answer.is_success:
                return "ok"
            components: dict[str, str] = answer.json()["components"]
        except (httpx2.TransportError, ValueError, KeyError):
            return "it does not answer yet"
        return "; ".join(f"{name}: {state}" for name, state in components.items() if state != "ok")

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _stream(self, cursor: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        timeout = httpx2.Timeout(STREAM_SILENCE_S_MAX, connect=5.0)
        with self._http.sse(f"{API}/events", params={"cursor": cursor}, timeout=timeout) as source:
            if source.response.status_code >= 500:
                return
            if source.response.status_code != 200:
                source.response.read()
                raise _api_error(source.response)
            for frame in source:
                if frame.data:
                    yield frame.id, json.loads(frame.data)

    def _send(self, method: str, path: str, *, again: bool = False, **more: Any) -> httpx2.Response:
        """Send a request; `again` lets it be repeated, as its command id makes safe."""
        lost, pauses_s = not again, iter(BUSY_PAUSES_S if again else ())
        while True:
            try:
                answer = self._http.request(method, API + path, **more)
            except httpx2.TransportError:
                if lost:
                    raise _gone() from None
                lost = True
                time.sleep(RECONNECT_S)
                continue
            if answer.is_success:
                return answer
            pause_s = next(pauses_s, None) if answer.status_code == BUSY else None
            if pause_s is None:
                raise _api_error(answer)
            if pause_s == BUSY_PAUSES_S[0]:
                self._say(f"Deputy cannot take this now. It is sent again for {BUSY_S:.0f} s.")
            time.sleep(pause_s)


def connect() -> Client:
    """Give a client of the Deputy that is meant: the one `DEPUTY_URL` and `DEPUTY_TOKEN_FILE`
    name, else the one that runs for this user. Raises `NotRunningError`."""
    from deputy.interaction.signin import read_owner_token

    url, token_file = os.environ.get("DEPUTY_URL"), os.environ.get("DEPUTY_TOKEN_FILE")
    if url and token_file:
        return Client(url, read_owner_token(Path(token_file)), say=_tell)
    from deputy.cli.installation import here

    there = here()
    if there is None:
        raise _gone()
    return Client(there.url, read_owner_token(there.token_path), say=_tell)


def new_command() -> str:
    """Give a fresh command id."""
    return make("cmd", time.time_ns() // 1_000_000, os.urandom(10))


def _tell(words: str) -> None:
    """Tell the person on standard error, which no program reads for a result."""
    sys.stderr.write(words + "\n")


def _gone() -> NotRunningError:
    from deputy.cli.installation import how_to_start

    if url := os.environ.get("DEPUTY_URL"):
        return NotRunningError(
            f"No Deputy answers at {url}.", hint="Start it there, or correct DEPUTY_URL."
        )
    return NotRunningError("Deputy is not running.", hint=how_to_start())


def _api_error(answer: httpx2.Response) -> ApiError:
    try:
        told = answer.json()["error"]
        return ApiError(answer.status_code, told["code"], told["message"], told["hint"])
    except (ValueError, KeyError, TypeError):
        return ApiError(
            answer.status_code,
            "deputy.failed",
            f"The server answered {answer.status_code} and nothing else.",
            "Look at the terminal in which Deputy runs.",
        )
