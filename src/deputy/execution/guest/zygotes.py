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
PID_BYTES_MAX = 16


@dataclass
class _Call:
    """One call: its slot, the process building it, then its pid 1."""

    slot: int
    builder: int
    pipe: int
    pid: int | None = None
    handle: int | None = None
    unwanted: bool = False


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
        self._poll = select.poll()
        self._waiting: dict[int, int] = {}
        self._poll.register(host, select.POLLIN)

    def serve(self) -> NoReturn:
        """Work until the host ends; the kernel then ends every call with this process."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._host.fileno():
                    self._take_order()
                elif (call := self._waiting.get(descriptor)) is not None:
                    self._advance(call)

    def _take_order(self) -> None:
        raw, descriptors, _, _ = socket.recv_fds(self._host, ORDER_BYTES_MAX, DESCRIPTORS_MAX)
        if not raw:
            os._exit(0)
        order: dict[str, Any] = json.loads(raw)
        if order["order"] == "start":
            self._start(order, descriptors[0])
        elif (call := self._calls.get(order["call"])) is not None:
            call.unwanted = True
            self._kill(call)

    def _start(self, order: dict[str, Any], descriptor: int) -> None:
        slot = order["slot"]
        self._groups.make(slot, order["memory_bytes"], order["processes_max"])
        pipe, answer = os.pipe()
        builder = os.fork()
        if builder == 0:
            self._build(slot, descriptor, answer)
        os.close(descriptor)
        os.close(answer)
        self._calls[order["call"]] = _Call(slot, builder, pipe)
        self._watch(pipe, order["call"])

    def _build(self, slot: int, descriptor: int, answer: int) -> NoReturn:
        """Leave every shared namespace, start pid 1 of the call, say its number, end."""
        try:
            sock = socket.socket(fileno=descriptor)
            self._groups.join(slot)
            uid = slot if self._house.own_uid else 0
            raised("user_namespace", lambda: _separate(uid))
            pid = os.fork()
            if pid == 0:
                pid_one.serve(sock, self._house)
            os.write(answer, str(pid).encode())
        except WallError as error:
            pid_one.fail(sock, error.wall, error.reason)
        finally:
            os._exit(0)

    def _advance(self, number: int) -> None:
        call = self._calls[number]
        if call.handle is not None:
            self._finish(number, call)
            return
        raw = os.read(call.pipe, PID_BYTES_MAX)
        self._forget(call.pipe)
        os.waitpid(call.builder, 0)
        if not raw:
            self._finish(number, call)
            return
        call.pid = int(raw)
        call.handle = os.pidfd_open(call.pid)
        self._watch(call.handle, number)
        if call.unwanted:
            self._kill(call)

    def _finish(self, number: int, call: _Call) -> None:
        if call.pid is not None and call.handle is not None:
            os.waitpid(call.pid, 0)
            self._forget(call.handle)
        ended: dict[str, Any] = {"event": "ended", "call": number}
        ended.update(self._groups.remove(call.slot))
        del self._calls[number]
        self._host.send(json.dumps(ended).encode())

    def _kill(self, call: _Call) -> None:
        if call.handle is not None:
            # Pid 1 takes its whole namespace with it.
            signal.pidfd_send_signal(call.handle, signal.SIGKILL)

    def _watch(self, descriptor: int, number: int) -> None:
        self._waiting[descriptor] = number
        self._poll.register(descriptor, select.POLLIN | select.POLLHUP)

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._waiting[descriptor]
        os.close(descriptor)


def _separate(uid: int) -> None:
    if uid:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    # The maps below belong to this process only while it may be looked at.
    privileges.show()
    kernel.unshare(namespaces.CALL)
    namespaces.map_ids("self", namespaces.INNER_UID, uid, uid, 1)
