"""A PDF does nothing by itself: no script, no program, no form sent, no file inside."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, size_of

NAME = "pdf.no_actions"
TITLE = "The PDF runs no script, starts no program, sends no form and carries no file"
LIMITS = "what the web pages say that its links lead to when clicked"
KIND = "inspects"
APPLIES_TO = (".pdf",)
SIZE_BYTES_MAX = 200 << 20
UNPACKED_BYTES_MAX = 64 << 20
OBJECTS = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
ACTIONS = re.compile(
    rb"/(JavaScript|JS|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|GoToR|GoToE|AA|XFA"
    rb"|Rendition|Movie|Sound|Trans3D)(?![A-Za-z0-9])"
)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for the names of actions in the file and in its packed objects, escapes undone."""
    if size_of(target) > SIZE_BYTES_MAX:
        raise UncheckedError("The PDF is too large to be checked.")
    raw = target.read_bytes()
    if b"%PDF-" not in raw[:1_024]:
        raise FailedError(f"{target.name} is no PDF.")
    if b"/Encrypt" in raw:
        raise UncheckedError("The PDF is encrypted; write it without a password.")
    # Content streams are no dictionaries: names are looked for outside them and in object streams.
    found = _named(OBJECTS.sub(b"", raw))
    for match in OBJECTS.finditer(raw):
        before = raw[max(0, match.start() - 400) : match.start()]
        if b"/ObjStm" in ESCAPE.sub(_undone, before.rpartition(b"obj")[2]):
            found |= _named(_unpacked(match.group(1)))
    if found:
        raise FailedError(shown([f"it holds /{name}" for name in sorted(found)]))
    return "No action but links to be clicked."


def _named(raw: bytes) -> set[str]:
    return {match.group(1).decode() for match in ACTIONS.finditer(ESCAPE.sub(_undone, raw))}


def _undone(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match.group(1).decode())


def _unpacked(stream: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(stream.lstrip(b"\r\n"), UNPACKED_BYTES_MAX)
    except zlib.error as wrong:
        raise UncheckedError("The PDF packs its objects in a way the check cannot read.") from wrong
    if unpacking.unconsumed_tail:
        raise UncheckedError("The PDF unpacks to more than can be checked.")
    return found
