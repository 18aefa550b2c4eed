"""Journals of a cell on a real database.

Owns making them, several processes' worth if asked. Must never share a database between tests.
"""

from collections.abc import AsyncIterator, Callable

import pytest

from deputy.agent.store import JOURNALS, project
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import open_engine
from deputy.testing.fakes import FixedClock, SequentialIds
from tests.databases import Database

MASTER = bytes(range(32))
OpenJournal = Callable[..., Journal]


@pytest.fixture
async def open_journal(cell_database: Database, clock: FixedClock) -> AsyncIterator[OpenJournal]:
    """Give journals as separate processes would open them: own connections, ids and keys."""
    engines = []

    def opened(*, start: int = 0, master: bytes = MASTER) -> Journal:
        engines.append(open_engine(cell_database.role))
        ids = SequentialIds(start=start)
        keys = KeyRing(master, ids)
        return Journal(engines[-1], JOURNALS, keys=keys, clock=clock, ids=ids, projector=project)

    yield opened
    for engine in engines:
        await engine.dispose()


@pytest.fixture
def journal(open_journal: OpenJournal) -> Journal:
    """One process's journals."""
    return open_journal()
