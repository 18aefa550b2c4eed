"""Attacks on files: reading the host's, changing the runtime's, planting traps in the result."""

import os
from pathlib import Path

import pytest

from deputy.execution import runtimes
from deputy.execution.guest import harvests
from deputy.execution.guest.jobs import Job
from deputy.execution.guest.jobs import Limits as GuestLimits
from deputy.execution.sandboxes.port import SandboxResult
from tests.execution.jails import run
from tests.requirement import requirement

ATTEMPT = """
import errno, os
def attempt(act, *arguments):
    try: act(*arguments); return 'done'
    except OSError as error: return errno.errorcode[error.errno]
"""


def answer(code: str, **more: object) -> str:
    result = run(ATTEMPT + code, **more)
    assert result.outcome == "ok", (result.outcome, result.stderr.decode())
    return result.stdout.decode().strip()


@requirement("R042", "R138")
@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "/etc/ssh", "/home", "/root/.ssh", "/run", "/srv", "/boot", "/mnt", "/var/log",
     "/var/lib/deputy/runtimes/../../dpkg", __file__, str(Path.cwd())],
)  # fmt: skip
def test_paths_of_the_host_do_not_exist(path: str) -> None:
    """Wall: a private root; nothing of the host was ever mounted below it but the runtime."""
    runtime = runtimes.find("data")
    if runtime.is_relative_to(path):
        (way, *_) = runtime.relative_to(path).parts
        assert answer(f"print(os.listdir({path!r}))") == str([way])
    else:
        assert answer(f"print(os.path.exists({path!r}))") == "False"


def test_the_root_holds_nothing_but_the_runtime() -> None:
    """Wall: a private root."""
    top = set(answer("print(*os.listdir('/'))").split())
    runtime = answer("import sys; print(*{p.split('/')[1] for p in (sys.prefix, sys.base_prefix)})")
    allowed = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp"}
    assert top <= allowed | {"usr", "workspace"} | set(runtime.split())


def test_going_up_from_a_mount_does_not_leave_the_root() -> None:
    """Wall: the old root was unmounted, not hidden."""
    code = (
        "os.chdir('/')\nprint([os.stat('../' * n).st_ino == os.stat('/').st_ino for n in (1, 50)])"
    )
    assert answer(code) == "[True, True]"


@pytest.mark.parametrize(
    "path",
    ["/x", "/usr/x", "/usr/bin/env", "/etc/passwd", "/etc/hosts", "/dev/x", "/proc/x", "/bin/x"],
)
def test_writing_outside_the_workspace_is_refused(path: str) -> None:
    """Walls: read-only mounts, and Landlock before them where the kernel has it."""
    assert answer(f"print(attempt(open, {path!r}, 'w'))") in ("EROFS", "EACCES", "ENOENT")


def test_the_runtime_cannot_be_changed_for_the_next_call() -> None:
    """Wall: the runtime is mounted read-only."""
    said = answer(
        "import pandas, sys\n"
        "places = (pandas.__file__, sys.prefix + '/x', sys.executable)\n"
        "print(*(attempt(open, p, 'a') for p in places), attempt(os.remove, pandas.__file__),\n"
        "      attempt(os.chmod, pandas.__file__, 0o777))\n"
    )
    assert set(said.split()) <= {"EROFS", "EACCES", "EPERM"}


def test_a_device_cannot_be_made() -> None:
    """Walls: seccomp, no capability, nodev."""
    code = "print(attempt(os.mknod, '/tmp/disk', 0o60600, os.makedev(254, 0)))"
    assert answer(code) == "EPERM"


def test_a_hard_link_to_the_runtime_cannot_be_made() -> None:
    """Wall: the workspace is a file system of its own."""
    assert answer("print(attempt(os.link, '/usr/bin/env', '/workspace/env'))") in (
        "EXDEV",
        "EACCES",
    )


READ_ONLY = {"checks/total.py": b"assert True", "top.json": b"{}"}


@pytest.mark.parametrize(
    "act",
    [
        "open, 'checks/total.py', 'w'",
        "open, 'top.json', 'a'",
        "os.remove, 'checks/total.py'",
        "os.rename, 'checks/total.py', 'x'",
        "os.rename, 'checks', 'other'",
        "os.chmod, 'top.json', 0o777",
        "os.replace, 'mine.txt', 'top.json'",
        "os.truncate, 'top.json', 0",
        "os.utime, 'top.json', (1, 1)",
        "os.link, 'top.json', 'twin.json'",
        "os.rename, '/workspace', '/tmp/w'",
        "__import__('shutil').rmtree, 'checks'",
    ],
)
def test_a_read_only_file_cannot_be_changed_moved_or_removed(act: str) -> None:
    """Wall: the file and every folder above it are mounts of their own."""
    result = run(
        ATTEMPT + f"open('mine.txt', 'w')\nprint(attempt({act}))\n"
        "print(open('checks/total.py').read(), open('top.json').read())\n",
        read_only=READ_ONLY,
        files={"checks/other.txt": b""},
    )
    assert result.outcome == "ok", result.stderr.decode()
    said, contents = result.stdout.decode().splitlines()
    assert said in ("EROFS", "EBUSY", "EXDEV", "EPERM", "EACCES")
    assert contents == "assert True {}"
    assert not result.changed.keys() & READ_ONLY.keys()


def refusals(result: SandboxResult) -> dict[str, str]:
    assert result.outcome == "ok", result.stderr.decode()
    return {refusal.name: refusal.reason for refusal in result.refused}


def test_links_never_leave_the_sandbox() -> None:
    """Wall: the harvest takes regular files with one name and follows nothing."""
    result = run(
        "import os\n"
        "for to, at in (('/etc/shadow', 'evil'), ('../../..', 'up'), ('real', 'loop')):\n"
        "    os.symlink(to, at)\n"
        "os.makedirs('folder'); os.symlink('/usr', 'folder/usr')\n"
        "open('real', 'w').write('x'); os.link('real', 'twin')\n"
        "open('honest', 'w').write('x')\n"
    )
    assert result.changed == {"honest": b"x"}
    assert refusals(result) == {
        "evil": "symbolic link",
        "up": "symbolic link",
        "loop": "symbolic link",
        "folder/usr": "symbolic link",
        "real": "hard link",
        "twin": "hard link",
    }


def test_an_input_replaced_by_a_link_is_gone_not_followed() -> None:
    """Wall: the harvest looks at what is there now."""
    result = run(
        "import os\nos.remove('in.csv'); os.symlink('/etc/passwd', 'in.csv')",
        files={"in.csv": b"1"},
    )
    assert result.changed == {}
    assert result.deleted == ("in.csv",)
    assert refusals(result) == {"in.csv": "symbolic link"}


@pytest.mark.parametrize(
    "name",
    [b"line\nfeed", b"back\rspace", b"\x1b[2Jterminal", "\u202egpj.exe".encode(),
     "\u2066isolate".encode(), "\ufeffmark".encode(), b"\xff\xfe latin", b"nel\xc2\x85"],
)  # fmt: skip
def test_a_hostile_name_does_not_leave(name: bytes) -> None:
    """Wall: names are UTF-8 without controls and direction signs, and are shown escaped."""
    result = run(f"open({name!r}, 'w').write('x')")
    assert result.changed == {}
    assert len(result.refused) == 1
    assert result.refused[0].name.isascii()
    assert result.refused[0].name.isprintable()


def test_a_thousand_folders_deep_nothing_breaks() -> None:
    """Wall: the harvest is not recursive and stops at its depth."""
    result = run(
        "import os\nfor _ in range(1000):\n    os.mkdir('d'); os.chdir('d')\nopen('deep', 'w')\n"
    )
    assert result.changed == {}
    assert list(refusals(result).values()) == ["deeper than 32 folders"]


def test_a_file_closed_to_its_owner_is_still_delivered() -> None:
    """The harvest may read what the program may not; it gains nothing by hiding."""
    result = run("import os\nos.mkdir('d')\nopen('d/a', 'w').write('x')\n"
                 "os.chmod('d/a', 0)\nos.chmod('d', 0)\n")  # fmt: skip
    assert result.outcome == "ok"
    assert result.changed == {"d/a": b"x"}


def test_the_harvest_refuses_pipes_sockets_and_links_it_is_shown(tmp_path: Path) -> None:
    """The same walk, over things seccomp would not even let a program make."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "honest.txt").write_text("x")
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 40)
    limits = GuestLimits(1, 1, 1, 1, 1 << 50, 10, 1 << 50, 1)
    job = Job("", {}, 0, 0, limits, (), (), ())
    harvest = harvests.gathered(job, {}, str(tmp_path))
    assert harvest.changed == [("honest.txt", 1), ("sparse", 1 << 40)]
    assert dict(harvest.refused) == {"pipe": "pipe", "link": "symbolic link"}


def test_a_petabyte_never_starts_to_travel(tmp_path: Path) -> None:
    """Wall: sizes are added up before a byte is read."""
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 43)
    job = Job("", {}, 0, 0, GuestLimits(1, 1, 1, 1, 1 << 20, 10, 1 << 20, 1), (), (), ())
    harvest = harvests.gathered(job, {}, str(tmp_path))
    assert (harvest.changed, harvest.limit) == ([], "file_bytes")
