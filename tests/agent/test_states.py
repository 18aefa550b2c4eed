"""Sessions kept in memory: always what a fold of the whole journal gives, and never for too long.

Owns the proofs for `agent.states` on a real PostgreSQL. Must never compare with anything but a
read of everything.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from deputy.agent.states import KEPT_UNASKED_S, RECENT_EVENTS_MAX, States
from deputy.agent.store import JOURNALS, project
from deputy.core.errors import JournalError
from deputy.core.events import Draft, Event
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.identity import Actor
from deputy.core.ids import make
from deputy.core.labels import PLATFORM, typed_by
from deputy.core.messages import TypedPart
from deputy.core.session import Session
from deputy.journals import Journal, KeyRing, News
from deputy.journals.engines import libpq_url, open_engine
from deputy.testing.fakes import FixedClock, SequentialIds
from tests.databases import Database
from tests.requirement import requirement

PEOPLE = tuple(make("prs", 1, bytes([*bytes(9), n])) for n in range(3))
_numbers = itertools.count(1)


def new(prefix: str) -> str:
    return make(prefix, 1, next(_numbers).to_bytes(10))


class CountedJournal(Journal):
    """A journal that tells what was read: (from where, how many events)."""

    reads: list[tuple[int, int]]

    async def since(self, journal: str, seq: int) -> News:
        news = await super().since(journal, seq)
        self.reads.append((seq, len(news.events)))
        return news


@pytest.fixture
async def journal(cell_database: Database, clock: FixedClock) -> AsyncIterator[CountedJournal]:
    """The journals of one cell, counting."""
    engine = open_engine(cell_database.role)
    ids = SequentialIds()
    keys = KeyRing(bytes(32), ids)
    made = CountedJournal(engine, JOURNALS, keys=keys, clock=clock, ids=ids, projector=project)
    made.reads = []
    yield made
    await engine.dispose()


async def append(journal: Journal, session: str, *drafts: Draft, by: str = PEOPLE[0]) -> None:
    async with journal.transaction() as connection:
        await journal.append(connection, session, drafts, by=Actor(sub=by))


def steered(words: str, turn: str) -> Draft:
    return Draft(b.TurnSteered(parts=(TypedPart(text=words),)), typed_by(PEOPLE[0]), turn=turn)


async def opened(journal: Journal, *, turn: str = "", words: int = 0) -> str:
    """Open a session with one request and some words."""
    session, turn = new("ses"), turn or new("trn")
    said = b.TurnRequested(parts=(TypedPart(text="Count"),))
    await append(
        journal,
        session,
        Draft(b.SessionOpened(owner=PEOPLE[0], agent=new("agt")), typed_by(PEOPLE[0])),
        Draft(said, typed_by(PEOPLE[0]), turn=turn),
        *(steered(f"word {n}", turn) for n in range(words)),
    )
    return session


async def erase(journal: Journal, session: str, seq: int) -> None:
    async with journal.transaction() as connection:
        await journal.erase(connection, session, seq)
        draft = Draft(b.BodyErased(seq=seq, reason="asked by its owner"), PLATFORM)
        await journal.append(connection, session, [draft], by=Actor(sub=PEOPLE[0]))


async def destroy_key(journal: Journal, session: str, owner: str) -> None:
    async with journal.transaction() as connection:
        await connection.execute(
            text("DELETE FROM cell.data_keys WHERE journal = :j AND owner = :o"),
            {"j": session, "o": owner},
        )


def words_of(session: Session) -> list[str]:
    turns = session.turns.values()
    parts = (part for turn in turns for said in turn.said for part in said.parts)
    return [part.text for part in parts if isinstance(part, TypedPart)]


# What one step of the property may be: an action and three numbers that choose its objects.
ACTIONS = ("write", "write", "request", "erase", "destroy", "look", "restart", "crowd")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), *[st.integers(0, 11)] * 3), min_size=1, max_size=12
)


@dataclass
class House:
    """Two sessions, three people who write, and two processes that remember."""

    journal: Journal
    sessions: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    states: list[States] = field(default_factory=list)

    def process(self) -> States:
        # One session at most, so that looking at the other one pushes it out.
        return States(self.journal, sessions_max=1)

    async def step(self, action: str, x: int, y: int, z: int) -> None:
        session, person = self.sessions[x % 2], PEOPLE[y % 3]
        process = z % 2
        match action:
            case "write":
                drafts = [steered(f"{x}{y}{z}/{n}", self.turns[x % 2]) for n in range(1 + z % 3)]
                await append(self.journal, session, *drafts, by=person)
            case "request":
                said = Draft(b.TurnRequested(parts=()), typed_by(person), turn=new("trn"))
                await append(self.journal, session, said, by=person)
            case "erase":
                seq, _ = await self.journal.head(session)
                await erase(self.journal, session, 1 + (y * 12 + z) % seq)
            case "destroy":
                await destroy_key(self.journal, session, person)
            case "look":
                await self.states[process].of(session)
            case "restart":
                await self.states[process].close()
                self.states[process] = self.process()
            case "crowd":
                await self.crowd(session, self.states[process], y)

    async def crowd(self, session: str, states: States, seq: int) -> None:
        """Write and look at once: each look holds what was there before it, and no half."""

        async def write_and_look() -> tuple[Session, tuple[Event, ...]]:
            await append(self.journal, session, steered("w", self.turns[0]))
            before, _ = await self.journal.head(session)
            state, events = await states.since(session, seq)
            assert state.seq >= before
            return state, events

        done = await asyncio.gather(*(write_and_look() for _ in range(4)))
        whole = await self.journal.read(session)
        for state, events in done:
            assert state == fold(whole[: state.seq])
            assert events == whole[seq : state.seq]

    async def agrees(self, session: str, seq: int) -> None:
        whole = await self.journal.read(session)
        for states in self.states:
            assert await states.of(session) == fold(whole)
            assert await states.since(session, seq) == (fold(whole), whole[seq:])


@requirement("R128", "R132")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_what_is_remembered_is_always_a_fold_of_everything(
    journal: CountedJournal, steps: list[tuple[str, int, int, int]]
) -> None:
    house = House(journal)
    house.turns = [new("trn"), new("trn")]
    house.sessions = [await opened(journal, turn=turn) for turn in house.turns]
    house.states = [house.process(), house.process()]
    for action, x, y, z in steps:
        await house.step(action, x, y, z)
        await house.agrees(house.sessions[x % 2], y)


async def test_a_second_look_reads_only_what_came_after(journal: CountedJournal) -> None:
    turn = new("trn")
    session, states = await opened(journal, turn=turn, words=98), States(journal)
    assert (await states.of(session)).seq == 100
    assert (await states.of(session)).seq == 100
    await append(journal, session, steered("later", turn))
    assert words_of(await states.of(session))[-1] == "later"
    assert journal.reads == [(0, 100), (100, 0), (100, 1)]


async def test_viewers_behind_by_a_little_cost_no_second_read(journal: CountedJournal) -> None:
    session, states = await opened(journal, words=RECENT_EVENTS_MAX), States(journal)
    whole = await journal.read(session)
    await states.of(session)
    journal.reads.clear()
    _, last = await states.since(session, 3)
    assert last == whole[3:]
    assert journal.reads == [(len(whole), 0)]
    _, more = await states.since(session, 1)
    assert more == whole[1:]
    assert journal.reads[1:] == [(len(whole), 0), (1, len(whole) - 1)]


async def test_those_who_look_at_once_share_one_read_each_begun_after_they_asked(
    journal: CountedJournal,
) -> None:
    session, states = await opened(journal), States(journal)
    looks = await asyncio.gather(*(states.of(session) for _ in range(50)))
    assert {look.seq for look in looks} == {2}
    assert len(journal.reads) == 1


async def test_who_leaves_in_the_middle_takes_no_read_from_the_others(
    journal: CountedJournal,
) -> None:
    session, states = await opened(journal), States(journal)
    leaving = [asyncio.create_task(states.of(session)) for _ in range(3)]
    staying = asyncio.create_task(states.of(session))
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    assert (await staying).seq == 2
    assert len(journal.reads) == 1
    gone = asyncio.create_task(states.of(session))
    await asyncio.sleep(0)
    gone.cancel()
    await states.close()
    assert states.kept == ()


async def test_a_failed_read_is_told_to_all_who_wait_and_the_next_one_works(
    journal: CountedJournal, cell_database: Database
) -> None:
    session, states = await opened(journal, words=3), States(journal)
    thief = libpq_url(cell_database.owner)
    with psycopg.connect(thief, autocommit=True) as connection:
        connection.execute("UPDATE cell.events SET seq = 99 WHERE seq = 4")
        told = await asyncio.gather(*(states.of(session) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(error, JournalError) for error in told)
        connection.execute("UPDATE cell.events SET seq = 4 WHERE seq = 99")
    assert (await states.of(session)).seq == 5


@requirement("R132")
async def test_what_was_erased_is_forgotten_at_the_next_look(journal: CountedJournal) -> None:
    turn = new("trn")
    session, states = await opened(journal, turn=turn), States(journal)
    await append(journal, session, steered("Mallory's salary", turn), steered("kept", turn))
    await states.of(session)
    assert "Mallory's salary" in str(vars(states))
    await erase(journal, session, 3)
    state, events = await states.since(session, 0)
    assert words_of(state) == ["Count", "kept"]
    assert state.erased == (3,)
    assert "Mallory's salary" not in str(events) + str(vars(states))


@requirement("R132")
async def test_an_owners_words_go_with_the_owners_key(journal: CountedJournal) -> None:
    turn = new("trn")
    session, states = await opened(journal, turn=turn), States(journal)
    await append(journal, session, steered("Bob's words", turn), by=PEOPLE[1])
    assert words_of(await states.of(session)) == ["Count", "Bob's words"]
    await destroy_key(journal, session, PEOPLE[1])
    assert words_of(await states.of(session)) == ["Count"]
    assert "Bob's words" not in str(vars(states))
    journal.reads.clear()
    # A key that is gone is no news any more.
    assert words_of(await states.of(session)) == ["Count"]
    assert journal.reads == [(3, 0)]


async def test_a_journal_that_went_back_is_folded_from_nothing(
    journal: CountedJournal, cell_database: Database
) -> None:
    session, states = await opened(journal, words=3), States(journal)
    assert (await states.of(session)).seq == 5
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        connection.execute("DELETE FROM cell.events WHERE seq = 5")
    assert await states.of(session) == fold(await journal.read(session))
    assert (await states.of(session)).seq == 4


async def test_an_entry_changed_behind_our_back_is_not_handed_out(
    journal: CountedJournal, cell_database: Database
) -> None:
    session, states = await opened(journal, words=RECENT_EVENTS_MAX + 9), States(journal)
    await states.of(session)
    forged = (await journal.read(session))[4].raw.replace(PEOPLE[0].encode(), PEOPLE[1].encode())
    with psycopg.connect(libpq_url(cell_database.owner)) as connection:
        connection.execute("UPDATE cell.events SET header = %s WHERE seq = 5", (forged,))
    with pytest.raises(JournalError):
        await states.since(session, 3)
    # Not even as the entry that the others follow.
    with pytest.raises(JournalError):
        await states.since(session, 5)


async def test_the_longest_unasked_sessions_make_room(journal: CountedJournal) -> None:
    first, second, third = [await opened(journal) for _ in range(3)]
    states = States(journal, sessions_max=2)
    for session in (first, second, first, third):
        await states.of(session)
    assert states.kept == (first, third)


async def test_a_session_too_large_to_keep_pushes_out_nobody(journal: CountedJournal) -> None:
    small, large = await opened(journal), await opened(journal, words=200)
    states = States(journal, bytes_max=20_000)
    await states.of(small)
    assert (await states.of(large)).seq == 202
    assert states.kept == (small,)


async def test_an_unknown_session_leaves_nothing_in_memory(journal: CountedJournal) -> None:
    states = States(journal)
    assert (await states.of(new("ses"))).seq == 0
    assert await states.since(new("ses"), 7) == (Session(id=""), ())
    assert states.kept == ()


@requirement("R132")
async def test_what_nobody_asks_for_is_forgotten(journal: CountedJournal) -> None:
    session, states = await opened(journal), States(journal)
    await states.of(session)
    now_s = asyncio.get_running_loop().time()
    states.forget_unasked(now_s + KEPT_UNASKED_S - 1)
    assert states.kept == (session,)
    states.forget_unasked(now_s + KEPT_UNASKED_S + 1)
    assert states.kept == ()
    await states.close()
