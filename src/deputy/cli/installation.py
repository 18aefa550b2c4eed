"""This machine's own Deputy, as the composition root tells it.

Owns the way to it. Must never be imported before a command needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deputy import assemble
from deputy.assemble import Settings
from deputy.core.errors import InvalidRequestError

if TYPE_CHECKING:
    from pydantic import ValidationError

_WHY = {"wire_url": "it must look like wss://deputy.lan:8452, without a path"}


def here() -> assemble.Running | None:
    """Give the Deputy that runs for this user's state folder, or None."""
    return assemble.running(settings().state_dir)


def settings(**over: Any) -> Settings:
    """Give the settings of the environment, some of them overruled."""
    from pydantic import ValidationError

    try:
        return Settings(**{name: value for name, value in over.items() if value is not None})
    except ValidationError as error:
        raise _wrong(error) from None


def how_to_start() -> str:
    """Give the sentence that helps a person whom no Deputy answers here."""
    state = assemble.StateDir(settings().state_dir)
    part = state.part or "all"
    if part in ("control", "execution"):
        return (
            f"People reach the cell; here is {assemble.NAMES[part]}. Ask on the cell's machine, or"
            " name another one with DEPUTY_URL and DEPUTY_TOKEN_FILE."
        )
    return f"Start it in another terminal with `{assemble.COMMANDS[part]}`."


def _wrong(error: ValidationError) -> InvalidRequestError:
    """Name the first setting that cannot be used; the value may be a secret and is not quoted."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    why = _WHY.get(name) or first["msg"].rstrip(".")
    return InvalidRequestError(
        f"The setting DEPUTY_{name.upper()} cannot be used: {why[:1].lower()}{why[1:]}.",
        hint="Correct or unset it; docs/reference/settings.md says what it means.",
        code="settings.invalid",
    )
