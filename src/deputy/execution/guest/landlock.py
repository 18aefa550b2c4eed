"""The Landlock wall, where the kernel has one: file access, signals and sockets by rule.

Owns the rule set. Source: linux/landlock.h; the ABI is asked for, never assumed. Must never be
counted on alone: it stands behind namespaces and mounts.
"""

from __future__ import annotations

import os
import struct

from deputy.execution.guest import kernel

VERSION_QUERY = 1
RULE_PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
# Which file rights each ABI knows: REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5.
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
SCOPES_ABI = 6
SCOPES = 0b11  # abstract unix sockets, signals

WRITABLE = ("/workspace", "/tmp", "/dev/shm")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
READABLE = ("/usr", "/etc", "/dev", "/proc", "/bin", "/sbin", "/lib", "/lib64")


def abi() -> int:
    """Give the kernel's Landlock ABI, 0 where there is none."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, VERSION_QUERY)
    except OSError:
        return 0


def prepared(abi_: int, readable: tuple[str, ...]) -> int:
    """Give a descriptor of the rule set; the program's process applies it."""
    known = max(rights for since, rights in RIGHTS_BY_ABI.items() if since <= abi_)
    scopes = SCOPES if abi_ >= SCOPES_ABI else 0
    attributes = struct.pack("=QQQ", known, 0, scopes)
    size = 24 if abi_ >= SCOPES_ABI else 8
    rules = kernel.call("landlock_create_ruleset", attributes, size, 0)
    for path in WRITABLE:
        _allow(rules, path, known & ~(MAKE_CHAR | MAKE_BLOCK))
    _allow(rules, "/", READ_DIR)
    for path in (*READABLE, *readable):
        _allow(rules, path, EXECUTE | READ_FILE | READ_DIR)
    for path in DEVICES:
        _allow(rules, path, known & (READ_FILE | WRITE_FILE | TRUNCATE))
    return rules


def restrict(rules: int) -> None:
    """Apply a rule set to this process and all it will start; needs no_new_privs."""
    kernel.call("landlock_restrict_self", rules, 0)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        kernel.call(
            "landlock_add_rule", rules, RULE_PATH_BENEATH, struct.pack("=Qi", rights, place), 0
        )
    finally:
        os.close(place)
