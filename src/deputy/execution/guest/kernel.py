"""System calls the standard library does not offer.

Owns the call itself and its error; the meaning lies with the wall that calls. Must never retry
or swallow an error.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal

MACHINE = platform.machine()
PRIVATE_NUMBERS = {
    "x86_64": {"clone": 56, "pivot_root": 155, "capset": 126, "capget": 125},
    "aarch64": {"clone": 220, "pivot_root": 41, "capset": 91, "capget": 90},
}
# These have one number on every architecture.
SHARED_NUMBERS = {
    "open_tree": 428,
    "move_mount": 429,
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_GET_DUMPABLE = 3
PR_SET_DUMPABLE = 4
PR_GET_SECCOMP = 21
PR_SET_SECCOMP = 22
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

# Keeps the interpreter's lock: between a fork and its clean-up nothing of Python may run.
_python = ctypes.PyDLL(None, use_errno=True)
_python.syscall.restype = ctypes.c_long

Argument = int | bytes | ctypes.Array[ctypes.c_char] | None


def number(name: str) -> int:
    """Give the number of a system call on this machine."""
    return SHARED_NUMBERS.get(name) or PRIVATE_NUMBERS[MACHINE][name]


def call(name: str, *arguments: Argument) -> int:
    """Make a system call by name; raises `OSError` naming it."""
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number(name)), *wide), name)


def prctl(option: int, *arguments: int) -> int:
    """Make a prctl; missing arguments are zero."""
    wide = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *wide), f"prctl {option}")


def fork_into(flags: int) -> int:
    """Fork into new namespaces at once; gives 0 in the child, its pid in the parent.

    One copy of the address space instead of two (unshare, then fork). For a process with one
    thread that forks again by `os.fork` before it runs anything but this package.
    """
    ctypes.pythonapi.PyOS_BeforeFork()
    arguments = [ctypes.c_long(a) for a in (number("clone"), flags | signal.SIGCHLD, 0, 0, 0, 0)]
    pid: int = _python.syscall(*arguments)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    else:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _checked(pid, f"clone {flags:#x}")


def unshare(flags: int) -> None:
    """Leave shared namespaces for new ones."""
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None) -> None:
    """Mount by the classic interface."""
    texts = [None if t is None else t.encode() for t in (source, target, kind, options)]
    done = _libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    _checked(done, f"mount {kind or 'bind'} on {target}")


def unmount(target: str, flags: int) -> None:
    """Take a mount away."""
    _checked(_libc.umount2(target.encode(), flags), f"umount {target}")


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor that is not named."""
    low = 0
    for descriptor in (*sorted(kept), None):
        high = 0xFFFFFFFF if descriptor is None else descriptor - 1
        if high >= low:
            call("close_range", low, high, 0)
        low = high + 2


def _checked(result: int, what: str) -> int:
    if result < 0:
        number_ = ctypes.get_errno()
        raise OSError(number_, f"{what}: {os.strerror(number_)}")
    return result
