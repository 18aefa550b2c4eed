"""The receipt as one self-contained HTML page.

Owns its words and its shape; the look lies beside it in `page.css`. Reads the receipt alone.
Must never say more than the receipt says, refer to anything outside itself, or let a word of
the receipt become markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from deputy.agent.evidence.limits import NEVER_CHECKED

DIGEST_CHARS_SHOWN = 12

BADGES = {
    "verified": "VERIFIED",
    "not_verified": "NOT VERIFIED",
    "answered": "ANSWERED",
    "declined": "DECLINED",
    "failed": "FAILED",
    "stopped": "STOPPED",
}
VERDICTS = {"pass": "passed", "fail": "failed", "error": "did not run"}
HOW = {
    "recomputation": "computed again from the source",
    "inspection": "looked at the file",
    "own code": "by the agent's own code",
}
TRUST_WORDS = {
    "untrusted": "untrusted data, not instructions",
    "typed": "checked shape, outside origin",
    "trusted": "the requester's own words or the platform's",
}


def render(receipt: Mapping[str, Any]) -> str:
    """Give the page of a receipt made by `receipt.build`."""
    outcome = str(receipt["outcome"])
    body = "".join(
        (
            _header(receipt),
            _banner(receipt),
            f'<div class="badge {_e(outcome)}">{_e(BADGES.get(outcome, outcome.upper()))}</div>',
            f"<h1>{_e(_headline(receipt))}</h1>",
            _text(receipt),
            _missing(receipt),
            _files(receipt),
            _checks(receipt),
            _sentences("Assumptions made for you", receipt["assumptions"]),
            _sentences("What was not checked", _never(receipt)),
            _more(receipt),
            _footer(receipt),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Receipt: {_e(_headline(receipt))}</title><style>{_css()}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


@cache
def _css() -> str:
    return resources.files(__package__).joinpath("page.css").read_text("utf-8")


def _e(value: object) -> str:
    return escape(str(value), quote=True)


def _header(receipt: Mapping[str, Any]) -> str:
    return (
        f"<header><b>Deputy</b><span>Receipt · {_e(_time(receipt['finished_us']))}</span></header>"
    )


def _banner(receipt: Mapping[str, Any]) -> str:
    """Stand above everything where files were handed over that did not pass."""
    if receipt["outcome"] != "not_verified":
        return ""
    said = "NOT VERIFIED: do not rely on these files before somebody has looked at them."
    why = str(receipt.get("verdict", "")).removeprefix("Not verified. ")
    return f'<div class="banner">{_e(said)}{f"<p>{_e(why)}</p>" if why else ""}</div>'


def _headline(receipt: Mapping[str, Any]) -> str:
    files, checks = receipt["deliverables"], receipt["checks"]
    passed = sum(c["verdict"] == "pass" for c in checks)
    match receipt["outcome"]:
        case "verified":
            return f"{_count(len(files), 'file')}, {passed} of {len(checks)} checks passed"
        case "not_verified" if checks:
            return f"Look before you use this: {passed} of {len(checks)} checks passed"
        case "not_verified":
            return "Look before you use this: no check passed"
        case "answered":
            return "An answer in words, no file was made"
        case "declined":
            return "Something else serves this better"
        case "stopped":
            return "Stopped before it was finished"
        case _:
            return "This request was not fulfilled"


def _text(receipt: Mapping[str, Any]) -> str:
    words = [*receipt["request"]["typed"], *receipt["request"]["pasted"]]
    said = f"<p class='text'>{_e(receipt['text'])}</p>" if receipt["text"] else ""
    if receipt["outcome"] == "declined" and receipt.get("hint"):
        said += f"<p class='text'><b>{_e(receipt['hint'])}</b></p>"
    return said + "".join(f"<blockquote>{_e(word)}</blockquote>" for word in words)


def _missing(receipt: Mapping[str, Any]) -> str:
    """Put what failed or was never checked where nobody can miss it."""
    sentences = _open_points(receipt)
    if receipt["outcome"] == "verified" or not sentences:
        return ""
    items = "".join(f"<li>{_e(s)}</li>" for s in sentences)
    return f'<div class="warn"><ul class="plain-list">{items}</ul></div>'


def _open_points(receipt: Mapping[str, Any]) -> list[str]:
    return [s for s in receipt["not_checked"] if s not in NEVER_CHECKED]


def _never(receipt: Mapping[str, Any]) -> list[str]:
    shown_above = set(_open_points(receipt)) if receipt["outcome"] != "verified" else set()
    return [s for s in receipt["not_checked"] if s not in shown_above]


def _files(receipt: Mapping[str, Any]) -> str:
    rows = "".join(_file(d, receipt["checks"]) for d in receipt["deliverables"])
    return f'<h2>Files</h2><ul class="rows card">{rows}</ul>' if rows else ""


def _file(file: Mapping[str, Any], checks: Iterable[Mapping[str, Any]]) -> str:
    mine = [c for c in checks if c["target"] == file["path"]]
    passed = sum(c["verdict"] == "pass" for c in mine)
    mark = ("pass", "verified") if file["verified"] else ("fail", "not verified")
    tally = f"{passed} of {_count(len(mine), 'check')} passed" if mine else "no check ran"
    about = f"{_size(file['size'])} · {tally}{_inside(file)}"
    title = f"{_e(file['title'])} · " if file["title"] not in ("", file["name"]) else ""
    return (
        f'<li><span class="grow"><b>{_e(file["name"])}</b><small>{title}{_e(about)}</small></span>'
        f"{_mark(*mark)}</li>"
    )


def _inside(file: Mapping[str, Any]) -> str:
    if not file.get("receipt_wanted"):
        return ""
    there = file.get("receipt_inside")
    return " · receipt inside" if there else " · the receipt could not be put inside"


def _checks(receipt: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<li>{_mark(c['verdict'], VERDICTS.get(c['verdict'], c['verdict']))}"
        f'<span class="grow">{_e(c["for"])}'
        f"<small>{_e(_about_check(c))}</small>{_limits(c)}</span></li>"
        for c in receipt["checks"]
    )
    return f'<h2>What was checked</h2><ul class="rows card">{rows}</ul>' if rows else ""


def _about_check(check: Mapping[str, Any]) -> str:
    name = check["target"].rpartition("/")[2]
    how = HOW.get(check.get("how", ""), "")
    return " · ".join(part for part in (name, check["detail"], how) if part)


def _limits(check: Mapping[str, Any]) -> str:
    if not check.get("not_for"):
        return ""
    return f"<small>Does not say: {_e(check['not_for'])}.</small>"


def _mark(kind: str, word: str) -> str:
    return f'<span class="mark {_e(kind)}">{_e(word)}</span>'


def _sentences(title: str, sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{_e(s)}</li>" for s in sentences)
    return f'<h2>{_e(title)}</h2><ul class="plain-list">{items}</ul>' if items else ""


def _more(receipt: Mapping[str, Any]) -> str:
    brief = receipt["brief"]
    parts = (
        _fold("How the request was read", f"brief {brief['version']}", _brief(brief))
        if brief
        else "",
        _fold("Input files", str(len(receipt["inputs"])), _inputs(receipt["inputs"])),
        _fold("Code that ran", _count(len(receipt["code"]), "run"), _code(receipt["code"])),
        _fold("Walls around the code", _stood(receipt["walls"]), _walls(receipt)),
        _fold("Permission for every step", str(len(receipt["decisions"])), _decisions(receipt)),
        _fold("Approvals by people", str(len(receipt["approvals"])), _approvals(receipt)),
        _fold("Who saw the content", _seen_where(receipt["providers"]), _providers(receipt)),
        _fold("Cost and time", _cost(receipt), _spent(receipt)),
        _fold("Verify and replay", f"entry {receipt['replay']['seq']}", _replay(receipt)),
    )
    return f'<section class="more"><h2>How this was made</h2>{"".join(parts)}</section>'


def _fold(title: str, note: str, inside: str) -> str:
    if not inside:
        return ""
    return (
        f"<details><summary>{_e(title)}<span>{_e(note)}</span></summary>"
        f"<div>{inside}</div></details>"
    )


def _brief(brief: Mapping[str, Any]) -> str:
    reading = f"<p>{_e(brief['reading'])}</p>" if brief["reading"] else ""
    return reading + "".join(
        (
            _facts([("Goal", brief["goal"])]),
            _sentences("Acceptance criteria", (c["text"] for c in brief["criteria"])),
            _sentences("Edge cases", brief["edge_cases"]),
            _sentences("Left out on purpose", brief["out_of_scope"]),
        )
    )


def _inputs(inputs: Iterable[Mapping[str, Any]]) -> str:
    return "".join(
        _facts(
            [
                ("File", f"{i['name']} ({_size(i['size'])})"),
                ("SHA-256", _Code(i["sha256"])),
                ("Treated as", TRUST_WORDS.get(i["label"]["trust"], i["label"]["trust"])),
                ("Readable by", ", ".join(i["label"]["readers"]) or "everyone"),
            ]
        )
        for i in inputs
    )


def _code(runs: Iterable[Mapping[str, Any]]) -> str:
    shown = []
    for number, run in enumerate(runs, start=1):
        left = ", ".join(run["changed"]) or "nothing"
        about = _facts(
            [
                ("Result", run["outcome"] or run["status"] or "never returned"),
                ("Files written", left),
                ("Printed", _size(run["stdout_bytes"])),
                ("Time", f"{run['sandbox_ms'] / 1000:.1f} s, {_count(run['attempts'], 'attempt')}"),
                ("SHA-256", _Code(run["sha256"])),
            ]
        )
        source = f"{about}{_given(run['params'])}<pre>{_e(run['source'])}</pre>"
        lines = run["source"].count("\n") + 1
        shown.append(_fold(f"Run {number}", f"{lines:,} lines", source))
    return "".join(shown)


def _given(params: Mapping[str, Any]) -> str:
    if not params:
        return ""
    shown = json.dumps(params, indent=2, ensure_ascii=False)
    return _fold("What it was given", "", f"<pre>{_e(shown)}</pre>")


def _stood(walls: Iterable[Mapping[str, Any]]) -> str:
    rows = list(walls)
    return f"{sum(w['stood'] == w['of'] for w in rows)} of {len(rows)} stood"


def _walls(receipt: Mapping[str, Any]) -> str:
    """Show each wall, and whose word that is."""
    rows = [(w["name"].replace("_", " "), _how(w)) for w in receipt["walls"]]
    if not rows:
        return _facts([("Walls", "No execution host told of any.")]) if receipt["code"] else ""
    return _facts([*rows, ("Told by", ", ".join(receipt.get("walls_told_by", ())))])


def _how(wall: Mapping[str, Any]) -> str:
    if wall["stood"] == wall["of"]:
        return str(wall["how"])
    return f"stood in {wall['stood']} of {wall['of']} sandboxes: {wall['how']}"


def _decisions(receipt: Mapping[str, Any]) -> str:
    rows = receipt["decisions"]
    if not rows:
        return ""
    cells = [
        (
            d["tool"],
            d["verdict"],
            " ".join(part for part in (d["reason"], ", ".join(d["rules"])) if part),
            _Code(d["authority"][:DIGEST_CHARS_SHOWN]),
        )
        for d in rows
    ]
    rules = f'<p class="soft">Rule set in force: {_e(receipt["rules"]["ruleset"])}</p>'
    return rules + _table(("Step", "Answer", "Why", "Authority"), cells)


def _approvals(receipt: Mapping[str, Any]) -> str:
    cells = [(a["tool"], a["answer"], a["by"], a["reason"]) for a in receipt["approvals"]]
    return _table(("Step", "Answer", "By", "Reason"), cells) if cells else ""


def _seen_where(providers: Iterable[Mapping[str, Any]]) -> str:
    outside = [p["name"] for p in providers if p["place"] != "inside"]
    return f"left this site: {', '.join(outside)}" if outside else "nothing left this site"


def _providers(receipt: Mapping[str, Any]) -> str:
    cells = [
        (
            p["name"],
            "inside this site" if p["place"] == "inside" else "outside this site",
            _count(p["replies"], "reply", "replies"),
            f"{p['tokens']:,} tokens",
        )
        for p in receipt["providers"]
    ]
    return _table(("Provider", "Where", "Replies", "Size"), cells) if cells else ""


def _cost(receipt: Mapping[str, Any]) -> str:
    cost = receipt["spent"]["cost_micros"] / 1_000_000
    return f"{cost:.2f} · {_seconds(receipt['time']['working_us'])}"


def _spent(receipt: Mapping[str, Any]) -> str:
    spent, time = receipt["spent"], receipt["time"]
    return _facts(
        [
            ("Cost", f"{spent['cost_micros'] / 1_000_000:.4f}"),
            ("Tokens", f"{spent['tokens']:,}"),
            ("In the sandbox", f"{spent['sandbox_ms'] / 1000:.1f} s"),
            ("At work", _seconds(time["working_us"])),
            ("From request to result", _seconds(time["elapsed_us"])),
        ]
    )


def _replay(receipt: Mapping[str, Any]) -> str:
    replay = receipt["replay"]
    files = [(d["name"], _Code(d["sha256"])) for d in receipt["deliverables"]]
    advice = (
        "<p>A file is the delivered one if its SHA-256 is the one below (<code>sha256sum FILE"
        "</code>). The journal proves the rest: its entries are chained, and the chain up to this"
        " receipt ends in the value below. Code, inputs and seed are kept, so that the work can be"
        " done again and compared.</p>"
    )
    return advice + _facts(
        [
            *files,
            ("Journal", _Code(replay["journal"])),
            ("Turn", _Code(receipt["turn"])),
            ("Up to entry", str(replay["seq"])),
            ("Chain value", _Code(replay["head"])),
            ("Seed", str(replay["seed"])),
        ]
    )


def _footer(receipt: Mapping[str, Any]) -> str:
    who = receipt["request"]
    return (
        f"<footer>Asked by <code>{_e(who['by'])}</code>, worked by <code>{_e(who['agent'] or '-')}"
        f"</code>, Deputy {_e(receipt['deputy'])}.</footer>"
    )


class _Code(str):
    """Text to be set as code."""


def _facts(rows: Iterable[tuple[str, object]]) -> str:
    cells = "".join(f"<tr><th>{_e(name)}</th><td>{_cell(value)}</td></tr>" for name, value in rows)
    return f'<table class="facts">{cells}</table>' if cells else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    names = "".join(f"<th>{_e(name)}</th>" for name in head)
    cells = "".join("<tr>" + "".join(f"<td>{_cell(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{names}</tr>{cells}</table></div>'


def _cell(value: object) -> str:
    return f"<code>{_e(value)}</code>" if isinstance(value, _Code) else _e(value)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _size(count: int) -> str:
    if count < 1_000:
        return _count(count, "byte")
    return f"{count / 1_000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def _seconds(us: int) -> str:
    seconds = us / 1_000_000
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:,.0f} min"


def _time(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).strftime("%-d %B %Y, %H:%M UTC")
