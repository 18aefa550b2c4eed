"""`ask`: put a question to the owner of a turn that nobody watches.

Owns the call behind a decision request. Where somebody reads the answers, or where the gap
changes nothing that matters, nobody is asked and the model is told what to do instead. Returns
{"answer": words | null, "advice": words}.
"""

from __future__ import annotations

from collections.abc import Sequence

from deputy.agent.tools.tool import Job, read_args
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.events import Draft
from deputy.core.events.session_bodies import CallReturned
from deputy.core.flow import ToolContract
from deputy.core.holds import AskArgs
from deputy.core.labels import typed_by
from deputy.core.messages import ToolSpec
from deputy.core.session import ASK_TOOL

ATTENDED = (
    "Somebody reads your answers: end the turn with this question as your answer, and nothing else."
)
HARMLESS = "This changes nothing that matters: decide, and state it as an assumption in the brief."
ANSWERED = "This is the owner's answer. Go on with it, and state it in the brief."


class _Ask:
    contract = ToolContract(name=ASK_TOOL, effect="read", repeatable=True)
    spec = ToolSpec(
        name=ASK_TOOL,
        purpose="In an unattended request only: put a question to its owner and wait, for days if"
        " need be, because something essential is missing. Say what the answer changes: a"
        " `figure`, an `effect` (who gets what, what is done), or `nothing` that matters. Ask once,"
        " with the answers you can think of as options. In an attended request ask in your answer"
        " instead.",
        args_schema=AskArgs.model_json_schema(),
    )

    async def prepare(self, job: Job) -> CodeCall | None:
        """Check the question; nothing runs."""
        read_args(AskArgs, job.call.args)
        return None

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Record the owner's words, as theirs, or what to do without them."""
        args, call = read_args(AskArgs, job.call.args), job.call
        answer = call.answer.reason if call.approved and call.answer is not None else None
        if answer:
            # The words are the owner's own; nothing of the question is in them.
            label, advice = typed_by(call.answered_by or job.session.owner), ANSWERED
        else:
            label = call.label
            advice = ATTENDED if not job.turn.unattended else HARMLESS
        content = {"question": args.question, "answer": answer or None, "advice": advice}
        if answer:
            content.pop("question")
        return [job.draft(CallReturned(tool=ASK_TOOL, status="ok", content=content), label)]


TOOL = _Ask()
