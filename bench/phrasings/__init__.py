"""120 ordinary requests about ten tables, asked of one real Deputy with its built-in model.

Tables, requests, answers and judge were written from the tables alone, before the product was
asked, by somebody who had not read its grammar. Round `first` may be used to make the product
better; round `second` must only measure. What is right is computed here from the tables' own
rows; delivered files are opened and judged outside the product. Options: `--round`, `--only`,
`--show`; `--runs N` asks the first N requests alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.phrasings.answers import expected
from bench.phrasings.asking import Asked, asked
from bench.phrasings.judging import Delivered, Verdict, judge
from bench.phrasings.tables import table
from deputy.execution.runtimes import find

ROUNDS = ("first", "second")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Request:
    """Words about a table, and the kinds of file they wish for."""

    id: str
    table: str
    words: str
    wants: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True)
class Judged:
    """What became of a request."""

    round: str
    request: Request
    answer: Asked
    verdict: Verdict


def requests(name: str) -> list[Request]:
    """Give the requests of a round."""
    found: list[dict[str, Any]] = json.loads((HERE / f"{name}.json").read_text())
    return [Request(**{**one, "wants": tuple(one.get("wants", ()))}) for one in found]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Take what is to be asked."""
    parser.add_argument("--round", choices=(*ROUNDS, "both"), default="both")
    parser.add_argument("--only", action="append", metavar="ID", help="ask this request alone")
    parser.add_argument("--show", action="store_true", help="show every request that is not right")


def run(options: argparse.Namespace) -> dict[str, float]:
    """Run the benchmark; give its figures."""
    rounds = ROUNDS if options.round == "both" else (options.round,)
    chosen = [(name, request) for name in rounds for request in requests(name)]
    if options.only:
        chosen = [(name, request) for name, request in chosen if request.id in options.only]
    judged = _judged(chosen[: options.runs], show=options.show)
    _report(judged)
    figures: dict[str, float] = {}
    for name in rounds:
        mine = [j for j in judged if j.round == name]
        figures |= {f"{name}_{key}": value for key, value in _figures(mine).items()} if mine else {}
    return {**figures, **_figures(judged)}


def _judged(chosen: Sequence[tuple[str, Request]], *, show: bool) -> list[Judged]:
    python = find("data") / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="deputy-phrasings-") as folder:
        files: dict[str, list[Path]] = {}
        for name in {request.table for _, request in chosen}:
            where = Path(folder) / name
            where.mkdir()
            files[name] = table(name).write(where, python)
        asking = [(request.words, files[request.table]) for _, request in chosen]
        judged = []
        for (name, request), answer in zip(chosen, asked(asking, python), strict=True):
            judged.append(Judged(name, request, answer, _verdict(request, answer)))
            if show and judged[-1].verdict != "right":
                _show(judged[-1])
    return judged


def _verdict(request: Request, answer: Asked) -> Verdict:
    headings = {h for rows in table(request.table).rows.values() for h in rows[0]}
    smallest = min((list(rows[0]) for rows in table(request.table).rows.values()), key=len)
    return judge(
        expected(request.id),
        Delivered(answer.outcome, answer.text, answer.files),
        wants=request.wants,
        headings=smallest if request.table == "accounts" else sorted(headings),
    )


def _show(judged: Judged) -> None:
    answer = judged.answer
    print(f"\n{judged.request.id}: {judged.verdict} ({answer.outcome}, {answer.wall_s:.1f} s)")
    print(f"  asked:    {judged.request.words}")
    print(f"  answered: {answer.text}")
    for line in answer.reading:
        print(f"  reading:  {line}")
    print(f"  files:    {', '.join(file['name'] for file in answer.files) or 'none'}", flush=True)


def _report(judged: Sequence[Judged]) -> None:
    print(f"\n{'table':10} {'right':>6} {'asked':>6} {'unverified':>11} {'wrong':>6}")
    for name in dict.fromkeys(j.request.table for j in judged):
        found = Counter(j.verdict for j in judged if j.request.table == name)
        cells = (found["right"], found["asked"], found["unverified"], found["wrong"])
        print("{:10} {:6} {:6} {:11} {:6}".format(name, *cells))
    wrong = [j.request.id for j in judged if j.verdict == "wrong"]
    print(f"wrong but verified: {', '.join(wrong) or 'none'}")


def _figures(judged: Sequence[Judged]) -> dict[str, float]:
    found = Counter(j.verdict for j in judged)
    return {
        "requests": len(judged),
        "right": found["right"],
        "right_rate": round(found["right"] / len(judged), 3) if judged else 0.0,
        "asked": found["asked"],
        "unverified": found["unverified"],
        "wrong_but_verified": found["wrong"],
    }
