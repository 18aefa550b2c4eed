"""The requester's words as text that is used up while it is understood.

Owns normalising, taking spans, stems, and naming what was left over. Must never know a table,
a period or a plan: the modules that take words do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache


def listed(text: str) -> frozenset[str]:
    """Give the set of blank-separated words."""
    return frozenset(text.split())


TAKEN = "\x00"
NGRAM_WORDS_MAX = 6

NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ),
        start=1,
    )
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "single": 1}
NUMBER = r"(?:\d{1,3}|" + "|".join(NUMBERS) + ")"

FILLERS = listed(
    """
    a an the of and to with for in on at from as into is are was were be been being has have
    had do does did done i we you me my our us your it its this that these those they them
    their there here s please kindly could can would will should may might want wants need
    needs needed like give show make makes create produce prepare build generate write
    provide get got compute calculate find identify determine tell list display present
    analyse analyze analysis summarise summarize summary summaries report reports reporting
    overview breakdown breakdowns break broken down split look looking see let know also
    then so just quick quickly short brief briefly nice simple clear concise table tables
    data dataset file files sheet attached attachment enclosed uploaded figure figures
    number numbers result results value values performance how what which who where much
    many each every all per by grouped group grouping hi hello hey dear thanks thank ok okay
    deputy contains containing come came go goes went up using use used based same
    period periods comparison comparisons compare compared comparing comparative ranking
    rank ranked ranks sorted sort including include includes well together inside business
    management board colleagues colleague boss director reader readable ready one page
    format formatted form version copy output deliver deliverable deliverables am pm
    regarding about respect across within m re ve ll d t im ive id lets sold sell sells
    selling spent bought earned made occurred happened took place total
    """
)

_SAME_LENGTH = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201b": "'", "`": "'", "\u201c": '"', "\u201d": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u00a0": " ", "\u202f": " ", "\t": " ", "\r": " ", TAKEN: " ", "_": " ",
    }
)  # fmt: skip
_POSSESSIVE = re.compile(r"'s\b|(?<=s)'(?=\s|$)")
_LETTER_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\w)|(?<=\d)-(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")
_LEFT = re.compile(r"[^\W_]+(?:[.,'&/%-]+[^\W_]+)*|[<>=%+]+")
_JOINABLE = re.compile(r"[ .'&/()-]{0,4}")


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
        found = tuple(pattern.finditer(self.text))
        words = self
        for match in found:
            words = words.take(*match.span())
        return words, found

    def before(self, start: int, chars: int = 40) -> str:
        """Give the untaken text just before a place, trailing blanks gone."""
        return self.text[max(0, start - chars) : start].rstrip(' "')

    def grams(self, fewest: int = 1) -> Iterator[Gram]:
        """Give every run of neighbouring untaken words, longest first from each place."""
        found = [(match.start(), match.end()) for match in _WORD.finditer(self.text)]
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

    def leftovers(self) -> tuple[str, ...]:
        """Give what carries meaning and was not understood, as typed, neighbours joined."""
        runs: list[list[int]] = []
        previous: tuple[int, bool] | None = None
        for match in _LEFT.finditer(self.text):
            meaningful = any(part not in FILLERS for part in _WORD.findall(match[0]) or [match[0]])
            adjacent = previous is not None and not self.text[previous[0] : match.start()].strip()
            if meaningful and adjacent and previous and previous[1]:
                runs[-1][1] = match.end()
            elif meaningful:
                runs.append([match.start(), match.end()])
            previous = (match.end(), meaningful)
        return tuple(self.said(start, end) for start, end in runs)


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


def key(text: str) -> str:
    """Give the stems of a name: case, plural, underscores and inner capitals do not matter."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return " ".join(stem(word.lower()) for word in _WORD.findall(spaced))


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Give the singular of an English noun, roughly; both sides of a comparison go through it."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1]
