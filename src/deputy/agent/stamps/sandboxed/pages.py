"""One more page in a PDF, before all others or after them.

Owns the page. The words reach the typesetter as data, never as its markup.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

TEMPLATE = """
#set page(paper: "a4", margin: 22mm)
#set text(size: 10pt)
#for line in json(bytes(sys.inputs.lines)) {
  let (kind, words) = line
  if kind == "title" {
    text(size: 20pt, weight: "bold", fill: rgb(sys.inputs.colour))[#words]
    parbreak()
  } else if kind == "head" {
    v(6pt)
    text(size: 11.5pt, weight: "bold")[#words]
    parbreak()
  } else {
    [#words]
    parbreak()
  }
}
"""


def stamp(source: str, target: str, lines: Sequence[Sequence[str]], *, first: bool) -> None:
    """Write a copy with a page of words: the first one, or the last."""
    # Loaded only where there is a PDF: both are large.
    import pypdfium2
    import typst

    inputs = {
        "lines": json.dumps([list(line) for line in lines]),
        "colour": "#a3341f" if first else "#1d5a43",
    }
    page = typst.compile(TEMPLATE.encode(), ignore_system_fonts=True, sys_inputs=inputs)
    with pypdfium2.PdfDocument(source) as book, pypdfium2.PdfDocument(page) as words:
        book.import_pages(words, index=0 if first else None)
        book.save(target)
