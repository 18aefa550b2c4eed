"""The right answers, computed from the tables' rows by plain arithmetic.

Owns one function per request, named like it. Must never use the product nor its output.
"""

from __future__ import annotations

from bench.phrasings.answers import finance, operations, people, selling
from bench.phrasings.expectations import Expected

MODULES = (selling, people, finance, operations)


def expected(request: str) -> Expected:
    """Give the readings of a request, each with all that it must show."""
    name = request.replace("-", "_")
    module = next(m for m in MODULES if hasattr(m, name))
    found: Expected = getattr(module, name)()
    return found
