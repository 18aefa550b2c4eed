"""What happens, in plain words: from a stream of events to lines a person reads.

Owns the words. Pure: it remembers what it was told and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deputy.cli.screen import size

LINE_CHARS_MAX = 300
PATHS_TOLD_MAX = 4

DOING = {
    "model.reply": "Thinking",
    "brief.write": "Writing down what you will get and how it is checked",
    "code.run": "Running code in the sandbox",
    "ask": "Putting a question to you",
    "decline": "Looking for what serves this better",
    "deliver": "Checking the result against your request",
}


def titled(tool: str) -> str:
    """Give a tool's name for people."""
    return {"model.reply": "The model's next reply", "ask": "A question"}.get(tool, tool)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was done (`done`), or what is going on now."""

    text: str
    style: str = "plain"
    mark: str = ""
    done: bool = True


@dataclass(slots=True)
class Narrator:
    """Tells one turn's events."""

    _args: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def tell(self, event: Mapping[str, Any]) -> Sequence[Line]:
        """Give the lines one event is worth; most are worth none."""
        body, telling = event.get("body"), _TELLINGS.get(str(event.get("type")))
        if telling is None or not body:
            return ()
        try:
            return tuple(telling(self, event, body))
        except (KeyError, TypeError, AttributeError):
            # A server of another version may tell it in another shape: that is no failure here.
            return ()

    def _claimed(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("Reading your request", done=False)

    def _decided(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        decision = body["decision"]
        if decision["verdict"] == "deny":
            yield Line(f"Not allowed: {body['tool']}. {decision['reason']}", "bad", "✗")
        elif decision["verdict"] == "hold" and decision.get("code") == "question.asked":
            yield Line(f"A question waits for you: {decision['reason']}", "bad", "!")
        elif decision["verdict"] == "hold" and decision.get("raises") is None:
            yield Line(f"A person must allow {body['tool']}: {decision['reason']}", "bad", "!")

    def _started(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        tool, inputs = body["tool"], self._args.get(str(event["call"]), {}).get("inputs")
        doing = DOING.get(tool, f"Using {tool}")
        if tool == "code.run" and inputs:
            doing = f"Working on {_paths(inputs)} in the sandbox"
        yield Line(doing, done=False)

    def _replied(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        reply = body["reply"]
        self._args.update({call["id"]: call["args"] for call in reply["calls"]})
        drafts = any(call["tool"] == "brief.write" for call in reply["calls"])
        # The brief tells the reading itself, and the last reply is the turn's own end.
        if reply["calls"] and reply["text"] and not drafts:
            yield Line(_short(reply["text"]), "soft")

    def _drafted(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        brief = body["brief"]
        reading = _short(brief["reading"] or brief["goal"])
        own_words = reading.startswith("I ")
        yield Line(reading if own_words else f"Understood: {reading}", "good", "•")
        for assumption in brief["assumptions"]:
            yield Line(f"Assumed: {_short(assumption)}", "soft")

    def _edited(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("The brief was edited; it is the one that counts now", "good", "•")

    def _returned(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        content, tool = body["content"], body["tool"]
        if tool == "code.run" and body["status"] == "ok":
            changed = content.get("changed", [])
            read = self._args.get(str(event["call"]), {}).get("inputs")
            if changed:
                files = ", ".join(f"{c['path']} ({size(c['size'])})" for c in changed)
                yield Line(f"Wrote {_short(files)}", "good", "•")
            else:
                yield Line(f"Read {_paths(read)}" if read else "Looked at the data", "good", "•")
        elif tool == "code.run":
            yield Line(f"The code stopped ({_why(content)})", "bad", "!")
        elif tool == "deliver" and not content.get("verified", True):
            failed = sum(c["verdict"] != "pass" for c in content.get("checks", []))
            told = f"{failed} check{'' if failed == 1 else 's'} did not pass"
            missing = content.get("missing") or [told]
            yield Line(told if failed else _short(str(missing[0])), "bad", "!")

    def _checked(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        result = body["result"]
        name = result["target"].rpartition("/")[2]
        if result["verdict"] == "pass":
            yield Line(f"Checked {name}: {_short(result['text'])}", "good", "✓")
        else:
            why = f" ({result['detail']})" if result["detail"] else ""
            word = "Failed" if result["verdict"] == "fail" else "Could not check"
            yield Line(f"{word} {name}: {_short(result['text'] + why)}", "bad", "✗")

    def _delivered(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        style, mark = ("good", "✓") if body["verified"] else ("bad", "!")
        yield Line(f"Handed over {body['name']} ({size(body['size'])})", style, mark)

    def _rested(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        cure = f" {body['hint']}" if body["hint"] else ""
        yield Line(f"Waiting, and trying again: {body['reason']}{cure}", "bad", "!")
        yield Line("Waiting", done=False)

    def _parked(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line(f"Waiting for a person: {body['reason']}", "bad", "!")

    def _answered(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        said = {"approve": "Approved", "reject": "Rejected"}.get(body["answer"], body["answer"])
        yield Line(f"{said}: {_short(body['reason'])}" if body["reason"] else said, "soft")

    def _steered(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("Your words were added", "soft")

    def _stopping(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("Stopping", "soft")

    def _undone(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("The working files were set back", "soft")

    def _finished(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
        yield Line("Done", done=False)


_Telling = Callable[[Narrator, Mapping[str, Any], Mapping[str, Any]], Iterator[Line]]

_TELLINGS: dict[str, _Telling] = {
    "turn.claimed": Narrator._claimed,
    "call.decided": Narrator._decided,
    "call.started": Narrator._started,
    "model.replied": Narrator._replied,
    "brief.drafted": Narrator._drafted,
    "brief.edited": Narrator._edited,
    "call.returned": Narrator._returned,
    "check.ran": Narrator._checked,
    "artifact.delivered": Narrator._delivered,
    "turn.rested": Narrator._rested,
    "turn.parked": Narrator._parked,
    "approval.answered": Narrator._answered,
    "turn.steered": Narrator._steered,
    "turn.stop_requested": Narrator._stopping,
    "workspace.moved": Narrator._undone,
    "turn.finished": Narrator._finished,
}


def _why(content: Mapping[str, Any]) -> str:
    line = f", line {content['line']}" if content.get("line") else ""
    return f"{content.get('exception') or content.get('outcome') or 'no reason'}{line}"


def _paths(paths: Sequence[str]) -> str:
    names = [str(path).rpartition("/")[2] for path in paths]
    more = f" and {len(names) - PATHS_TOLD_MAX} more" if len(names) > PATHS_TOLD_MAX else ""
    return ", ".join(names[:PATHS_TOLD_MAX]) + more


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE_CHARS_MAX else line[: LINE_CHARS_MAX - 1] + "…"
