"""The log file: bounded, private, shared, and never in anybody's way."""

import json
import multiprocessing
import stat
from pathlib import Path

from deputy.assemble.logs import LINE_BYTES_MAX, LogFile

LINES = 400
BYTES_MAX = 20_000


def _write(path: Path, name: str) -> None:
    file = LogFile(path, bytes_max=BYTES_MAX)
    for n in range(LINES):
        file.write(json.dumps({"event": "spoke", "name": name, "n": n}))


def test_several_processes_share_a_file_that_stays_small_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "log" / "deputy.log"
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=_write, args=(path, name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["deputy.log", "deputy.log.1"]
    for file in files:
        assert file.stat().st_size <= BYTES_MAX + 100
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        for line in file.read_text().splitlines():
            assert json.loads(line)["event"] == "spoke"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("no folder")
    LogFile(tmp_path / "log" / "deputy.log").write("x")
    target = tmp_path / "elsewhere"
    (tmp_path / "link").symlink_to(target)
    LogFile(tmp_path / "link").write("x")
    assert not target.exists()


def test_a_very_long_line_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "deputy.log"
    LogFile(path).write("x" * 10 * LINE_BYTES_MAX)
    assert path.stat().st_size == LINE_BYTES_MAX + 1


def test_a_file_taken_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "deputy.log"
    file = LogFile(path)
    file.write("one")
    path.unlink()
    file.write("two")
    assert path.read_text() == "two\n"
