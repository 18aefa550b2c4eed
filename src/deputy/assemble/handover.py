"""What a supervisor gives a child: over its standard input, never in arguments.

Owns the shape. A child gets the address of its own plane's database and of no other. Must never
be written to a file.
"""

from __future__ import annotations

import sys

from pydantic import ValidationError

from deputy.core.errors import DeputyError
from deputy.core.messages import Value
from deputy.wire.invitations import Invitation

TEXT_CHARS_MAX = 1 << 20


class Handover(Value):
    """Ids of the organisation's beginnings, and the ways a child may go."""

    org: str
    cell: str
    owner: str
    agent: str
    cell_url: str = ""
    control_url: str = ""
    """Set where control runs in the same process, or is it."""
    control: Invitation | None = None
    """Set where control is another plane."""
    hosts: Invitation | None = None
    """The cell's own switchboard, set where execution is another plane."""


def handed_over() -> Handover:
    """Read what the supervisor gave; raises `DeputyError` if nobody gave anything."""
    try:
        return Handover.model_validate_json(sys.stdin.read(TEXT_CHARS_MAX))
    except ValidationError:
        raise DeputyError(
            "This process is a part of Deputy and is started by it.", hint="Use `deputy up`."
        ) from None  # the first error quotes what was given, tokens included
