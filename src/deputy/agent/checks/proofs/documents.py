"""Proofs of the checks of documents: text, pages, PDF, HTML, archives.

Owns small documents of each kind. Must never read them with the checks' own code.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.proof import (
    Change,
    Proof,
    cut,
    each,
    gone,
    replaced,
    write_csv,
    write_text,
)

LEASE = """Lease of 3 May 2024

The rent is EUR 1,200 a month, due on the third working day.
Either side may give notice of three months to the end of a quarter.
"""
OFFER = "The price is EUR 480 for each seat and year.\nIt holds until 31 March.\n"
FOUND = [
    ["Question", "Answer", "Quote", "Source"],
    ["Rent", "EUR 1,200", "The rent is EUR 1,200 a month", "lease.txt"],
    ["Notice", "three months", "notice of three months to the end of a quarter", "lease.txt"],
    ["Price", "EUR 480", "The price is EUR 480 for each seat and year", "offer.txt"],
    ["Deposit", "", "", ""],
]
OUT = "out/answers.csv"
SOURCES = ["lease.txt", "offer.txt"]
ANSWERS = each(write_text("lease.txt", LEASE), write_text("offer.txt", OFFER),
               write_csv(OUT, FOUND))  # fmt: skip
SHUFFLED = write_csv(OUT, [FOUND[0], *reversed(FOUND[1:])])
QUOTES = Proof(
    "quotes.in_source", OUT, {"sources": SOURCES}, ANSWERS,
    mutators={
        "a word is another": replaced(OUT, "notice of three", "notice of six"),
        "from the other document": replaced(OUT, "year,offer.txt", "year,lease.txt"),
        "a source that is none": replaced(OUT, "offer.txt", "order.txt"),
        "too short to be found": replaced(OUT, '"The rent is EUR 1,200 a month"', "rent"),
    },
    invariances={"another order": SHUFFLED,
                 "white space": replaced(OUT, "three months to", "three  months\u00a0to"),
                 "names without ending": replaced(OUT, "lease.txt", "lease")},
)  # fmt: skip
RESTS = Proof(
    "answers.rest_on_quotes", OUT, {"answer": "Answer", "rows": 4}, ANSWERS,
    mutators={"an answer out of nothing": replaced(OUT, "Deposit,,", "Deposit,two rents,"),
              "a quote without answer": replaced(OUT, "Notice,three months", "Notice,"),
              "a row less": write_csv(OUT, FOUND[:-1])},
    invariances={"another order": SHUFFLED, "said in words": replaced(
        OUT, "Deposit,,", "Deposit,not found,")},
)  # fmt: skip
COVERED = Proof(
    "documents.all_covered", OUT, {"sources": SOURCES}, ANSWERS,
    mutators={"a document is missing": replaced(OUT, "offer.txt", "lease.txt"),
              "a longer name": replaced(OUT, "offer.txt", "coffer.txt")},
    invariances={"another order": SHUFFLED, "without ending": replaced(OUT, "offer.txt", "Offer")},
)  # fmt: skip
NOTE = "out/note.md"
TABLE = "out/table.csv"
TEXT = """# Summary

Sales came to 12,500 euros, of which North had 8,300.50.

# Method

The rows of the file were added up by region.
"""
NOTED = each(write_text(NOTE, TEXT),
             write_csv(TABLE, [["Region", "Sales"], ["North", 8300.5], ["South", 4199.5],
                               ["Total", 12500]]))  # fmt: skip
OTHER_MARKS = replaced(NOTE, "12,500 euros", "12.500 euros")
AGREES = Proof(
    "text.agrees_with_table", NOTE, {"table": TABLE}, NOTED,
    mutators={"two digits swapped": replaced(NOTE, "8,300.50", "8,030.50"),
              "another total": replaced(NOTE, "12,500", "12,600"),
              "no figure at all": write_text(NOTE, "Nothing to say.")},
    invariances={"rounded": replaced(NOTE, "8,300.50", "8,301"), "other marks": OTHER_MARKS,
                 "a year": replaced(NOTE, "Sales came", "In 2026 sales came")},
)  # fmt: skip
SECTIONS = Proof(
    "document.has_sections", NOTE, {"sections": ["Summary", "Method"]}, NOTED,
    mutators={"one is missing": replaced(NOTE, "# Method", "Methodical"),
              "one is empty": replaced(NOTE, "The rows of the file were added up by region.", ""),
              "another order": write_text(NOTE, "# Method\na b c d e f\n# Summary\na b c d e")},
    invariances={"numbered": replaced(NOTE, "# Method", "## 2. Method"),
                 "other marks": OTHER_MARKS},
)  # fmt: skip
MENTIONS = Proof(
    "document.mentions", NOTE, {"phrases": ["North had"], "without": ["South"]}, NOTED,
    mutators={"a phrase is missing": replaced(NOTE, "North had", "North has"),
              "a forbidden one": replaced(NOTE, "North had", "North had, South"),
              "left to fill in": replaced(NOTE, "by region", "by TODO"),
              "in a comment only": replaced(NOTE, "North had", "<!-- North had -->")},
    invariances={"broken over lines": replaced(NOTE, "North had", "north\nhad"),
                 "other marks": OTHER_MARKS},
)  # fmt: skip
PAGE = "out/page.html"
HTML = """<!doctype html><html><head><style>p { color: #222 }</style></head><body>
<h1 id="top">Report</h1><p><a href="#end">down</a> <a href="https://example.org">web</a>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></p><p id="end">End of it</p>
<script>document.title = "Report"</script></body></html>
"""
MORE = {"other words": replaced(PAGE, "End of it", "The end"),
        "another style": replaced(PAGE, "#222", "#333")}  # fmt: skip


def within(more: str) -> Change:
    """Give a change that adds to the page."""
    return replaced(PAGE, "</body>", more + "</body>")


CONTAINED = Proof(
    "html.self_contained", PAGE, {}, write_text(PAGE, HTML),
    mutators={
        "a picture from a server": within('<img src="https://example.org/x.png">'),
        "a picture beside it": within('<img src="x.png">'),
        "a style sheet": within('<link rel="stylesheet" href="//cdn.example.org/x.css">'),
        "a script from a server": within('<script src="https://example.org/x.js"></script>'),
        "a script that asks": within("<script>fetch('https://example.org')</script>"),
        "a style that asks": within("<style>@import 'x.css';</style>"),
        "a ground from a server": within('<p style="background: url(https://e.org/x)">a</p>'),
        "a form": within('<form action="https://example.org"></form>'),
        "another page": within('<iframe srcdoc="x"></iframe>'),
        "led elsewhere": within('<meta http-equiv="refresh" content="0; url=https://e.org">'),
        "an image set": within('<img srcset="https://example.org/x.png 2x">'),
    },
    invariances=MORE,
)  # fmt: skip
RESOLVE = Proof(
    "html.links_resolve", PAGE, {"links_min": 1}, write_text(PAGE, HTML),
    mutators={"an anchor is gone": replaced(PAGE, 'id="end"', 'id="ende"'),
              "a file is not there": within('<a href="annex.html">Annex</a>')},
    invariances={**MORE, "a file beside it": each(
        within('<a href="annex.html#a">Annex</a>'), write_text("out/annex.html", "<p>A</p>"))},
)  # fmt: skip
PDF = "out/report.pdf"


def pdf(pages: Sequence[str], ink: str = "black") -> Change:
    """Give a change that writes a PDF of pages with words."""

    def change(folder: Path) -> None:
        import typst

        place = folder / PDF
        place.parent.mkdir(exist_ok=True)
        body = "\n#pagebreak()\n".join(pages)
        source = f'#set page(paper: "a4")\n#set text(fill: {ink})\n{body}\n'
        (folder / "page.typ").write_text(source, "utf-8")
        typst.compile(str(folder / "page.typ"), output=str(place))

    return change


def spoiled(old: bytes, new: bytes) -> Change:
    """Give a change of a PDF's bytes."""

    def change(folder: Path) -> None:
        raw = (folder / PDF).read_bytes()
        (folder / PDF).write_bytes(raw.replace(old, new, 1) if old else raw + new)

    return change


PAGES = Proof(
    "pdf.pages", PDF, {"min": 2, "max": 2}, pdf(["First", "Second"]),
    mutators={"a page less": pdf(["First"]), "a page more": pdf(["First", "Second", "Third"]),
              "a blank page": pdf(["First", ""]), "white words": pdf(["First", "Second"], "white"),
              "half a file": cut(PDF)},
    invariances={"other words": pdf(["One", "Two"]), "grey": pdf(["First", "Second"], "gray")},
)  # fmt: skip
ONE_PAGE = Proof(
    "pdf.one_page", PDF, {}, pdf(["First"]),
    mutators={"two pages": pdf(["First", "Second"]),
              "other paper": pdf(['#set page(paper: "us-letter")\nFirst'])},
    invariances={"other words": pdf(["One"])},
)  # fmt: skip
ACTION = b"\n9 0 obj\n<< /S /%s /JS (app.alert\\(1\\)) >>\nendobj\n%%%%EOF\n"
ACTIONS = Proof(
    "pdf.no_actions", PDF, {}, pdf(["First"]),
    mutators={"a script": spoiled(b"", ACTION % b"JavaScript"),
              "a script in disguise": spoiled(b"", ACTION % b"J#61vaScript"),
              "a program": spoiled(b"", b"\n9 0 obj\n<< /S /Launch /F (calc) >>\nendobj\n"),
              "a form that sends": spoiled(b"", b"\n9 0 obj\n<< /S /SubmitForm >>\nendobj\n"),
              "no PDF": write_text(PDF, "no PDF")},
    invariances={"the word in its text": pdf(["This text says JavaScript and /Launch."]),
                 "a link to click": pdf(['#link("https://example.org")[web]'])},
)  # fmt: skip
ZIP = "out/all.zip"
MEMBERS = {"a.txt": "first", "b/c.txt": "second"}


def packed(members: Mapping[str, str], method: int = zipfile.ZIP_DEFLATED) -> Change:
    """Give a change that packs members."""

    def change(folder: Path) -> None:
        (folder / ZIP).parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(folder / ZIP, "w", method) as archive:
            for name, text in members.items():
                archive.writestr(name, text)

    return change


ARCHIVE = Proof(
    "archive.complete", ZIP, {"members": list(MEMBERS)}, packed(MEMBERS),
    mutators={
        "one is missing": packed({"a.txt": "first"}),
        "one too many": packed({**MEMBERS, "d.txt": "third"}),
        "one leads out": packed({**MEMBERS, "../d.txt": "third"}),
        "half a file": cut(ZIP), "gone": gone(ZIP),
    },
    invariances={"stored": packed(MEMBERS, zipfile.ZIP_STORED),
                 "another order": packed(dict(reversed(MEMBERS.items())))},
)  # fmt: skip
UNCHANGED = Proof(
    "archive.complete", ZIP, {"sources": ["a.txt"], "count": 2},
    each(write_text("a.txt", "first"), packed(MEMBERS)),
    mutators={"a source was changed": packed({**MEMBERS, "a.txt": "First"})},
    invariances={"under another name": packed({"x.txt": "first", "y.txt": "second"})},
)  # fmt: skip
PROOFS: tuple[Any, ...] = (
    QUOTES, RESTS, COVERED, AGREES, SECTIONS, MENTIONS, CONTAINED, RESOLVE, PAGES, ONE_PAGE,
    ACTIONS, ARCHIVE, UNCHANGED,
)  # fmt: skip
