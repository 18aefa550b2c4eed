"""Runs the reading part as users get it: joined, in the data runtime's own Python.

Owns how a test asks for rows and values. Many questions are answered by one start of Python.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from deputy.agent.programs import joined
from deputy.agent.tables import READING
from deputy.execution import runtimes

SECONDS_MAX = 60
ANSWERING = """
import json
import sys
def shown(cell):
    return None if blank(cell) else (cell if isinstance(cell, (int, float, str)) else str(cell))
def answered(planned):
    try:
        table = read_tables(planned)
    except TableError as wrong:
        return {"error": str(wrong)}
    told = {"headings": list(table.columns), "attrs": table.attrs}
    told["rows"] = [[shown(cell) for cell in row] for row in table.itertuples(index=False)]
    source = planned["source"]
    for kind, read in (("numbers", lambda c: numbers(c, source.get("decimal"))),
                       ("dates", lambda c: dates(c, source.get("day_order"))), ("names", names)):
        asked = planned.get(kind, ())
        told[kind] = {n: [shown(v) for v in read(table[column_named(table, n)])] for n in asked}
    return told
print(json.dumps([answered(planned) for planned in json.load(sys.stdin)]))
"""


def read_all(folder: Path, *planned: dict[str, Any]) -> list[dict[str, Any]]:
    """Give headings, rows and values for each statement; `numbers`, `dates`, `names` ask values."""
    python = runtimes.find("data") / "bin" / "python"
    code = joined("", READING) + ANSWERING
    done = subprocess.run(
        [str(python), "-c", code], input=json.dumps(planned).encode(), capture_output=True,
        cwd=folder, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told
