"""Proofs of the check that runs the agent's own code.

Owns a small table and code that judges it. Must never be run outside the sandbox's runtime.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.documents import PDF, ZIP, packed, pdf
from deputy.agent.checks.proofs.proof import Change, Proof, replaced, write_csv

OUT, BASE = "out/rows.csv", "out/rows.db"
ROWS: list[Sequence[Any]] = [["Name", "Amount"], ["a", 10], ["b", 20], ["c", 30]]
CODE = """
import csv
def check(path, params):
    rows = list(csv.DictReader(open(path)))
    assert sum(float(row["Amount"]) for row in rows) == params["sum"], "the sum is another"
"""
CLAIMS = {"columns": ["Amount"]}
RIGHT = Proof(
    "code.check", OUT, {"code": CODE, "claims": CLAIMS, "params": {"sum": 60}},
    write_csv(OUT, ROWS),
    mutators={"another amount": replaced(OUT, "20", "21"),
              "a row less": replaced(OUT, "b,20\n", "")},
    invariances={"another order": write_csv(OUT, [ROWS[0], *reversed(ROWS[1:])])},
    errors={"no such column": replaced(OUT, "Amount", "Sum")},
)  # fmt: skip
BLIND = Proof(
    "code.check", OUT, {"code": "def check(path, params):\n    return True\n", "claims": CLAIMS},
    write_csv(OUT, ROWS), mutators={}, invariances={},
    errors={"it objects to nothing": replaced(OUT, "10", "11")}, sound=False,
)  # fmt: skip
TOUCHY = Proof(
    "code.check", OUT,
    {"code": "def check(path, params):\n    assert '\"' not in open(path).read()\n",
     "claims": CLAIMS},
    write_csv(OUT, ROWS), mutators={}, invariances={},
    errors={"it objects to an equal copy": replaced(OUT, "10", "11")}, sound=False,
)  # fmt: skip


def database(amounts: Sequence[int], column: str = "amount") -> Change:
    """Give a change that writes a database of one table."""

    def change(folder: Path) -> None:
        (folder / BASE).parent.mkdir(exist_ok=True)
        (folder / BASE).unlink(missing_ok=True)
        with closing(sqlite3.connect(folder / BASE)) as base:
            base.execute(f"CREATE TABLE rows ({column} INTEGER)")
            base.executemany("INSERT INTO rows VALUES (?)", [(one,) for one in amounts])
            base.commit()

    return change


IN_ARCHIVE = Proof(
    "code.check", ZIP,
    {"code": "import zipfile\ndef check(path, params):\n"
             "    assert b'a,10' in zipfile.ZipFile(path).read('may.csv'), 'a is not 10'\n",
     "claims": {"texts": ["a,10"]}},
    packed({"may.csv": "a,10\nb,20\n", "june.csv": "c,30\n"}),
    mutators={"another amount": packed({"may.csv": "a,11\n"})},
    invariances={"another member": packed({"may.csv": "a,10\n"})},
)  # fmt: skip
IN_DATABASE = Proof(
    "code.check", BASE,
    {"code": "import sqlite3\ndef check(path, params):\n"
             "    base = sqlite3.connect(path)\n"
             "    found = base.execute('SELECT sum(amount) FROM rows').fetchone()\n"
             "    assert found == (60,), 'the sum is another'\n",
     "claims": {"columns": ["amount"]}},
    database((10, 20, 30)),
    mutators={"another amount": database((10, 20, 31))},
    invariances={"another order": database((30, 10, 20))},
    errors={"no such column": database((10, 20, 30), "total")},
)  # fmt: skip
IN_PDF = Proof(
    "code.check", PDF,
    {"code": "import pypdfium2\ndef check(path, params):\n"
             "    page = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()\n"
             "    assert 'North 120' in page, 'North is missing'\n",
     "claims": {"texts": ["North 120"]}},
    pdf(["North 120"]),
    mutators={"another figure": pdf(["North 130"])},
    invariances={"more words": pdf(["Of all: North 120"])},
)  # fmt: skip
PROOFS = (RIGHT, BLIND, TOUCHY, IN_ARCHIVE, IN_DATABASE, IN_PDF)
