"""Gives the text a reader sees of a document: PDF, Word, slides, HTML, Markdown, plain text.

Owns what counts as seen: no text drawn in the colour of its ground, none that is hidden. Must never
give what only a program would find.
"""

from __future__ import annotations

import re
import zipfile
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError

PAGES_MAX = 300
CHARACTERS_MAX = 5_000_000
UNPACKED_BYTES_MAX = 256 << 20
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WHITE = ("FFFFFF", "FEFEFE", "FDFDFD")
PIXELS_PER_POINT = 2
CONTRAST_MIN = 24
DOCUMENTS = (".pdf", ".docx", ".pptx", ".html", ".htm", ".svg", ".md", ".txt")


@lru_cache(maxsize=8)
def pages_of(target: Path) -> tuple[str, ...]:
    """Give the visible text page by page; what has no pages is one page."""
    kind = target.suffix.lower()
    try:
        pages = {".pdf": _pdf, ".docx": _word, ".pptx": _slides, ".html": _html, ".htm": _html,
                 ".svg": _html}.get(kind, _plain)(target)  # fmt: skip
    except (zipfile.BadZipFile, ET.ParseError, KeyError) as wrong:
        raise FailedError(f"{target.name} does not open: {wrong}.") from wrong
    if sum(map(len, pages)) > CHARACTERS_MAX:
        raise UncheckedError(f"{target.name} has more text than a check reads; part it.")
    return tuple(pages)


def text_of(target: Path) -> str:
    """Give the whole visible text, lines kept."""
    return "\n".join(pages_of(target))


def in_one_line(text: str) -> str:
    """Give a text with one blank for any white space and no soft hyphens."""
    plain = text.replace("\u00ad", "").replace("\u2010", "-").replace("\u2011", "-")
    return re.sub(r"\s+", " ", plain.replace("\ufffe", "-"))


def in_lines(text: str) -> list[str]:
    """Give the lines of a text with plain blanks and hyphens."""
    return [in_one_line(line).strip() for line in text.splitlines() if line.strip()]


def _plain(target: Path) -> list[str]:
    raw = target.read_bytes()
    if len(raw) > CHARACTERS_MAX * 4:
        raise UncheckedError(f"{target.name} has more text than a check reads; part it.")
    text = decoded(raw)
    if target.suffix.lower() == ".md":
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r"^\s*\|?[\s|:-]+\|[\s|:-]*$", "", text, flags=re.MULTILINE)
        text = re.sub(r"\*\*|__|`", "", text)
    return [text]


def _pdf(target: Path) -> list[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(target)
    except pypdfium2.PdfiumError as wrong:
        raise FailedError(f"{target.name} does not open: {wrong}.") from wrong
    if len(document) > PAGES_MAX:
        raise UncheckedError(f"{target.name} has more than {PAGES_MAX} pages; check it in parts.")
    return [_seen_on(document[number]) for number in range(len(document))]


def _seen_on(page: Any) -> str:
    """Give a page's text without the letters that leave no trace when it is drawn."""
    text = page.get_textpage()
    count = text.count_chars()
    letters = text.get_text_range(0, count) if count else ""
    width, height = page.get_size()
    drawn = page.render(scale=PIXELS_PER_POINT, grayscale=True).to_numpy().squeeze()
    if len(letters) != count:
        return str(letters)
    shown = []
    for at, letter in enumerate(letters):
        if letter.isspace() or not letter.isprintable():
            shown.append(letter)
            continue
        left, bottom, right, top = text.get_charbox(at)
        rows, columns = _pixels(height - top, height - bottom), _pixels(left, right)
        inside = 0 <= left <= right <= width + 1 and 0 <= bottom <= top <= height + 1
        spot = drawn[rows, columns] if inside else drawn[:0]
        seen = spot.size > 0 and int(spot.max()) - int(spot.min()) >= CONTRAST_MIN
        shown.append(letter if seen else " ")
    return "".join(shown)


def _pixels(first: float, last: float) -> slice:
    return slice(int(first * PIXELS_PER_POINT), int(last * PIXELS_PER_POINT) + 2)


def _parts(target: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(target) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES_MAX:
            raise UncheckedError(f"{target.name} is too large to be checked.")
        names = [name for name in archive.namelist() if name.endswith(".xml")]
        return {name: archive.read(name) for name in names}


def _xml(raw: bytes) -> ET.Element:
    if b"<!DOCTYPE" in raw[:2_000]:
        raise FailedError("A part of the document declares entities.")
    return ET.fromstring(raw)  # noqa: S314 -- in the sandbox, entities refused above


def _word(target: Path) -> list[str]:
    parts = _parts(target)
    names = ["word/document.xml", *sorted(n for n in parts if re.match(r"word/(foot|end)notes", n))]
    return ["\n".join(line for name in names for line in _lines(_xml(parts[name])))]


def _lines(root: ET.Element, shaded: bool = False) -> list[str]:
    """Give paragraphs, and each row of a table as one line."""
    lines = []
    for child in root:
        if child.tag == f"{WORD}tr":
            cells = [" ".join(_lines(cell, _shaded(cell))) for cell in child.iter(f"{WORD}tc")]
            lines.append(" | ".join(cells))
        elif child.tag == f"{WORD}p":
            lines.append(_paragraph(child, shaded))
        elif child.tag != f"{WORD}sectPr":
            lines += _lines(child, shaded)
    return lines


def _shaded(cell: ET.Element) -> bool:
    fills = [shade.get(f"{WORD}fill", "auto").upper() for shade in cell.iter(f"{WORD}shd")]
    return any(fill not in (*WHITE, "AUTO") for fill in fills)


def _paragraph(paragraph: ET.Element, shaded: bool) -> str:
    words = []
    ground = shaded or _shaded(paragraph)
    for run in paragraph.iter(f"{WORD}r"):
        color = run.find(f"{WORD}rPr/{WORD}color")
        white = color is not None and color.get(f"{WORD}val", "").upper() in WHITE
        hidden = run.find(f"{WORD}rPr/{WORD}vanish") is not None or (white and not ground)
        for part in run if not hidden else ():
            if part.tag == f"{WORD}t":
                words.append(part.text or "")
            elif part.tag in (f"{WORD}tab", f"{WORD}br"):
                words.append(" ")
    return "".join(words)


def _slides(target: Path) -> list[str]:
    parts = _parts(target)
    slides = [n for n in parts if re.fullmatch(r"ppt/slides/slide\d+\.xml", n)]
    slides.sort(key=lambda name: int(re.sub(r"\D", "", name)))
    pages = []
    for name in slides:
        root = _xml(parts[name])
        if root.get("show") == "0":
            continue
        lines = (*root.iter(f"{DRAWN}tr"), *root.iter(f"{DRAWN}p"))
        pages.append(
            "\n".join(" ".join(t.text or "" for t in line.iter(f"{DRAWN}t")) for line in lines)
        )
    return pages


class _Seen(HTMLParser):
    """Collects the text of a page that is shown without running anything."""

    SILENT = frozenset(["script", "style", "template", "noscript", "head", "title", "metadata",
                        "desc", "defs"])  # fmt: skip
    VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
                      "source", "track", "wbr"])  # fmt: skip
    LINES = frozenset(["p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "section",
                       "table", "text", "dt", "dd", "figcaption", "caption"])  # fmt: skip
    HIDDEN = re.compile(
        r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])"
        r"|(?<![\w-])opacity\s*:\s*0(?![.\d])|(?<![\w-])color\s*:\s*(transparent|#fff(fff)?\b"
        r"|white)(?!.*background)", re.IGNORECASE,
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether what follows is seen."""
        self.words.append("\n" if tag in self.LINES else " " if tag in ("td", "th") else "")
        if tag in self.VOID:
            return
        known = dict(attrs)
        style = known.get("style") or ""
        ground = "background" in style.lower() or "background" in str(self._open)
        hidden = tag in self.SILENT or "hidden" in known or (
            self.HIDDEN.search(style) is not None and not ground)  # fmt: skip
        self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        """Close down to the tag named."""
        if any(one == tag for one, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
        self.words.append("\n" if tag in self.LINES else " " if tag in ("td", "th") else "")

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not any(hidden for _, hidden in self._open):
            self.words.append(data)


def _html(target: Path) -> list[str]:
    (text,) = _plain(target)
    seen = _Seen()
    seen.feed(text)
    seen.close()
    lines = [" ".join(line.split()) for line in "".join(seen.words).split("\n")]
    return ["\n".join(line for line in lines if line)]
