"""What the crowd finds: idle sessions with a finished turn each, and one very long session.

Owns making them quickly, by writing one real turn again under other ids, and measuring a look at
the long one. Must never be what a turn is measured with.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from bench.sessions.workers import WORDS, Size, TellingWorker, paced
from deputy.agent.states import States
from deputy.assemble.cells import Parts, open_cell
from deputy.assemble.handover import Handover
from deputy.assemble.places import StateDir
from deputy.core.events import Draft, Event, lift
from deputy.core.folds import fold
from deputy.core.identity import Actor
from deputy.core.messages import TypedPart
from deputy.core.session import Session

WARM_LOOKS = 50


@dataclass(frozen=True, slots=True)
class Idle:
    """An idle session and its deliverable."""

    session: str
    artifact: str


async def populate(
    state: StateDir, handover: Handover, size: Size
) -> tuple[list[Idle], dict[str, float]]:
    """Do one turn, write it into every idle session under other ids, and measure a long one."""
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_cell(state, handover, durable=False))
        means = await stack.enter_async_context(paced(parts, replace(size, model_s=0)))
        await stack.enter_async_context(parts.queue.app.open_async())
        owner, sessions = Actor(sub=handover.owner), parts.sessions()
        first = await sessions.open(owner)
        turn = await sessions.open_turn(first, owner, [TypedPart(text=WORDS)])
        await TellingWorker(means, parts.queue, len).work(first, turn)
        events = await parts.journal.read(first)
        assert fold(events).turns[turn].finished is not None
        idle = [await _copied(parts, [events]) for _ in range(size.idle)]
        turns = -(-size.long_events // len(events))
        long = await _copied(parts, [events, *[events[1:]] * (turns - 1)])
        figures = await _long_reads(parts, long.session)
    return idle, {"events_a_turn": len(events), **figures}


async def _copied(parts: Parts, turns: Sequence[Sequence[Event]]) -> Idle:
    """Write turns into a new session, each under ids of its own."""
    session = parts.ids.new("ses")
    for events in turns:
        new: dict[str, str] = {}

        def renamed(found: re.Match[str], new: dict[str, str] = new) -> str:
            return new.setdefault(found[0], parts.ids.new(found[1]))

        drafts = [_renamed(event, renamed) for event in events]
        by = Actor(sub=parts.handover.owner, act=parts.handover.agent)
        async with parts.journal.transaction() as connection:
            await parts.journal.append(connection, session, drafts, by=by)
    return Idle(session, next(i for old, i in new.items() if old.startswith("art_")))


_OWN = re.compile(r"\b(trn|stp|call|art|blb|wrk)_[0-7][0-9A-HJKMNP-TV-Z]{25}\b")


def _renamed(event: Event, to: Callable[[re.Match[str]], str]) -> Draft:
    header = event.header
    body = json.loads(_OWN.sub(to, event.body.model_dump_json()))
    turn, step, call = (i and _OWN.sub(to, i) for i in (header.turn, header.step, header.call))
    body = lift(header.type, header.version, body)
    return Draft(body, header.label, turn=turn, step=step, call=call, cause=header.cause)


async def _long_reads(parts: Parts, session: str) -> dict[str, float]:
    """Measure a look at a long session: everything read and folded, then as it is kept."""
    states = States(parts.journal)
    whole = fold(await parts.journal.read(session))  # warms what a process warms once

    async def everything() -> Session:
        return fold(await parts.journal.read(session))

    before_s = statistics.median([await _timed(everything) for _ in range(3)])
    cold_s = await _timed(lambda: states.of(session))
    warm_s = [await _timed(lambda: states.of(session)) for _ in range(WARM_LOOKS)]
    assert await states.of(session) == whole
    await states.close()
    return {
        "long_events": whole.seq,
        "long_everything_s": before_s,
        "long_cold_s": cold_s,
        "long_warm_ms": statistics.median(warm_s) * 1_000,
    }


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begin = time.perf_counter()
    await work()
    return time.perf_counter() - begin
