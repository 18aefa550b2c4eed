"""Which operating system account runs the server.

PostgreSQL refuses to run as root, so root gets one system user for it. This module must never
change or remove an account.
"""

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from deputy.postgres.errors import PostgresError

SYSTEM_USER = "deputy-db"
USERADD_TIMEOUT_S = 30
_CREATE = (
    "useradd",
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
    SYSTEM_USER,
)


@dataclass(frozen=True)
class Account:
    """Who starts the server (`starter`) and as whom it runs (`uid`, `gid`)."""

    starter: str
    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        """True when the server runs as somebody else than the process that starts it."""
        return self.uid != os.geteuid()

    def popen_arguments(self) -> dict[str, int | list[int]]:
        """Give what a subprocess needs to run as this account and nobody else."""
        if not self.foreign:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(say: Callable[[str], None]) -> Account:
    """Give the account the server runs as; as root, create the system user on first use.

    Raises PostgresError when this process has no account name (PostgreSQL and its peer
    authentication need one) or the system user cannot be created.
    """
    uid = os.geteuid()
    try:
        starter = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            f"User id {uid} has no account name, and PostgreSQL does not run without one.",
            hint="Run Deputy as a user listed in /etc/passwd.",
            code="postgres.no_account",
        ) from None
    if uid != 0:
        return Account(starter, uid, os.getegid())
    entry = _find_system_user() or _create_system_user(say)
    if entry.pw_uid == 0:
        raise PostgresError(
            f"The system user {SYSTEM_USER} has user id 0.",
            hint=f"Remove it (userdel {SYSTEM_USER}) and start again.",
        )
    return Account(starter, entry.pw_uid, grp.getgrgid(entry.pw_gid).gr_gid)


def _find_system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _create_system_user(say: Callable[[str], None]) -> pwd.struct_passwd:
    say(f"creating the system user {SYSTEM_USER}: PostgreSQL does not run as root")
    reason = "useradd is not installed"
    if shutil.which("useradd"):
        done = subprocess.run(_CREATE, capture_output=True, text=True, timeout=USERADD_TIMEOUT_S)
        reason = done.stderr.strip()
    # Another Deputy may have created it at the same moment, so only its absence is a failure.
    entry = _find_system_user()
    if entry is None:
        raise PostgresError(
            f"The system user {SYSTEM_USER} could not be created: {reason}.",
            hint=f"Create it with '{' '.join(_CREATE)}'.",
        )
    return entry
