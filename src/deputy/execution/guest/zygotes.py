"""The zygote: imports a runtime's libraries once and forks one jail per call.

Owns the loop between host and calls. It reads orders of its host only, never a byte of any
call, so nothing one call sends can reach another.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import platform
import select
import signal
import socket
from dataclasses import dataclass
from typing import Any, NoReturn

from deputy.execution.guest import (
    cgroups,
    kernel,
    landlock,
    namespaces,
    pid_one,
    privileges,
    rlimits,
    seccomp,
    templates,
)
from deputy.execution.guest.walls import WallError, raised

ORDER_BYTES_MAX = 4_096
DESCRIPTORS_MAX = 4
SETTLED = b"."


@dataclass(frozen=True)
class _Call:
    """One call: its number, its slot, its pid 1 and a handle on that."""

    number: int
    slot: int
    pid: int
    handle: int


def warmed(preload: list[str]) -> list[str]:
    """Import what programs will want; gives the names this runtime lacks.

    A library that starts a thread while being imported would leave its children with locks
    nobody will ever release: that runtime is refused.
    """
    absent = []
    for name in preload:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if (error.name or "") != name.partition(".")[0]:
                raise
            absent.append(name)
        tasks = len(os.listdir("/proc/self/task"))
        if tasks != 1:
            raise WallError("zygote", f"importing {name} started {tasks - 1} threads")
    gc.collect()
    gc.freeze()
    return absent


def prepared(own_uid: bool) -> pid_one.House:
    """Measure and assemble what all calls share."""
    return pid_one.House(
        filter_bytes=raised("seccomp", lambda: seccomp.policy(platform.machine())),
        landlock_abi=landlock.abi(),
        places=templates.runtime_places(),
        footprint=rlimits.footprint(),
        own_uid=own_uid,
    )


class Zygote:
    """Takes orders, forks calls, reports their ends. Single-threaded by design."""

    def __init__(self, host: socket.socket, house: pid_one.House, groups: cgroups.Groups) -> None:
        self._host = host
        self._house = house
        self._groups = groups
        self._calls: dict[int, _Call] = {}
        self._by_handle: dict[int, _Call] = {}
        self._poll = select.poll()
        self._poll.register(host, select.POLLIN)
        # The id maps of a child belong to this process only while it may be looked at.
        privileges.show()

    def serve(self) -> NoReturn:
        """Work until the host ends; the kernel then ends every call with this process."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._host.fileno():
                    self._take_order()
                elif (call := self._by_handle.get(descriptor)) is not None:
                    self._finish(call)

    def _take_order(self) -> None:
        raw, descriptors, _, _ = socket.recv_fds(self._host, ORDER_BYTES_MAX, DESCRIPTORS_MAX)
        if not raw:
            os._exit(0)
        order: dict[str, Any] = json.loads(raw)
        if order["order"] == "start":
            with socket.socket(fileno=descriptors[0]) as sock:
                self._start(order, sock)
        elif (call := self._calls.get(order["call"])) is not None:
            # Pid 1 takes its whole namespace with it.
            signal.pidfd_send_signal(call.handle, signal.SIGKILL)

    def _start(self, order: dict[str, Any], sock: socket.socket) -> None:
        number, slot = order["call"], order["slot"]
        settled, settle = os.pipe()
        try:
            self._groups.make(slot, order["memory_bytes"])
            pid = raised("user_namespace", lambda: kernel.fork_into(namespaces.CALL))
            if pid == 0:
                pid_one.serve(sock, settled, self._house)
            call = _Call(number, slot, pid, os.pidfd_open(pid))
            self._calls[number] = self._by_handle[call.handle] = call
            self._poll.register(call.handle, select.POLLIN)
            self._settle(call)
            os.write(settle, SETTLED)
        except (WallError, OSError) as error:
            wall = error.wall if isinstance(error, WallError) else "memory_limit_by_kernel"
            pid_one.fail(sock, wall, str(error))
            if number not in self._calls:
                self._tell_end(number, slot)
        finally:
            os.close(settled)
            os.close(settle)

    def _settle(self, call: _Call) -> None:
        """Put a new-born call into its group and give it its user."""
        self._groups.place(call.slot, call.pid)
        uid = call.slot if self._house.own_uid else 0
        process = _as_listed(call.handle)
        raised(
            "user_namespace",
            lambda: namespaces.map_ids(process, namespaces.INNER_UID, uid, uid, 1),
        )

    def _finish(self, call: _Call) -> None:
        os.waitpid(call.pid, 0)
        self._poll.unregister(call.handle)
        os.close(call.handle)
        del self._calls[call.number], self._by_handle[call.handle]
        self._tell_end(call.number, call.slot)

    def _tell_end(self, number: int, slot: int) -> None:
        ended: dict[str, Any] = {"event": "ended", "call": number}
        ended.update(self._groups.remove(slot))
        self._host.send(json.dumps(ended).encode())


def _as_listed(handle: int) -> str:
    """Give the number by which /proc lists a process; a borrowed /proc counts differently."""
    with open(f"/proc/self/fdinfo/{handle}") as file:
        for line in file:
            if line.startswith("Pid:"):
                return line.split()[1]
    raise WallError("user_namespace", "the kernel does not say which process a handle is")
