"""One Deputy for all journeys of a run.

Owns nothing but the fixture. A journey that breaks things installs its own.
"""

from collections.abc import Iterator

import pytest

from tests.journeys.installations import Installation, install


@pytest.fixture(scope="session")
def deputy() -> Iterator[Installation]:
    """A Deputy that runs."""
    with install() as found:
        yield found
