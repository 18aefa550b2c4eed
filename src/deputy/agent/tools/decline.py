"""`decline`: end a turn that something else serves better.

Owns the call that becomes the outcome `declined`. Returns {"reason", "instead"}. It must come
before any file was checked: what failed its checks is not verified, never declined.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from deputy.agent.fitness.advice import ADVICE, DECLINING
from deputy.agent.tools.tool import Job, read_args
from deputy.core.calls import CodeCall, CodeResult
from deputy.core.errors import InvalidRequestError
from deputy.core.events import Draft
from deputy.core.events.session_bodies import CallReturned
from deputy.core.flow import ToolContract
from deputy.core.messages import ToolSpec, Value
from deputy.core.session import DECLINE_TOOL


class Args(Value):
    """Why this is no job for Deputy, and what serves it better."""

    reason: str = Field(min_length=1, max_length=1_000)
    instead: str = Field(min_length=1, max_length=1_000)


class _Decline:
    contract = ToolContract(name=DECLINE_TOOL, effect="read", repeatable=True)
    spec = ToolSpec(
        name=DECLINE_TOOL,
        purpose="End the turn because something else serves the request better, and say what. Only"
        " for what is asked to be done, never for what a report is about. Decline these and name"
        " the alternative: "
        + " ".join(f"({n}) {one.reason} {one.instead}" for n, one in enumerate(
            (ADVICE[kind] for kind in ADVICE if kind in DECLINING), start=1))
        + " Work that never ends is not declined: make the result once and name the scheduler. If"
        " it is only unclear what would count as done, ask.",
        args_schema=Args.model_json_schema(),
    )  # fmt: skip

    async def prepare(self, job: Job) -> CodeCall | None:
        """Check the reason; nothing runs."""
        read_args(Args, job.call.args)
        if job.turn.handovers or job.turn.delivered:
            raise InvalidRequestError(
                "Files of this turn were checked already, so it is too late to decline.",
                hint="Say in your answer what could not be done.",
            )
        return None

    async def facts(self, job: Job, result: CodeResult | None) -> Sequence[Draft]:
        """Record the reason and the alternative."""
        args = read_args(Args, job.call.args)
        returned = CallReturned(
            tool=DECLINE_TOOL, status="ok", content=args.model_dump(mode="json")
        )
        return [job.draft(returned, job.call.label)]


TOOL = _Decline()
