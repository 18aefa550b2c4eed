"""The API process for the tests of this folder.

Owns nothing but the fixture. Must never be shared between tests: each gets a database of its own.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.interaction.sites import Site, open_site


@pytest.fixture
async def site(cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A real server over a fresh cell."""
    async with open_site(cell_database, tmp_path) as found:
        yield found
