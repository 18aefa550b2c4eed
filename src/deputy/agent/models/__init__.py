"""Models behind the typed port, one file each.

Owns finding a model by name. Must never let a caller reach a model around the gate: the turn asks
through `Permitted` alone.
"""

from __future__ import annotations

from deputy.agent.models.builtin import Builtin
from deputy.core.errors import InvalidRequestError
from deputy.core.ports import Ids, Model


def find(name: str, ids: Ids) -> Model:
    """Give the model of a name; raises `InvalidRequestError` listing the known ones."""
    if name == "builtin":
        return Builtin(ids)
    raise InvalidRequestError(
        f"There is no model called {name!r}.", hint="Known models: builtin.", code="model.unknown"
    )
