"""What people do with sessions: open, bring files, ask, steer, stop, answer, undo, say how it was.

Owns the commands of a session and who may give them. Every command is one transaction of facts,
idempotent by its command id. Must never do a turn's work: workers do.
"""

from __future__ import annotations

import io
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from deputy.agent import admission
from deputy.agent.approvals import Waiting
from deputy.agent.queue import Queue
from deputy.agent.states import States
from deputy.agent.store import rows
from deputy.agent.store.rows import Row
from deputy.agent.tools.brief_write import sound
from deputy.core import holds, undo
from deputy.core import ids as identifiers
from deputy.core.artifacts import (
    clean_name,
    media_type,
)
from deputy.core.brief import Brief
from deputy.core.budget import TurnLimits
from deputy.core.errors import (
    ConflictError,
    DeniedError,
    InvalidRequestError,
    LimitExceededError,
    MovedError,
    NotFoundError,
)
from deputy.core.events import Draft, Event
from deputy.core.events import session_bodies as b
from deputy.core.identity import Actor
from deputy.core.labels import join_all, typed_by, uploaded_by
from deputy.core.messages import Part
from deputy.core.policy import Hold
from deputy.core.ports import Approvals, Blobs, Ids
from deputy.core.session import Call, File, Session, Turn
from deputy.core.undo import Move
from deputy.journals import Journal, Recorded

SESSIONS_PAGE_MAX = 200
WAITING_TURNS_MAX = 100
LOOKS_MAX = 20


class Sessions:
    """The commands and questions of one cell's sessions."""

    def __init__(
        self,
        journal: Journal,
        blobs: Blobs,
        queue: Queue,
        approvals: Approvals,
        ids: Ids,
        *,
        states: States,
        agent: str,
    ) -> None:
        self._journal = journal
        self._states = states
        self._blobs = blobs
        self._queue = queue
        self._approvals = approvals
        self._ids = ids
        self._agent = agent

    async def open(self, by: Actor, *, title: str = "", command: str | None = None) -> str:
        """Open a session owned by `by.sub`; give its id.

        The session's id is made from the command id, so that a repeated command gives the same
        session.
        """
        session = self._ids.new("ses")
        if command is not None:
            session = "ses_" + identifiers.check("cmd", command).removeprefix("cmd_")
        body = b.SessionOpened(owner=by.sub, agent=self._agent, title=title[:200])
        await self._record(session, by, [Draft(body, typed_by(by.sub))], command)
        return session

    async def upload(
        self,
        session: str,
        by: Actor,
        *,
        name: str,
        raw: bytes | BinaryIO,
        command: str | None = None,
    ) -> File:
        """Keep a file and put it into the session's tree as an untrusted input.

        `raw` is its bytes, or a seekable file that is read piece by piece.
        """
        state = await self.state(session, by)
        opened = io.BytesIO(raw) if isinstance(raw, bytes) else raw
        size, clean = opened.seek(0, os.SEEK_END), clean_name(name)
        admission.require_taken(clean, size)
        if command is not None and (known := await self.given(session, by, command)):
            return (await self.state(session, by)).files[_file_of(known)]
        digest, file = await self._blobs.put_file(opened), self._ids.new("blb")

        async def uploaded(state: Session) -> Draft:
            body = b.FileUploaded(
                file=file,
                name=clean,
                path=admission.free_path(state, clean),
                digest=digest,
                size=size,
                media_type=media_type(clean),
            )
            return Draft(body, uploaded_by(by.sub))

        recorded = await self._conclude(session, by, uploaded, command)
        state = await self.state(session, by)
        if recorded.repeats is not None:
            file = _file_of(await self._entry(session, recorded.repeats))
        return state.files[file]

    async def open_turn(
        self,
        session: str,
        by: Actor,
        parts: Sequence[Part],
        *,
        command: str | None = None,
        limits: TurnLimits | None = None,
        by_hand_minutes: int | None = None,
        unattended: bool = False,
        receipt_inside: bool = False,
        brief: Brief | None = None,
    ) -> str:
        """Ask for a result: one transaction records the request and queues the turn.

        `brief` is the brief to begin with, as its requester wants it.
        """
        state = await self.state(session, by)
        admission.require_words(parts)
        admission.require_files(state, parts)
        turn = self._ids.new("trn")
        body = b.TurnRequested(
            parts=tuple(parts),
            limits=limits or TurnLimits(),
            seed=int.from_bytes(self._ids.random_bytes(4)),
            by_hand_minutes=by_hand_minutes,
            unattended=unattended,
            receipt_inside=receipt_inside,
        )
        drafts = [Draft(body, admission.said_label(by.sub, parts), turn=turn)]
        if brief is not None:
            # Whose words a brief holds is not known: they may come from any earlier one.
            edited, label = b.BriefEdited(brief=_checkable(brief, state)), uploaded_by(by.sub)
            drafts.append(Draft(edited, label, turn=turn))
        actor = Actor(sub=by.sub, act=state.agent)
        async with self._journal.transaction() as connection:
            recorded = await self._journal.append(
                connection, session, drafts, by=actor, command=command
            )
            if recorded.repeats is None:
                await self._queue.defer(connection, session, turn)
                return turn
        return (await self._entry(session, recorded.repeats)).header.turn or ""

    async def steer(
        self, session: str, turn: str, by: Actor, parts: Sequence[Part], command: str | None = None
    ) -> None:
        """Add words to a turn under way; they are read before the next model call."""
        state = await self.state(session, by)
        _open_turn(state, turn)
        admission.require_words(parts)
        admission.require_files(state, parts)
        body = b.TurnSteered(parts=tuple(parts))
        await self._record(
            session, by, [Draft(body, admission.said_label(by.sub, parts), turn=turn)], command
        )

    async def edit_brief(
        self,
        session: str,
        turn: str,
        by: Actor,
        brief: Brief,
        *,
        version: int,
        command: str | None = None,
    ) -> int:
        """Change the brief of a turn under way; give its new version.

        `version` is the one the change was made to. Only here a criterion can be taken away.
        """

        async def edited(state: Session) -> Draft:
            found = _open_turn(state, turn)
            if found.brief_version != version:
                raise ConflictError(
                    f"The brief is at version {found.brief_version}, you changed {version}.",
                    hint="Look at it again and make your change there.",
                )
            # Confirming a brief does not raise what it was drafted under.
            label = join_all([typed_by(by.sub), found.brief_label])
            return Draft(b.BriefEdited(brief=_checkable(brief, state)), label, turn=turn)

        await self._conclude(session, by, edited, command)
        return version + 1

    async def stop(
        self, session: str, turn: str, by: Actor, *, reason: str = "", command: str | None = None
    ) -> None:
        """End a turn: running code is killed, nothing further is started."""
        state = await self.state(session, by)
        _open_turn(state, turn)
        draft = Draft(b.TurnStopRequested(reason=reason[:500]), typed_by(by.sub), turn=turn)
        await self._record_and_wake(session, by, draft, command)

    async def answer(
        self,
        session: str,
        turn: str,
        call: str,
        by: Actor,
        *,
        approve: bool,
        shown: str,
        reason: str = "",
        command: str | None = None,
    ) -> None:
        """Answer a held call; `shown` is the digest of exactly what the person was shown."""

        async def answered(state: Session) -> Draft:
            held = await self._answerable(state, turn, call, by)
            if shown != holds.shown_digest(state.turns[turn], held):
                raise ConflictError(
                    "What you were shown is not what waits now.", hint="Look at it again."
                )
            admission.require_answer(held, approve, reason)
            body = b.ApprovalAnswered(
                answer="approve" if approve else "reject", shown=shown, reason=reason[:2_000]
            )
            return Draft(body, typed_by(by.sub), turn=turn, step=held.step, call=call)

        await self._conclude(session, by, answered, command, wake=turn)

    async def waiting(
        self, by: Actor, *, limit: int = WAITING_TURNS_MAX
    ) -> tuple[tuple[Waiting, ...], bool]:
        """Give the calls that wait for this person's answer, the longest waiting first.

        True beside them if more turns wait than the `limit` that were looked at.
        """
        async with self._journal.reading() as connection:
            parked = await rows.parked_of(connection, by.sub, limit + 1)
        states = {s: await self.state(s, by) for s in dict.fromkeys(s for s, _ in parked[:limit])}
        found = [
            Waiting(session, states[session].turns[turn], call)
            for session, turn in parked[:limit]
            for call in holds.held(states[session].turns[turn])
            if await self._may_answer(states[session], call, by)
        ]
        found.sort(key=lambda one: (one.call.decided_us, one.call.id))
        return tuple(found), len(parked) > limit

    async def _may_answer(self, state: Session, call: Call, by: Actor) -> bool:
        assert isinstance(call.decision, Hold), "only held calls wait for an answer"
        return by.sub in await self._approvals.approvers(call.decision.approvers, session=state)

    async def _answerable(self, state: Session, turn: str, call: str, by: Actor) -> Call:
        found = _open_turn(state, turn)
        held = next((c for c in holds.held(found) if c.id == call), None)
        if held is None:
            raise ConflictError("This call does not wait for an answer.")
        if not await self._may_answer(state, held, by):
            assert isinstance(held.decision, Hold), "only held calls wait for an answer"
            raise DeniedError(
                "This call waits for somebody else's answer.",
                hint=f"It may be answered by: {', '.join(held.decision.approvers)}.",
            )
        return held

    async def undo(
        self, session: str, turn: str, by: Actor, command: str | None = None, *, back: bool = False
    ) -> b.WorkspaceMoved:
        """Set the working tree back to before a turn, keeping what others changed since.

        With `back` an undo is taken back. What is done already is not done again.
        """
        moved: list[b.WorkspaceMoved] = []

        async def undone(state: Session) -> Draft:
            move = (undo.again if back else undo.without)(state, _ended(state, turn))
            named = {"redone_turn": turn} if back else {"undone_turn": turn}
            tree, changed, deleted = move.tree.digest(), move.back, move.deleted
            body = b.WorkspaceMoved(to=tree, changed=changed, deleted=deleted, **named)
            moved.append(body)
            # The names of files are as untrusted as the files.
            gone = [e.label for e in state.tree.entries if e.path in deleted]
            label = join_all([typed_by(by.sub), *gone, *(e.label for e in changed)])
            return Draft(body, label, turn=turn)

        state = await self.state(session, by)
        if _ended(state, turn).undone is not back:
            return b.WorkspaceMoved(to=state.tree.digest())
        await self._conclude(session, by, undone, command)
        return moved[-1]

    async def undoing(
        self, session: str, turn: str, by: Actor, *, back: bool = False
    ) -> Move | None:
        """Give what undoing a turn would change, or None if that is done already."""
        state = await self.state(session, by)
        found = _ended(state, turn)
        if found.undone is not back:
            return None
        return (undo.again if back else undo.without)(state, found)

    async def note(
        self,
        session: str,
        artifact: str,
        by: Actor,
        what: Any,
        *,
        reason: str = "",
        command: str | None = None,
    ) -> None:
        """Record what its receiver did with a deliverable."""
        state = await self.state(session, by)
        found = state.artifacts.get(identifiers.check("art", artifact))
        if found is None:
            raise NotFoundError("There is no such deliverable in this session.")
        body = b.DeliverableNoted(artifact=artifact, what=what, reason=reason[:2_000])
        await self._record(session, by, [Draft(body, typed_by(by.sub), turn=found.turn)], command)

    async def state_baseline(
        self, session: str, artifact: str, by: Actor, minutes: int, command: str | None = None
    ) -> None:
        """Record how long this result takes by hand, as its owner says."""
        state = await self.state(session, by)
        found = state.artifacts.get(identifiers.check("art", artifact))
        if found is None:
            raise NotFoundError("There is no such deliverable in this session.")
        body = b.BaselineStated(artifact=artifact, minutes=minutes)
        await self._record(session, by, [Draft(body, typed_by(by.sub), turn=found.turn)], command)

    async def state(self, session: str, by: Actor) -> Session:
        """Give a session's state; `NotFoundError` for everyone but its owner."""
        return _owned(await self._states.of(identifiers.check("ses", session)), by)

    async def events(self, session: str, by: Actor, *, after: int = 0) -> tuple[Event, ...]:
        """Give the verified events after a sequence number, as its owner may read them."""
        state, events = await self._states.since(identifiers.check("ses", session), after)
        _owned(state, by)
        return events

    async def given(self, session: str, by: Actor, command: str) -> Event | None:
        """Give what a command was recorded as, if it was given to this session before."""
        await self.state(session, by)
        seq = await self._journal.seq_of(session, command)
        return None if seq is None else await self._entry(session, seq)

    async def list(self, by: Actor, *, limit: int = 50) -> tuple[Row, ...]:
        """Give a person's sessions, the last moved first, with their last turn."""
        async with self._journal.reading() as connection:
            return await rows.sessions_of(connection, by.sub, min(limit, SESSIONS_PAGE_MAX))

    async def session_of_artifact(self, artifact: str) -> str:
        """Give the session an artifact belongs to; reading it still asks who reads."""
        identifiers.check("art", artifact)
        async with self._journal.reading() as connection:
            found = await rows.session_of_artifact(connection, artifact)
        if found is None:
            raise NotFoundError("There is no such deliverable.")
        return found

    async def _conclude(
        self,
        session: str,
        by: Actor,
        plan: Callable[[Session], Awaitable[Draft]],
        command: str | None,
        *,
        wake: str | None = None,
    ) -> Recorded:
        """Record what follows from the newest state, and from no other; wake a turn with it."""
        for _ in range(LOOKS_MAX):
            state = await self.state(session, by)
            draft = await plan(state)
            with suppress(MovedError):
                async with self._journal.transaction() as connection:
                    recorded = await self._journal.append(
                        connection, session, [draft], by=by, command=command, behind=state.seq
                    )
                    if wake is not None and recorded.repeats is None:
                        await self._queue.defer(connection, session, wake)
                    return recorded
        raise ConflictError("This session is too busy to take that.", hint="Send it again.")

    async def _record(
        self, session: str, by: Actor, drafts: Sequence[Draft], command: str | None
    ) -> None:
        async with self._journal.transaction() as connection:
            await self._journal.append(connection, session, drafts, by=by, command=command)

    async def _record_and_wake(
        self, session: str, by: Actor, draft: Draft, command: str | None
    ) -> None:
        """Record a fact and queue its turn, whatever the turn seems to be doing.

        A turn may park between our look and our append; a job that finds nothing to do is cheap.
        """
        assert draft.turn is not None
        async with self._journal.transaction() as connection:
            recorded = await self._journal.append(
                connection, session, [draft], by=by, command=command
            )
            if recorded.repeats is None:
                await self._queue.defer(connection, session, draft.turn)

    async def _entry(self, session: str, seq: int) -> Event:
        _, events = await self._states.since(session, seq - 1)
        return events[0]


def _owned(state: Session, by: Actor) -> Session:
    if not state.seq or state.owner != by.sub:
        raise NotFoundError("There is no such session.", hint="List yours with `deputy sessions`.")
    return state


def _checkable(brief: Brief, state: Session) -> Brief:
    """Give a person's brief as it will be checked; one that cannot be is refused at once."""
    try:
        return sound(brief.model_dump(mode="json"), state)
    except (InvalidRequestError, LimitExceededError) as error:
        raise ConflictError(error.message, hint=error.hint, code=error.code) from error


def _file_of(event: Event) -> str:
    body = event.body
    if not isinstance(body, b.FileUploaded):
        raise ConflictError("This command id was used for something else.")
    return body.file


def _ended(state: Session, turn: str) -> Turn:
    found = state.turns.get(identifiers.check("trn", turn))
    if found is None:
        raise NotFoundError("There is no such turn in this session.")
    if found.status != "finished":
        raise ConflictError("Only a finished turn can be undone.", hint="Stop it first.")
    return found


def _open_turn(state: Session, turn: str) -> Turn:
    found = state.turns.get(identifiers.check("trn", turn))
    if found is None:
        raise NotFoundError("There is no such turn in this session.")
    if found.status == "finished":
        raise ConflictError(
            "This turn has ended already.", hint="Ask again in the same session.", code="turn.ended"
        )
    return found
