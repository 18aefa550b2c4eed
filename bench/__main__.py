"""Runs one benchmark by name.

Owns the command line and the last line of output. Data from outside comes by --data or
DEPUTY_BENCH_DIR.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
from pathlib import Path

import bench


def main() -> None:
    """Run the named benchmark and print its figures as the last line."""
    names = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__")
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__, add_help=False)
    parser.add_argument("name", choices=names)
    parser.add_argument("--runs", type=int, default=None, help="measured runs of each variant")
    parser.add_argument("--data", type=Path, default=os.environ.get("DEPUTY_BENCH_DIR"))
    parser.add_argument("--harness", type=Path, default=None)
    chosen, _ = parser.parse_known_args()
    benchmark = importlib.import_module(f"bench.{chosen.name}")
    parser.add_argument("-h", "--help", action="help", help="show this help")
    # A benchmark may have options of its own.
    getattr(benchmark, "add_options", lambda parser: None)(parser)
    options = parser.parse_args()
    figures = benchmark.run(options)
    print(json.dumps({"bench": options.name, "figures": figures}))


if __name__ == "__main__":
    main()
