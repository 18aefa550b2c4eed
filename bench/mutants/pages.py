"""PDF files out of Typst text, and bar charts for them. Runs on the `data` runtime's Python."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import typst


def write_pdf(path: Path, text: str, images: Mapping[str, bytes] | None = None) -> None:
    """Compile a text whose images lie beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in (images or {}).items():
            (Path(folder) / name).write_bytes(raw)
        source = Path(folder) / "page.typ"
        source.write_text(text, encoding="utf-8")
        path.write_bytes(typst.compile(str(source)))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Give a Typst table; `align` has l or r for each column."""
    sides = ", ".join({"l": "left", "r": "right"}[a] for a in align)
    lines = [", ".join(f"[*{plain(h)}*]" for h in header)]
    lines += [", ".join(f"[{plain(cell)}]" for cell in row) for row in rows]
    body = ",\n".join(lines)
    return f"#table(columns: {len(header)}, align: ({sides}), stroke: 0.4pt,\n{body}\n)\n"


def plain(text: str) -> str:
    """Escape what Typst would read as markup."""
    return "".join(f"\\{c}" if c in "\\#$*_`<>@[]~/-" else c for c in text)


def bars(
    names: Sequence[str], values: Sequence[float], title: str, *, lying: bool = False
) -> bytes:
    """Give a bar chart as SVG with text that stays text."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bars"})
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 2.9))
    if lying:
        axes.barh(names[::-1], values[::-1])
    else:
        axes.bar(names, values)
    axes.set_title(title)
    figure.tight_layout()
    found = io.BytesIO()
    figure.savefig(found, format="svg", metadata={"Date": None})
    plt.close(figure)
    return found.getvalue()
