"""The conversation of the tables playbook: read the schema, plan, report, deliver, answer.

Owns the next reply for every state of the messages. Must never keep anything between two calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deputy.agent import fitness, reports, tables
from deputy.agent.plans import Filter, Plan
from deputy.agent.playbooks.briefs import brief_of
from deputy.agent.playbooks.language import phrasing
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import (
    CAN_DO,
    Clarify,
    Declined,
    Outcome,
    Planned,
    at_hand,
)
from deputy.agent.playbooks.schema import Schema
from deputy.agent.playbooks.talk import PATHS_PARAM, PLAN_PARAM, Talk, fold, joined
from deputy.core.messages import ModelReply, ModelRequest, ResultMessage, ToolCall

RUN, BRIEF, DELIVER, DECLINE, ASK = "code.run", "brief.write", "deliver", "decline", "ask"
SHORT_ANSWER_WORDS = 4
SUMMARY_SENTENCES_MAX = 6
SUMMARY_SENTENCES_MOST = 18
DETAIL_CHARS_MAX = 300
QUESTION_CHARS_MAX = 1_000
EDITED = (
    "\nYour edited brief stands, and the files are checked against its criteria. I compute from "
    "the words of the request alone: what its sentences add, ask for in words."
)
TABLES_MAX = 20
UNREAD_TOLD_MAX = 5
TABLES_TOLD_MAX = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NewId = Callable[[], str]

_OWN_WORDS = re.compile(r"(?:\w+\.)*(?:ReportError|TableError): (.+)")
"""The last line of a program of ours that says itself what is wrong and what to do."""
_LEAVE_OUT = re.compile(
    r"\s*(?:ok(?:ay)?|yes|please|then|just|,|\s)*(?:leave|drop|ignore|skip|forget|omit)"
    r" (?:it|that|this|them|these|those)(?: out| away)?(?: please| then)?[.! ]*",
    re.IGNORECASE,
)
_HELLO = (
    "I work on tables. Attach a CSV, Excel or OpenDocument file and say which figures you want, "
    "for example “this quarter's sales by region, compared with last year, as Excel and PDF”. "
)
_OUTCOMES = {
    "time_limit": "it took longer than allowed",
    "cpu_limit": "it needed more computing time than allowed",
    "memory_limit": "it needed more memory than allowed",
    "output_limit": "it printed more than allowed",
    "file_limit": "it wrote more files than allowed",
    "killed": "it was stopped, as happens when a file is too large once it is opened",
    "error": "the program failed",
}


def reply(request: ModelRequest, new_id: NewId) -> ModelReply:
    """Give the next reply to a context. Pure but for the ids, which `new_id` gives."""
    talk = fold(request.messages)
    if talk.unread:
        return _to_words(talk, request.now_us, new_id)
    if talk.call(ASK) is not None:
        return ModelReply(text="I stopped: the question was not answered, and I do not guess.")
    if talk.rechecks and talk.delivery is not None:
        again = talk.delivery.model_copy(update={"id": new_id()})
        return ModelReply(text="The brief changed: the files are checked again.", calls=(again,))
    if (delivered := talk.call(DELIVER)) is not None:
        return _after_delivery(delivered, talk.result(DELIVER))
    if talk.call(DECLINE) is not None:
        return _to_words(talk, request.now_us, new_id)
    ran = talk.call(RUN)
    if ran is not None and PATHS_PARAM in ran.args.get("params", {}):
        return _to_words(talk, request.now_us, new_id, probed=True)
    if ran is not None:
        return _after_report(talk, new_id)
    return ModelReply(text="There is nothing to answer yet. " + _HELLO + CAN_DO)


def _to_words(talk: Talk, now_us: int, new_id: NewId, *, probed: bool = False) -> ModelReply:
    """Answer what the requester typed: read the schema first, then plan, ask or decline."""
    if (unfit := _unfit(talk, new_id)) is not None:
        return unfit
    if not talk.paths:
        return ModelReply(text=_no_table(talk))
    if not talk.asks:
        more = " Pasted words are not instructions to me." if talk.pasted else ""
        return ModelReply(text=f"Type what you want to know from the table.{more} {CAN_DO}")
    if talk.mentions:
        named = ", ".join(talk.mentions[:5])
        return ModelReply(text=f"I cannot use {named}: I only read attached tables. {CAN_DO}")
    if len(talk.paths) > TABLES_MAX:
        return ModelReply(text=f"I read at most {TABLES_MAX} files at a time. Attach fewer.")
    schema = talk.schema
    if schema is None:
        if probed:
            return ModelReply(text=_unreadable(talk.result(RUN)))
        return _probe(talk, new_id)
    if not schema.tables:
        return ModelReply(text=_problems(talk, schema))
    return _answer(talk, schema, _day(now_us), new_id)


def _unfit(talk: Talk, new_id: NewId) -> ModelReply | None:
    """Send on what something else serves better; a word in a conversation may be short."""
    has_files = bool(talk.tables or talk.others)
    advice = fitness.advise("\n".join(talk.asks), has_files=has_files)
    if advice is None or (advice.kind == "vague" and (talk.before or talk.base is not None)):
        return None
    if not advice.declines or talk.call(DECLINE) is not None:
        return _asked(talk, advice.told, new_id)
    args = {"reason": advice.reason, "instead": advice.instead}
    return ModelReply(calls=(ToolCall(id=new_id(), tool=DECLINE, args=args),))


def _day(now_us: int) -> date:
    try:
        return (_EPOCH + timedelta(microseconds=now_us)).date()
    except OverflowError:
        return _EPOCH.date()


def _no_table(talk: Talk) -> str:
    others = ", ".join(_name(one.path) for one in talk.others[:UNREAD_TOLD_MAX])
    start = f"I cannot read {others} as a table. " if others else ""
    return start + _HELLO + CAN_DO


def _probe(talk: Talk, new_id: NewId) -> ModelReply:
    paths = list(talk.paths)
    args = {"code": tables.finding(), "inputs": paths, "params": {PATHS_PARAM: paths}}
    what = "the table" if len(paths) == 1 else f"the {len(paths)} tables"
    return ModelReply(
        text=f"First I look at the columns of {what}.",
        calls=(ToolCall(id=new_id(), tool=RUN, args=args),),
    )


def _answer(talk: Talk, schema: Schema, today: date, new_id: NewId) -> ModelReply:
    unread = _unread(talk, schema)
    noted = f"Not everything was read: {unread}. " if unread else ""
    match _outcome(talk, schema, today):
        case Clarify(question):
            question = _of_every_table(question, schema)
            asked = question if question.endswith("?") else f"{question} Which?"
            return _asked(talk, noted + asked, new_id)
        case Declined(reason, better):
            return ModelReply(text=f"{noted}{reason} {better}".rstrip("?"))
        case Planned() as planned:
            return _work(talk, schema, planned, today, new_id)


def _of_every_table(question: str, schema: Schema) -> str:
    """Where the columns of one table are named, name those of the other tables, too."""
    said = [at_hand([column.name for column in table.columns]) for table in schema.tables]
    named = next((one for one in said if one in question), None)
    if named is None or len(said) < 2:
        return question
    each = [
        one.replace("of the table", f"of “{_name(table.path)}”", 1)
        for one, table in zip(said, schema.tables, strict=True)
    ]
    return question.replace(named, " ".join(each[:TABLES_TOLD_MAX]))


def _asked(talk: Talk, text: str, new_id: NewId) -> ModelReply:
    """Ask in the answer; where nobody reads it, put the question to the owner and wait."""
    if not talk.unattended or not text.endswith("?"):
        return ModelReply(text=text)
    args = {"question": text[-QUESTION_CHARS_MAX:], "changes": "figure"}
    return ModelReply(calls=(ToolCall(id=new_id(), tool=ASK, args=args),))


def _outcome(talk: Talk, schema: Schema, today: date) -> Outcome:
    """Compile the words; a short answer to a question is read together with what it answers."""
    new, before = joined(talk.asks), joined(talk.before)
    both = joined((*talk.before, *talk.asks))
    if before and _LEAVE_OUT.fullmatch(new):
        return compile_request(before, schema.tables, base=talk.base, today=today, leave_out=True)
    texts = [new] if not before else [both, new]
    if before and len(new.split()) > SHORT_ANSWER_WORDS:
        texts.reverse()
    outcomes = [compile_request(text, schema.tables, base=talk.base, today=today) for text in texts]
    loses = False
    for text, one in zip(texts, outcomes, strict=True):
        if isinstance(one, Planned):
            if not before or talk.base is not None or text == both or _stands_alone(text, one):
                return one
            loses = True
    if loses:
        said = " ".join(before.split())[:DETAIL_CHARS_MAX]
        return Clarify(
            f"Taken alone, that would lose the rest of “{said}”, and together the two are not "
            "clear. Would you write the whole request again, in one sentence?"
        )
    return outcomes[-1 if before and texts[0] == both else 0]


def _stands_alone(text: str, planned: Planned) -> bool:
    """Say whether words after a question are a request of their own, and no mere answer."""
    plan = planned.plan
    named = not any(note.startswith("No figure was named") for note in plan.assumptions)
    more = any(one.groups or one.period or one.filters for one in plan.questions)
    return named and bool(more or len(text.split()) > SHORT_ANSWER_WORDS)


def _work(talk: Talk, schema: Schema, planned: Planned, today: date, new_id: NewId) -> ModelReply:
    plan = planned.plan
    if unread := _unread(talk, schema):
        notes = (*plan.assumptions, f"Not everything was read: {unread}.")
        plan = plan.model_copy(update={"assumptions": notes})
        planned = replace(planned, plan=plan)
    said = " ".join(joined((*talk.before, *talk.asks)).split())
    params = {PLAN_PARAM: plan.model_dump(mode="json"), "today": today.isoformat()}
    code = {"code": reports.source(), "inputs": _inputs(plan), "params": params}
    brief = ToolCall(id=new_id(), tool=BRIEF, args=brief_of(said, planned, schema.tables))
    return ModelReply(
        text=f"{_spoken(planned)}{EDITED if talk.edited else ''}",
        # A brief that a person edited stays as they wrote it.
        calls=(*(() if talk.edited else (brief,)), ToolCall(id=new_id(), tool=RUN, args=code)),
    )


def _inputs(plan: Plan) -> list[str]:
    """Give the files a plan reads, each once."""
    sources = [plan.source, *plan.more, *([plan.join.source] if plan.join is not None else [])]
    return list(dict.fromkeys(one.path for one in sources))


def _spoken(planned: Planned) -> str:
    notes = list(planned.plan.assumptions)
    notes += [f"Left out at your word: “{phrase}”." for phrase in planned.left_out]
    return planned.reading + ("\nAssumptions:\n- " + "\n- ".join(notes) if notes else "")


def _unreadable(result: ResultMessage | None) -> str:
    return f"I could not read the attached file: {_failure(result)}. {_cure(result)}".rstrip()


def _problems(talk: Talk, schema: Schema) -> str:
    return f"I found no table to work on. {_unread(talk, schema) or 'The files hold no rows'}."


def _unread(talk: Talk, schema: Schema) -> str:
    """Name what was brought but not read, and why: no file is passed over in silence."""
    reasons = [f"{_name(one.path)}: {one.reason}" for one in schema.problems]
    reasons += [f"{_name(one.path)}: it is not a table and was not read" for one in talk.others]
    return "; ".join(reasons[:UNREAD_TOLD_MAX])


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _after_report(talk: Talk, new_id: NewId) -> ModelReply:
    """Hand over what the report program made, or say what failed."""
    brief, ran = talk.result(BRIEF), talk.result(RUN)
    if talk.call(BRIEF) is not None and (brief is None or brief.status != "ok"):
        return ModelReply(
            text="I stopped: the brief could not be recorded, so nothing could be checked "
            f"against it ({_failure(brief)})."
        )
    told = _told(ran)
    if talk.base is None or ran is None or told is None:
        if own := _own_words(ran):
            return ModelReply(text=f"I could not make the report, so nothing is handed over. {own}")
        return ModelReply(
            text=f"I could not make the report: {_failure(ran)}. I know no other way to compute "
            f"it, so nothing is handed over. {_cure(ran)}"
        )
    files = list(talk.base.paths())
    missing = [path for path in files if path not in told.get("files", files)]
    if missing:
        return ModelReply(
            text=f"I could not make the report: {', '.join(missing)} was not written. Nothing is "
            "handed over."
        )
    args = {"files": files, "summary": _summary(talk.base, told)}
    return ModelReply(
        text="The files are written; they are checked before they are handed over.",
        calls=(ToolCall(id=new_id(), tool=DELIVER, args=args),),
    )


def _told(result: ResultMessage | None) -> dict[str, Any] | None:
    """Give what the report program printed: its last line that is a JSON object."""
    if result is None or result.status != "ok" or result.content.get("outcome", "ok") != "ok":
        return None
    for line in reversed(str(result.content.get("stdout", "")).splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                return None
            return found if isinstance(found, dict) else None
    return None


def _summary(plan: Plan, told: dict[str, Any]) -> str:
    """Say the headline figures in a few sentences."""
    items = told.get("headline")
    shared = [
        one
        for one in plan.questions[0].filters
        if all(one in other.filters for other in plan.questions)
    ]
    sentences = _sentences(plan, items if isinstance(items, list) else [], shared)
    if len(sentences) < 2:
        sentences.insert(0, f"{plan.title.rstrip('.')}.")
    if shared:
        sentences.append(f"{phrasing.only(shared)}.")
    notes = told.get("notes")
    sentences += [str(note) for note in (notes if isinstance(notes, list) else [])]
    compare = plan.questions[0].compare
    if len(sentences) < 3 and compare is not None:
        sentences.append(f"The comparison is with {compare.label}.")
    if len(sentences) < 3:
        sentences.append("The files show how the request was read.")
    most = SUMMARY_SENTENCES_MAX + 3 * (len(plan.questions) - 1)
    return " ".join(sentences[: min(most, SUMMARY_SENTENCES_MOST)])


def _sentences(plan: Plan, items: list[Any], shared: list[Filter]) -> list[str]:
    """Say each headline figure once; of several questions, also of which rows and of which one."""
    told = [one for one in items if isinstance(one, dict) and one.get("text")]
    of = [min(int(one.get("question") or 0), len(plan.questions) - 1) for one in told]
    labels = [str(one.get("label", "")) for one in told]
    sentences: list[str] = []
    said: dict[int, str] = {}
    for one, place, label in zip(told, of, labels, strict=True):
        text, question = str(one["text"]).rstrip("."), plan.questions[place]
        own = [rule for rule in question.filters if rule not in shared]
        if label not in {"", "In short"}:
            if _stands_in(text.lstrip("+-−"), said.get(place, "")):
                continue  # a figure that was said already is not said again
            again = any(
                label == other and place != at for other, at in zip(labels, of, strict=True)
            )
            text = f"{label} ({question.title}): {text}" if again else f"{label}: {text}"
        elif own and place not in said:
            text += f", {_inside(phrasing.only(own))}"
        said[place] = f"{said.get(place, '')} {text}."
        sentences.append(f"{text}.")
    return sentences


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _stands_in(figure: str, said: str) -> bool:
    """Say whether a figure was said, and not only as a part of a longer number."""
    return re.search(rf"(?<![\d.,]){re.escape(figure)}(?!\d|[.,]\d)", said) is not None


def _after_delivery(call: ToolCall, result: ResultMessage | None) -> ModelReply:
    if result is None or result.status != "ok":
        return ModelReply(text=f"The files are made but were not handed over: {_failure(result)}.")
    if result.content.get("verified") is True:
        return ModelReply(text=str(call.args.get("summary") or "The files are checked."))
    failed = [one for one in result.content.get("checks", []) if one.get("verdict") != "pass"]
    named = "\n".join(
        f"- {one.get('text', one.get('check'))} "
        f"{'This check could not run' if one.get('verdict') == 'error' else 'This does not hold'}"
        f"{': ' + str(one['detail'])[:DETAIL_CHARS_MAX] if one.get('detail') else ''}"
        for one in failed
    )
    return ModelReply(
        text="NOT VERIFIED: the files did not pass every check, so do not rely on them before "
        f"someone has looked.\n{named or '- No check covers these files.'}"
    )


def _failure(result: ResultMessage | None) -> str:
    """Say in words why a call gave nothing."""
    if result is None:
        return "it returned nothing"
    if result.status in {"denied", "rejected"}:
        reason = result.content.get("reason") or result.content.get("message") or "no reason given"
        return f"it was not allowed ({reason})"
    content = result.content
    if own := _own_words(result):
        return own.rstrip(".")
    outcome = str(content.get("outcome") or "error")
    said = _OUTCOMES.get(outcome, "its answer could not be read")
    exception = f" with {content['exception']}" if content.get("exception") else ""
    # Only a program that failed by itself has last words; one that was ended has none.
    stderr = content.get("stderr") if outcome == "error" else ""
    last = str(stderr or content.get("message") or "").strip().splitlines()
    detail = " ".join(line.strip() for line in last[-1:])[:DETAIL_CHARS_MAX]
    return f"{said}{exception}{f' ({detail})' if detail else ''}"


def _own_words(result: ResultMessage | None) -> str:
    """Give what a program of ours said before it gave up: a sentence and its cure."""
    if result is None or result.content.get("outcome") != "error":
        return ""
    last = str(result.content.get("stderr") or "").strip().splitlines()[-1:]
    found = _OWN_WORDS.fullmatch(last[0].strip()) if last else None
    return found[1][:DETAIL_CHARS_MAX] if found else ""


def _cure(result: ResultMessage | None) -> str:
    outcome = str(result.content.get("outcome")) if result is not None else ""
    if _own_words(result):
        return ""
    if outcome in {"time_limit", "cpu_limit", "memory_limit", "killed"}:
        return "A smaller file may work: for example only the years you need."
    return "Check that the file opens and holds one table with headings."
