"""A server and a terminal in front of it, for the tests of this folder.

Owns nothing but the fixtures.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal
from tests.databases import Database
from tests.interaction.sites import Site, open_site


@pytest.fixture
async def site(cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A real server over a fresh cell."""
    async with open_site(cell_database, tmp_path / "cell") as found:
        yield found


@pytest.fixture
def terminal(site: Site, tmp_path: Path) -> Terminal:
    """Alice's terminal."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Terminal(folder, site.url)
