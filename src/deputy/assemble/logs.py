"""What Deputy's processes say about themselves: JSON lines on standard error and in a file.

Owns the shape of a line and the file's bounds: at most two files of `FILE_BYTES_MAX`, readable by
their owner alone, shared by all children of one state folder. A log that cannot be written is
done without. Must never be the only place of a fact: facts are in the journal.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from deputy.settings import Settings

FILE_BYTES_MAX = 4_000_000
LINE_BYTES_MAX = 65_536


def begin(settings: Settings) -> None:
    """Let this process say what it does from now on."""
    number = logging.getLevelNamesMapping()[settings.log_level.upper()]
    lines = Lines(LogFile(place(settings.state_dir)))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[_Foreign(lines)])
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: lines,
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_kind_of_error,
            structlog.processors.ExceptionRenderer(),
            structlog.processors.JSONRenderer(),
        ],
    )


def place(state_dir: Path) -> Path:
    """Give the log file of a state folder; the one before it has `.1` behind its name."""
    return state_dir / "log" / "deputy.log"


class LogFile:
    """A file that several processes append lines to, and whoever finds it full puts aside."""

    def __init__(self, path: Path, *, bytes_max: int = FILE_BYTES_MAX) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._file: int | None = None

    def write(self, line: str) -> None:
        """Append a line, whole or not at all; a file that cannot be written is left alone."""
        raw = line.encode("utf-8", "replace")[:LINE_BYTES_MAX] + b"\n"
        with suppress(OSError):
            file = self._open()
            if os.fstat(file).st_size + len(raw) > self._bytes_max:
                file = self._turn_over(file)
            os.write(file, raw)

    def _open(self) -> int:
        """Give the descriptor of whatever has the name now."""
        if self._file is not None and not _is(self._file, self._path):
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.open(self._path, how, 0o600)
        return self._file

    def _turn_over(self, file: int) -> int:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            # Another process may have been faster.
            if _is(file, self._path):
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
        return self._open()


class Lines:
    """The last step of structlog: a finished line goes to standard error and to the file."""

    def __init__(self, file: LogFile) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        """Say a line."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        self._file.write(line)

    debug = info = warning = error = critical = exception = log = msg


class _Foreign(logging.Handler):
    """What libraries say, in the same shape."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["kind"] = record.exc_info[0].__name__
            told["exception"] = logging.Formatter().formatException(record.exc_info)
        self._lines.msg(json.dumps(told))


def _with_kind_of_error(
    _: Any, __: str, told: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name the class of an exception apart: its text may quote anything, its class cannot."""
    info = told.get("exc_info")
    error = sys.exc_info()[1] if info is True else info if isinstance(info, BaseException) else None
    if error is not None:
        told["kind"] = type(error).__name__
    return told


def _is(file: int, path: Path) -> bool:
    try:
        there = path.stat(follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(os.fstat(file), there)
