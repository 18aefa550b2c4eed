"""Links within a page lead somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.records import shown
from deputy.agent.checks.sandboxed.verdicts import FailedError

NAME = "html.links_resolve"
TITLE = "Every link within the page, and to a file beside it, leads somewhere"
LIMITS = "links to the web"
KIND = "inspects"
APPLIES_TO = (".html", ".htm", ".md")
TAKES = "links_min: how many such links there must be at least (default 0)."
WEB = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
MARKED = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)")
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where links lead and what they may lead to."""
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.names.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.append(value.strip())


def check(target: Path, params: dict[str, Any]) -> str:
    """Follow each local link."""
    text = decoded(target.read_bytes())
    reader = _Reader()
    reader.feed(text)
    if target.suffix.lower() == ".md":
        reader.links += MARKED.findall(text)
        reader.names |= {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-")
                         for one in HEADING.findall(text)}  # fmt: skip
    local = [link for link in reader.links if not WEB.match(link)]
    wrong = [f"{link[:80]!r} leads nowhere" for link in dict.fromkeys(local)
             if not _leads(target, link, reader.names)]  # fmt: skip
    if wrong:
        raise FailedError(shown(wrong))
    if len(local) < int(params.get("links_min", 0)):
        raise FailedError(f"The page has {len(local)} links within, fewer than asked for.")
    return f"{len(local):,} local links, all lead somewhere."


def _leads(target: Path, link: str, names: set[str]) -> bool:
    path, _, anchor = unquote(link).partition("#")
    path = path.partition("?")[0]
    if not path:
        return anchor in ("", "top") or anchor in names
    return (target.parent / path).is_file()
