"""The tag by which a test names the requirements it proves.

It owns the spelling of an id; docs/requirements.md says what each id asks for.
"""

import re

import pytest

_ID = re.compile(r"R\d{3}")


def requirement(*ids: str) -> pytest.MarkDecorator:
    """Mark a test as proof of these requirements: `@requirement("R041", "R042")`."""
    for name in ids:
        if not _ID.fullmatch(name):
            raise ValueError(f"a requirement is written like R041, not {name!r}")
    if not ids:
        raise ValueError("name at least one requirement")
    return pytest.mark.requirement(*ids)
