"""Tables of words made into patterns.

Owns how a table is written: words parted by blanks, and in a word "_" for a blank, "-" for a
hyphen, a blank or nothing, and a last "+" for its plural as well. Must never know a topic.
"""

from __future__ import annotations

import re
from typing import Final

FEW: Final = r"(?:(?!so\b|that\b|which\b|because\b|if\b|when\b)[\w'%&/-]+ ){0,4}?"
"""At most four words between a verb and what it acts on."""


def either(words: str) -> str:
    """Give the pattern of any word of a table."""
    return f"(?:{'|'.join(_spelled(word) for word in words.split())})"


def _spelled(word: str) -> str:
    plural = word.endswith("+")
    spelled = re.escape(word.rstrip("+")).replace(r"\-", "[- ]?").replace("_", " ")
    if not plural:
        return spelled
    if spelled.endswith("y") and spelled[-2] not in "aeou":
        return f"{spelled[:-1]}(?:y|ies)"
    return spelled + ("(?:es)?" if spelled.endswith(("s", "x", "ch", "sh")) else "s?")


NOT_DONE: Final = "".join(
    rf"(?<!{word} )"
    for word in ("ed", "sold", "taken", "made", "done", "sent", "given", "held", "kept", "due",
                 "won", "paid", "seen", "found", "built", "bought", "lost", "left", "written",
                 "shown")
)  # fmt: skip
"""Not after a participle: "readings taken every hour" are data."""
_DOCUMENTS = either("""
    column+ table+ list+ file+ export+ report+ sheet+ row+ tab+ data figure+ total+ count+ log+
    statistics template+ overview+ volume+ extract+ dump+ guide+ manual+ draft+ amount+ policy+
    summary+ analysis numbers answers responses entries record_sheet
""")
_OF_A_DOCUMENT = rf"(?!'?s?[ -](?:{_DOCUMENTS})\b)"
"""A noun before one of these only tells what the document is about: "payment list"."""


def act(verbs: str, on: str, *, never: str = "", near: bool = False) -> str:
    """Give the pattern of verbs that act on something.

    `verbs` and `on` are tables, or patterns if they begin with "("; `never` is a pattern which
    anywhere after the verb makes it another act; `near` allows few words between the two.
    """
    verb, thing = (text if text.startswith("(") else either(text) for text in (verbs, on))
    other = rf"(?!.*{never})" if never else ""
    return rf"{verb}\b{other} {FEW if near else '(?:.* )?'}{thing}\b{_OF_A_DOCUMENT}"


def compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Give one pattern for all."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
