"""The privilege wall: no process gains rights by executing a file, and pid 1 stays opaque.

Owns no_new_privs, the dumpable flag and the signal a child gets when its parent dies.
"""

from __future__ import annotations

import signal

from deputy.execution.guest import kernel


def seal() -> None:
    """Set no_new_privs for this process and all it will start."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    assert kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) == 1


def show() -> None:
    """Let this process be looked at by its own user (its files in /proc become its own)."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def hide() -> None:
    """Keep memory, descriptors and environment of this process from its own user."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    assert kernel.prctl(kernel.PR_GET_DUMPABLE) == 0


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
