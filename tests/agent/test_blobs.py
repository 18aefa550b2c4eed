"""Blobs on a local disk: one per content, verified when read, whole or absent.

Owns the contract of `core.ports.Blobs` as a cell relies on it. Must never look at the store
through anything but its folder.
"""

import asyncio
import io
import multiprocessing
import os
import resource
import stat
from pathlib import Path

import pytest

from deputy.agent import blobs as module
from deputy.agent.blobs import BlobStoreError, LocalBlobs
from deputy.core.canonical import digest
from deputy.core.errors import JournalError, LimitExceededError, NotFoundError
from tests.disks import small_disk
from tests.requirement import requirement

LARGE = 8 << 20


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


async def test_bytes_come_back_under_their_digest(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    for raw in (b"", b"sales", os.urandom(100_000)):
        assert await blobs.put(raw) == digest(raw)
        assert await blobs.get(digest(raw)) == raw
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700


async def test_a_file_is_kept_piece_by_piece_like_its_bytes(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    raw = os.urandom((3 << 20) + 7)
    for opened in (io.BytesIO(raw), io.BytesIO(raw)):
        opened.seek(100)
        assert await blobs.put_file(opened) == digest(raw)
    assert await blobs.get(digest(raw)) == raw
    assert len(files(tmp_path)) == 1


async def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    assert len({await blobs.put(b"same") for _ in range(3)}) == 1
    found = files(tmp_path)
    name = digest(b"same")
    assert found == [tmp_path / name[:2] / name[2:4] / name]


async def test_many_writers_of_the_same_and_of_other_bytes_agree(tmp_path: Path) -> None:
    stores = [LocalBlobs(tmp_path) for _ in range(4)]
    contents = [bytes([n]) * 50_000 for n in range(8)] * 4
    puts = [stores[n % 4].put(raw) for n, raw in enumerate(contents)]
    assert await asyncio.gather(*puts) == [digest(raw) for raw in contents]
    assert len(files(tmp_path)) == 8
    read = await stores[0].get_many(map(digest, contents))
    assert read == {digest(raw): raw for raw in contents}


async def test_an_unknown_digest_is_not_found(tmp_path: Path) -> None:
    for name in (digest(b"never kept"), "../../etc/passwd", "A" * 64, ""):
        with pytest.raises(NotFoundError):
            await LocalBlobs(tmp_path).get(name)


@requirement("R132")
async def test_a_changed_blob_is_refused_and_mended_by_keeping_it_again(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    name = await blobs.put(b"the truth")
    files(tmp_path)[0].write_bytes(b"the truce")
    with pytest.raises(JournalError, match="is not what was kept"):
        await blobs.get(name)
    # A crash can leave an empty file under the right name: keeping the bytes again heals it.
    files(tmp_path)[0].write_bytes(b"")
    assert await blobs.put(b"the truth") == name
    assert await blobs.get(name) == b"the truth"


async def test_a_blob_above_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOB_BYTES_MAX", 10)
    with pytest.raises(LimitExceededError, match="Split it"):
        await LocalBlobs(tmp_path).put(b"x" * 11)
    with pytest.raises(LimitExceededError, match="Split it"):
        await LocalBlobs(tmp_path).put_file(io.BytesIO(b"x" * 11))
    assert files(tmp_path) == []


async def test_a_folder_that_vanished_is_told_with_its_cure(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_text("no folder any more")
    with pytest.raises(BlobStoreError, match="writable"):
        await blobs.put(b"x")


def keep_under_a_limit(root: Path, limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    blobs = LocalBlobs(root)
    with pytest.raises(BlobStoreError) as raised:
        asyncio.run(blobs.put(os.urandom(limit * 4)))
    assert raised.value.code == "blobs.disk_full"
    assert files(root) == []
    small = b"a small one still fits"
    assert asyncio.run(blobs.put(small)) == digest(small)


def test_a_disk_that_takes_no_more_leaves_nothing_half_written(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=keep_under_a_limit, args=(tmp_path, 1 << 20))
    child.start()
    child.join(60)
    assert child.exitcode == 0


async def test_a_full_disk_is_told_with_its_cure_and_used_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        await _filled_and_freed(disk)


async def _filled_and_freed(small_disk: Path) -> None:
    blobs = LocalBlobs(small_disk)
    kept = await blobs.put(os.urandom(3 << 20))
    with pytest.raises(BlobStoreError, match="Free space") as raised:
        await blobs.put(os.urandom(LARGE))
    assert raised.value.code == "blobs.disk_full"
    assert [path.name for path in files(small_disk)] == [kept]
    files(small_disk)[0].unlink()
    assert await blobs.put(b"after space was freed") == digest(b"after space was freed")


async def test_what_a_killed_writer_left_is_cleared_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    staged = tmp_path / module.STAGED
    staged.mkdir()
    for name in ("left", "being written"):
        (staged / name).write_bytes(b"half")
    os.utime(staged / "left", (0, 0))
    LocalBlobs(tmp_path)
    assert [path.name for path in staged.iterdir()] == ["being written"]
