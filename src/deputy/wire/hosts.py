"""Execution hosts beyond this process: they stream for work, and a switchboard joins them to it.

Owns the three sides of a call that travels: a worker's executor, the switchboard of the cell, and
the host's slot. A slot is one outbound link that carries one call and then ends, so nothing of a
call can reach the next. The switchboard passes frames on unread. Must never decide whether a call
may run: permits do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from deputy.core.calls import CodeCall, CodeResult, Offer
from deputy.core.errors import (
    DeputyError,
    HostLostError,
    PermitError,
    SandboxUnavailableError,
)
from deputy.core.ports import Executor
from deputy.wire import calls
from deputy.wire.invitations import Invitation
from deputy.wire.links import (
    BYTES_PER_S_MIN,
    MESSAGE_BYTES_MAX,
    SMALL_BYTES_MAX,
    Link,
    LinkLostError,
    Message,
    dialled,
)

HOSTS_DOOR = "/hosts"
CALLS_DOOR = "/calls"
HOSTS_LOOK, CALLS_LOOK = "/hosts/look", "/calls/look"
"""Where either side asks how many slots there are, and takes none."""
SLOT_WAIT_S_MAX = 10.0
REDIAL_S = (0.1, 0.5, 1.0, 2.0, 5.0)
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class RemoteExecutor:
    """Implements `core.ports.Executor` over the cell's switchboard."""

    def __init__(self, switchboard: Invitation) -> None:
        self._switchboard = switchboard

    @asynccontextmanager
    async def accept(self, call: CodeCall) -> AsyncIterator[RemoteCall]:
        """Send a call to some host that has a free slot; see the port for what it raises."""
        try:
            async with dialled(self._switchboard, CALLS_DOOR) as link:
                yield RemoteCall(await _offered(link, call), call, link)
        except LinkLostError as error:
            raise _nobody(error) from error

    async def close(self) -> None:
        """Nothing to end: a call's link ends with the call."""


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """Implements `core.ports.Accepted` for a call that a host holds."""

    offer: Offer
    _call: CodeCall
    _link: Link

    async def run(self, permit: str) -> CodeResult:
        """Hand over the permit and wait for the result; see the port for what it raises."""
        try:
            await self._link.send("permit", {"permit": permit})
            answer = await _answer(
                self._link,
                "result",
                bytes_max=calls.result_bytes_max(self._call),
                within_s=self._call.limits.wall_s + calls.ANSWER_MARGIN_S,
            )
        except (LinkLostError, TimeoutError) as error:
            raise HostLostError(
                "The execution host went away in the middle of a call.",
                hint="What it did is thrown away; the call is started again by itself.",
            ) from error
        return calls.read_result(answer, self._call)


@dataclass(eq=False, slots=True)
class _Slot:
    link: Link
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    unheard: asyncio.Event = field(default_factory=asyncio.Event)
    """Nobody listens to it any more but whoever took it."""
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Switchboard:
    """Joins workers' calls to hosts' slots, first come first served."""

    def __init__(self, *, wait_s: float = SLOT_WAIT_S_MAX) -> None:
        """`wait_s` is how long a call waits for a free slot."""
        self._free: dict[_Slot, None] = {}
        self._change = asyncio.Condition()
        self._wait_s = wait_s
        self.slots = 0
        """Slots whose hosts are there, in use or free."""

    async def host(self, link: Link) -> None:
        """Keep a host's slot until its one call is over or the host is gone."""
        slot = _Slot(link)
        self.slots += 1
        async with self._change:
            self._free[slot] = None
            # All of them look: one that is woken while it leaves would keep it to itself.
            self._change.notify_all()
        try:
            # What a host says before it has a call is kept nowhere: it ends the slot.
            await _first(link.heard(), slot.taken.wait())
            slot.unheard.set()
            if slot.taken.is_set():
                await _first(link.gone(), slot.done.wait())
        finally:
            slot.unheard.set()
            self.slots -= 1
            self._free.pop(slot, None)

    async def worker(self, link: Link) -> None:
        """Join a worker's call to a free slot and pass everything on until one side ends."""
        taking = asyncio.ensure_future(self._take())
        # Who left waits for nothing and takes no slot along.
        await _first(link.gone(), taking)
        if taking.cancelled():
            return None
        if taking.exception() is not None:
            return await calls.send_refusal(link, self._busy())
        slot = taking.result()
        slot.taken.set()
        try:
            await slot.unheard.wait()
            await link.send("joined")
            await _first(link.pass_on(slot.link), slot.link.pass_on(link))
        finally:
            slot.done.set()

    async def look(self, link: Link) -> None:
        """Tell how many slots there are and how many are free."""
        await link.send("slots", {"all": self.slots, "free": len(self._free)})

    async def _take(self) -> _Slot:
        async with asyncio.timeout(self._wait_s), self._change:
            await self._change.wait_for(lambda: self._free)
            slot = next(iter(self._free))
            del self._free[slot]
            return slot

    def _busy(self) -> SandboxUnavailableError:
        if self.slots == 0:
            return _nobody()
        return SandboxUnavailableError(
            f"All {self.slots} slots of the execution hosts are in use.",
            hint="Wait, or start another host with `deputy serve execution`. Nothing was started.",
            code="sandbox.busy",
        )


class Reach:
    """Logs when a cell is lost and when it is there again: once for all slots of a host."""

    def __init__(self) -> None:
        self._error: str | None = ""
        """None while the cell is reached."""

    def there(self) -> None:
        """Take note of a slot that was taken in."""
        if self._error is not None:
            _log.info("the cell is reached")
        self._error = None

    def lost(self, error: LinkLostError) -> None:
        """Take note of a slot that was not."""
        if self._error != str(error):
            _log.warning("the cell is not reached", error=str(error))
        self._error = str(error)


async def keep_slot(cell: Invitation, executor: Executor, reach: Reach | None = None) -> None:
    """Offer one slot to a cell, again and again, until cancelled."""
    tries, reach = 0, reach or Reach()
    while True:
        try:
            async with dialled(cell, HOSTS_DOOR) as link:
                tries = 0
                reach.there()
                await serve_call(link, executor)
        except LinkLostError as error:
            # A slot that was taken in ends with each call and each restart of the cell.
            if tries:
                reach.lost(error)
        except Exception:  # noqa: BLE001  a defect in one call must not take other slots along
            _log.exception("a call failed unexpectedly")
        else:
            continue
        await asyncio.sleep(REDIAL_S[min(tries, len(REDIAL_S) - 1)])
        tries += 1


async def serve_call(link: Link, executor: Executor) -> None:
    """Wait for one call on a link and run it; if the link ends, so does the sandbox."""
    call, leave_s = calls.read_call(await link.expect("call", bytes_max=MESSAGE_BYTES_MAX)), 0.0
    try:
        async with executor.accept(call) as accepted:
            await calls.send_offer(link, accepted.offer)
            permit = await _permit(link)
            running = asyncio.ensure_future(accepted.run(permit))
            await _first(link.gone(), running)
            if not running.cancelled():
                result = running.result()
                await calls.send_result(link, result)
                # What was sent may still be on its way to the worker, who leaves when it has it.
                leave_s = sum(map(len, result.changed.values())) / BYTES_PER_S_MIN
    except DeputyError as error:
        if not isinstance(error, LinkLostError):
            await calls.send_refusal(link, error)
    with suppress(TimeoutError):
        async with asyncio.timeout(calls.ANSWER_MARGIN_S + leave_s):
            await link.gone()


async def count_slots(cell: Invitation, door: str) -> tuple[int, int]:
    """Ask a cell how many slots its hosts offer and how many are free; raises `LinkLostError`."""
    async with dialled(cell, door) as link:
        told = (await link.expect("slots")).head
        return int(told["all"]), int(told["free"])


async def _offered(link: Link, call: CodeCall) -> Offer:
    """Send a call to whoever the switchboard joins us to; give what that host offers."""
    size = sum(map(len, (*call.files.values(), *call.read_only.values())))
    sending_s = calls.ANSWER_MARGIN_S + size / BYTES_PER_S_MIN
    try:
        async with asyncio.timeout(SLOT_WAIT_S_MAX + sending_s):
            # The bytes are sent only once somebody is there to take them.
            await _answer(link, "joined")
            await calls.send_call(link, call)
            return calls.read_offer(await _answer(link, "offer"))
    except TimeoutError as error:
        raise SandboxUnavailableError(
            f"An execution host took no call within {sending_s:.0f} s.",
            hint="Look at the hosts and their network. Nothing was started; it is tried again.",
            code="sandbox.silent_host",
        ) from error


async def _permit(link: Link) -> str:
    try:
        async with asyncio.timeout(calls.ANSWER_MARGIN_S):
            return str((await link.expect("permit")).head.get("permit"))
    except TimeoutError as error:
        raise PermitError("No permit came for a call that was taken in.") from error


async def _answer(
    link: Link, kind: str, *, bytes_max: int = SMALL_BYTES_MAX, within_s: float | None = None
) -> Message:
    """Give the answer of a kind; raises what the other side refused with."""
    answer = await link.expect(kind, "refused", bytes_max=bytes_max, within_s=within_s)
    if answer.kind == "refused":
        raise calls.refusal(answer)
    return answer


async def _first(*works: Awaitable[object]) -> None:
    """Wait until one ends, then end the others and wait for them too."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _nobody(error: LinkLostError | None = None) -> SandboxUnavailableError:
    why = f" {error.message}" if error else ""
    return SandboxUnavailableError(
        f"No execution host is there to run code.{why}",
        hint="Start one with `deputy serve execution`. Nothing was started; it is tried again.",
        code="sandbox.no_host",
    )
