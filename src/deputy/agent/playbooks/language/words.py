"""The requester's words as text that is used up while it is understood.

Owns normalising, taking spans, stems and roots. Must never know a table, a period or a plan: the
modules that take words do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from deputy.agent.playbooks.language.vocabulary import NUMBERS

TAKEN = "\x00"
NGRAM_WORDS_MAX = 6
NUMBER = r"(?:\d{1,3}|" + "|".join(NUMBERS) + ")"

_SAME_LENGTH = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201b": "'", "`": "'", "\u201c": '"', "\u201d": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u00a0": " ", "\u202f": " ", "\t": " ", "\r": " ", TAKEN: " ", "_": " ",
    }
)  # fmt: skip
_POSSESSIVE = re.compile(r"'s\b|(?<=s)'(?=\s|$)")
_LETTER_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\w)|(?<=\d)-(?=[^\W\d_])")
WORD = re.compile(r"[^\W_]+")
_JOINABLE = re.compile(r"[ .'&/()-]{0,4}")
_PLURALS = {
    "people": "person", "women": "woman", "men": "man", "children": "child", "taxis": "taxi",
    "businesses": "business", "statuses": "status", "indices": "index", "criteria": "criterion",
    "skus": "sku", "menus": "menu",
}  # fmt: skip
_IRREGULAR = _PLURALS | {
    "bought": "buy",
    "paid": "pay",
    "sold": "sell",
    "spent": "spend",
    "resolution": "resolve",
    "won": "win",
    "lost": "lose",
    "shrunk": "shrink",
    "grew": "grow",
    "written": "write",
}
_ENDINGS = (
    "isations", "izations", "isation", "ization", "ations", "ation", "ments", "ment", "ings",
    "ing", "ions", "ion", "ers", "er", "ees", "ee", "ied", "ies", "ed", "als", "al", "ly", "es",
    "s", "e", "y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gram:
    """One to a few neighbouring words: their stems joined by blanks, and where they stand."""

    key: str
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True)
class Words:
    """`original` as typed; `text` of the same length, lower case, taken parts blotted out."""

    original: str
    text: str

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find the first place of a pattern in what is not taken yet."""
        return pattern.search(self.text)

    def take(self, start: int, end: int) -> Words:
        """Give these words with a span used up."""
        return replace(self, text=self.text[:start] + TAKEN * (end - start) + self.text[end:])

    def take_all(self, pattern: re.Pattern[str]) -> tuple[Words, tuple[re.Match[str], ...]]:
        """Use up every place of a pattern."""
        found = tuple(match for match in pattern.finditer(self.text) if match[0])
        words = self
        for match in found:
            words = words.take(*match.span())
        return words, found

    def grams(self, fewest: int = 1) -> Iterator[Gram]:
        """Give every run of neighbouring untaken words, longest first from each place."""
        found = [(match.start(), match.end()) for match in WORD.finditer(self.text)]
        for index, (start, _) in enumerate(found):
            stop = index + 1
            while (
                stop < len(found)
                and stop - index < NGRAM_WORDS_MAX
                and _JOINABLE.fullmatch(self.text, found[stop - 1][1], found[stop][0])
            ):
                stop += 1
            for last in range(stop, index + fewest - 1, -1):
                end = found[last - 1][1]
                key = " ".join(stem(self.text[a:b]) for a, b in found[index:last])
                yield Gram(key, start, end, last - index)

    def said(self, start: int, end: int) -> str:
        """Give a span as the requester typed it."""
        return " ".join(self.original[start:end].split())


def read(text: str) -> Words:
    """Prepare typed text: quotes and dashes made plain, possessives and word hyphens blanked."""
    original = text.translate(_SAME_LENGTH)
    lowered = "".join(low if len(low := char.lower()) == 1 else char for char in original)
    lowered = _POSSESSIVE.sub(lambda match: " " * len(match[0]), lowered)
    return Words(original, _LETTER_HYPHEN.sub(" ", lowered))


def pattern(source: str) -> re.Pattern[str]:
    """Compile a phrase: a blank is a run of blanks, " ?" may be none, ends are ends of words."""
    spaced = source.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(rf"(?<![^\W_])(?:{spaced})(?![^\W_])")


def number(word: str | None, default: int) -> int:
    """Read a small number written as digits or as a word."""
    if not word:
        return default
    return int(word) if word.isdigit() else NUMBERS.get(word, default)


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """Give the stems of a name: case, plural, underscores and inner capitals do not matter."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return " ".join(stem(word.lower()) for word in WORD.findall(spaced))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Give the singular of an English noun, roughly; both sides of a comparison go through it."""
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=8192)
def root(word: str) -> str:
    """Give what "cancelled", "cancellation" and "cancels" share; at least three letters of it."""
    plain, before = _IRREGULAR.get(word, word), ""
    while plain != before:
        before = plain
        for ending in _ENDINGS:
            if plain.endswith(ending) and len(plain) - len(ending) >= 3:
                plain = plain[: -len(ending)]
                break
        if len(plain) > 3 and plain[-1] == plain[-2] and plain[-1] not in "se":
            plain = plain[:-1]
    return plain
