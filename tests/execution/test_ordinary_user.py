"""The jail of an ordinary user: the same walls, without a right on the machine.

Root runs this through a process that gave up every privilege; an ordinary user's own test run
proves the same with every other file here.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785

import deputy
from tests.requirement import requirement

NOBODY_WE_KNOW = 65_433
PYTHON = Path("/usr/bin/python3")
# Not /tmp: each call has its own, so no runtime may lie there.
PLACE = "/var/tmp"
ANSWER_S_MAX = 90
SCRIPT = """
import asyncio, json, os, sys
from pathlib import Path
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import Limits, SandboxJob

CODES = {
    'who': "import os\\nprint(os.getresuid(), os.path.exists('/home'), sorted(os.environ)[:2])",
    'caps': "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('Cap')])",
    'files': "open('out.txt', 'w').write(open('in.txt').read() * 2)",
    'pid1': "open('/proc/1/mem')",
    'home': "open(HOME + '/secret').read()",
    'fixed': "open('fixed.txt', 'w')",
    'net': "import socket\\nsocket.create_connection(('1.1.1.1', 80), 2)",
    'spin': "while True: pass",
    'memory': "x = bytearray(1 << 30)",
    'sleep': "import time\\ntime.sleep(60)",
    'flood': "while True: print('x' * 1000)",
    'forks': "import os\\nwhile True: os.fork()",
    'tmp': "open('/tmp/x', 'wb').write(bytes(9 << 20))",
    'kernel': "import ctypes\\nassert ctypes.CDLL(None).unshare(0x10000000) == -1",
}
LIMITS = Limits(wall_s=2, cpu_s=1, memory_bytes=256 << 20, output_bytes=10_000,
                tree_bytes=8 << 20, processes_max=16)

async def main(runtime):
    jail = Jail(runtime, preload=('json',))
    said = {}
    for name, code in CODES.items():
        job = SandboxJob('call_1', 1, f'HOME = {str(runtime.parent)!r}\\n' + code,
                         files={'in.txt': b'ab'}, read_only={'fixed.txt': b'x'}, limits=LIMITS)
        result = await jail.run(job)
        said[name] = [result.outcome, result.exception, result.stdout.decode()[:200],
                      {path: raw.decode() for path, raw in result.changed.items()}]
    said['missing'] = [w.name for w in result.report.walls if not w.stands]
    await jail.close()
    print(json.dumps(said))

asyncio.run(main(Path(sys.argv[1])))
"""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not PYTHON.exists(), reason="only root can become somebody else"
)


@pytest.fixture(scope="module")
def said() -> Iterator[dict[str, Any]]:
    home = Path(tempfile.mkdtemp(dir=PLACE))
    try:
        shutil.copytree(Path(deputy.__file__).parent, home / "src" / "deputy")
        shutil.copytree(Path(rfc8785.__file__).parent, home / "src" / "rfc8785")
        (home / "secret").write_text("secret")
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", home / "runtime"], check=True)
        subprocess.run(["chown", "-R", f"{NOBODY_WE_KNOW}:{NOBODY_WE_KNOW}", home], check=True)
        done = subprocess.run(
            [PYTHON, "-c", SCRIPT, home / "runtime"],
            user=NOBODY_WE_KNOW,
            group=NOBODY_WE_KNOW,
            extra_groups=[],
            cwd="/",
            env={"HOME": str(home), "PATH": "/usr/bin", "PYTHONPATH": str(home / "src")},
            capture_output=True,
            text=True,
            timeout=ANSWER_S_MAX,
        )
        assert done.returncode == 0, done.stderr
        answers: dict[str, Any] = json.loads(done.stdout)
        yield answers
    finally:
        shutil.rmtree(home)


@requirement("R041", "R138")
def test_the_same_walls_stand_for_an_ordinary_user(said: dict[str, Any]) -> None:
    assert set(said["missing"]) <= {"own_uid", "memory_limit_by_kernel", "landlock"}


@pytest.mark.parametrize(
    ("name", "outcome", "exception"),
    [
        ("who", "ok", None),
        ("caps", "ok", None),
        ("files", "ok", None),
        ("pid1", "error", "PermissionError"),
        ("home", "error", "FileNotFoundError"),
        ("fixed", "error", "OSError"),
        ("net", "error", "OSError"),
        ("spin", "cpu_limit", None),
        ("memory", "memory_limit", "MemoryError"),
        ("sleep", "time_limit", None),
        ("flood", "output_limit", None),
        ("forks", "error", "BlockingIOError"),
        ("tmp", "file_limit", "OSError"),
        ("kernel", "ok", None),
    ],
)
def test_an_ordinary_users_call_ends_as_roots_does(
    said: dict[str, Any], name: str, outcome: str, exception: str | None
) -> None:
    assert said[name][:2] == [outcome, exception]


def test_an_ordinary_users_files_and_identity_are_the_jails(said: dict[str, Any]) -> None:
    assert said["who"][2] == "(1000, 1000, 1000) False ['HOME', 'JE_ARROW_MALLOC_CONF']\n"
    assert said["caps"][2] == f"{['0' * 16] * 5}\n"
    assert said["files"][3] == {"out.txt": "abab"}
