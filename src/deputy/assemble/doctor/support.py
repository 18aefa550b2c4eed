"""A support file: what helps to understand an installation, without what it works on.

Owns what goes in and the file itself. Everything passes `redaction`. Must never send anything
anywhere, overwrite a file, or hold a secret, a path below a home, or a word a person wrote.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import httpx2
from sqlalchemy.exc import SQLAlchemyError

from deputy import __version__
from deputy.agent import models
from deputy.agent.store import exports, rows
from deputy.assemble import logs
from deputy.assemble.doctor import redaction
from deputy.assemble.doctor.findings import Finding
from deputy.assemble.doctor.looks import ROOT
from deputy.assemble.doctor.packages import LINE, installed, normal
from deputy.assemble.places import Running, StateDir, running
from deputy.core.errors import ConflictError, DeputyError
from deputy.journals.engines import open_engine
from deputy.postgres import EmbeddedPostgres, Role
from deputy.settings import Settings

TRACES_MAX = 20
SESSIONS_MAX = 50
LOG_LINES_MAX = 2_000
TAIL_BYTES_MAX = 2_000_000
ANSWER_S_MAX = 10.0
COUNT_S_MAX = 5
CLOSED_AREA = "Deputy"
"""The area whose findings may quote what an operator set."""

READ_ME = """This file describes a Deputy installation. It was written by `deputy doctor --support`
on request, and nothing was sent anywhere: whoever wrote it decides who gets it.

findings.json  what the doctor looked at, and what was missing
versions.json  versions of Deputy, Python, the kernel and the locked packages
settings.json  each setting: whether it was set; its value only if that is a number or a fixed word
events.json    how many events of each type the journals hold, and what a collector was told
traces.json    the last turns: times, numbers, ids and fixed words
deputy.log     Deputy's own log: time, level, event, class of error, code, ids
postgres.log   PostgreSQL's log, as far as its sentences are known to quote nothing

Left out on purpose: prompts, file names and contents, titles, arguments, error texts, addresses,
keys, tokens, passwords, and everything else that is not listed above.
"""


@dataclass(frozen=True, slots=True)
class Support:
    """The file that was written, and what is inside."""

    file: Path
    inside: tuple[tuple[str, int], ...]
    """(name, bytes)"""


def write_support(settings: Settings, findings: Sequence[Finding], file: Path) -> Support:
    """Write a support file, readable by its owner alone; raises `ConflictError` if it is there."""
    state = StateDir(settings.state_dir)
    there = running(settings.state_dir)
    told = {
        "README.txt": READ_ME,
        "findings.json": _json([_finding(finding) for finding in findings]),
        "versions.json": _json(_versions()),
        "settings.json": _json(_settings(settings)),
        "events.json": _json(_guarded(lambda: _events(state)) if there else "Deputy does not run"),
        "traces.json": _json(_guarded(lambda: _traces(there)) if there else "Deputy does not run"),
        "deputy.log": "\n".join(_log(state)),
        "postgres.log": "\n".join(_postgres(state)),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in told.items():
            archive.writestr(name, text)
    _write_new(file, packed.getvalue())
    return Support(file, tuple((name, len(text.encode())) for name, text in told.items()))


def _write_new(file: Path, raw: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise ConflictError(
            f"{file} is there already.", hint="Name a new file; nothing is ever overwritten."
        ) from None
    except OSError as error:
        raise DeputyError(
            f"{file} cannot be written: {error.strerror}.", hint="Name a file you may write."
        ) from None
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(raw)


def _finding(finding: Finding) -> dict[str, Any]:
    """Give a finding; where its words may quote a setting they stay out."""
    told = asdict(finding)
    if finding.area == CLOSED_AREA:
        del told["what"], told["cure"]
    home = str(Path.home())
    return {k: redaction.shortened(v, home) if isinstance(v, str) else v for k, v in told.items()}


def _versions() -> dict[str, Any]:
    lock = ROOT / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    named = {normal(name) for name, _, _ in LINE.findall(text)}
    return {
        "deputy": __version__,
        "python": ".".join(str(n) for n in sys.version_info[:3]),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "libc": "-".join(platform.libc_ver()),
        "packages": {name: v for name, v in sorted(installed().items()) if name in named},
    }


def _settings(settings: Settings) -> dict[str, Any]:
    told = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown: dict[str, Any] = {"set": f"DEPUTY_{name.upper()}" in os.environ}
        closed = get_origin(field.annotation) is Literal and value in get_args(field.annotation)
        if isinstance(value, bool | int) or closed:
            shown["value"] = value
        told[f"DEPUTY_{name.upper()}"] = shown
    kind = settings.model.partition(":")[0]
    told["DEPUTY_MODEL"]["kind"] = kind if kind in models.kinds() else "other"
    return told


def _events(state: StateDir) -> dict[str, Any]:
    url = EmbeddedPostgres(state.root).url(Role.CELL)

    async def count() -> dict[str, Any]:
        engine = open_engine(url, connections=1)
        try:
            async with engine.begin() as connection:
                types = await rows.events_by_type(connection, within_s=COUNT_S_MAX)
                told = await exports.counted(connection)
            return {"events": redaction.counts(types), "exports": redaction.counts(told)}
        finally:
            await engine.dispose()

    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, count()).result()


def _traces(there: Running) -> list[dict[str, Any]]:
    token = there.token_path.read_text(encoding="ascii").strip()
    with httpx2.Client(
        base_url=f"{there.url}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=ANSWER_S_MAX,
        trust_env=False,
    ) as client:
        told = [client.get(f"{place}/trace").json() for place in islice(_turns(client), TRACES_MAX)]
    return [redaction.trace(one) for one in told]


def _turns(client: httpx2.Client) -> Iterator[str]:
    """Give the addresses of the owner's turns: sessions that moved last, their newest turns."""
    for row in client.get("/sessions", params={"limit": SESSIONS_MAX}).json()["sessions"]:
        turns = client.get(f"/sessions/{row['id']}").json()["turns"] if row["turn"] else []
        yield from (f"/sessions/{row['id']}/turns/{turn['id']}" for turn in reversed(turns))


def _guarded(collect: Callable[[], Any]) -> Any:
    """Give what can be collected, or the kind of what went wrong."""
    try:
        return collect()
    except (DeputyError, SQLAlchemyError, httpx2.HTTPError, OSError, LookupError, ValueError) as e:
        return f"could not be collected: {type(e).__name__}"


def _log(state: StateDir) -> Iterator[str]:
    path = logs.place(state.root)
    lines = [*_tail(path.with_name(f"{path.name}.1")), *_tail(path)]
    for line in lines[-LOG_LINES_MAX:]:
        if (kept := redaction.log_line(line)) is not None:
            yield json.dumps(kept)


def _postgres(state: StateDir) -> Iterator[str]:
    for line in _tail(EmbeddedPostgres(state.root).places.log)[-LOG_LINES_MAX:]:
        if (kept := redaction.postgres_line(line)) is not None:
            yield kept


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES_MAX))
            return file.read(TAIL_BYTES_MAX).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"
