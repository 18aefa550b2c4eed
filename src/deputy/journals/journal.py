"""Appending to and reading from journals.

Owns the transaction discipline of a journal: lock the head row, check the epoch, assign the next
sequence numbers, chain, seal the bodies, project, notify. Must never change or delete a header.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deputy.core.canonical import commitment, digest
from deputy.core.errors import (
    ConflictError,
    JournalError,
    LeaseLostError,
    LimitExceededError,
    MovedError,
)
from deputy.core.events import (
    BODY_BYTES_MAX,
    GENESIS,
    SALT_BYTES,
    Body,
    Draft,
    Erased,
    Event,
    Header,
    body_bytes,
    lift,
    load_body,
    name_of,
    parse_header,
    verify_body,
    verify_link,
)
from deputy.core.identity import Actor
from deputy.core.ports import Clock, Ids
from deputy.journals.keys import KeyRing
from deputy.journals.outages import told_as_outages
from deputy.journals.projecting import Projector
from deputy.journals.statements import fetch, lock_statement, next_statement, write_statement
from deputy.journals.tables import Tables

EVENTS_PER_APPEND_MAX = 500
EVENTS_PER_READ_MAX = 100_000
OPENED_AT_ONCE = 100
"""Events opened and verified before others get their turn: about 10 ms."""
NOTIFY_CHANNEL = "deputy_journal"

Connection = AsyncConnection
"""One open connection of a plane; with `transaction`, also its open transaction."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an append recorded. A repeated command records nothing: `repeats` names its seq."""

    events: tuple[Event, ...]
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What stands behind an entry of a journal, verified from that entry on."""

    anchor: str | None
    """The entry's hash; None if there is no such entry."""
    events: tuple[Event, ...]
    keys: frozenset[str]
    """The ids of the journal's data keys: what another key sealed is erased."""


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str
    epoch: int
    key_id: str | None
    """The writer's data key, unwrapped already; None if it has none yet."""


class Journal:
    """All journals of one plane."""

    def __init__(
        self,
        engine: AsyncEngine,
        tables: Tables,
        *,
        keys: KeyRing,
        clock: Clock,
        ids: Ids,
        projector: Projector,
    ) -> None:
        self.engine = engine
        self._t = tables
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._project = projector
        self._write = write_statement(tables)
        self._next = next_statement(tables)
        self._lock = lock_statement(tables)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open the one transaction in which facts and what follows from them are written."""
        with told_as_outages():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[AsyncConnection]:
        """Keep a connection in autocommit for reads and for `append_next`."""
        with told_as_outages():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for questions."""
        with told_as_outages():
            async with self.engine.connect() as connection:
                yield connection

    async def append(
        self,
        connection: AsyncConnection,
        journal: str,
        drafts: Sequence[Draft],
        *,
        by: Actor,
        epoch: int | None = None,
        claim: bool = False,
        command: str | None = None,
        behind: int | None = None,
    ) -> Recorded:
        """Record facts in order, in the caller's transaction.

        `epoch` is a worker's lease epoch: a lower one than the head's raises `LeaseLostError`.
        `claim` raises the epoch by one. A `command` seen before records nothing. `behind` is the
        seq these facts were concluded from: any later entry raises `MovedError`.
        """
        if not 0 < len(drafts) <= EVENTS_PER_APPEND_MAX:
            raise LimitExceededError(f"One append takes 1 to {EVENTS_PER_APPEND_MAX} events.")
        head = await self._lock_head(connection, journal, by.sub)
        if epoch is not None and epoch != head.epoch:
            raise LeaseLostError(
                f"Epoch {epoch} of {journal} was superseded by {head.epoch}.",
                hint="Another worker goes on with this turn; nothing was written.",
            )
        if command is not None and (seen := await self._seen(connection, journal, command)):
            return Recorded((), repeats=seen)
        if behind is not None and behind != head.seq:
            raise MovedError(
                f"Entry {head.seq} of {journal} came after {behind}.", hint="Look again first."
            )
        used = head.epoch + 1 if claim else epoch
        key_id = head.key_id or await self._key_for(connection, journal, by.sub)
        sealed = self._seal(journal, drafts, head, by, used, command, key_id)
        events = tuple(event for event, _ in sealed)
        values = _values(journal, key_id, sealed)
        values["epoch"] = used if claim and used is not None else head.epoch
        written = await fetch(connection, self._write, values)
        if written is None or not written[1]:
            self._keys.forget(key_id)
            raise ConflictError(
                "What this person wrote here is being erased; nothing was recorded.",
                hint="Send it again.",
            )
        await self._project(connection, events)
        return Recorded(events)

    async def append_next(
        self, connection: AsyncConnection, after: Event, drafts: Sequence[Draft], *, by: Actor
    ) -> Recorded | None:
        """Record facts right behind `after` in one round trip, or do nothing and give None.

        For the holder of a lease, whose last own fact `after` is, on a connection in autocommit
        (`holding`). None means that the head moved, the lease was lost, the writer's key is gone
        or these facts have derived rows: `append` then says which, or does it.
        """
        last = after.header
        if last.sub != by.sub or any(self._project.derives(d.body) for d in drafts):
            return None
        assert last.epoch is not None, "only the holder of a lease appends behind itself"
        head = _Head(last.seq, after.hash, last.epoch, last.key_id)
        sealed = self._seal(last.journal, drafts, head, by, last.epoch, None, last.key_id)
        values = _values(last.journal, last.key_id, sealed)
        known = {"known": last.seq, "prev": after.hash, "epoch": last.epoch}
        written = await fetch(connection, self._next, values | known)
        return None if written is None else Recorded(tuple(event for event, _ in sealed))

    async def read(
        self, journal: str, *, after: int = 0, prev: str = GENESIS, connection: Any = None
    ) -> tuple[Event, ...]:
        """Give the events after `after`, verified from stored bytes.

        `prev` is the hash of entry `after`. Raises `JournalError` on any break in the chain.
        """
        if connection is None:
            async with self.reading() as connection:
                return await self.read(journal, after=after, prev=prev, connection=connection)
        found: list[Event] = []
        while True:
            rows = await self._rows(connection, journal, after=after)
            if not rows:
                return tuple(found)
            page, _ = await self._opened(connection, journal, rows, after=after, prev=prev)
            found += page
            if len(page) < EVENTS_PER_READ_MAX:
                return tuple(found)
            after, prev = page[-1].header.seq, page[-1].hash

    async def since(self, journal: str, seq: int) -> News:
        """Give what stands behind entry `seq`, and that entry's hash as it is stored now.

        Whoever knows the hash of that entry, or of any later one, knows by it that nothing before
        was changed. Raises `JournalError` on any break from there on.
        """
        async with self.holding() as connection:
            rows = await self._rows(connection, journal, after=max(seq - 1, 0), bodies_after=seq)
            anchor = GENESIS
            if seq:
                if not rows or parse_header(rows[0].header).seq != seq:
                    return News(None, (), frozenset())
                anchor, rows = digest(rows[0].header), rows[1:]
            page, keys = await self._opened(connection, journal, rows, after=seq, prev=anchor)
            more: tuple[Event, ...] = ()
            if len(page) >= EVENTS_PER_READ_MAX - 1:
                last = page[-1]
                more = await self.read(
                    journal, after=last.header.seq, prev=last.hash, connection=connection
                )
        return News(anchor, (*page, *more), keys)

    async def seq_of(self, journal: str, command: str) -> int | None:
        """Give the seq of the entry a command was recorded as; None if it was not."""
        async with self.reading() as connection:
            return await self._seen(connection, journal, command)

    async def _rows(
        self, connection: AsyncConnection, journal: str, *, after: int, bodies_after: int = 0
    ) -> Sequence[Any]:
        e, d = self._t.events, self._t.bodies
        same = (d.c.journal == e.c.journal) & (d.c.seq == e.c.seq) & (d.c.seq > bodies_after)
        rows = await connection.execute(
            select(e.c.header, e.c.command, d.c.salt, d.c.nonce, d.c.ciphertext)
            .select_from(e.outerjoin(d, same))
            .where(e.c.journal == journal, e.c.seq > after)
            .order_by(e.c.seq)
            .limit(EVENTS_PER_READ_MAX)
        )
        return rows.all()

    async def _opened(
        self,
        connection: AsyncConnection,
        journal: str,
        rows: Sequence[Any],
        *,
        after: int,
        prev: str,
    ) -> tuple[list[Event], frozenset[str]]:
        keys = await self._keys_of(connection, journal)
        found: list[Event] = []
        seq = after
        for raw, command, salt, nonce, ciphertext in rows:
            header, seq = parse_header(raw), seq + 1
            prev = verify_link(header, raw, seq=seq, prev=prev)
            if (header.journal, header.command) != (journal, command):
                raise JournalError(f"Entry {seq} of {journal} was recorded elsewhere.")
            if salt is None or header.key_id not in keys:
                found.append(Event(header, Erased(), raw))
            else:
                body = self._body(header, _Sealed(salt, nonce, ciphertext))
                found.append(Event(header, body, raw, size=len(ciphertext)))
            if len(found) % OPENED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found, keys

    async def head(
        self, journal: str, *, connection: AsyncConnection | None = None
    ) -> tuple[int, str]:
        """Give (seq, hash) of a journal's last entry; (0, GENESIS) if it does not exist."""
        if connection is None:
            async with self.reading() as connection:
                return await self.head(journal, connection=connection)
        h = self._t.heads
        query = select(h.c.seq, h.c.hash).where(h.c.journal == journal)
        row = (await connection.execute(query)).one_or_none()
        return (0, GENESIS) if row is None else (row.seq, row.hash)

    async def erase(self, connection: AsyncConnection, journal: str, seq: int) -> None:
        """Destroy one body and its salt. The caller records `body.erased` beside it."""
        d = self._t.bodies
        await connection.execute(delete(d).where(d.c.journal == journal, d.c.seq == seq))

    async def journals(self) -> tuple[str, ...]:
        """Give the ids of every journal of this plane."""
        e = self._t.events
        async with self.reading() as connection:
            rows = await connection.execute(select(e.c.journal).distinct().order_by(e.c.journal))
        return tuple(rows.scalars())

    async def refold(self, connection: AsyncConnection) -> None:
        """Drop every derived row of this plane and write all of them again from the journals.

        Whoever wants to append waits until this transaction ends.
        """
        heads = self._t.heads
        # The order in which appends lock: heads first, so that nobody waits for each other.
        await connection.execute(text(f"LOCK TABLE {heads.fullname} IN EXCLUSIVE MODE"))
        for table in heads.metadata.sorted_tables:
            if table.info["kind"] == "derived":
                await connection.execute(delete(table))
        e = self._t.events
        names = await connection.execute(select(e.c.journal).distinct().order_by(e.c.journal))
        for name in names.scalars().all():
            events = await self.read(name, connection=connection)
            last, epoch = events[-1], max(event.header.epoch or 0 for event in events)
            row = {"journal": name, "seq": last.header.seq, "hash": last.hash, "epoch": epoch}
            await connection.execute(insert(heads).values(row))
            await self._project(connection, events)

    async def _lock_head(self, connection: AsyncConnection, journal: str, owner: str) -> _Head:
        names = {"journal": journal, "owner": owner}
        row = await fetch(connection, self._lock, names)
        if row is None:
            h = self._t.heads
            first = {"journal": journal, "seq": 0, "hash": GENESIS, "epoch": 0}
            await connection.execute(insert(h).values(first).on_conflict_do_nothing())
            row = await fetch(connection, self._lock, names)
        assert row is not None, "a head that was made stays"
        seq, known, epoch, key_id, wrapped = row
        if key_id is not None:
            self._keys.open(key_id, wrapped)
        return _Head(seq, known, epoch, key_id)

    async def _seen(self, connection: AsyncConnection, journal: str, command: str) -> int | None:
        e = self._t.events
        query = select(e.c.seq).where(e.c.journal == journal, e.c.command == command)
        found = (await connection.execute(query)).scalar_one_or_none()
        return None if found is None else int(found)

    async def _key_for(self, connection: AsyncConnection, journal: str, owner: str) -> str:
        k = self._t.data_keys
        query = select(k.c.key_id, k.c.wrapped).where(k.c.journal == journal, k.c.owner == owner)
        row = (await connection.execute(query)).one_or_none()
        if row is not None:
            self._keys.open(row.key_id, row.wrapped)
            return str(row.key_id)
        key_id = self._ids.new("key")
        await connection.execute(
            insert(k).values(
                key_id=key_id,
                journal=journal,
                owner=owner,
                wrapped=self._keys.new_wrapped(key_id),
                wrapped_by=self._keys.master_id,
            )
        )
        return key_id

    def _seal(
        self,
        journal: str,
        drafts: Sequence[Draft],
        head: _Head,
        by: Actor,
        epoch: int | None,
        command: str | None,
        key_id: str,
    ) -> list[tuple[Event, _Sealed]]:
        sealed: list[tuple[Event, _Sealed]] = []
        seq, prev, now = head.seq, head.hash, self._clock.now_us()
        for draft in drafts:
            seq += 1
            raw_body, salt = body_bytes(draft.body), self._ids.random_bytes(SALT_BYTES)
            if len(raw_body) > BODY_BYTES_MAX:
                raise LimitExceededError(
                    f"One event may hold {BODY_BYTES_MAX >> 20} MiB.",
                    hint="Put large content into a file and refer to it.",
                )
            name, version = name_of(draft.body)
            header = Header(
                journal=journal,
                seq=seq,
                type=name,
                version=version,
                time=now,
                sub=by.sub,
                act=by.act,
                turn=draft.turn,
                step=draft.step,
                call=draft.call,
                command=command if seq == head.seq + 1 else None,
                cause=draft.cause,
                epoch=epoch,
                label=draft.label,
                key_id=key_id,
                prev=prev,
                commitment=commitment(salt, raw_body),
            )
            nonce, ciphertext = self._keys.seal(key_id, f"{journal}/{seq}", raw_body)
            event = Event(header, draft.body, header.to_bytes(), size=len(ciphertext))
            sealed.append((event, _Sealed(salt, nonce, ciphertext)))
            prev = event.hash
        return sealed

    async def _keys_of(self, connection: AsyncConnection, journal: str) -> frozenset[str]:
        """Unwrap the data keys of a journal; give their ids.

        Asked on every read, so that a key another process destroyed is of no use here either.
        Asked after the events, so that no event can be newer than its key.
        """
        k = self._t.data_keys
        rows = await connection.execute(
            select(k.c.key_id, k.c.wrapped).where(k.c.journal == journal)
        )
        found = {str(key_id): bytes(wrapped) for key_id, wrapped in rows.all()}
        for key_id, wrapped in found.items():
            self._keys.open(key_id, wrapped)
        return frozenset(found)

    def _body(self, header: Header, sealed: _Sealed) -> Body:
        place = f"{header.journal}/{header.seq}"
        raw = self._keys.unseal(header.key_id, place, sealed.nonce, sealed.ciphertext)
        verify_body(header, sealed.salt, raw)
        return lift(header.type, header.version, load_body(raw))


@dataclass(frozen=True, slots=True)
class _Sealed:
    salt: bytes
    nonce: bytes
    ciphertext: bytes


def _values(journal: str, key_id: str, sealed: Sequence[tuple[Event, _Sealed]]) -> dict[str, Any]:
    """Give what both writing statements take."""
    events = [event for event, _ in sealed]
    return {
        "journal": journal,
        "key_id": key_id,
        "seqs": [e.header.seq for e in events],
        "types": [e.header.type for e in events],
        "commands": [e.header.command for e in events],
        "headers": [e.raw for e in events],
        "salts": [s.salt for _, s in sealed],
        "nonces": [s.nonce for _, s in sealed],
        "ciphertexts": [s.ciphertext for _, s in sealed],
        "seq": events[-1].header.seq,
        "hash": events[-1].hash,
        "channel": NOTIFY_CHANNEL,
        "payload": f"{journal} {events[-1].header.seq}",
    }


async def verify_heads(journal: Journal, name: str) -> None:
    """Raise `JournalError` unless the head row is the last entry of its chain."""
    events = await journal.read(name)
    seq, known = await journal.head(name)
    last = events[-1].hash if events else GENESIS
    if seq != len(events) or known != last:
        raise JournalError(f"The head of {name} is not its last entry.")
