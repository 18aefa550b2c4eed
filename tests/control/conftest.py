"""A control plane on a real database.

Owns its making. Must never share a database between tests.
"""

from collections.abc import AsyncIterator

import pytest

from deputy.control.service import ControlService
from deputy.control.store import JOURNALS, project
from deputy.journals import Journal, KeyRing
from deputy.journals.engines import open_engine
from deputy.testing.fakes import FixedClock, SequentialIds
from deputy.wire.signing import SigningKey
from tests.databases import Database


@pytest.fixture(scope="session")
def key() -> SigningKey:
    """Control's signing key."""
    return SigningKey.generate()


@pytest.fixture
async def journal(
    control_database: Database, clock: FixedClock, ids: SequentialIds
) -> AsyncIterator[Journal]:
    """The organisation's journal."""
    engine = open_engine(control_database.role)
    keys = KeyRing(bytes(32), ids)
    yield Journal(engine, JOURNALS, keys=keys, clock=clock, ids=ids, projector=project)
    await engine.dispose()


@pytest.fixture
def control(
    journal: Journal, key: SigningKey, clock: FixedClock, ids: SequentialIds
) -> ControlService:
    """The control plane."""
    return ControlService(journal, key=key, clock=clock, ids=ids)
