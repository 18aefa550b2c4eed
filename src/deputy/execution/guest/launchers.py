"""The launcher: the only process that may still look at the host, and the first to be forgotten.

Owns the way from a plain process to a zygote in namespaces of its own: it opens what the jail
will show, separates the zygote from the host's users, and waits. It imports nothing of the
runtime; what it starts has no right over the host.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any, NoReturn

from deputy.execution.guest import (
    cgroups,
    kernel,
    mounts,
    namespaces,
    privileges,
    programs,
    templates,
    zygotes,
)
from deputy.execution.guest.walls import WallError, missing, raised, standing

OWN_UID_CURE = "Run the execution host as root, so that each call gets a host user of its own."
SYNC = b"."
REASON_MAX = 1_000


def main(host: socket.socket, spec: dict[str, Any]) -> NoReturn:
    """Become the launcher of one zygote. Never returns."""
    status = 1
    try:
        kernel.close_all_but({0, 1, 2, host.fileno()})
        _set_surroundings()
        status = _launch(host, spec)
    except Exception as error:  # noqa: BLE001 - the host must learn why nothing started
        _refuse(host, error)
    finally:
        os._exit(status)


def _set_surroundings() -> None:
    os.environ.clear()
    os.environ.update(programs.surroundings(0), HOME="/tmp")
    os.chdir("/")
    os.umask(0o022)


def _launch(host: socket.socket, spec: dict[str, Any]) -> int:
    own_users = os.geteuid() == 0 and namespaces.offered(spec["uid_base"], spec["uid_count"])
    privileged = own_users and _separate_mounts()
    trees = raised("private_root", templates.opened) if privileged else None
    groups = cgroups.opened(spec["cgroup_parent"], spec["uid_base"] if privileged else None)
    (mapped, tell_mapped), (separated, tell_separated) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _become_guardian(host, spec, trees, groups, mapped, tell_separated)
        except Exception as error:  # noqa: BLE001 - the host must learn why nothing started
            _refuse(host, error)
        finally:
            os._exit(1)
    os.close(tell_separated)
    if os.read(separated, 1):
        base, count = (spec["uid_base"], spec["uid_count"]) if privileged else (None, 1)
        uid, gid = (base, base) if base is not None else (os.geteuid(), os.getegid())
        raised("user_namespace", lambda: namespaces.map_ids(str(child), 0, uid, gid, count))
        os.write(tell_mapped, SYNC)
    host.close()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _separate_mounts() -> bool:
    """Leave the host's mount namespace; a root without that right counts as ordinary user."""
    try:
        kernel.unshare(kernel.CLONE_NEWNS)
    except PermissionError:
        return False
    mounts.make_private()
    return True


def _become_guardian(
    host: socket.socket,
    spec: dict[str, Any],
    trees: templates.Trees | None,
    groups: cgroups.Groups,
    mapped: int,
    tell_separated: int,
) -> NoReturn:
    """Enter a user namespace and hold the zygote's pid namespace: when this dies, it dies."""
    if trees is not None:
        os.setgroups([])
    raised("user_namespace", lambda: kernel.unshare(kernel.CLONE_NEWUSER))
    os.write(tell_separated, SYNC)
    if os.read(mapped, 1) != SYNC:
        raise WallError("user_namespace", "the launcher could not write the id maps")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    privileges.die_with_parent()
    raised("pid_namespace", lambda: kernel.unshare(namespaces.ZYGOTE))
    child = os.fork()
    if child == 0:
        try:
            privileges.die_with_parent()
            _become_zygote(host, spec, trees, groups)
        except Exception as error:  # noqa: BLE001 - the host must learn why nothing started
            _refuse(host, error)
        finally:
            os._exit(1)
    host.close()
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)


def _become_zygote(
    host: socket.socket,
    spec: dict[str, Any],
    trees: templates.Trees | None,
    groups: cgroups.Groups,
) -> NoReturn:
    own_uid = trees is not None
    links = templates.top_links()
    shown = trees if trees is not None else raised("private_root", templates.opened)
    raised("private_root", lambda: templates.entered(shown, links))
    raised("uts_namespace", lambda: socket.sethostname("deputy"))
    kept = set() if groups.directory is None else {groups.directory}
    kernel.close_all_but({0, 1, 2, host.fileno(), *kept})
    absent = zygotes.warmed(spec["preload"])
    house = zygotes.prepared(own_uid)
    walls = [groups.wall()]
    walls.append(
        standing("own_uid", "a host user of its own for each call")
        if own_uid
        else missing("own_uid", "the host's own user", OWN_UID_CURE)
    )
    host.send(json.dumps({"event": "ready", "absent": absent, "walls": walls}).encode())
    zygotes.Zygote(host, house, groups).serve()


def _refuse(host: socket.socket, error: Exception) -> None:
    if not isinstance(error, WallError):
        error = WallError("zygote", f"{type(error).__name__}: {error}")
    event = {"event": "refused", "wall": error.wall, "reason": error.reason[:REASON_MAX]}
    with contextlib.suppress(OSError):
        host.send(json.dumps(event).encode())
