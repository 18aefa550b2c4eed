"""Where the server keeps its things, and the making of those directories.

Every directory is made private. A directory that existed before and is not one of ours is
never changed: not its mode, not its owner.
"""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deputy.postgres.accounts import Account
from deputy.postgres.binaries import MAJOR_VERSION
from deputy.postgres.errors import PostgresError

# What the kernel allows for the path of a unix socket, without the closing zero byte.
SOCKET_PATH_BYTES_MAX = 107
_SOCKET_NAME = ".s.PGSQL.5432"
_PRIVATE = 0o700


@dataclass(frozen=True)
class Places:
    """The files and directories of one server."""

    state: Path
    """The state directory: secrets, lock and log, owned by whoever runs Deputy."""
    instance: Path
    """Holds data, sockets and access rules; only the starter writes here."""
    sockets: Path

    @property
    def data(self) -> Path:
        """The data directory; its name carries the major version that wrote it."""
        return self.instance / f"pg{MAJOR_VERSION}"

    @property
    def draft(self) -> Path:
        """A data directory in the making; what an interruption leaves here is thrown away."""
        return self.instance / f"pg{MAJOR_VERSION}.new"

    @property
    def secrets(self) -> Path:
        """One file per application role, 0600."""
        return self.state / "secrets"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.state / "postgres.log"

    @property
    def lock(self) -> Path:
        """Held by the process that owns the server."""
        return self.state / "postgres.lock"


def places_for(state_dir: Path, *, system_dir: Path, as_root: bool) -> Places:
    """Give the places of the server that belongs to `state_dir`; nothing is created.

    The server of root keeps its data below `system_dir`, because its own account cannot enter
    root's home; the directory there is named after the state directory.
    """
    state = state_dir.expanduser().resolve()
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    instance = system_dir / f"data-{digest}" if as_root else state / "postgres"
    sockets = instance / "run"
    if not _fits(sockets):
        sockets = _short_folder() / f"deputy-{os.geteuid()}-{digest}"
    return Places(state, instance, sockets)


def create_state(places: Places) -> None:
    """Create the state directory and its missing parents, private; existing ones stay."""
    _create_path(places.state, _PRIVATE)


def prepare(places: Places, *, system_dir: Path, account: Account) -> None:
    """Create what is missing. Raises PostgresError when a place belongs to someone else."""
    if account.foreign:
        _create_path(system_dir, 0o755)
        _require_passage(system_dir)
        _own(places.instance, 0o750, os.geteuid(), account.gid)
    else:
        _own(places.instance, _PRIVATE, account.uid, account.gid)
    _own(places.sockets, _PRIVATE, account.uid, account.gid)
    _own(places.secrets, _PRIVATE, os.geteuid(), os.getegid())


def remove_short_folder(places: Places) -> None:
    """Remove the empty folder made elsewhere because the socket's path would be too long."""
    if places.sockets.parent != places.instance:
        with suppress(OSError):
            places.sockets.rmdir()


def _fits(sockets: Path) -> bool:
    # A comma would separate two hosts in a connection string, a quote ends a server option.
    path = os.fsencode(sockets / _SOCKET_NAME)
    return len(path) <= SOCKET_PATH_BYTES_MAX and not set(path) & set(b",\"'\\\n")


def _short_folder() -> Path:
    runtime = Path(f"/run/user/{os.geteuid()}")
    return runtime if os.access(runtime, os.W_OK | os.X_OK) else Path("/tmp")  # noqa: S108


def _create_path(path: Path, mode: int) -> None:
    """Create a directory and its missing parents with this mode; leave existing ones alone."""
    if path.is_dir():
        return
    _create_path(path.parent, mode)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(mode)


def _own(path: Path, mode: int, uid: int, gid: int) -> None:
    """Make or repair a directory whose name is ours alone, without following a link."""
    if not path.is_symlink() and not path.exists():
        path.mkdir(mode=_PRIVATE)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), uid):
        raise PostgresError(
            f"{path} is not a directory of Deputy's own.",
            hint="Move it away or choose another DEPUTY_STATE_DIR.",
            code="postgres.place_taken",
        )
    if (found.st_uid, found.st_gid) != (uid, gid):
        os.chown(path, uid, gid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)


def _require_passage(path: Path) -> None:
    for folder in (path, *path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise PostgresError(
                f"The PostgreSQL server's own account cannot pass through {folder}.",
                hint=f"Allow it with 'chmod o+x {folder}'.",
                code="postgres.no_passage",
            )
