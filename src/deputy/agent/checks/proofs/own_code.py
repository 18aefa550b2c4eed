"""Proofs of the check that runs the agent's own code.

Owns a small table and code that judges it. Must never be run outside the sandbox's runtime.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deputy.agent.checks.proofs.proof import Proof, replaced, write_csv

OUT = "out/rows.csv"
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
PROOFS = (RIGHT, BLIND, TOUCHY)
