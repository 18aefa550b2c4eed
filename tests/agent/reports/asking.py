"""Makes reports of several questions for the tests, with the data runtime's own Python.

Owns how the report program is run: many plans in one process, each in its own folder. Must never
import the program: it runs as users get it, from its joined source.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deputy.agent.plans import Plan
from deputy.agent.reports import source
from deputy.execution import runtimes

EXAMPLE = Path(__file__).parents[3] / "examples" / "sales.xlsx"
SECONDS_MAX = 100
# Runs the program's own `run` for each plan and tells what it printed, or its error, and what
# the cells of its workbook hold as stored.
RUNNER = """
import json, os, sys
import openpyxl
sys.modules["program"] = type(sys)("program")
room = sys.modules["program"].__dict__
code, plans = json.loads(sys.stdin.read())
exec(compile(code, "program.py", "exec"), room)
told = []
for at, params in enumerate(plans):
    os.makedirs(str(at), exist_ok=True)
    os.chdir(str(at))
    try:
        one = {"printed": room["run"](params)}
        book = f"out/{params['plan']['stem']}.xlsx"
        if os.path.exists(book):
            sheets = openpyxl.load_workbook(book, data_only=True, read_only=True)
            one["sheets"] = {s.title: [list(row) for row in s.iter_rows(values_only=True)]
                             for s in sheets if s.title != "Data"}
            sheets.close()
    except Exception as wrong:
        one = {"error": f"{type(wrong).__name__}: {wrong}"}
    told.append(one)
    os.chdir("..")
print(json.dumps(told, default=str))
"""


def planned(**parts: Any) -> dict[str, Any]:
    """Give a plan over the example, validated and as the sandbox gets it."""
    whole = {"source": {"path": "sales.xlsx", "sheet": "Orders"}, "title": "Sales", "stem": "sales",
             "deliverables": ["xlsx", "pdf", "csv"], **parts}  # fmt: skip
    return Plan.model_validate(whole).model_dump(mode="json")


def reported(folder: Path, plans: Sequence[dict[str, Any]],
             files: Sequence[Path] = (EXAMPLE,)) -> list[dict[str, Any]]:  # fmt: skip
    """Make a report of each plan in the folder of its number; gives what each printed."""
    for at in range(len(plans)):
        (folder / str(at)).mkdir()
        for file in files:
            shutil.copy(file, folder / str(at) / file.name)
    python = runtimes.find("data") / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", RUNNER],
        input=json.dumps([source(), [{"plan": plan} for plan in plans]]).encode(),
        capture_output=True, cwd=folder, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def table(sheet: list[list[Any]], first: str) -> dict[str, dict[str, Any]]:
    """Give the rows of the table whose first heading is `first`, by name and heading."""
    for at, row in enumerate(sheet):
        if first in row and row.index(first) == 1:
            headings = row[1 : row.index(None, 1) if None in row[1:] else len(row)]
            found = {}
            for line in sheet[at + 1 :]:
                if line[1] is None:
                    break
                found[str(line[1])] = dict(zip(headings[1:], line[2:], strict=False))
            return found
    raise AssertionError(f"no table with the heading {first!r}")
