"""Which files of a brief are spoken for: a criterion looks at what they say.

Owns what is asked of a brief before its files may be called verified. Must never judge a result.
"""

from __future__ import annotations

from collections.abc import Sequence

from deputy.agent.checks.registry import all_checks, fits, substantial
from deputy.core.brief import Brief


def unproven(brief: Brief, files: Sequence[str]) -> tuple[str, ...]:
    """Give the files that no criterion looks into, against the brief or the sources."""
    spoken_for = {one.target for one in brief.criteria if substantial(one.check)}
    return tuple(path for path in files if path not in spoken_for)


def told_missing(brief: Brief, files: Sequence[str]) -> list[str]:
    """Say for each such file which criterion would look into it."""
    sentences = []
    for path in unproven(brief, files):
        usable = [name for name in all_checks() if substantial(name) and fits(name, path)]
        sentences.append(
            f"Nothing looks at what {path} says; add a criterion with one of: {', '.join(usable)}."
            if usable
            else f"No check can look at what {path} shows, so it cannot be verified; deliver its"
            " figures in a table, document or page as well."
        )
    return sentences
