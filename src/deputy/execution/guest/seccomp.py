"""The seccomp wall: which system calls a program may make.

Owns the policy and its loading. The filter is a deny-list over an architecture check; an
unknown architecture (ia32, x32) ends the process. Must never grow a way to be left out.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import termios

from deputy.execution.guest import bpf, kernel
from deputy.execution.guest.syscall_tables import (
    ABSENT,
    AUDIT_ARCHITECTURES,
    JUDGED,
    REFUSED,
    X32_BIT,
    numbers,
)

MODE_FILTER = 2
NAMESPACE_FLAGS = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWCGROUP
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
)
TIOCLINUX = 0x541C
FAMILIES = (int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6))
KINDS = (int(socket.SOCK_STREAM), int(socket.SOCK_DGRAM), int(socket.SOCK_SEQPACKET))
KIND_MASK = 0xF


def policy(machine: str) -> bytes:
    """Give the filter for one architecture, assembled."""
    program = [
        bpf.load_architecture(),
        *bpf.unless_in((AUDIT_ARCHITECTURES[machine],), [bpf.give(bpf.KILL_PROCESS)]),
        bpf.load_number(),
    ]
    if machine == "x86_64":
        program += bpf.when(bpf.JUMP_AT_LEAST, X32_BIT, [bpf.give(bpf.KILL_PROCESS)])
    for call in numbers(ABSENT, machine).values():
        program += bpf.when(bpf.JUMP_EQUAL, call, [bpf.refuse(errno.ENOSYS)])
    for call in numbers(REFUSED, machine).values():
        program += bpf.when(bpf.JUMP_EQUAL, call, [bpf.refuse(errno.EPERM)])
    for name, call in numbers(JUDGED, machine).items():
        program += bpf.when(bpf.JUMP_EQUAL, call, _JUDGES[name])
    return bpf.assembled([*program, bpf.give(bpf.ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def load(filter_bytes: bytes) -> None:
    """Put the filter on this process and all it will start; needs no_new_privs."""
    buffer = ctypes.create_string_buffer(filter_bytes, len(filter_bytes))
    program = _Program(len(filter_bytes) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_SECCOMP, MODE_FILTER, ctypes.addressof(program))
    assert kernel.prctl(kernel.PR_GET_SECCOMP) == MODE_FILTER


_PERMISSION = bpf.refuse(errno.EPERM)
_FAMILY = bpf.refuse(errno.EAFNOSUPPORT)
_GRANTED = bpf.give(bpf.ALLOW)
_JUDGES: dict[str, bpf.Program] = {
    # New namespaces bring back capabilities, and with them the kernel's least tested code.
    "clone": [
        bpf.load_argument(0),
        *bpf.when(bpf.JUMP_ANY_BIT, NAMESPACE_FLAGS, [_PERMISSION]),
        _GRANTED,
    ],
    # Typing into a terminal that somebody else reads.
    "ioctl": [
        bpf.load_argument(1),
        *bpf.when(bpf.JUMP_EQUAL, termios.TIOCSTI, [_PERMISSION]),
        *bpf.when(bpf.JUMP_EQUAL, TIOCLINUX, [_PERMISSION]),
        _GRANTED,
    ],
    "socket": [
        bpf.load_argument(0),
        *bpf.unless_in(FAMILIES, [_FAMILY]),
        bpf.load_argument(1),
        bpf.instruction(bpf.AND, KIND_MASK),
        *bpf.unless_in(KINDS, [_PERMISSION]),
        _GRANTED,
    ],
    "socketpair": [
        bpf.load_argument(0),
        *bpf.unless_in((int(socket.AF_UNIX),), [_FAMILY]),
        _GRANTED,
    ],
    # Pid 1 has the program's own uid: its limits are not the program's to set.
    "prlimit64": [bpf.load_argument(0), *bpf.unless_in((0,), [_PERMISSION]), _GRANTED],
}
