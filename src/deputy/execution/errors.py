"""What can go wrong with a sandbox that is not the program's doing.

Owns the errors and the cures they name.
"""

from __future__ import annotations

import os

from deputy.core.errors import HostLostError, SandboxUnavailableError

CURES = {
    "user_namespace": "Allow user namespaces: sysctl user.max_user_namespaces=15000 and, where "
    "they exist, kernel.unprivileged_userns_clone=1 and "
    "kernel.apparmor_restrict_unprivileged_userns=0. In a container, start it with "
    "--security-opt seccomp=unconfined or as a privileged one.",
    "seccomp": "Use a kernel with seccomp filters (CONFIG_SECCOMP_FILTER), and start Deputy "
    "where loading one is allowed.",
    "private_root": "Use Linux 5.15 or newer, and start Deputy where a user namespace may mount "
    "tmpfs and proc (in Docker: --security-opt systempaths=unconfined).",
    "zygote": "Run script/setup again; if a library of the runtime starts threads while being "
    "imported, leave it out of the preload list.",
    "own_uid": "Run the execution host as root.",
}
GENERAL_CURE = "Use Linux 5.15 or newer; `deputy doctor` shows which walls stand."


class SandboxRefusedError(SandboxUnavailableError):
    """A wall did not stand: nothing ran. `wall` names it."""

    def __init__(self, wall: str, reason: str, remedy: str | None = None) -> None:
        super().__init__(
            f"The sandbox cannot be made: the wall '{wall}' does not stand ({reason}).",
            hint=remedy or cure(wall),
        )
        self.wall = wall


class SandboxLostError(HostLostError):
    """The platform lost a running sandbox; the program's fate is unknown, its result gone."""

    code = "sandbox.lost"
    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Run the call again as a new attempt: code is repeatable.")


def cure(wall: str) -> str:
    """Give what makes a wall stand on this machine."""
    known = CURES.get(wall, CURES["user_namespace"] if "namespace" in wall else GENERAL_CURE)
    if wall == "user_namespace" and os.geteuid() != 0 and _setting("apparmor_restrict") == "1":
        return "Run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    return known


def _setting(name: str) -> str:
    path = f"/proc/sys/kernel/{name}_unprivileged_userns"
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""
