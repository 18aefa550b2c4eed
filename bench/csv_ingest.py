"""Polluted text tables, read by the product in its own sandbox and set against clean versions.

Every file is found and read as a requester's would be: the schema-reading program says how, the
report's reader follows it. Ten measures a file, after the Pollock benchmark for data loading: was
it read at all, and precision, recall and F1 of its headings, its records and its cells, each as a
multiset. The score is the sum of their means: 10 is perfect. Here cells are compared as they
stand and records cell by cell.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

from deputy.agent import programs
from deputy.agent.tables import READING, finding
from deputy.execution import runtimes
from deputy.execution.sandboxes.jails import Jail
from deputy.execution.sandboxes.port import Limits, SandboxJob

BATCH_FILES = 40
SECONDS_MAX = 120
ANSWERING = """
import csv
import json
import sys
answers = {}
for path, source in PARAMS["sources"].items():
    try:
        table = read_table(source)
        rows = [list(table.columns), *table.itertuples(index=False)]
        answers[path] = [["" if cell is None else str(cell) for cell in row] for row in rows]
    except Exception as wrong:
        answers[path] = str(wrong)
with open("answers.json", "w") as out:
    json.dump(answers, out)
"""
PARTS = ("header", "record", "cell")
Rows = list[list[str]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the files: `csv/` and `clean/` below it."""
    parser.add_argument("--dir", type=Path, default=None, help="holds csv/ and clean/")


def run(options: argparse.Namespace) -> dict[str, float]:
    """Read every file; give the score, its parts and how many files were read."""
    folder = options.dir or Path(options.data or ".") / "pollock_polluted"
    paths = sorted((folder / "csv").glob("*.csv"))
    if not paths:
        raise SystemExit(f"{folder}/csv has no CSV files. Name the folder by --dir or --data.")
    read = asyncio.run(_read_all(paths))
    measured = {path.name: _measure(read.get(path.name), _clean(folder, path)) for path in paths}
    for name, parts in sorted(measured.items(), key=lambda pair: sum(pair[1].values()))[:12]:
        print(f"{sum(parts.values()):7.4f}  {name}")
    means = {part: sum(one[part] for one in measured.values()) / len(measured)
             for part in next(iter(measured.values()))}  # fmt: skip
    for part, mean in means.items():
        print(f"{mean:7.4f}  {part}")
    told = {"score": sum(means.values()), "files": len(paths), **means}
    return {name: round(value, 4) for name, value in told.items()}


async def _read_all(paths: list[Path]) -> dict[str, Rows]:
    jail = Jail(runtimes.find("data"))
    read: dict[str, Rows] = {}
    try:
        for start in range(0, len(paths), BATCH_FILES):
            batch = {path.name: path.read_bytes() for path in paths[start : start + BATCH_FILES]}
            found = await _run(jail, finding(), batch, {"paths": list(batch)})
            schema = json.loads(found.stdout)
            sources = {table["path"]: table for table in reversed(schema["tables"])}
            code = programs.joined("", READING) + ANSWERING
            answered = await _run(jail, code, batch, {"sources": sources})
            answers = json.loads(answered.changed["answers.json"])
            read |= {name: rows for name, rows in answers.items() if isinstance(rows, list)}
    finally:
        await jail.close()
    return read


async def _run(jail: Jail, code: str, files: dict[str, bytes], params: dict[str, Any]) -> Any:
    limits = Limits(wall_s=SECONDS_MAX, cpu_s=SECONDS_MAX)
    done = await jail.run(SandboxJob("bench", 1, code, read_only=files, params=params,
                                     limits=limits))  # fmt: skip
    if done.outcome != "ok":
        raise SystemExit(f"The sandbox ended with {done.outcome}: {done.stderr.decode()[-2_000:]}")
    return done


def _clean(folder: Path, path: Path) -> Rows:
    text = (folder / "clean" / path.name).read_text("utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def _measure(read: Rows | None, clean: Rows) -> dict[str, float]:
    """Give the ten measures of one file, each from 0 to 1."""
    names = [f"{part}_{what}" for part in PARTS for what in ("precision", "recall", "f1")]
    if not read:
        return dict.fromkeys(["success", *names], 0.0)
    values: list[float] = [
        *_compared(read[0], clean[0]),
        *_compared(map(tuple, read[1:]), map(tuple, clean[1:])),
        *_compared((c for row in read[1:] for c in row), (c for row in clean[1:] for c in row)),
    ]
    return {"success": 1.0, **dict(zip(names, values, strict=True))}


def _compared(read: Iterable[Hashable], clean: Iterable[Hashable]) -> tuple[float, float, float]:
    """Give precision, recall and F1 of one multiset against another."""
    mine, theirs = Counter(read), Counter(clean)
    if not theirs:
        return 1.0, 1.0, 1.0
    both = (mine & theirs).total()
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / mine.total(), both / theirs.total()
    return precision, recall, 2 * precision * recall / (precision + recall)
