"""A packed office file reaches for nothing outside itself and runs nothing."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError

NAME = "workbook.no_outside_links"
TITLE = "The file refers to no other file and no server, and holds no macro or embedded program"
LIMITS = "what the web pages say that its links lead to when clicked"
KIND = "inspects"
APPLIES_TO = (".xlsx", ".xlsm", ".docx", ".pptx")
TAKES = "No params. Hyperlinks that a reader has to click (https, mailto) are counted, not refused."
PARTS_MAX = 5_000
PART_BYTES_MAX = 256 << 20
LINK = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
RUN = re.compile(r"vbaProject|/embeddings/|/activeX/|macrosheets|externalLinks/|connections\.xml"
                 r"|customUI|attachedToolbars|\.bin$", re.IGNORECASE)  # fmt: skip
HARMLESS = re.compile(r"printerSettings\d*\.bin$", re.IGNORECASE)
CALLS = re.compile(
    r"<(?:\w+:)?(?:f|formula\d?|definedName)\b[^>]*>[^<]*?(\bWEBSERVICE\b|\bRTD\(|\bDDE\b"
    r"|\bCALL\(|\bREGISTER\.ID\b|\bEXEC\(|(?<![\w\]])\[\d+\](?=[\w' ])|cmd\||\bIMAGE\()",
    re.IGNORECASE,
)
FIELDS = re.compile(r"(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT)\s", re.IGNORECASE)
CLICKED = ("http://", "https://", "mailto:", "#")


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every part's name, its links and its formulas."""
    wrong: list[str] = []
    clicked = 0
    try:
        with zipfile.ZipFile(target) as archive:
            entries = archive.infolist()
            if len(entries) > PARTS_MAX or sum(e.file_size for e in entries) > PART_BYTES_MAX * 2:
                raise UncheckedError(f"{target.name} is too large to be checked.")
            for entry in entries:
                name = entry.filename
                if RUN.search(name) and not HARMLESS.search(name):
                    wrong.append(f"it holds {posixpath.basename(name)}")
                if name.endswith(".rels"):
                    count, said = _links(archive.read(name))
                    clicked += count
                    wrong += said
                elif name.endswith(".xml"):
                    wrong += _calls(name, archive.read(name))
    except (zipfile.BadZipFile, ET.ParseError) as broken:
        raise FailedError(f"{target.name} does not open: {broken}.") from broken
    if wrong:
        raise FailedError(shown(wrong))
    return f"{len(entries)} parts, none reaches outside; {clicked} links to be clicked."


def _links(raw: bytes) -> tuple[int, list[str]]:
    if b"<!DOCTYPE" in raw[:2_000]:
        return 0, ["its links declare entities"]
    clicked, wrong = 0, []
    for link in ET.fromstring(raw).iter(LINK):  # noqa: S314 -- in the sandbox, entities refused
        if link.get("TargetMode") != "External":
            continue
        to = link.get("Target") or ""
        kind = (link.get("Type") or "").rpartition("/")[2]
        if kind == "hyperlink" and to.casefold().startswith(CLICKED):
            clicked += 1
        else:
            wrong.append(f"it links to {to[:80]!r} ({kind})")
    return clicked, wrong


def _calls(name: str, raw: bytes) -> list[str]:
    text = raw.decode("utf-8", "replace")
    called = CALLS.search(text)
    if called:
        return [f"{posixpath.basename(name)} has a formula that calls {called.group(1)}"]
    words = re.findall(r"<w:instrText[^>]*>([^<]*)", text)
    return [f"{posixpath.basename(name)} has a field {word.strip()[:40]!r}"
            for word in words if FIELDS.match(word.strip() + " ")]  # fmt: skip
