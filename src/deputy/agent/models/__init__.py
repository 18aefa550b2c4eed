"""Models behind the typed port, one file each.

Owns finding a model by name: every module of this package that states `NAME` and can `make` a
model is one. Must never let a caller reach a model around the gate: turns ask through `Permitted`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from deputy.core.errors import InvalidRequestError
from deputy.core.ports import Ids, Model


def find(name: str, ids: Ids) -> Model:
    """Give the model of a name; raises `InvalidRequestError` listing the known ones."""
    module = _modules().get(name)
    if module is None:
        raise InvalidRequestError(
            f"There is no model called {name!r}.",
            hint=f"Known models: {', '.join(sorted(_modules()))}.",
            code="model.unknown",
        )
    model: Model = module.make(ids)
    return model


@cache
def _modules() -> dict[str, ModuleType]:
    found = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    return {str(m.NAME): m for m in found if hasattr(m, "NAME")}
