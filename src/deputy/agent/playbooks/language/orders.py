"""What a request says about files, charts and courtesy: taken first, it asks for no figure.

Owns these patterns. Must never look at a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from deputy.agent.plans import Kind
from deputy.agent.playbooks.language.items import Charted
from deputy.agent.playbooks.language.words import Words, pattern

ORDER: tuple[Kind, ...] = ("xlsx", "pdf", "csv")


@dataclass(frozen=True, slots=True)
class Files:
    """Which files were asked for; `more`: besides those of the plan before; `either`: "or"."""

    kinds: tuple[Kind, ...] = ()
    more: bool = False
    less: tuple[Kind, ...] = ()
    either: bool = False
    no_chart: bool = False
    one_page: bool = False


_ARTICLE = r"(?:an? |the |one |as |in |into |to |via |single |nice |short |simple |clean |little )*"
_DROP = r"(?:without|no|not|drop|remove|skip|leave out|don't need|do not need|instead of)"
_PAGE = r"(?:(?:one|single|1|two|2) ?page(?:d|r)? )?"
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "pdf",
        rf"{_ARTICLE}{_PAGE}pdfs?(?: (?:file|report|document|page|version|copy|summary|format"
        r"|print ?out|overview))?|(?:an? |the |as )*(?:(?:one|1|single) ?pager|one page (?:summary"
        r"|report|overview|document|brief|briefing|note))|print ?out",
    ),
    (
        "xlsx",
        rf"{_ARTICLE}{_PAGE}(?:ms |microsoft )?(?:excel|xlsx?|spreadsheet|workbook)s?"
        r"(?: (?:report|file|workbook|sheet|table|spreadsheet|format|version|copy|summary"
        r"|document|download|overview))?",
    ),
    ("csv", rf"{_ARTICLE}(?:csv|comma separated)(?: (?:file|table|export|format|version|copy"
            r"|download|extract))?"),
)  # fmt: skip
_FILES = tuple(
    (
        kind,
        pattern(
            rf"(?:(also )(?:as |in |give me )?)?(?:({_DROP}) )?(?:(?:only|just) )?(?:{source})"
            r"(?: only| alone)?( too| as well)?"
        ),
    )
    for kind, source in _KINDS
)
_ONE_PAGE = re.compile(r"\b(?:one|single|1)\s+page")
_OR = re.compile(r"(?:\x00|\s)+(?:or|/)(?:\x00|\s)+\x00|\x00\s*/\s*\x00")
_CHART = pattern(
    r"(?:(?:with|and|including|plus|a|an|the|one|single|two|as|in|nice|simple|add|include|of it"
    r"|of this|me|small) )*"
    r"(?:(?P<kind>bar|column|line) )?(?:chart|graph|diagram|plot|visual|visualisation"
    r"|visualization|bars)(?:s|ed)?(?: (?:of (?:it|this|that|them|the result|the results)|it|too"
    r"|as well|please))?"
)
_NO_CHART = pattern(r"(?:without|no|not|drop|remove|skip|leave out)(?: an?| any| the)* (?:chart|"
                    r"graph|diagram|plot)s?")  # fmt: skip
_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|today)"
_OCCASION = (
    r"(?:meeting|presentation|deck|pack|workshop|committee|off ?site|away day|town hall|catch ?up"
    r"|stand ?up|newsletter|agm|all hands)s?"
)
_WHOSE = (
    r"(?:the|our|my|a|an|their|next|s|board|management|team|sales|finance|budget|planning|strategy"
    r"|steering|leadership|executive|exec|staff|department|departmental|annual|yearly|quarterly"
    rf"|monthly|weekly|general|review|project|investor|{_DAY}|week|month|quarter)"
)
_WHEN = (
    rf"(?: (?:on |by |this |next |coming |later )*{_DAY}(?: (?:morning|afternoon|evening|noon))?"
    r"| (?:next|coming|later this) (?:week|month))?"
)
_COURTESY = tuple(
    pattern(source)
    for source in (
        r"(?:ahead of|before|in time for|in preparation for|to prepare for|for use (?:in|at)|for"
        r"|at|ready for|to take to|to show (?:at|in))"
        rf" (?:{_WHOSE} )*(?:{_OCCASION}|(?:board|management|team|budget|executive) (?:review|call"
        rf"|session|conference)){_WHEN}",
        rf"(?:for|to) (?:my|our)(?: line)? (?:boss|manager|director|colleagues?|team){_WHEN}",
        r"(?:for|to) (?:the|our) (?:board|cfo|ceo|coo|cto|chair|chairman|board members|leadership"
        rf" team|management team|executive team|exec team|steering group|trustees){_WHEN}",
        r"for (?:internal use|reference|my records|our records)",
        rf"(?:i|we) need (?:it|this|that|them)(?: (?:by|before|for|on) (?:next )?{_DAY})?",
        rf"(?:by|before|until) (?:the )?(?:end of (?:the )?(?:day|week)|lunch|noon|eod|cob"
        rf"|close of business)|by {_DAY}(?: (?:morning|afternoon|evening|noon))?",
        r"(?:the |our |all )*(?:key|main|headline|high level|top level|top line|basic) (?:figures"
        r"|findings|numbers|metrics|facts|points|results|kpis|stats|takeaways|data)",
        r"(?:as soon as|if|when(?:ever)?|where) (?:you can|possible|you could|that'?s (?:ok|okay"
        r"|possible)|you get a chance|it helps|you have (?:time|a minute|a moment))",
        r"(?:good|nice) (?:morning|afternoon|evening|day)|many thanks(?: in advance)?"
        r"|thank you(?: (?:so|very) much)?(?: in advance)?|thanks in advance|no rush|cheers",
        r"(?:i am|i'm|we are|we're|i was|i'd be) (?:interested in|looking for|looking at|curious"
        r"(?: about| to know)?|wondering(?: about| if| whether)?|after|keen to (?:know|see)"
        r"|trying to (?:find out|understand|see|work out|figure out)|preparing \w+ \w+)",
        r"(?:can|could|would|will) you (?:please |kindly )?(?:pull|put|throw|get|draw|work|knock)"
        r" (?:together|up|out|off|me)",
        r"(?:find|break|broken|breaking|split|work|spell|carry|figure|sort|print|write)"
        r"(?: (?:it|this|that|them|the figures))? (?:out|down|up)",
        r"(?:i|you) (?:mean|meant)|at a glance|in (?:one|a single) (?:place|view)|side by side"
        r"|off the top|in a (?:nutshell|table)|if any|so far as possible|to the (?:nearest )?"
        r"(?:penny|cent|unit)|from this (?:file|data|table|sheet)|in (?:this|the) (?:file|data"
        r"|table|sheet|dataset|spreadsheet|list|extract|export)",
        r"(?:what|how) (?:does|do|did|is|are|was|were) (?:it|that|this|they|things) (?:look|looking"
        r"|doing|going)(?: like)?|what does (?:it|that|this|the data) (?:say|tell us|show)"
        r"(?: about)?",
        r"(?:two|three|four|several|some|a few|couple of) (?:things|questions|points|figures"
        r"|tables)(?: please)?(?=\s*:)",
        r"(?:rounded|to) (?:to )?(?:two|2|one|1|no|zero) decimals?(?: places?)?",
    )
)


def courtesies(words: Words) -> Words:
    """Take what is said about the occasion: meetings, readers, thanks."""
    for compiled in _COURTESY:
        words, _ = words.take_all(compiled)
    return words


def files(words: Words) -> tuple[Words, Files]:
    """Take the files asked for."""
    asked: list[Kind] = []
    less: list[Kind] = []
    spots: list[int] = []
    more = False
    for kind, compiled in _FILES:
        words, found = words.take_all(compiled)
        for match in found:
            (less if match[2] else asked).append(kind)
            spots += [] if match[2] else [match.end()]
            more = more or bool(match[1] or match[3])
    one_page = bool(_ONE_PAGE.search(words.original.lower().replace("-", " ")))
    either = False
    if len(asked) > 1:
        between = _OR.search(words.text, max(0, min(spots) - 1))
        either = between is not None and between.start() <= max(spots)
        if between is not None and either:
            words = words.take(between.start(), between.end())
    kinds = tuple(kind for kind in ORDER if kind in asked)
    less_of = tuple(dict.fromkeys(less))
    return words, Files(kinds, more, less_of, either, one_page=one_page)


def charts(words: Words) -> tuple[Words, tuple[Charted, ...], bool]:
    """Take the charts asked for, and whether none is wanted."""
    words, none = words.take_all(_NO_CHART)
    words, found = words.take_all(_CHART)
    kinds: dict[str, Literal["bar", "column", "line"]] = {
        "bar": "bar", "column": "column", "line": "line"
    }  # fmt: skip
    made = tuple(
        Charted(match.start(), match.end(), kinds.get(match["kind"] or "")) for match in found
    )
    return words, made, bool(none)


def patterns() -> Iterator[str]:
    """Give the sources of these patterns: their words are never taken for slips of the pen."""
    yield from (compiled.pattern for _, compiled in _FILES)
    yield from (compiled.pattern for compiled in (*_COURTESY, _CHART))
