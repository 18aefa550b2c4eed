"""What the doctor saw, as plain values.

Owns their shapes. None stands for what could not be seen here. Must never hold a judgement or a
secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deputy.core.calls import WallReport


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong while looking, in words of ours, with its cure."""

    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer and its kernel's settings, as they are for this user."""

    root: bool
    architecture: str
    kernel: tuple[int, int]
    memory_bytes: int
    """What may still be used."""
    shared_memory_bytes: int | None
    """Free on /dev/shm; None if there is none to write to."""
    temporary_bytes: int | None
    open_files_max: int
    processes_max: int | None
    """None: no limit."""
    encoding: str
    now_s: int
    newest_file_s: int
    """When the newest file of the state folder was changed, by its own time; 0 without one."""
    user_namespaces_max: int | None
    userns_clone: int | None
    apparmor_restricts: int | None
    ptrace_scope: int | None
    foreign_subuids: tuple[str, ...] = ()
    """Accounts whose subordinate users overlap with those of the sandbox."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The state folder, or the nearest one above it that is there."""

    path: str
    exists: bool
    mode: int
    ours: bool
    writable: bool
    kind: str
    """The kind of its file system, such as `ext4`."""
    options: frozenset[str]
    """How it is mounted, such as `ro`."""
    free_bytes: int
    free_files: int | None
    """None where the file system has no such limit."""
    fsync_ms: int | None
    """How long one write to the disk took; None if it failed."""
    exposed: tuple[str, ...] = ()
    """Secret files that others can read."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Installed packages beside their lock: names that differ, and how many were looked at."""

    looked_at: int
    absent: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    """`name found, wanted`"""
    broken: tuple[str, ...] = ()
    """Present, and cannot be imported."""
    lock_found: bool = True


@dataclass(frozen=True, slots=True)
class Database:
    """The programs of PostgreSQL, and what runs on the data."""

    version: str = ""
    trouble: Trouble | None = None
    no_exec: bool = False
    """The programs lie where nothing may be executed."""
    orphans: int = 0
    """Server processes while no Deputy runs."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The runtime, its walls and one trial run."""

    runtime: str = ""
    walls: tuple[WallReport, ...] = ()
    required: frozenset[str] = frozenset()
    packages: Locked | None = None
    trial_ms: int | None = None
    no_exec: bool = False
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A Deputy on this state folder."""

    url: str
    components: tuple[tuple[str, str], ...] = ()
    """Component → `ok` or what is wrong; nothing if it does not answer."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another plane that this one works with: what was seen of it, or the trouble."""

    name: str
    what: str
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Configured:
    """What the settings ask for: words for it, or the trouble with it."""

    what: str
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it."""

    python: tuple[int, ...]
    packages: Locked
    machine: Machine
    folder: Folder
    database: Database | None
    """None where this plane has none; so are the next two."""
    sandbox: Sandbox | None
    model: Configured | None
    collector: Configured | None
    running: Running | None
    port: int
    part: str = ""
    """What of Deputy works on this folder, in words; empty before the first start."""
    plane_up: bool = False
    """A plane that people do not talk to works on this folder."""
    peers: tuple[Peer, ...] = ()
    port_trouble: str | None = None
    """Why the port cannot be used; asked only while nothing of ours runs."""
    left_over: tuple[str, ...] = field(default=())
    """What a killed run left behind."""
