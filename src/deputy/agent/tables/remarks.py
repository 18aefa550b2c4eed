"""Remarks among the rows of a table: page marks, sources, notes; and names that only look alone.

Owns the words and shapes that tell them apart. Must never judge a row by anything but its cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

PLAIN_REMARK = re.compile(
    r"\*+\s*\w|(?:source|note|quelle|hinweis|stand|footnote)s?\s*:|"
    r"(?:generated|printed|exported)\s+(?:on|by|at|from)\b|"
    r"(?:page|seite)\s+\d+(?:\s*(?:of|von|/)\s*\d+)?$|\(?continued\b|end of (?:report|file|data)\b",
    re.IGNORECASE,
)
SHAPED_ROWS = 300


def plainly_remark(cell: Any) -> bool:
    """Whether a text says of itself that it is a remark."""
    return isinstance(cell, str) and PLAIN_REMARK.match(cell.strip()) is not None


def is_code_among(cell: str, above: Sequence[Any]) -> bool:
    """Whether a text is a code like most of those above it, such as T25 below T24."""
    shape = _shape(cell)
    texts = [_shape(one) for one in above[-SHAPED_ROWS:] if isinstance(one, str) and one.strip()]
    return "9" in shape and Counter(texts)[shape] * 2 > len(texts)


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text.strip()))
