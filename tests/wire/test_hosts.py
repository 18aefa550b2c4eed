"""Calls that travel: worker, switchboard and host slots joined over real links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
import structlog

from deputy.core.calls import CodeCall, CodeResult, WallReport
from deputy.core.errors import (
    DeputyError,
    HostLostError,
    InvalidRequestError,
    LimitExceededError,
    PermitError,
    SandboxUnavailableError,
)
from deputy.testing.fakes import FixedClock
from deputy.testing.scripts import ScriptedHost
from deputy.wire import hosts
from deputy.wire.hosts import (
    CALLS_DOOR,
    HOSTS_DOOR,
    HOSTS_LOOK,
    Reach,
    RemoteExecutor,
    Switchboard,
    count_slots,
    keep_slot,
)
from deputy.wire.invitations import Invitation
from deputy.wire.links import HEAD_BYTES_MAX, Door, Link, LinkLostError
from deputy.wire.permits import PERMIT_AGE_S_MAX, Permit, issue
from deputy.wire.signing import SigningKey
from tests.requirement import requirement
from tests.wire.planes import TOKEN, planes

GATE = SigningKey.generate()
CALL = CodeCall(
    "call_1",
    1,
    "data",
    "import sys\n\nprint('ü')",
    files={"uploads/a.csv": b"a,b\n1,2\n", "empty": b""},
    read_only={"in/big.bin": bytes(2_500_000)},
    params={"n": 1, "words": ["x"]},
    seed=7,
    clock_s=9,
)
RESULT = CodeResult(
    outcome="error",
    exception="ValueError",
    line=3,
    stdout=b"out",
    stderr=b"err",
    changed={"out/a.xlsx": bytes(1_200_000), "b": b""},
    deleted=("empty",),
    duration_s=1.5,
    cpu_s=0.5,
    memory_peak_bytes=5,
    backend="jail",
    walls=(WallReport("seccomp", True, "a filter"), WallReport("own_uid", False, "no", "Root.")),
    limit=None,
    refused=(("x\\ny", "a name"),),
)
Answer = Callable[[CodeCall], CodeResult] | Callable[[CodeCall], Awaitable[CodeResult]]


@dataclass
class Board:
    """A switchboard that listens, and the hosts that were started for it."""

    board: Switchboard
    invitation: Invitation
    clock: FixedClock
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, result: Answer, *, slots: int = 1) -> ScriptedHost:
        """Start a host and wait until its slots are there."""
        host = ScriptedHost(GATE.public, self.clock, result)
        known = self.board.slots
        self.tasks += [asyncio.create_task(keep_slot(self.invitation, host)) for _ in range(slots)]
        await self.until(known + slots)
        return host

    async def until(self, slots: int) -> None:
        """Wait until so many slots are there."""
        async with asyncio.timeout(10):
            while self.board.slots != slots:
                await asyncio.sleep(0.005)

    async def run(self, call: CodeCall = CALL, *, key: SigningKey = GATE) -> CodeResult:
        """Do what a worker does with an allowed call."""
        async with RemoteExecutor(self.invitation).accept(call) as accepted:
            offer = accepted.offer
            named = Permit(offer.executor, offer.nonce, call.call, call.attempt, call.digest())
            return await accepted.run(issue(key, named))


@asynccontextmanager
async def switchboard(wait_s: float = 10.0) -> AsyncIterator[Board]:
    async with AsyncExitStack() as stack:
        board = Switchboard(wait_s=wait_s)
        doors = [
            Door(HOSTS_DOOR, TOKEN, board.host),
            Door(HOSTS_LOOK, TOKEN, board.look),
            Door(CALLS_DOOR, TOKEN, board.worker),
        ]
        invitation = await stack.enter_async_context(planes(doors))
        made = Board(board, invitation, FixedClock())
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()
            await asyncio.gather(*made.tasks, return_exceptions=True)


async def test_who_counts_slots_takes_none() -> None:
    async with switchboard() as board:
        assert await count_slots(board.invitation, HOSTS_LOOK) == (0, 0)
        await board.start(lambda _: RESULT, slots=2)
        for _ in range(3):
            assert await count_slots(board.invitation, HOSTS_LOOK) == (2, 2)
        assert await board.run() == RESULT


def test_a_host_tells_once_that_its_cell_is_lost_and_once_that_it_is_there() -> None:
    reach, refused = Reach(), LinkLostError("It knows nobody.")
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            reach.there()
        for error in (LinkLostError("Away."), LinkLostError("Away."), refused, refused):
            reach.lost(error)
        reach.there()
    assert [(line["event"], line.get("error")) for line in logs] == [
        ("the cell is reached", None),
        ("the cell is not reached", "Away."),
        ("the cell is not reached", "It knows nobody."),
        ("the cell is reached", None),
    ]


@requirement("R041")
async def test_a_call_and_its_result_arrive_unchanged() -> None:
    seen: list[CodeCall] = []

    def result(call: CodeCall) -> CodeResult:
        seen.append(call)
        return RESULT

    async with switchboard() as board:
        await board.start(result)
        assert await board.run() == RESULT
    assert seen == [CALL]
    assert seen[0].digest() == CALL.digest()


async def test_a_slot_serves_one_call_after_another_and_two_slots_two_at_once() -> None:
    together = asyncio.Barrier(2)

    async def meet(call: CodeCall) -> CodeResult:
        await together.wait()
        return CodeResult("ok", stdout=call.call.encode())

    async with switchboard() as board:
        await board.start(meet, slots=2)
        for _ in range(3):
            found = await asyncio.gather(board.run(), board.run())
            assert [result.stdout for result in found] == [b"call_1", b"call_1"]


async def test_without_a_host_a_call_is_refused_with_the_cure() -> None:
    async with switchboard(wait_s=0.05) as board:
        with pytest.raises(SandboxUnavailableError, match="deputy serve execution"):
            await board.run()
    with pytest.raises(SandboxUnavailableError, match="No execution host"):
        await board.run()


async def test_when_every_slot_is_in_use_the_next_call_is_told_so() -> None:
    release = asyncio.Event()

    async def wait(call: CodeCall) -> CodeResult:
        await release.wait()
        return CodeResult("ok")

    async with switchboard(wait_s=0.05) as board:
        host = await board.start(wait)
        first = asyncio.create_task(board.run())
        while not host.started:
            await asyncio.sleep(0.005)
        with pytest.raises(SandboxUnavailableError, match="All 1 slots"):
            await board.run()
        release.set()
        assert (await first).outcome == "ok"


@requirement("R138")
async def test_a_host_runs_nothing_without_a_permit_of_its_gate() -> None:
    async with switchboard() as board:
        host = await board.start(lambda call: RESULT)
        with pytest.raises(PermitError):
            await board.run(key=SigningKey.generate())
        assert host.started == []
        assert await board.run() == RESULT


async def test_the_nonce_is_made_after_the_bytes_arrived_and_grows_old() -> None:
    async with switchboard() as board:
        host = await board.start(lambda call: RESULT)
        async with RemoteExecutor(board.invitation).accept(CALL) as accepted:
            offer = accepted.offer
            named = Permit(offer.executor, offer.nonce, CALL.call, CALL.attempt, CALL.digest())
            board.clock.advance(PERMIT_AGE_S_MAX + 0.1)
            with pytest.raises(PermitError, match="older"):
                await accepted.run(issue(GATE, named))
        assert host.started == []


async def test_a_worker_that_leaves_kills_what_runs_and_frees_the_slot() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def forever(call: CodeCall) -> CodeResult:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    async with switchboard() as board:
        await board.start(forever)
        running = asyncio.create_task(board.run())
        await began.wait()
        running.cancel()
        async with asyncio.timeout(5):
            await ended.wait()
            await board.until(1)


async def test_a_host_that_dies_in_a_call_is_noticed_and_the_slot_is_gone() -> None:
    began = asyncio.Event()

    async def forever(call: CodeCall) -> CodeResult:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with switchboard() as board:
        await board.start(forever)
        running = asyncio.create_task(board.run())
        await began.wait()
        board.tasks[0].cancel()
        with pytest.raises(HostLostError, match="started again"):
            await running
        await board.until(0)


@pytest.mark.parametrize("error", [InvalidRequestError("No.", hint="Cure."), PermitError("No.")])
async def test_what_a_host_refuses_is_refused_the_same_way_here(error: DeputyError) -> None:
    def refuse(call: CodeCall) -> CodeResult:
        raise error

    async with switchboard() as board:
        await board.start(refuse)
        with pytest.raises(type(error)) as told:
            await board.run()
        assert (told.value.message, told.value.hint) == (error.message, error.hint)
        await board.until(1)


async def test_a_defect_in_one_call_leaves_the_host_and_its_slot_alive() -> None:
    def broken(call: CodeCall) -> CodeResult:
        if call.attempt == 1:
            raise ZeroDivisionError
        return RESULT

    async with switchboard() as board:
        await board.start(broken)
        with pytest.raises(HostLostError):
            await board.run()
        assert await board.run(replace(CALL, attempt=2)) == RESULT


LIES = [
    ("offer", {"executor": 5}, ()),
    ("result", {}, ()),
    ("nonsense", {}, ()),
]


@pytest.mark.parametrize(("kind", "head", "blobs"), LIES)
async def test_a_host_that_lies_is_a_lost_host(
    kind: str, head: dict[str, object], blobs: tuple[bytes, ...]
) -> None:
    async with switchboard() as board:

        async def lie(link: Link) -> None:
            await link.expect("call")
            await link.send(kind, head, blobs)
            await link.gone()

        async def dial() -> None:
            async with hosts.dialled(board.invitation, HOSTS_DOOR) as link:
                await lie(link)

        board.tasks.append(asyncio.create_task(dial()))
        await board.until(1)
        with pytest.raises((HostLostError, SandboxUnavailableError)):
            await board.run()


async def test_a_result_beyond_the_limits_of_its_call_is_thrown_away() -> None:
    async with switchboard() as board:
        await board.start(lambda call: CodeResult("ok", stdout=bytes(1_000_001)))
        with pytest.raises(HostLostError, match="within its limits"):
            await board.run()


async def test_a_call_too_large_to_be_sent_is_refused_instead_of_tried_for_ever() -> None:
    call = replace(CALL, params={"long": "x" * HEAD_BYTES_MAX})
    async with switchboard() as board:
        await board.start(lambda call: CodeResult("ok"))
        with pytest.raises(LimitExceededError, match="sent at once"):
            await board.run(call)
        assert (await board.run()).outcome == "ok"
