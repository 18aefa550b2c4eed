"""Writes sources, correct deliverables and mutants into a folder, with an index of them.

`PYTHON -m bench.mutants.mutations FOLDER [TASK]`, with the Python of the `data` runtime. Gives
FOLDER/index.json, FOLDER/TASK/inputs/, FOLDER/TASK/correct/out/ and FOLDER/TASK/MUTANT/out/.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.mutants import mutations, tasks


def main() -> None:
    """Write everything, or one task."""
    root, wanted = Path(sys.argv[1]), sys.argv[2:]
    known, index = mutations.load(), {}
    for name, task in tasks.load().items():
        if name in known and (not wanted or name in wanted):
            index[name] = _write(root / name, task, known[name])
    if not index:
        sys.exit(f"There is no task {wanted}. There are: {', '.join(known)}.")
    (root / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _write(folder: Path, task: tasks.Task, made: mutations.Mutations) -> dict[str, Any]:
    (folder / "inputs").mkdir(parents=True)
    task.write(folder / "inputs")
    for name, slip in {"correct": "", **{m.name: m.name for m in made.mutants}}.items():
        (folder / name / "out").mkdir(parents=True)
        made.write(folder / name, slip)
    return {"files": list(task.files), "mutants": [asdict(m) for m in made.mutants]}


if __name__ == "__main__":
    main()
