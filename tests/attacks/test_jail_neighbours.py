"""Attacks on pid 1, on the result and on neighbours: nothing else is in reach of a program."""

import os
import socket
from pathlib import Path

import pytest

from tests.execution.jails import run
from tests.requirement import requirement

ATTEMPT = """
import errno, os
def attempt(act, *arguments):
    try: act(*arguments); return 'done'
    except OSError as error: return errno.errorcode[error.errno]
"""


def answer(code: str) -> str:
    result = run(ATTEMPT + code)
    assert result.outcome == "ok", (result.outcome, result.stderr.decode())
    return result.stdout.decode().strip()


@pytest.mark.parametrize(
    "path",
    ["mem", "environ", "maps", "fd", "fd/3", "cwd/x", "root/etc", "exe", "auxv", "io", "stack"],
)
def test_pid_one_cannot_be_looked_into(path: str) -> None:
    """Walls: pid 1 is not dumpable, holds a capability the program lacks, and Landlock."""
    assert answer(
        f"path = '/proc/1/{path}'\n"
        "print(attempt(os.listdir if path.endswith('/fd') else open, path))\n"
    ) in ("EACCES", "EPERM", "ENOENT")


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGSEGV"])
def test_pid_one_cannot_be_signalled(signal: str) -> None:
    """Walls: Landlock's scope, and the kernel's own shield of a namespace's pid 1."""
    code = f"import signal\nprint(attempt(os.kill, 1, signal.{signal}))\nprint('alive')"
    assert answer(code).endswith("alive")


@pytest.mark.parametrize(
    "act",
    [
        "resource.prlimit, 1, resource.RLIMIT_NOFILE, (1, 1)",
        "resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1)",
        "os.setpriority, os.PRIO_PROCESS, 1, 19",
        "open, '/proc/1/oom_score_adj', 'w'",
    ],
)
def test_pid_one_cannot_be_starved(act: str) -> None:
    """Walls: seccomp judges prlimit; the other ways need rights over pid 1."""
    assert answer(f"import resource\nprint(attempt({act}))") in ("EPERM", "EACCES")


def test_killing_everything_reaches_nobody_else() -> None:
    """Wall: a pid namespace of its own."""
    assert answer("print(attempt(os.kill, -1, 9))\nprint('alive')").endswith("alive")


@requirement("R041", "R043")
def test_the_descriptors_of_a_program_are_its_own_pipes() -> None:
    """Wall: everything else was closed; the control socket stays with pid 1."""
    said = answer(
        "kinds = {}\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    try: kinds[int(name)] = os.readlink('/proc/self/fd/' + name).split(':')[0]\n"
        "    except FileNotFoundError: pass\n"
        "print(sorted(kinds.values()))\n"
    )
    assert said == "['/dev/null', 'pipe', 'pipe', 'pipe']"


def test_nothing_of_the_hosts_environment_or_arguments_is_inside() -> None:
    """Wall: a zygote with a clean environment that learns its paths over its socket."""
    assert "PYTEST_CURRENT_TEST" in os.environ
    said = answer(
        "print(*os.environ, sep=' ')\n"
        "print(open('/proc/self/environ').read() + open('/proc/1/cmdline').read())\n"
    )
    names, raw = said.split("\n", 1)
    assert len(names.split()) <= 12
    assert "PYTEST" not in said
    assert str(Path(__file__).parents[2]) not in raw


FORGED = (
    b"sealed\\n",
    b'{"kind": "result", "outcome": "ok"}\\n',
    b'{"wall": "seccomp", "reason": "forged"}\\n',
    b'{"exception": "<b>Mallory</b>", "line": 99999, "errno": "12"}\\n',
    b"\\x00\\x00\\x00\\x10garbage" * 10_000,
    b"[" * 100_000,
)


@requirement("R041", "R138")
@pytest.mark.parametrize("ended", ["", "raise ValueError", "os._exit(1)"])
def test_what_a_program_writes_to_its_descriptors_forges_nothing(ended: str) -> None:
    """Wall: only pid 1 holds the socket; the note pipe is bounded and read with suspicion."""
    result = run(
        "import os\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    if int(name) > 2:\n"
        "        try: os.set_blocking(int(name), False)\n"
        "        except OSError: continue\n"
        f"        for raw in {FORGED!r}:\n"
        "            try: os.write(int(name), raw)\n"
        "            except OSError: pass\n" + ended
    )
    assert result.outcome == ("error" if ended else "ok")
    assert result.exception in (None, "other")
    assert result.line is None
    assert result.report.missing(["seccomp"]) == ()


def test_a_program_cannot_claim_to_have_changed_a_file_it_did_not() -> None:
    """Wall: the harvest looks at the workspace, never at what the program says."""
    result = run('print(\'{"changed": [["in.csv", 3]]}\')', files={"in.csv": b"abc"})
    assert (result.changed, result.deleted) == ({}, ())


def test_closing_and_replacing_its_pipes_harms_only_the_program() -> None:
    """Wall: pid 1 watches the process, not its pipes."""
    result = run("import os\nopen('kept', 'w').write('x')\nos.closerange(0, 64)\nos._exit(0)\n")
    assert (result.outcome, result.changed) == ("ok", {"kept": b"x"})


def test_an_abstract_socket_of_the_host_is_out_of_reach() -> None:
    """Walls: a network namespace of its own, and Landlock's scope."""
    name = f"deputy-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        said = answer(
            f"import socket\nprint(attempt(socket.socket(socket.AF_UNIX).connect, '\\0{name}'))\n"
        )
    assert said in ("ECONNREFUSED", "EPERM")


def test_ipc_of_the_host_is_out_of_reach() -> None:
    """Walls: an IPC namespace of its own; seccomp answers ENOSYS to System V calls."""
    assert answer("print(os.path.exists('/proc/sysvipc'), os.listdir('/dev/shm'))") == "False []"


def test_the_host_name_is_not_the_hosts() -> None:
    """Wall: a UTS namespace of its own."""
    assert answer("print(os.uname().nodename)") == "deputy"
