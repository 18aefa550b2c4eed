"""Every limit of a call ends it with an outcome that names the limit, and nothing lives on."""

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deputy.execution import runtimes
from deputy.execution.guest import cgroups
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import Limits, SandboxResult
from tests.execution.jails import job, run
from tests.requirement import requirement

SMALL = Limits(
    wall_s=10,
    cpu_s=10,
    memory_bytes=512 << 20,
    output_bytes=10_000,
    file_bytes=8 << 20,
    files_max=50,
    tree_bytes=16 << 20,
    processes_max=16,
)


def ended(code: str, **narrower: float) -> SandboxResult:
    began = time.monotonic()
    result = run(code, limits=dataclasses.replace(SMALL, **narrower))
    assert time.monotonic() - began < SMALL.wall_s, "the limit came too late"
    return result


@requirement("R048")
def test_sleeping_too_long_is_a_time_limit() -> None:
    result = ended("print('begun')\nimport time\ntime.sleep(60)\n", wall_s=0.3)
    assert (result.outcome, result.limit, result.stdout) == ("time_limit", "wall_s", b"begun\n")
    assert 0.3 <= result.duration_s < 2


@requirement("R046")
@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import os\nos.fork()\nos.fork()\nwhile True: pass",
        "import threading\n"
        "def spin():\n    while True: pass\n"
        "for _ in range(3): threading.Thread(target=spin).start()\n",
        "import os\n"
        "while True:\n"
        "    if os.fork() == 0:\n"
        "        for _ in range(10**6): pass\n"
        "        os._exit(0)\n"
        "    os.wait()\n",
    ],
    ids=["one process", "four processes", "threads", "a relay of short processes"],
)
def test_spinning_is_a_cpu_limit_over_all_processes(code: str) -> None:
    result = ended(code, cpu_s=0.5)
    assert (result.outcome, result.limit) == ("cpu_limit", "cpu_s")
    assert 0.4 <= result.cpu_s < 3


@requirement("R047")
@pytest.mark.parametrize(
    "code",
    [
        "x = bytearray(2 << 30)",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "import numpy\nnumpy.ones((30_000, 30_000))",
        "import mmap\nm = mmap.mmap(-1, 2 << 30)\nfor at in range(0, 2 << 30, 4096): m[at] = 1\n",
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        x = b'x' * (200 << 20)\n"
        "        time.sleep(60)\n"
        "time.sleep(60)\n",
        "import ctypes, os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
        "        x = b'x' * (200 << 20)\n"
        "        time.sleep(60)\n"
        "time.sleep(60)\n",
    ],
    ids=["at once", "bit by bit", "numpy", "shared map", "many processes", "hidden processes"],
)
def test_taking_too_much_memory_is_a_memory_limit(code: str) -> None:
    result = ended(code)
    assert (result.outcome, result.limit) == ("memory_limit", "memory_bytes")


@pytest.mark.parametrize(
    "code",
    [
        "while True: print('x' * 1_000)",
        "import sys\nwhile True: sys.stderr.write('y' * 1_000)",
        "import os\nwhile True: os.write(1, bytes(65_536))",
    ],
    ids=["out", "err", "raw"],
)
def test_a_flood_of_output_is_an_output_limit(code: str) -> None:
    result = ended(code)
    assert (result.outcome, result.limit) == ("output_limit", "output_bytes")
    assert len(result.stdout) + len(result.stderr) == SMALL.output_bytes


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("open('big', 'wb').write(bytes(9 << 20))", "file_bytes"),
        ("open('sparse', 'wb').truncate(1 << 50)", "file_bytes"),
        ("for n in range(3): open(f's{n}', 'wb').truncate(7 << 20)", "tree_bytes"),
        ("for n in range(4): open(f'/tmp/{n}', 'wb').write(bytes(5 << 20))", "tree_bytes"),
        ("for n in range(4): open(f'/dev/shm/{n}', 'wb').write(bytes(5 << 20))", "tree_bytes"),
        ("for n in range(60): open(f'f{n}', 'w')", "files_max"),
        ("for n in range(10**6): open(f'/tmp/f{n}', 'w').close()", "files_max"),
    ],
    ids=["one file", "a petabyte", "sparse files", "tmp", "shm", "many files", "inodes"],
)
def test_filling_the_disk_is_a_file_limit(code: str, limit: str) -> None:
    result = ended(code)
    assert (result.outcome, result.limit) == ("file_limit", limit)
    assert sum(map(len, result.changed.values())) <= SMALL.tree_bytes


@pytest.mark.parametrize(
    "code",
    [
        "import os\nwhile True: os.fork()",
        "import threading\nstop = threading.Event()\n"
        "while True: threading.Thread(target=stop.wait, daemon=True).start()\n",
    ],
    ids=["forks", "threads"],
)
def test_a_bomb_of_processes_or_threads_names_the_process_limit(code: str) -> None:
    result = ended(code)
    assert (result.outcome, result.limit) == ("error", "processes_max")


def test_a_bomb_that_ignores_every_error_ends_too() -> None:
    result = ended(
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n", cpu_s=1
    )
    assert result.outcome == "cpu_limit"


def test_running_out_of_descriptors_is_the_programs_own_error() -> None:
    result = ended("import os\nwhile True: os.open('/dev/null', 0)\n")
    assert (result.outcome, result.exception) == ("error", "OSError")
    assert b"Too many open files" in result.stderr


def test_output_before_a_limit_is_kept() -> None:
    result = ended("open('half.csv', 'w').write('1')\nprint('so far')\nwhile True: pass", cpu_s=0.3)
    assert result.stdout == b"so far\n"
    assert result.changed == {"half.csv": b"1"}


@pytest.fixture
def delegated_group() -> Iterator[str]:
    """Give a group of the memory hierarchy made for this test."""
    mounts = cgroups._mounts()
    top = mounts.get("memory") or mounts.get("")
    if os.geteuid() != 0 or top is None:
        pytest.skip("only root can delegate a cgroup")
    name = f"deputy-test-{os.getpid()}"
    place = Path(top, name)
    place.mkdir()
    yield name
    for folder in sorted(place.rglob("*/"), reverse=True):
        folder.rmdir()
    place.rmdir()


@requirement("R047")
async def test_a_delegated_group_lets_the_kernel_limit_the_memory_of_a_call(
    delegated_group: str,
) -> None:
    jail = Jail(runtimes.find("data"), preload=(), cgroup_parent=delegated_group)
    code = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        x = b'x' * (200 << 20)\n"
        "        time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    try:
        result = await jail.run(job(code, limits=SMALL))
    finally:
        await jail.close()
    wall = next(w for w in result.report.walls if w.name == cgroups.NAME)
    if not wall.stands:
        pytest.skip("this kernel's memory controller cannot be delegated here")
    assert (result.outcome, result.limit) == ("memory_limit", "memory_bytes")
    assert result.memory_peak_bytes is not None
    assert result.memory_peak_bytes < SMALL.memory_bytes + SMALL.tree_bytes + (256 << 20)
