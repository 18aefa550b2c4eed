"""Models behind the typed port, one file each.

Owns finding a model by name: every module of this package that states `NAME` and can `make` a
model is one; what follows a colon in the name is the module's own business. Must never let a
caller reach a model around the gate: turns ask through `Permitted`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from deputy.agent.models.providers.access import Access
from deputy.core.errors import InvalidRequestError
from deputy.core.ports import Ids, Model

NOWHERE = Access()


def find(name: str, ids: Ids, access: Access = NOWHERE) -> Model:
    """Give the model of a name, such as `builtin` or `openai:MODEL`.

    Raises `InvalidRequestError` listing the known ones, or saying what the model lacks.
    """
    scheme, _, rest = name.partition(":")
    module = _modules().get(scheme)
    if module is None:
        raise InvalidRequestError(
            f"There is no model called {name!r}.",
            hint=f"Known models: {', '.join(sorted(_modules()))}.",
            code="model.unknown",
        )
    model: Model = module.make(ids, rest, access)
    return model


def kinds() -> frozenset[str]:
    """Give the names models are found by, such as `builtin`."""
    return frozenset(_modules())


@cache
def _modules() -> dict[str, ModuleType]:
    found = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    return {str(m.NAME): m for m in found if hasattr(m, "NAME")}
