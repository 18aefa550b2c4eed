"""Business tasks from words and files to what is handed over, judged outside Deputy.

`--tasks FILE` has one JSON object a line: `id`, `prompt`, `files` (below `--data`), `deliverable`
and `checker` (prose, of which only the kinds of file, a chart with its bars and a bar to reach are
read), `expected`. A real Deputy is started with `--model`; how it reaches a language model is set
by DEPUTY_MODEL_URL and its companions as always. `--task TEXT` takes the tasks whose id has it,
`--show` tells what was missing.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be said to this benchmark alone."""
    parser.add_argument("--tasks", type=Path, default=None, help="the tasks, one object a line")
    parser.add_argument("--model", default="builtin", help="builtin, openai:NAME, anthropic:NAME")
    parser.add_argument("--task", default="", help="only tasks whose id has this text")
    parser.add_argument("--show", action="store_true", help="tell what was missing")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; give its figures."""
    # `readings` also runs where Deputy is not installed.
    from bench.tasks.runs import measure

    return measure(options)
