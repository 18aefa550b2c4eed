"""What a line of a receipt rests on: check, parameters, source, code, decision, label.

Owns the lines of a receipt, their numbers and their explanation, from the receipt alone. Pure.
Must never say more than the receipt says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PARAMS_MAX = 60
VALUE_CHARS_MAX = 200
_SPACES = re.compile(r"[\s,'’]")


def explain(receipt: Mapping[str, Any], what: str | None = None) -> list[dict[str, Any]]:
    """Give the lines a word means: a number, a check's id or name, a figure; all without one."""
    lines = list(_lines(receipt))
    if what is None:
        return lines
    if what.isdigit() and 0 < int(what) <= len(lines):
        return [lines[int(what) - 1]]
    named = [one for one in lines if what in (one.get("id"), one.get("check"))]
    return named or [one for one in lines if _says(one, what)]


def _says(line: Mapping[str, Any], what: str) -> bool:
    """Say whether a line speaks of a figure or word, however its thousands are written."""
    said = _SPACES.sub("", f"{line['says']} {line.get('detail', '')}").lower()
    return _SPACES.sub("", what).lower() in said


def _lines(receipt: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    number = 0
    for kind, rows in (
        ("check", [_check(receipt, c) for c in receipt["checks"]]),
        ("file", [_file(receipt, d) for d in receipt["deliverables"]]),
        ("assumption", [_assumption(receipt, s) for s in receipt["assumptions"]]),
        ("not checked", [{"says": s} for s in receipt["not_checked"]]),
    ):
        for row in rows:
            number += 1
            yield {"line": number, "kind": kind, **row}


def _check(receipt: Mapping[str, Any], check: Mapping[str, Any]) -> dict[str, Any]:
    params = _params_of(receipt, check)
    return {
        "id": check["id"],
        "check": check["check"],
        "says": check["for"],
        "verdict": check["verdict"],
        "detail": check["detail"],
        "proves": check.get("proves", ""),
        "does_not_say": check.get("not_for", ""),
        "how": check.get("how", ""),
        "asked_by": "the floor of its file type" if check["floor"] else "the brief",
        "params": params,
        "sources": _sources(receipt, params),
        "file": _made(receipt, check["target"]),
        "decision": _decision(receipt, "deliver"),
    }


def _file(receipt: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "says": f"{file['name']} is {'verified' if file['verified'] else 'not verified'}.",
        "sha256": file["sha256"],
        "checks": [c["for"] for c in receipt["checks"] if c["target"] == file["path"]],
        "file": _made(receipt, file["path"]),
        "label": file["label"],
        "decision": _decision(receipt, "deliver"),
    }


def _assumption(receipt: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    brief = receipt["brief"] or {}
    return {
        "says": sentence,
        "from": f"version {brief.get('version')} of the brief",
        "label": brief.get("label"),
    }


def _params_of(receipt: Mapping[str, Any], check: Mapping[str, Any]) -> list[str]:
    """Give what a criterion was to look for, one setting a line."""
    for criterion in (receipt["brief"] or {}).get("criteria", ()):
        if (criterion["id"], criterion["target"]) == (check["id"], check["target"]):
            return list(_flat(criterion["params"]))[:PARAMS_MAX]
    return []


def _flat(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name} {key}".strip())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if all(not isinstance(one, Mapping | list | tuple) for one in value):
            if value:
                yield f"{name}: {', '.join(str(one) for one in value)}"[:VALUE_CHARS_MAX]
        else:
            for number, inner in enumerate(value, start=1):
                yield from _flat(inner, f"{name} {number}")
    elif value not in (None, "", False):
        yield f"{name}: {value}"[:VALUE_CHARS_MAX]


def _sources(receipt: Mapping[str, Any], params: Sequence[str]) -> list[dict[str, str]]:
    """Give the input files a check names, else all: a check may read any of them."""
    named = [one for one in receipt["inputs"] if any(one["path"] in setting for setting in params)]
    return [
        {"name": one["name"], "path": one["path"], "sha256": one["sha256"], "by": one["by"] or ""}
        for one in named
    ]


def _made(receipt: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Say which run of code wrote a file last."""
    for number, run in reversed(list(enumerate(receipt["code"], start=1))):
        if path in run["changed"]:
            return {
                "path": path,
                "run": number,
                "call": run["call"],
                "code_sha256": run["sha256"],
                "read": run["inputs"],
                "decision": _decision(receipt, run["tool"], run["call"]),
            }
    return {"path": path}


def _decision(
    receipt: Mapping[str, Any], tool: str, call: str | None = None
) -> dict[str, Any] | None:
    for one in reversed(receipt["decisions"]):
        if one["tool"] == tool and (call is None or one["call"] == call):
            return {
                "verdict": one["verdict"],
                "rules": one["rules"],
                "authority": one["authority"],
                "label": one["label"],
            }
    return None
