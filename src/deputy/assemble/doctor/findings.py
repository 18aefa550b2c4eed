"""From facts to findings: what is in order, what is not, and the cure that can be typed.

Owns every judgement and its limit. Pure: equal facts give equal findings. Must never look at
anything itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from deputy.assemble.doctor.facts import (
    Configured,
    Database,
    Facts,
    Folder,
    Locked,
    Machine,
    Sandbox,
)

PYTHON_MIN = (3, 11)
KERNEL_MIN = (5, 15)
ARCHITECTURES = frozenset({"x86_64", "aarch64"})
FREE_BYTES_MIN = 2 << 30
FREE_FILES_MIN = 10_000
MEMORY_BYTES_MIN = 1 << 30
SHARED_BYTES_MIN = 16 << 20
TEMPORARY_BYTES_MIN = 256 << 20
OPEN_FILES_MIN = 2_048
PROCESSES_MIN = 512
USER_NAMESPACES_MIN = 100
FSYNC_MS_MAX = 500
RELEASED_S = 1_767_225_600
"""2026-01-01: a clock before it was never set."""
CLOCK_BACK_S_MAX = 300
TOLD_MAX = 5
NETWORKS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3"}
)
SETUP = "Run script/setup again."
NAMESPACES_CURE = "Run: sysctl -w user.max_user_namespaces=15000"

Area = Literal["Machine", "Files", "Packages", "PostgreSQL", "Sandbox", "Walls", "Deputy"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is in order, what was seen, and the cure if not.

    What is not `needed` may be missing; its cure is told all the same.
    """

    name: str
    ok: bool
    what: str
    cure: str = ""
    needed: bool = True
    area: Area = "Deputy"


def judged(facts: Facts) -> list[Finding]:
    """Give the findings, area by area; what is in order needs no cure."""
    found = [
        *_machine(facts.machine),
        *_kernel(facts.machine),
        *_folder(facts.folder),
        *_packages(facts),
        *_database(facts.database),
        *_sandbox(facts.sandbox),
        *_walls(facts.sandbox),
        *_deputy(facts),
    ]
    return [replace(finding, cure="") if finding.ok else finding for finding in found]


def _machine(machine: Machine) -> Iterator[Finding]:
    kernel, least = (".".join(map(str, pair)) for pair in (machine.kernel, KERNEL_MIN))
    yield Finding(
        "Linux",
        machine.kernel >= KERNEL_MIN and machine.architecture in ARCHITECTURES,
        f"{kernel} on {machine.architecture}",
        f"Use Linux {least} or newer on {' or '.join(sorted(ARCHITECTURES))}.",
        area="Machine",
    )
    yield Finding(
        "Memory",
        machine.memory_bytes >= MEMORY_BYTES_MIN,
        f"{_size(machine.memory_bytes)} can be used",
        f"Free memory until {_size(MEMORY_BYTES_MIN)} can be used: a code call may take 2 GB.",
        needed=False,
        area="Machine",
    )
    shared, temporary = _size(SHARED_BYTES_MIN), _size(TEMPORARY_BYTES_MIN)
    yield _room(
        "Shared memory",
        machine.shared_memory_bytes,
        SHARED_BYTES_MIN,
        f"Free {shared} of shared memory (in a container: --shm-size=256m).",
    )
    yield _room(
        "Temporary folder",
        machine.temporary_bytes,
        TEMPORARY_BYTES_MIN,
        f"Free {temporary} in the temporary folder, or: export TMPDIR=/a/folder/with/room",
    )
    yield Finding(
        "Open files",
        machine.open_files_max >= OPEN_FILES_MIN,
        f"{machine.open_files_max:,} for each process",
        f"Run: ulimit -n {OPEN_FILES_MIN * 2} (in a service: LimitNOFILE={OPEN_FILES_MIN * 2}).",
        area="Machine",
    )
    most = machine.processes_max
    yield Finding(
        "Processes",
        most is None or most >= PROCESSES_MIN,
        "no limit" if most is None else f"{most:,} for this user",
        f"Run: ulimit -u {PROCESSES_MIN * 8} (in a service: LimitNPROC={PROCESSES_MIN * 8}).",
        area="Machine",
    )
    yield _clock(machine)
    yield Finding(
        "Text encoding",
        machine.encoding.replace("-", "").lower() == "utf8",
        machine.encoding,
        "Run: export LC_ALL=C.UTF-8",
        area="Machine",
    )


def _room(name: str, free: int | None, least: int, cure: str) -> Finding:
    what = "cannot be written" if free is None else f"{_size(free)} free"
    return Finding(name, free is not None and free >= least, what, cure, area="Machine")


def _clock(machine: Machine) -> Finding:
    back_s = machine.newest_file_s - machine.now_s
    cure = "Set the clock, for example: timedatectl set-ntp true"
    if machine.now_s < RELEASED_S:
        return Finding("Clock", False, "was never set", cure, area="Machine")
    if back_s > CLOCK_BACK_S_MAX:
        what = f"{back_s // 60:,} minutes behind the newest file of the state folder"
        return Finding("Clock", False, what, cure, area="Machine")
    return Finding("Clock", True, "plausible", area="Machine")


def _kernel(machine: Machine) -> Iterator[Finding]:
    """Judge what the kernel lets this user do; the walls themselves are tried, too."""
    most = machine.user_namespaces_max
    if most is not None:
        yield Finding(
            "User namespaces",
            most >= USER_NAMESPACES_MIN,
            f"{most:,} may be made",
            NAMESPACES_CURE,
            area="Machine",
        )
    if machine.userns_clone == 0 and not machine.root:
        cure = "Run: sysctl -w kernel.unprivileged_userns_clone=1"
        what = "user namespaces are closed to ordinary users"
        yield Finding("Kernel switch", False, what, cure, area="Machine")
    if machine.apparmor_restricts == 1 and not machine.root:
        cure = "Run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        what = "takes from user namespaces what a sandbox needs"
        yield Finding("AppArmor", False, what, cure, area="Machine")
    if machine.ptrace_scope is not None:
        yield Finding(
            "Tracing of processes",
            machine.ptrace_scope >= 1,
            "of one's own children only"
            if machine.ptrace_scope
            else "any program of this user may read Deputy's memory",
            "Run: sysctl -w kernel.yama.ptrace_scope=1",
            needed=False,
            area="Machine",
        )
    if machine.foreign_subuids:
        names = ", ".join(machine.foreign_subuids[:TOLD_MAX])
        yield Finding(
            "Subordinate users",
            False,
            f"/etc/subuid gives the sandbox's users to {names}",
            "Move those ranges below 1880000000 in /etc/subuid.",
            area="Machine",
        )


def _folder(folder: Folder) -> Iterator[Finding]:
    sound = not folder.exists or (folder.mode == 0o700 and folder.ours and folder.writable)
    what = f"{folder.path}, mode {folder.mode:o}" if folder.exists else "made at the first start"
    cure = f"Run: chmod 700 {folder.path}"
    if folder.exists and not folder.ours:
        what, cure = f"{folder.path} belongs to another user", "Run Deputy as its owner."
    elif not folder.writable:
        sound, cure = False, "Set DEPUTY_STATE_DIR to a folder you may write to."
        what = f"{folder.path} cannot be written"
    yield Finding("State folder", sound, what, cure, area="Files")
    if folder.exposed:
        names = ", ".join(folder.exposed[:TOLD_MAX])
        cure = f"Run: chmod -R go-rwx {folder.path}"
        yield Finding("Secret files", False, f"readable by others: {names}", cure, area="Files")
    yield _file_system(folder)
    yield Finding(
        "Disk space",
        folder.free_bytes >= FREE_BYTES_MIN,
        f"{_size(folder.free_bytes)} free",
        f"Free at least {_size(FREE_BYTES_MIN)}, or set DEPUTY_STATE_DIR to a larger disk.",
        area="Files",
    )
    if folder.free_files is not None and folder.free_files < FREE_FILES_MIN:
        cure = "Remove files you do not need, or set DEPUTY_STATE_DIR to another disk."
        what = f"room for {folder.free_files:,} more"
        yield Finding("Number of files", False, what, cure, area="Files")


def _file_system(folder: Folder) -> Finding:
    elsewhere = "Set DEPUTY_STATE_DIR to a folder on a disk of this machine."
    if "ro" in folder.options:
        what = f"{folder.kind}, mounted read-only"
        cure = f"Mount it writable, or: {elsewhere}"
        return Finding("File system", False, what, cure, area="Files")
    if folder.kind in NETWORKS:
        what = f"{folder.kind}, over a network: locks and flushes may lie"
        return Finding("File system", False, what, elsewhere, area="Files")
    if folder.kind in ("tmpfs", "ramfs"):
        what = f"{folder.kind}: all is lost when the machine stops"
        return Finding("File system", False, what, elsewhere, needed=False, area="Files")
    if folder.fsync_ms is None and folder.writable:
        what = f"{folder.kind}; a write did not reach the disk"
        return Finding("File system", False, what, elsewhere, area="Files")
    flush = f", a flush takes {folder.fsync_ms} ms" if folder.fsync_ms is not None else ""
    slow = folder.fsync_ms is not None and folder.fsync_ms > FSYNC_MS_MAX
    return Finding(
        "File system", not slow, f"{folder.kind}{flush}", elsewhere, needed=False, area="Files"
    )


def _packages(facts: Facts) -> Iterator[Finding]:
    version = ".".join(str(n) for n in facts.python)
    sound = facts.python[:2] >= PYTHON_MIN
    cure = "Install Python 3.11 or newer."
    yield Finding("Python", sound, version, cure, area="Packages")
    yield _locked("Packages", facts.packages)


def _locked(name: str, found: Locked) -> Finding:
    troubles = [
        f"{what}: {', '.join(names[:TOLD_MAX])}{' …' if len(names) > TOLD_MAX else ''}"
        for what, names in (
            ("absent", found.absent),
            ("not as locked", found.different),
            ("cannot be imported", found.broken),
        )
        if names
    ]
    beside = "as locked" if found.lock_found else "present; there is no lock to compare with"
    sound = f"{found.looked_at} {beside}"
    # Another version may work; an absent or broken package does not.
    needed = bool(found.absent or found.broken)
    return Finding(
        name, not troubles, "; ".join(troubles) or sound, SETUP, needed or not troubles, "Packages"
    )


def _database(database: Database | None) -> Iterator[Finding]:
    if database is None:
        return
    trouble = database.trouble
    if trouble is not None:
        yield Finding("Programs", False, trouble.what, trouble.cure, area="PostgreSQL")
    elif database.no_exec:
        cure = "Mount that file system without noexec."
        what = "they lie where nothing may be executed"
        yield Finding("Programs", False, what, cure, area="PostgreSQL")
    else:
        yield Finding("Programs", True, database.version, area="PostgreSQL")
    if database.orphans:
        what = f"{database.orphans} processes of an earlier run still work"
        cure = "Nothing to do: the next start waits for them and ends them."
        yield Finding("Left-overs", False, what, cure, needed=False, area="PostgreSQL")


def _sandbox(sandbox: Sandbox | None) -> Iterator[Finding]:
    if sandbox is None:
        return
    if sandbox.runtime:
        yield Finding(
            "Runtime",
            not sandbox.no_exec,
            sandbox.runtime + (", where nothing may be executed" if sandbox.no_exec else ""),
            "Mount that file system without noexec, or set DEPUTY_RUNTIME_DIR.",
            area="Sandbox",
        )
    if sandbox.trouble is not None:
        what, cure = sandbox.trouble.what, sandbox.trouble.cure
        yield Finding("Trial run", False, what, cure, area="Sandbox")
    if sandbox.trial_ms is not None:
        what = f"ran and ended, {sandbox.trial_ms:,} ms with every package"
        yield Finding("Trial run", True, what, area="Sandbox")
    if sandbox.packages is not None:
        found = _locked("Runtime packages", sandbox.packages)
        yield Finding(found.name, found.ok, found.what, found.cure, found.needed, "Sandbox")


def _walls(sandbox: Sandbox | None) -> Iterator[Finding]:
    if sandbox is None:
        return
    for wall in sandbox.walls:
        yield Finding(
            wall.name.replace("_", " "),
            wall.stands,
            wall.how,
            wall.cure or "",
            wall.name in sandbox.required,
            "Walls",
        )


def _deputy(facts: Facts) -> Iterator[Finding]:
    if facts.part:
        yield Finding("Plane", True, facts.part)
    if facts.model is not None:
        yield _configured("Model", facts.model)
    if facts.collector is not None:
        yield _configured("Collector", facts.collector)
    yield from _process(facts)
    for peer in facts.peers:
        sound = peer.trouble is None
        what = peer.what if peer.trouble is None else peer.trouble.what
        yield Finding(peer.name, sound, what, "" if peer.trouble is None else peer.trouble.cure)


def _process(facts: Facts) -> Iterator[Finding]:
    if facts.running is None:
        what = "up" if facts.plane_up else "not running"
        yield Finding("Process", True, what)
        if facts.port_trouble is not None:
            what = f"port {facts.port} cannot be used: {facts.port_trouble}"
            cure = "Run: export DEPUTY_API_PORT=0 (or name a free port)."
            yield Finding("Port", False, what, cure)
        if facts.left_over:
            what = f"a killed run left {', '.join(facts.left_over[:TOLD_MAX])}"
            cure = "Nothing to do: the next start clears it."
            yield Finding("Left-overs", False, what, cure, needed=False)
        return
    broken = [f"{name} {state}" for name, state in facts.running.components if state != "ok"]
    answers = bool(facts.running.components)
    what = f"up at {facts.running.url}"
    what += f"; {'; '.join(broken)}" if broken else "" if answers else ", but it does not answer"
    cure = "Look at log/deputy.log in the state folder, or start Deputy again."
    yield Finding("Process", answers and not broken, what, cure)


def _configured(name: str, found: Configured) -> Finding:
    if found.trouble is not None:
        return Finding(name, False, found.trouble.what, found.trouble.cure)
    return Finding(name, True, found.what)


def _size(count: int) -> str:
    if count >= 1 << 30:
        return f"{count / (1 << 30):,.0f} GiB"
    return f"{count / (1 << 20):,.0f} MiB"
