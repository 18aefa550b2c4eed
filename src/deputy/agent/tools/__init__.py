"""Tools, one file each: a contract, a specification for models, and how a call is carried out.

Owns discovery: every module of this package that defines `TOOL` is a tool. Adding one is adding
its file.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from deputy.agent.tools.tool import Job, Tool
from deputy.core.flow import ToolContract, unregistered

__all__ = ["Job", "Tool", "contract_of", "discover"]


@cache
def discover() -> dict[str, Tool]:
    """Give every tool by name."""
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    found = [m.TOOL for m in modules if hasattr(m, "TOOL")]
    return {tool.contract.name: tool for tool in found}


def contract_of(name: str) -> ToolContract:
    """Give a tool's contract; an unregistered one is irreversible and public."""
    tool = discover().get(name)
    return unregistered(name) if tool is None else tool.contract
