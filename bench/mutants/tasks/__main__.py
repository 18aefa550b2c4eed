"""Writes the requests and sources of all tasks into a folder, for those who write criteria.

`PYTHON -m bench.mutants.tasks FOLDER`, with the Python of the `data` runtime.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.mutants.tasks import load


def main() -> None:
    """Write FOLDER/TASK/request.txt and FOLDER/TASK/inputs/."""
    for task in load().values():
        sources = Path(sys.argv[1]) / task.name / "inputs"
        sources.mkdir(parents=True, exist_ok=True)
        task.write(sources)
        asked = f"{task.request}\n\nTo be handed over as: {', '.join(task.files)}\n"
        (sources.parent / "request.txt").write_text(asked, encoding="utf-8")


if __name__ == "__main__":
    main()
