"""The execution host: what it asks for before it acts, and what it remembers."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import InvalidRequestError, PermitError, SandboxUnavailableError
from deputy.execution import runtimes
from deputy.execution.host import ExecutionHost
from deputy.execution.starts import Starts
from deputy.wire.permits import PERMIT_AGE_S_MAX, Permit, issue
from deputy.wire.signing import SigningKey
from tests.disks import fill, free, small_disk
from tests.requirement import requirement

GATE = SigningKey.generate()
PAGE_BYTES = 4_096
CALL = CodeCall("call_1", 1, "data", "print(PARAMS['n'])", params={"n": 42})


class Hours:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def now_us(self) -> int:
        return int(self.now_s * 1_000_000)

    def monotonic_s(self) -> float:
        return self.now_s


def host_at(folder: Path, clock: Hours, *walls: str, name: str = "hst_1") -> ExecutionHost:
    return ExecutionHost(
        name,
        gate=GATE.public,
        clock=clock,
        starts=folder / "started.log",
        runtimes={"data": runtimes.find("data")},
        required_walls=walls,
    )


@pytest.fixture
def clock() -> Hours:
    return Hours()


@pytest.fixture
async def host(tmp_path: Path, clock: Hours) -> AsyncIterator[ExecutionHost]:
    made = host_at(tmp_path, clock)
    yield made
    await made.close()


async def permit(host: ExecutionHost, call: CodeCall, *, key: SigningKey = GATE) -> str:
    async with host.accept(call) as accepted:
        offer = accepted.offer
    named = Permit(offer.executor, offer.nonce, call.call, call.attempt, call.digest())
    return issue(key, named)


async def run(host: ExecutionHost, call: CodeCall, token: str) -> CodeResult:
    async with host.accept(call) as accepted:
        return await accepted.run(token)


@requirement("R041", "R138")
async def test_a_permitted_call_runs_and_gives_bytes_back(host: ExecutionHost) -> None:
    result = await run(host, CALL, await permit(host, CALL))
    assert (result.outcome, result.stdout, result.backend) == ("ok", b"42\n", "jail")
    assert {"seccomp", "user_namespace"} <= {wall.name for wall in result.walls if wall.stands}


async def test_a_call_without_a_valid_permit_never_starts(
    host: ExecutionHost, tmp_path: Path, clock: Hours
) -> None:
    changed = dataclasses.replace(CALL, code="print('other')")
    late = await permit(host, CALL)
    clock.now_s += PERMIT_AGE_S_MAX + 0.1
    for call, token in (
        (CALL, "nonsense"),
        (CALL, late),
        (CALL, await permit(host, CALL, key=SigningKey.generate())),
        (changed, await permit(host, CALL)),
        (dataclasses.replace(CALL, attempt=2), await permit(host, CALL)),
        (dataclasses.replace(CALL, call="call_2"), await permit(host, CALL)),
    ):
        with pytest.raises(PermitError):
            await run(host, call, token)
    assert (tmp_path / "started.log").read_bytes() == b""


async def test_a_permit_serves_once(host: ExecutionHost) -> None:
    token = await permit(host, CALL)
    await run(host, CALL, token)
    with pytest.raises(PermitError):
        await run(host, dataclasses.replace(CALL), token)


async def test_an_attempt_starts_once_even_after_a_restart(tmp_path: Path, clock: Hours) -> None:
    for name in ("hst_1", "hst_2"):
        host = host_at(tmp_path, clock, name=name)
        try:
            token = await permit(host, CALL)
            if name == "hst_1":
                await run(host, CALL, token)
            with pytest.raises(PermitError, match="started before"):
                await run(host, CALL, await permit(host, CALL))
            again = dataclasses.replace(CALL, attempt=2 if name == "hst_1" else 3)
            assert (await run(host, again, await permit(host, again))).outcome == "ok"
        finally:
            await host.close()


async def test_of_two_simultaneous_starts_one_is_refused(host: ExecutionHost) -> None:
    tokens = [await permit(host, CALL) for _ in range(4)]
    results = await asyncio.gather(
        *(run(host, CALL, token) for token in tokens), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, PermitError)]
    assert len(refused) == 3


async def test_the_start_is_recorded_even_if_the_sandbox_cannot_be_made(
    tmp_path: Path, clock: Hours
) -> None:
    host = host_at(tmp_path, clock, "microvm")
    try:
        with pytest.raises(SandboxUnavailableError, match="microvm"):
            await run(host, CALL, await permit(host, CALL))
    finally:
        await host.close()
    assert (tmp_path / "started.log").read_bytes() == b"call_1 1\n"


async def test_an_unknown_runtime_is_refused_before_the_permit_is_used(host: ExecutionHost) -> None:
    other = dataclasses.replace(CALL, runtime="docs")
    with pytest.raises(InvalidRequestError, match="docs"):
        await run(host, other, await permit(host, other))


def test_a_torn_last_line_counts_as_never_started(tmp_path: Path) -> None:
    path = tmp_path / "started.log"
    path.write_bytes(b"call_1 1\ncall_2")
    starts = Starts(path)
    assert not starts.begin("call_1", 1)
    assert starts.begin("call_2", 1)
    starts.close()
    assert path.read_bytes() == b"call_1 1\ncall_2 1\n"


def test_two_hosts_of_a_machine_share_one_record(tmp_path: Path) -> None:
    first, second = Starts(tmp_path / "started.log"), Starts(tmp_path / "started.log")
    assert first.begin("call_1", 1)
    assert not second.begin("call_1", 1)
    assert second.begin("call_2", 1)
    assert not first.begin("call_2", 1)
    first.close()
    second.close()


def test_a_long_record_is_shortened_from_its_old_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deputy.execution.starts.ENTRIES_MAX", 10)
    path = tmp_path / "started.log"
    path.write_bytes(b"".join(b"call_%d 1\n" % n for n in range(11)))
    starts = Starts(path)
    assert len(path.read_bytes().splitlines()) == 5
    assert not starts.begin("call_10", 1)
    starts.close()


def test_a_start_that_the_disk_does_not_take_counts_as_never_started(tmp_path: Path) -> None:
    with small_disk(tmp_path / "host", mib=1) as disk:
        record = disk / "started.log"
        whole = b"call_0 1\n" * (PAGE_BYTES // 9)
        record.write_bytes(whole)
        starts = Starts(record)
        fill(disk)
        # Only the beginning of the line still fits into the last page.
        with pytest.raises(SandboxUnavailableError, match="Free space"):
            starts.begin("call_1", 1)
        assert record.read_bytes() == whole
        free(disk)
        assert starts.begin("call_1", 1)
        starts.close()
