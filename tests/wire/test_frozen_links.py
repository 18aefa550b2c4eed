"""Links over networks that stand still, slow down or close half: noticed, survived, and no echo.

Owns calls and questions that cross a proxy. Must never wait for the real bounds in the fast tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

import pytest

from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import HostLostError
from deputy.wire import links
from deputy.wire.links import Door, Link, LinkLostError, dialled
from tests.proxies import Proxy
from tests.requirement import requirement
from tests.wire.planes import TOKEN, planes, proxied_to
from tests.wire.test_hosts import Board, switchboard

WORD_S, SILENCE_S, STUCK_S = 0.1, 0.6, 3.0
"""In place of the real bounds."""
NOTICED_S = SILENCE_S + 4 * WORD_S + links.CLOSE_S_MAX
SLOW_BYTES_PER_S = 1_000_000
DONE = CodeResult("ok", stdout=b"done")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a silent side for gone sooner."""
    monkeypatch.setattr(links, "WORD_EVERY_S", WORD_S)
    monkeypatch.setattr(links, "SILENCE_S_MAX", SILENCE_S)
    monkeypatch.setattr(links, "STUCK_S_MAX", STUCK_S)


@dataclass
class Sandbox:
    """A call that runs until it is let go, or is ended."""

    began: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, call: CodeCall) -> CodeResult:
        """Run attempt 1 until it is let go; any later attempt is done at once."""
        if call.attempt > 1:
            return CodeResult("ok", stdout=b"again")
        self.began.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.ended.set()
            raise
        return DONE


@dataclass
class Far:
    """A switchboard, and a host and workers that each reach it over a network of their own."""

    board: Board
    hosts: Proxy
    workers: Proxy
    sandbox: Sandbox

    async def run(self, attempt: int = 1, **more: object) -> CodeResult:
        """Do what a worker does with an allowed call."""
        return await self.board.run(CodeCall("call_1", attempt, "data", "1", **more))  # type: ignore[arg-type]


@asynccontextmanager
async def far_apart() -> AsyncIterator[Far]:
    """Put a network between the switchboard and everybody else, with one host of one slot."""
    async with (
        switchboard() as board,
        proxied_to(board.invitation) as (to_hosts, hosts),
        proxied_to(board.invitation) as (to_workers, workers),
    ):
        sandbox = Sandbox()
        board.invitation = to_hosts
        await board.start(sandbox.run)
        board.invitation = to_workers
        yield Far(board, hosts, workers, sandbox)


@requirement("R067")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("where", ["hosts", "workers"])
@pytest.mark.parametrize("ways", ["both", "up", "down"])
async def test_a_link_that_stands_still_in_a_call_ends_call_and_sandbox_and_work_goes_on(
    where: str, ways: str
) -> None:
    async with far_apart() as far:
        proxy: Proxy = getattr(far, where)
        running = asyncio.create_task(far.run())
        await far.sandbox.began.wait()
        frozen = () if ways == "both" else (getattr(proxy, ways),)
        proxy.freeze(*frozen)
        async with asyncio.timeout(3 * NOTICED_S):
            with pytest.raises(HostLostError, match="started again"):
                await running
            await far.sandbox.ended.wait()
        proxy.thaw()
        await far.board.until(1)
        assert (await far.run(2)).stdout == b"again"


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_was_on_its_way_when_the_worker_gave_up_reaches_nobody() -> None:
    async with far_apart() as far:
        running = asyncio.create_task(far.run())
        await far.sandbox.began.wait()
        far.hosts.freeze()
        far.sandbox.let_go.set()
        with pytest.raises(HostLostError):
            await running
        far.hosts.thaw()
        await far.board.until(1)
        assert (await far.run(2)).stdout == b"again"


@pytest.mark.usefixtures("impatient")
async def test_a_short_pause_of_the_network_harms_nothing() -> None:
    async with far_apart() as far:
        running = asyncio.create_task(far.run())
        await far.sandbox.began.wait()
        for proxy in (far.hosts, far.workers):
            proxy.freeze()
        far.sandbox.let_go.set()
        await asyncio.sleep(SILENCE_S / 2)
        for proxy in (far.hosts, far.workers):
            proxy.thaw()
        assert await running == DONE


@pytest.mark.usefixtures("impatient")
async def test_a_host_whose_links_are_dead_comes_back_by_itself() -> None:
    async with far_apart() as far:
        far.hosts.freeze()
        await far.board.until(0)
        far.hosts.forget()
        await far.board.until(1)
        assert (await far.run(2)).stdout == b"again"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("where", ["hosts", "workers"])
async def test_a_large_call_and_its_result_over_a_slow_link_are_not_taken_for_dead(
    where: str,
) -> None:
    size = 2_000_000
    async with far_apart() as far:
        getattr(far, where).slow(SLOW_BYTES_PER_S)
        began = monotonic()
        result = await far.run(2, read_only={"big": bytes(size)})
        assert (result.stdout, monotonic() - began > 3 * SILENCE_S) == (b"again", True)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["hosts", "workers"])
async def test_fifty_mebibytes_each_way_pass_over_one_megabyte_a_second(where: str) -> None:
    size = 50 << 20
    async with switchboard() as board, proxied_to(board.invitation) as (slowly, proxy):
        changed = {"out": bytes(size // 2), "more": bytes(size // 2)}
        fast, board.invitation = board.invitation, slowly if where == "hosts" else board.invitation
        await board.start(lambda call: CodeResult("ok", changed=changed))
        board.invitation = slowly if where == "workers" else fast
        proxy.slow(SLOW_BYTES_PER_S)
        began = monotonic()
        async with asyncio.timeout(300):
            result = await board.run(
                CodeCall("call_1", 1, "data", "1", read_only={"big": bytes(size)})
            )
        assert sum(map(len, result.changed.values())) == size
        assert monotonic() - began > 100


@pytest.mark.slow
async def test_a_large_call_that_stops_moving_is_lost_within_the_real_bounds() -> None:
    async with switchboard() as board, proxied_to(board.invitation) as (slowly, proxy):
        await board.start(lambda call: DONE)
        board.invitation = slowly
        proxy.slow(SLOW_BYTES_PER_S)
        running = asyncio.create_task(
            board.run(CodeCall("call_1", 1, "data", "1", read_only={"big": bytes(50 << 20)}))
        )
        while proxy.up.moved_bytes < 5_000_000:
            await asyncio.sleep(0.1)
        proxy.freeze()
        began = monotonic()
        with pytest.raises(Exception, match="ended"):
            await running
        assert monotonic() - began < links.SILENCE_S_MAX + 2 * links.WORD_EVERY_S + 3


@pytest.mark.usefixtures("impatient")
async def test_a_half_closed_link_is_a_closed_one() -> None:
    async def silent(link: Link) -> None:
        await link.gone()

    async with (
        planes([Door("/d", TOKEN, silent)]) as invitation,
        proxied_to(invitation) as (to, proxy),
    ):
        async with dialled(to, "/d") as link:
            began = monotonic()
            proxy.half_close()
            with pytest.raises(LinkLostError):
                await link.receive()
        assert monotonic() - began < NOTICED_S


@pytest.mark.usefixtures("impatient")
async def test_leaving_a_link_does_not_wait_for_what_nobody_takes() -> None:
    async def deaf(link: Link) -> None:
        await link.gone()

    async with (
        planes([Door("/d", TOKEN, deaf)]) as invitation,
        proxied_to(invitation) as (to, proxy),
    ):
        async with dialled(to, "/d") as link:
            proxy.freeze(proxy.up)
            sending = asyncio.create_task(link.send("word", {}, [bytes(100 << 20)]))
            await asyncio.sleep(SILENCE_S / 2)
            sending.cancel()
            began = monotonic()
        assert monotonic() - began < links.CLOSE_S_MAX + 1


@pytest.mark.usefixtures("impatient")
async def test_who_never_takes_what_is_sent_is_left_in_the_end() -> None:
    async def deaf(link: Link) -> None:
        await link.gone()

    async with planes([Door("/d", TOKEN, deaf)]) as invitation:
        async with dialled(invitation, "/d") as link:
            began = monotonic()
            with pytest.raises(LinkLostError):
                await link.send("word", {}, [bytes(100 << 20)])
        assert STUCK_S / 2 < monotonic() - began < STUCK_S + 3
