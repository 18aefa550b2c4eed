"""Traces: where a turn's time and money went.

Owns this address. Must never show more than `agent.telemetry` reads: ids, numbers, closed words.
"""

from __future__ import annotations

from fastapi import APIRouter

from deputy.agent.telemetry import Trace, measured, traced, vocabulary
from deputy.agent.telemetry.measures import UNITS
from deputy.core.errors import NotFoundError
from deputy.interaction.api.access import Caller, Parts, SessionId, TurnId
from deputy.interaction.api.models import MeasureView, SpanView, TraceView

router = APIRouter(prefix="/sessions/{session}/turns/{turn}", tags=["traces"])


@router.get("/trace")
async def trace(parts: Parts, by: Caller, session: SessionId, turn: TurnId) -> TraceView:
    """Show where a turn's time and money went, while it works and afterwards."""
    found = traced(await parts.sessions.events(session, by), turn, vocabulary())
    if found is None:
        raise NotFoundError("There is no such turn in this session.")
    return _view(found)


def _view(trace: Trace) -> TraceView:
    return TraceView(
        session=trace.session,
        turn=trace.turn,
        ended=trace.ended,
        spans=tuple(
            SpanView(
                kind=span.kind,
                name=span.name,
                parent=span.parent,
                start_us=span.start_us,
                end_us=span.end_us,
                worked_us=span.worked_us,
                failed=span.failed,
                facts=dict(span.facts),
            )
            for span in trace.spans
        ),
        measures=tuple(
            MeasureView(name=m.name, unit=UNITS[m.name], labels=dict(m.labels), value=m.value)
            for m in measured(trace)
        ),
        events=dict(trace.events),
    )
