"""The bytes of one cell on a local disk, addressed by what they are.

Owns where a blob lies, that it is on the disk before its digest is told to anyone, and that what
is read is what was kept. Must never name a file after anything but its SHA-256, and never delete
a blob that was told.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from deputy.core.artifacts import FILE_BYTES_MAX
from deputy.core.canonical import digest as digest_of
from deputy.core.errors import DeputyError, JournalError, LimitExceededError, NotFoundError

BLOB_BYTES_MAX: Final = FILE_BYTES_MAX
READS_AT_ONCE_MAX: Final = 8
FILES_AT_ONCE_MAX: Final = 4
CHUNK_BYTES: Final = 1 << 20
CHUNKS_AT_ONCE_MAX: Final = 2
STAGED: Final = "staged"
STAGED_S_MAX: Final = 86_400.0
"""A staged file that nobody wrote to for so long has no writer any more."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ERRNO: Final = re.compile(r"os error (\d+)")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BlobStoreError(DeputyError):
    """The disk did not take or give the bytes; nothing half-written stays behind."""

    code = "blobs.unavailable"
    status = 507


class LocalBlobs:
    """`core.ports.Blobs` below one folder, `ab/cd/abcd…`, private to its owner."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root
        self._store = LocalStore(prefix=root)
        self._settled: set[Path] = set()
        self._files = asyncio.Semaphore(FILES_AT_ONCE_MAX)
        _clear(root / STAGED)

    async def put(self, raw: bytes) -> str:
        """Keep bytes; give their SHA-256. They survive a power cut once this returns.

        Raises `LimitExceededError` above `BLOB_BYTES_MAX`, `BlobStoreError` if the disk refuses.
        """
        _require_small(len(raw))
        return await asyncio.to_thread(self._put, io.BytesIO(raw))

    async def put_file(self, opened: BinaryIO) -> str:
        """Keep what a seekable file holds, without ever holding it whole; else like `put`."""
        _require_small(opened.seek(0, os.SEEK_END))
        async with self._files:
            return await asyncio.to_thread(self._put, opened)

    async def get(self, digest: str) -> bytes:
        """Give the bytes of a digest, verified; raises `NotFoundError` or `JournalError`."""
        return await asyncio.to_thread(self._get, digest)

    async def get_many(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Give the bytes of several digests, each verified."""
        wanted = tuple(dict.fromkeys(digests))
        turns = asyncio.Semaphore(READS_AT_ONCE_MAX)

        async def read(digest: str) -> bytes:
            async with turns:
                return await self.get(digest)

        return dict(zip(wanted, await asyncio.gather(*map(read, wanted)), strict=True))

    def _put(self, content: BinaryIO) -> str:
        content.seek(0)
        digest = _digest_of(iter(lambda: content.read(CHUNK_BYTES), b""))
        if not self._holds(digest):
            self._write(digest, content)
        self._settle(digest)
        return digest

    def _get(self, digest: str) -> bytes:
        try:
            raw = bytes(obstore.get(self._store, _key(digest)).bytes())
        except FileNotFoundError:
            raise NotFoundError(
                f"There is no blob {digest[:12]}… in {self._root}.",
                hint="Restore the blob folder that belongs to this database.",
                code="blob.not_found",
            ) from None
        except (BaseError, OSError) as error:
            _refuse(error)
        if digest_of(raw) != digest:
            raise JournalError(
                f"The blob {digest[:12]}… is not what was kept: its file was changed.",
                hint=f"Restore {self._root / _key(digest)} from a backup.",
                code="blob.broken",
            )
        return raw

    def _holds(self, digest: str) -> bool:
        """Say whether a blob is there and whole; it is read piece by piece."""
        try:
            kept = obstore.get(self._store, _key(digest)).stream(CHUNK_BYTES)
            return _digest_of(kept) == digest
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            _refuse(error)

    def _write(self, digest: str, content: BinaryIO) -> None:
        # Written aside and forced to the disk before it gets its name: a name never shows half
        # of its bytes, and whoever replaces a blob replaces it by the same one, settled.
        staged = f"{STAGED}/{digest}.{secrets.token_hex(8)}"
        content.seek(0)
        try:
            obstore.put(
                self._store,
                staged,
                content,
                chunk_size=CHUNK_BYTES,
                max_concurrency=CHUNKS_AT_ONCE_MAX,
            )
            _sync(self._root / staged)
            obstore.rename(self._store, staged, _key(digest))
        except (BaseError, OSError) as error:
            (self._root / staged).unlink(missing_ok=True)
            _refuse(error)

    def _settle(self, digest: str) -> None:
        """Force the file and the names that lead to it onto the disk."""
        path = self._root / _key(digest)
        try:
            _sync(path)
            _sync(path.parent)
            for folder in (path.parent.parent, self._root):
                # Above the leaf a name is new once; what was settled stays settled.
                if path.parent not in self._settled:
                    _sync(folder)
        except OSError as error:
            path.unlink(missing_ok=True)
            _refuse(error)
        self._settled.add(path.parent)


def _clear(staged: Path) -> None:
    """Remove what writers left that ended in the middle, long ago."""
    oldest = time.time() - STAGED_S_MAX
    for path in staged.glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def _require_small(size: int) -> None:
    if size > BLOB_BYTES_MAX:
        raise LimitExceededError(
            f"A file may have {BLOB_BYTES_MAX >> 20} MiB; this one has {size >> 20} MiB.",
            hint="Split it, or leave out what is not needed.",
        )


def _digest_of(pieces: Iterable[bytes | obstore.Bytes]) -> str:
    seen = hashlib.sha256()
    for piece in pieces:
        seen.update(piece)
    return seen.hexdigest()


def _key(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise NotFoundError("A blob is named by 64 lower-case hex digits.", code="blob.not_found")
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse(error: Exception) -> NoReturn:
    told = getattr(error, "errno", None)
    named = _ERRNO.search(str(error))
    number = told if isinstance(told, int) else int(named.group(1)) if named else 0
    if number in _FULL:
        raise BlobStoreError(
            "The disk that keeps files is full.",
            hint="Free space on it or give it more: work under way goes on by itself, and what was"
            " just sent is sent again. Nothing was lost.",
            code="blobs.disk_full",
        ) from error
    reason = os.strerror(number) if number else type(error).__name__
    raise BlobStoreError(
        f"The disk that keeps files refused: {reason}.",
        hint="Check that the folder exists, is writable and its disk is healthy.",
    ) from error
