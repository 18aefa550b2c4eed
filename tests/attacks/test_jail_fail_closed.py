"""Where a wall cannot stand nothing runs, and the refusal names the wall and the cure."""

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from deputy.execution import runtimes
from deputy.execution.errors import SandboxRefusedError
from deputy.execution.sandboxes.jails import ALWAYS_REQUIRED, Jail
from deputy.execution.sandboxes.port import IsolationReport
from tests.execution.jails import job, run
from tests.requirement import requirement

ANSWER_S_MAX = 60
# Takes something from this process and its children, then asks for a jail and says what came.
SCENE = """
import asyncio, ctypes, errno, json, os, platform, struct
from deputy.core.errors import DeputyError
from deputy.execution import runtimes
from deputy.execution.guest import bpf, kernel, mounts, namespaces, seccomp
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import SandboxJob

def deny(number, error, *arguments):
    '''Refuse a system call from now on, if its arguments (index, value) are these.'''
    block = [bpf.refuse(error)]
    for index, value in reversed(arguments):
        block = [bpf.load_argument(index), *bpf.when(bpf.JUMP_EQUAL, value, block)]
        block.append(bpf.give(bpf.ALLOW))
    judged = bpf.when(bpf.JUMP_EQUAL, number, block)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.load(bpf.assembled([bpf.load_number(), *judged, bpf.give(bpf.ALLOW)]))

def own_user_namespace():
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    namespaces.map_ids('self', 0, uid, gid, 1)
    os.setuid(0)

async def main(required):
    jail = Jail(runtimes.find('data'), preload=(), required_walls=required)
    try:
        result = await jail.run(SandboxJob('call_1', 1, 'print(1)'))
        said = {'outcome': result.outcome, 'stdout': result.stdout.decode(),
                'missing': [w.name for w in result.report.walls if not w.stands]}
    except DeputyError as error:
        said = {'code': error.code, 'wall': error.wall, 'hint': error.hint}
    finally:
        await jail.close()
    print(json.dumps(said))
"""
X86 = os.uname().machine == "x86_64"
PRCTL = 157 if X86 else 167
UNSHARE = 272 if X86 else 97
CLONE = 56 if X86 else 220
MOVE_MOUNT, LANDLOCK_CREATE, CAPSET = 429, 444, 126 if X86 else 91


def scene(loss: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    script = SCENE + textwrap.dedent(loss) + f"\nasyncio.run(main({required!r}))\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=ANSWER_S_MAX
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_the_scene_itself_works() -> None:
    assert scene("")["stdout"] == "1\n"


@requirement("R041", "R138")
@pytest.mark.parametrize(
    ("wall", "loss"),
    [
        (
            "user_namespace",
            "own_user_namespace(); open('/proc/sys/user/max_user_namespaces', 'w').write('0')",
        ),
        ("user_namespace", f"deny({UNSHARE}, errno.EPERM, (0, kernel.CLONE_NEWUSER))"),
        ("user_namespace", f"deny({CLONE}, errno.EPERM, (0, namespaces.CALL | 17))"),
        (
            "pid_namespace",
            f"deny({UNSHARE}, errno.EPERM, (0, namespaces.ZYGOTE))",
        ),
        ("cgroup_namespace", f"deny({UNSHARE}, errno.EPERM, (0, kernel.CLONE_NEWCGROUP))"),
        ("private_root", f"deny({MOVE_MOUNT}, errno.EPERM)"),
        ("seccomp", f"deny({PRCTL}, errno.EINVAL, (0, kernel.PR_SET_SECCOMP))"),
        ("capabilities", f"deny({CAPSET}, errno.EPERM)"),
        ("capabilities", f"deny({PRCTL}, errno.EPERM, (0, kernel.PR_SET_SECUREBITS))"),
        ("no_new_privileges", f"deny({PRCTL}, errno.EINVAL, (0, kernel.PR_SET_NO_NEW_PRIVS))"),
    ],
)
def test_a_wall_that_cannot_stand_means_that_nothing_runs(wall: str, loss: str) -> None:
    said = scene(loss)
    assert (said.get("code"), said.get("wall")) == ("sandbox.unavailable", wall), said
    assert said["hint"]


def test_landlock_may_be_missing_unless_it_is_required() -> None:
    loss = f"deny({LANDLOCK_CREATE}, errno.ENOSYS)"
    said = scene(loss)
    assert said["stdout"] == "1\n"
    assert "landlock" in said["missing"]
    assert scene(loss, ("landlock",))["wall"] == "landlock"


def test_a_masked_proc_is_left_away_and_reported() -> None:
    """As container engines do it: the jail then has no process list, and says so."""
    loss = """
        own_user_namespace()
        mounts.make_private()
        mounts.bind('/dev/null', '/proc/version')
        """
    said = scene(loss)
    assert said["stdout"] == "1\n", said
    assert "private_proc" in said["missing"]
    assert scene(loss, ("private_proc",))["wall"] == "private_proc"


def test_a_required_wall_nobody_offers_is_a_refusal() -> None:
    said = scene("", ("microvm",))
    assert (said["code"], said["wall"]) == ("sandbox.unavailable", "microvm")


def test_a_kernel_memory_limit_can_be_demanded() -> None:
    report = run("").report
    wall = next(wall for wall in report.walls if wall.name == "memory_limit_by_kernel")
    said = scene("", ("memory_limit_by_kernel",))
    if wall.stands:
        assert said["outcome"] == "ok"
    else:
        assert (said["code"], said["wall"]) == ("sandbox.unavailable", "memory_limit_by_kernel")
        assert wall.cure


def test_every_required_wall_is_in_the_report_of_a_call() -> None:
    report = run("").report
    assert report.backend == "jail"
    assert report.missing(ALWAYS_REQUIRED) == ()
    assert len({wall.name for wall in report.walls}) == len(report.walls)
    for wall in report.walls:
        assert wall.stands == (wall.cure is None)


def test_a_wall_never_reported_counts_as_missing() -> None:
    missing = IsolationReport("jail", ()).missing(["seccomp"])
    assert [(wall.name, wall.stands) for wall in missing] == [("seccomp", False)]


def test_a_probe_reports_the_walls_without_running_anything() -> None:
    report = Jail(runtimes.find("data")).probe()
    assert report.missing(ALWAYS_REQUIRED) == ()


async def test_a_runtime_that_does_not_start_is_a_refusal_with_the_cure() -> None:
    jail = Jail(runtimes.find("data") / "lib")
    with pytest.raises(SandboxRefusedError, match="script/setup"):
        await jail.run(job(""))
    report = await asyncio.to_thread(jail.probe)
    assert [wall.stands for wall in report.walls] == [False]


async def test_a_library_that_starts_threads_is_refused_by_name() -> None:
    jail = Jail(runtimes.find("data"), preload=("antigravity_of_nobody", "polars"))
    try:
        result = await jail.run(job("print(1)"))
        assert result.stdout == b"1\n"
    finally:
        await jail.close()


def test_a_thread_after_an_import_is_noticed(tmp_path: Any) -> None:
    (tmp_path / "restless.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from deputy.execution.guest import walls, zygotes\n"
        "try: zygotes.warmed(['json', 'restless'])\n"
        "except walls.WallError as error: print(error.reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "importing restless started 1 threads\n", done.stderr
