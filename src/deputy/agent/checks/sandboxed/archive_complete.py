"""An archive holds what it should, undamaged, and unpacks to no other place."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError

NAME = "archive.complete"
TITLE = "The archive has exactly the members stated, all undamaged, none leading out of it"
LIMITS = "what is in its members"
KIND = "inspects"
CONTENT = True
APPLIES_TO = (".zip",)
NEEDS = ("members", "count", "sources")
TAKES = "members: [path]; or count: number of files; or sources: [uploaded path] held unchanged."
MEMBERS_MAX = 20_000
UNPACKED_BYTES_MAX = 1 << 30


def check(target: Path, params: dict[str, Any]) -> str:
    """Read every member, compare names, and the uploads' own bytes where they should be."""
    try:
        with zipfile.ZipFile(target) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            too_large = sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX
            if too_large or len(entries) > MEMBERS_MAX:
                raise UncheckedError("The archive is too large to be checked; part it.")
            damaged = archive.testzip()
            held = {entry.filename: entry.CRC for entry in entries}
    except (zipfile.BadZipFile, RuntimeError, zlib.error, OSError, EOFError) as wrong:
        raise FailedError(f"{target.name} does not open: {wrong}.") from wrong
    told = [f"{damaged!r} is damaged"] if damaged else []
    told += [f"{name!r} leads out of the archive" for name in held if _leads_out(name)]
    told += ["two members share a name"] if len(held) != len(entries) else []
    told += _missing(held, params)
    if told:
        raise FailedError(shown(told))
    return f"{len(held):,} members, all undamaged."


def _leads_out(name: str) -> bool:
    plain = name.replace("\\", "/")
    up = posixpath.normpath(plain).startswith("..")
    return plain.startswith("/") or up or ":" in plain.partition("/")[0]


def _missing(held: dict[str, int], params: dict[str, Any]) -> list[str]:
    wrong = []
    if "members" in params:
        wanted = {str(name) for name in params["members"]}
        wrong += [f"{name!r} is missing" for name in sorted(wanted - set(held))]
        wrong += [f"{name!r} does not belong there" for name in sorted(set(held) - wanted)]
    if "count" in params and len(held) != int(params["count"]):
        wrong.append(f"it has {len(held):,} members, not {int(params['count']):,}")
    sums = set(held.values())
    for path in params.get("sources") or ():
        if zlib.crc32(Path(path).read_bytes()) not in sums:
            wrong.append(f"{path!r} is not held unchanged")
    return wrong
