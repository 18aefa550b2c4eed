"""Many calls, cancelled calls, dead zygotes: nothing outlives a call, and the next one runs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deputy.core.errors import NotFoundError, SandboxUnavailableError
from deputy.execution import runtimes
from deputy.execution.errors import SandboxLostError
from deputy.execution.sandboxes import jails
from deputy.execution.sandboxes.jails import Jail
from tests.execution.jails import job
from tests.requirement import requirement

WAIT_S_MAX = 10
SLEEPS = "print('begun', flush=True)\nimport time\ntime.sleep(600)\n"


@pytest.fixture
async def jail() -> AsyncIterator[Jail]:
    made = Jail(runtimes.find("data"), preload=())
    yield made
    await made.close()


def zygote_of(jail: Jail) -> int:
    zygote = jail._zygote
    assert zygote is not None
    return zygote.process.pid


def family(pid: int) -> set[int]:
    """Every descendant of a process, itself included."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = set(), [pid]
    while waiting:
        found.add(one := waiting.pop())
        waiting += parents.get(one, [])
    return found


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S_MAX):
        while not true():
            await asyncio.sleep(0.005)


@requirement("R043")
async def test_calls_at_the_same_time_do_not_see_each_other(jail: Jail) -> None:
    code = (
        "import os, time\n"
        "open('mine.txt', 'w').write(PARAMS['who'])\n"
        "open('/tmp/mine', 'w').write(PARAMS['who'])\n"
        "time.sleep(0.1)\n"
        "print(PARAMS['who'], os.listdir('.'), os.listdir('/tmp'), open('/tmp/mine').read(),\n"
        "      [p for p in os.listdir('/proc') if p.isdigit()])\n"
    )
    people = [f"person-{n}" for n in range(8)]
    results = await asyncio.gather(*(jail.run(job(code, params={"who": p})) for p in people))
    for person, result in zip(people, results, strict=True):
        said = f"{person} ['mine.txt'] ['mine'] {person} ['1', '2']\n"
        assert result.stdout.decode() == said, result.stderr
        assert result.changed == {"mine.txt": person.encode()}


@requirement("R062")
async def test_nothing_of_a_call_is_left_for_the_next(jail: Jail) -> None:
    first = await jail.run(
        job(
            "import builtins, os, subprocess, sys\n"
            "builtins.secret = 1; sys.modules['planted'] = sys; os.environ['LEFT'] = 'x'\n"
            "for place in ('/tmp/x', '/dev/shm/x', '/workspace/x'): open(place, 'w').write('x')\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0: os.execv('/usr/bin/sleep', ['sleep', '600'])\n"
            "    os._exit(0)\n"
            "os.wait()\n"
        )
    )
    assert first.outcome == "ok", first.stderr
    assert len(family(zygote_of(jail))) == 3, "launcher, guardian and zygote are all that lives"
    second = await jail.run(
        job(
            "import builtins, os, sys\n"
            "print(hasattr(builtins, 'secret'), 'planted' in sys.modules, 'LEFT' in os.environ,\n"
            "      [os.listdir(p) for p in ('/tmp', '/dev/shm', '/workspace')],\n"
            "      [p for p in os.listdir('/proc') if p.isdigit()])\n"
        )
    )
    assert second.stdout == b"False False False [[], [], []] ['1', '2']\n", second.stderr


async def test_cancelling_kills_at_once_and_frees_the_place(jail: Jail) -> None:
    await jail.run(job(""))
    before = family(zygote_of(jail))
    running = asyncio.create_task(jail.run(job(SLEEPS)))
    await until(lambda: len(family(zygote_of(jail))) >= len(before) + 2)
    began = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - began < 2
    assert family(zygote_of(jail)) == before
    assert (await jail.run(job("print(1)"))).stdout == b"1\n"


async def test_a_zygote_killed_between_calls_is_replaced(jail: Jail) -> None:
    await jail.run(job(""))
    first = zygote_of(jail)
    for pid in family(first):
        os.kill(pid, signal.SIGKILL)
    zygote = jail._zygote
    await until(lambda: zygote is not None and not zygote.alive)
    assert (await jail.run(job("print(2)"))).stdout == b"2\n"
    assert zygote_of(jail) != first


@pytest.mark.parametrize("victim", ["launcher", "zygote"])
async def test_a_zygote_killed_during_a_call_loses_the_call_and_takes_it_along(
    jail: Jail, victim: str
) -> None:
    await jail.run(job(""))
    launcher = zygote_of(jail)
    idle = family(launcher)
    running = asyncio.create_task(jail.run(job(SLEEPS)))
    await until(lambda: len(family(launcher)) >= len(idle) + 2)
    everyone = family(launcher)
    os.kill(launcher if victim == "launcher" else max(idle), signal.SIGKILL)
    with pytest.raises(SandboxLostError):
        await running
    await until(lambda: not any(_runs(pid) for pid in everyone))
    assert (await jail.run(job("print(3)"))).stdout == b"3\n"


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_when_the_host_dies_everything_dies(tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(
        "import asyncio, sys\n"
        "from deputy.execution import runtimes\n"
        "from deputy.execution.sandboxes.jails import Jail\n"
        "from deputy.execution.sandboxes.port import SandboxJob\n"
        "async def main():\n"
        "    jail = Jail(runtimes.find('data'), preload=())\n"
        "    await jail.run(SandboxJob('c', 1, ''))\n"
        "    print(jail._zygote.process.pid, flush=True)\n"
        f"    await jail.run(SandboxJob('c', 1, {SLEEPS!r}))\n"
        "asyncio.run(main())\n"
    )
    host = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    with host.stdout:
        launcher = int(host.stdout.readline())
    await until(lambda: len(family(launcher)) >= 5)
    everyone = family(launcher)
    host.kill()
    host.wait()
    await until(lambda: not any(_runs(pid) for pid in everyone))


async def test_an_old_zygote_retires_when_its_last_call_is_over(
    jail: Jail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jails, "ZYGOTE_CALLS_MAX", 2)
    await jail.run(job(""))
    first = zygote_of(jail)
    running = asyncio.create_task(jail.run(job(SLEEPS)))
    await until(lambda: len(family(first)) >= 5)
    assert (await jail.run(job("print(4)"))).stdout == b"4\n"
    assert zygote_of(jail) != first
    assert _runs(first), "a running call keeps its zygote"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await jail.run(job(""))
    assert not _runs(first)


async def test_a_closed_jail_takes_no_more_calls(jail: Jail) -> None:
    await jail.run(job(""))
    launcher = zygote_of(jail)
    await jail.close()
    assert not _runs(launcher)
    with pytest.raises(SandboxUnavailableError):
        await jail.run(job(""))


async def test_calls_beyond_the_places_wait_their_turn() -> None:
    narrow = Jail(runtimes.find("data"), preload=(), calls_at_once=2)
    try:
        results = await asyncio.gather(*(narrow.run(job(f"print({n})")) for n in range(6)))
    finally:
        await narrow.close()
    assert [r.stdout for r in results] == [f"{n}\n".encode() for n in range(6)]


def test_a_missing_runtime_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="script/setup"):
        runtimes.find("data", tmp_path)
    with pytest.raises(NotFoundError, match="script/setup"):
        runtimes.find("no-such-runtime")
