"""A table written in any dialect is found and read back as it was.

Owns this one property. Must never write what two dialects would read differently.
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.agent.playbooks.schema import Schema
from deputy.agent.tables import probing
from deputy.agent.tables.amounts import number_in
from deputy.agent.tables.sources import headings_and_rows

WORD = st.text("abcdefgh éü", min_size=1, max_size=8).map(lambda rest: "x" + rest.strip())
MARKS = st.text(",;|\"\t'", max_size=3)
LABELS = st.builds(lambda word, marks, end: word + marks + end, WORD, MARKS, WORD)
AMOUNTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: cents / 100)
ROWS = st.lists(st.tuples(LABELS, AMOUNTS, WORD), min_size=3, max_size=12)


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, Any]:
    quote = draw(st.sampled_from(['"', "'"]))
    return {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "quote": quote,
        "quoting": csv.QUOTE_ALL if quote == "'" or draw(st.booleans()) else csv.QUOTE_MINIMAL,
        "line": draw(st.sampled_from(["\n", "\r\n"])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])),
        "decimal": draw(st.sampled_from([".", ","])),
        "thousands": draw(st.booleans()),
        "titles": draw(st.sampled_from([0, 1, 2])),
    }


def written(rows: list[tuple[str, float, str]], how: dict[str, Any]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=how["delimiter"], quotechar=how["quote"],
                        quoting=how["quoting"], lineterminator=how["line"])  # fmt: skip
    out.write(how["line"].join(["Sales of the year", ""][: how["titles"]]))
    out.write(how["line"] if how["titles"] else "")
    writer.writerow(["Label", "Amount", "Word"])
    for label, amount, word in rows:
        text = f"{amount:,.2f}" if how["thousands"] else f"{amount:.2f}"
        if how["decimal"] == ",":
            text = text.translate(str.maketrans(",.", ".,"))
        writer.writerow([label, text, word])
    return out.getvalue().encode(how["encoding"])


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, how=dialects())
def test_a_table_in_any_dialect_is_read_back_as_it_was(
    rows: list[tuple[str, float, str]], how: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(written(rows, how))
        schema = Schema.model_validate(probing.main([str(path)]))
        assert not schema.problems
        table = schema.tables[0]
        headings, body = headings_and_rows(table.model_dump())
    assert headings == ["Label", "Amount", "Word"]
    assert [(row[0], number_in(row[1], table.decimal), row[2]) for row in body] == rows
