"""The doctor: each thing that can be wrong is named, with a cure that can be typed.

Facts are made up here, the judgement is real; one look at this machine proves that looking works.
"""

import fcntl
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deputy.assemble.doctor import Finding, examine
from deputy.assemble.doctor.facts import (
    Configured,
    Database,
    Facts,
    Folder,
    Locked,
    Machine,
    Peer,
    Running,
    Sandbox,
    Trouble,
)
from deputy.assemble.doctor.findings import judged
from deputy.assemble.doctor.looks import _locked as held
from deputy.assemble.doctor.packages import beside_lock
from deputy.assemble.doctor.peers import peers
from deputy.assemble.places import StateDir
from deputy.core.calls import WallReport
from deputy.settings import Settings

MACHINE = Machine(
    root=False,
    architecture="x86_64",
    kernel=(6, 1),
    memory_bytes=8 << 30,
    shared_memory_bytes=1 << 30,
    temporary_bytes=1 << 30,
    open_files_max=4_096,
    processes_max=None,
    encoding="utf-8",
    now_s=1_800_000_000,
    newest_file_s=1_799_999_999,
    user_namespaces_max=15_000,
    userns_clone=1,
    apparmor_restricts=0,
    ptrace_scope=1,
)
FOLDER = Folder(
    path="/home/alice/.local/state/deputy",
    exists=True,
    mode=0o700,
    ours=True,
    writable=True,
    kind="ext4",
    options=frozenset({"rw"}),
    free_bytes=100 << 30,
    free_files=1_000_000,
    fsync_ms=3,
)
SANDBOX = Sandbox(
    runtime="data at /runtimes/data",
    walls=(WallReport("seccomp", True, "allow-list"), WallReport("landlock", True, "ABI 7")),
    required=frozenset({"seccomp"}),
    packages=Locked(52),
    trial_ms=900,
)
SOUND = Facts(
    python=(3, 11, 7),
    packages=Locked(75),
    machine=MACHINE,
    folder=FOLDER,
    database=Database("postgres (PostgreSQL) 18.4"),
    sandbox=SANDBOX,
    model=Configured("builtin:tables, inside the boundary"),
    collector=None,
    running=None,
    port=8451,
)


def wrong(facts: Facts) -> list[Finding]:
    return [finding for finding in judged(facts) if not finding.ok]


def test_a_sound_machine_has_nothing_wrong() -> None:
    assert wrong(SOUND) == []
    assert wrong(replace(SOUND, running=Running("http://x", (("database", "ok"),)))) == []


MACHINES: list[tuple[dict[str, Any], str, str]] = [
    ({"kernel": (5, 10)}, "Linux", "5.15"),
    ({"architecture": "riscv64"}, "Linux", "x86_64"),
    ({"memory_bytes": 1 << 29}, "Memory", "Free memory"),
    ({"shared_memory_bytes": None}, "Shared memory", "--shm-size"),
    ({"shared_memory_bytes": 1 << 20}, "Shared memory", "--shm-size"),
    ({"temporary_bytes": 0}, "Temporary folder", "TMPDIR"),
    ({"open_files_max": 256}, "Open files", "ulimit -n 4096"),
    ({"processes_max": 64}, "Processes", "ulimit -u 4096"),
    ({"encoding": "ascii"}, "Text encoding", "export LC_ALL=C.UTF-8"),
    ({"now_s": 1_000}, "Clock", "timedatectl"),
    ({"newest_file_s": 1_800_100_000}, "Clock", "timedatectl"),
    ({"user_namespaces_max": 0}, "User namespaces", "sysctl -w user.max_user_namespaces"),
    ({"userns_clone": 0}, "Kernel switch", "sysctl -w kernel.unprivileged_userns_clone=1"),
    ({"apparmor_restricts": 1}, "AppArmor", "sysctl -w kernel.apparmor_restrict"),
    ({"ptrace_scope": 0}, "Tracing of processes", "sysctl -w kernel.yama.ptrace_scope=1"),
    ({"foreign_subuids": ("bob",)}, "Subordinate users", "/etc/subuid"),
]
FOLDERS: list[tuple[dict[str, Any], str, str]] = [
    ({"mode": 0o755}, "State folder", "chmod 700"),
    ({"ours": False}, "State folder", "its owner"),
    ({"writable": False}, "State folder", "DEPUTY_STATE_DIR"),
    ({"exists": False, "writable": False}, "State folder", "DEPUTY_STATE_DIR"),
    ({"exposed": ("owner.token",)}, "Secret files", "chmod -R go-rwx"),
    ({"options": frozenset({"ro"})}, "File system", "Mount it writable"),
    ({"kind": "nfs4"}, "File system", "a disk of this machine"),
    ({"kind": "tmpfs"}, "File system", "a disk of this machine"),
    ({"fsync_ms": None}, "File system", "a disk of this machine"),
    ({"fsync_ms": 2_000}, "File system", "a disk of this machine"),
    ({"free_bytes": 1 << 20}, "Disk space", "Free at least"),
    ({"free_files": 3}, "Number of files", "Remove files"),
]
DATABASES: list[tuple[dict[str, Any], str, str]] = [
    ({"trouble": Trouble("not installed", "Run script/setup.")}, "Programs", "script/setup"),
    ({"no_exec": True}, "Programs", "noexec"),
    ({"orphans": 3}, "Left-overs", "next start"),
]
SANDBOXES: list[tuple[dict[str, Any], str, str]] = [
    ({"walls": (WallReport("seccomp", False, "none", "Use X."),)}, "seccomp", "Use X."),
    ({"walls": (WallReport("landlock", False, "none", "Use Y."),)}, "landlock", "Use Y."),
    ({"packages": Locked(50, absent=("pandas",))}, "Runtime packages", "script/setup"),
    ({"packages": Locked(52, broken=("pandas",))}, "Runtime packages", "script/setup"),
    ({"no_exec": True}, "Runtime", "DEPUTY_RUNTIME_DIR"),
    ({"trouble": Trouble("no runtime", "Run script/setup.")}, "Trial run", "script/setup"),
]
REST: list[tuple[dict[str, Any], str, str]] = [
    ({"python": (3, 10, 1)}, "Python", "3.11"),
    ({"packages": Locked(75, different=("x 1, wanted 2",))}, "Packages", "script/setup"),
    ({"model": Configured("", Trouble("no key", "Run: chmod"))}, "Model", "chmod"),
    ({"collector": Configured("", Trouble("bad", "Set it."))}, "Collector", "Set it."),
    ({"port_trouble": "Address already in use"}, "Port", "DEPUTY_API_PORT=0"),
    ({"left_over": ("running.json",)}, "Left-overs", "next start"),
    ({"running": Running("http://x")}, "Process", "deputy.log"),
    ({"running": Running("http://x", (("database", "gone"),))}, "Process", "deputy.log"),
]
WRONG = [
    *((replace(SOUND, machine=replace(MACHINE, **c)), n, w) for c, n, w in MACHINES),
    *((replace(SOUND, folder=replace(FOLDER, **c)), n, w) for c, n, w in FOLDERS),
    *((replace(SOUND, database=replace(SOUND.database, **c)), n, w) for c, n, w in DATABASES),
    *((replace(SOUND, sandbox=replace(SANDBOX, **c)), n, w) for c, n, w in SANDBOXES),
    *((replace(SOUND, **c), n, w) for c, n, w in REST),
]
OPTIONAL = {"Memory", "Tracing of processes", "Left-overs", "landlock"}


@pytest.mark.parametrize(("facts", "name", "cure"), WRONG, ids=lambda v: v if v is str else None)
def test_each_thing_wrong_is_named_with_its_cure(facts: Facts, name: str, cure: str) -> None:
    found = [finding for finding in wrong(facts) if finding.name == name]
    assert len(found) == 1, [f.name for f in wrong(facts)]
    assert cure in found[0].cure
    assert found[0].what
    if name in OPTIONAL:
        assert not found[0].needed


def test_what_only_ordinary_users_are_denied_does_not_trouble_root() -> None:
    root = replace(MACHINE, root=True, userns_clone=0, apparmor_restricts=1)
    assert wrong(replace(SOUND, machine=root)) == []


def test_a_plane_of_a_split_installation_counts_as_running() -> None:
    (process,) = [f for f in judged(replace(SOUND, plane_up=True)) if f.name == "Process"]
    assert (process.ok, process.what) == (True, "up")


def test_a_plane_is_judged_by_what_it_needs_and_by_the_planes_it_reaches() -> None:
    nobody = Trouble("none is connected", "Start one with `deputy serve execution`.")
    facts = replace(
        SOUND,
        part="a cell of its own",
        sandbox=None,
        plane_up=True,
        peers=(Peer("Control plane", "reached"), Peer("Execution hosts", "", nobody)),
    )
    assert [(f.name, f.what, f.cure) for f in wrong(facts)] == [
        ("Execution hosts", nobody.what, nobody.cure)
    ]
    areas = {f.area for f in judged(facts)}
    assert "PostgreSQL" in areas
    assert not areas & {"Sandbox", "Walls"}
    bare = replace(SOUND, part="an execution host of its own", database=None, model=None)
    assert wrong(bare) == []
    assert "PostgreSQL" not in {f.area for f in judged(bare)}


def test_planes_that_are_not_there_are_named_by_the_doctor(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    assert peers(state, None, up=False) == peers(state, "control", up=True) == ()
    control, hosts = peers(state, "cell", up=True)
    assert control.trouble is not None
    assert "invitations/cell.json" in control.trouble.cure
    assert hosts.trouble is not None


def test_a_held_lock_is_seen_without_being_asked_for(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not held(lock)
    with lock.open("ab") as file:
        assert not held(lock)
        fcntl.flock(file, fcntl.LOCK_EX)
        assert held(lock)
    assert not held(lock)


def test_another_version_is_told_and_an_absent_package_is_needed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(
        "# a comment\nOne_A==1.0 \\\n    --hash=sha256:00\ntwo==2.0 ; python_version < '3.12' \\\n"
        "two==2.1 ; python_version >= '3.12' \\\nthree==3\nfour==4 ; sys_platform == 'win32' \\\n"
    )
    found = beside_lock({"one-a": "1.0", "two": "2.1"}, lock, broken=["one-a", "stranger"])
    assert found == Locked(2, absent=("three",), broken=("one-a",))
    odd = beside_lock({"one-a": "1.1", "two": "2.0", "three": "3"}, lock)
    assert odd.different == ("one-a 1.1, wanted 1.0",)
    assert not beside_lock({}, tmp_path / "none").lock_found


def test_this_machine_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    findings = examine(Settings(state_dir=tmp_path / "new" / "state", api_port=0))
    assert len({(f.area, f.name) for f in findings}) == len(findings)
    assert {f.area for f in findings} >= {"Machine", "Files", "Packages", "PostgreSQL", "Sandbox"}
    named = {f.name: f for f in findings}
    assert named["seccomp"].ok
    assert named["Runtime packages"].ok, named["Runtime packages"].what
    assert not (tmp_path / "new").exists()
    json.dumps([f.what for f in findings])
