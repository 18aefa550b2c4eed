"""A page needs nothing but itself: it asks no server and no other file for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, size_of

NAME = "html.self_contained"
TITLE = "The page asks no server and no other file for anything and sends nothing away"
LIMITS = "whether its scripts work, nor links a reader clicks"
KIND = "inspects"
APPLIES_TO = (".html", ".htm", ".svg")
TAKES = "scripts: false if the page may run none (default true)."
SIZE_BYTES_MAX = 100 << 20
FETCHING = {"src", "srcset", "poster", "background", "data", "action", "formaction", "manifest",
            "ping", "archive", "codebase", "icon", "dynsrc", "lowsrc"}  # fmt: skip
EMBEDDING = {"iframe", "frame", "object", "embed", "applet", "portal", "fencedframe"}
CSS = re.compile(r"@import|url\(\s*['\"]?(?!\s*['\"]?(?:data:|#))[^)\s]", re.IGNORECASE)
SCRIPT = re.compile(
    r"\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|\bimport\s*\("
    r"|\bimport\s+[^;]*?from|\.src\s*=|\.href\s*=|serviceWorker|RTCPeerConnection|new\s+Worker"
    r"|new\s+Image|createElement\(\s*['\"](?:script|link|img|iframe)", re.IGNORECASE,
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self, scripts: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.count = 0
        self._scripts, self._inside = scripts, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at each attribute that fetches, runs or styles."""
        self.count += 1
        self._inside = tag if tag in ("script", "style") else ""
        known = {name: value or "" for name, value in attrs}
        if tag in EMBEDDING:
            self.wrong.append(f"it embeds another page (<{tag}>)")
        if tag == "script" and not self._scripts:
            self.wrong.append("it holds a script")
        if tag == "meta" and known.get("http-equiv", "").lower() == "refresh":
            self.wrong.append("it leads elsewhere by itself")
        if tag == "base":
            self.wrong.append("it sets another base for its links")
        for name, value in known.items():
            self._attribute(tag, name, value)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        fetching = name in FETCHING or (name.endswith("href") and tag not in ("a", "area"))
        if fetching and _is_outside(value):
            self.wrong.append(f"<{tag} {name}> asks for {value[:60]!r}")
        if name in ("a", "href") and value.strip().lower().startswith("javascript:"):
            self.wrong.append("a link runs a script")
        if name == "style" and CSS.search(value):
            self.wrong.append("a style asks for a file")
        if name.startswith("on"):
            if not self._scripts:
                self.wrong.append(f"<{tag} {name}> runs a script")
            elif SCRIPT.search(value):
                self.wrong.append(f"<{tag} {name}> asks for something")

    def handle_data(self, data: str) -> None:
        """Look at what styles and scripts ask for."""
        if self._inside == "style" and CSS.search(data):
            self.wrong.append("a style asks for a file")
        found = SCRIPT.search(data) if self._inside == "script" else None
        if found:
            self.wrong.append(f"a script asks for something ({found.group(0).strip()})")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style."""
        self._inside = ""


def check(target: Path, params: dict[str, Any]) -> str:
    """Look at every tag, style and script."""
    if size_of(target) > SIZE_BYTES_MAX:
        raise UncheckedError("The page is too large to be checked.")
    reader = _Reader(bool(params.get("scripts", True)))
    reader.feed(decoded(target.read_bytes()))
    reader.close()
    if reader.wrong:
        raise FailedError(shown(list(dict.fromkeys(reader.wrong))))
    if not reader.count:
        raise FailedError(f"{target.name} holds no tag.")
    return f"{reader.count:,} tags, none asks for anything outside."


def _is_outside(value: str) -> bool:
    plain = value.strip().lower()
    return bool(plain) and not plain.startswith(("data:", "#", "blob:", "about:blank"))
