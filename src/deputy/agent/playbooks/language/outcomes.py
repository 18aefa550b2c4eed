"""What may become of a request: a plan, a question, or a refusal with a better way.

Owns these three outcomes and the words that lie beyond the grammar. Must never half-answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language.words import stem

CAN_DO = (
    "From your tables I can total, average, count, find the median, lowest or highest, or set one "
    "figure against another; by one or two columns or by hour, weekday, day, week, month, quarter "
    "or year; for a period, compared with another one, ranked and filtered, as Excel, PDF or CSV."
)
COLUMNS_TOLD_MAX = 12


@dataclass(frozen=True, slots=True)
class Planned:
    """The request was understood as a whole. `left_out`: what the requester let go; `one_page`:
    the PDF is to have one page."""

    plan: Plan
    reading: str
    left_out: tuple[str, ...] = ()
    one_page: bool = False


@dataclass(frozen=True, slots=True)
class Clarify:
    """Something essential is open. The question ends with a question mark."""

    question: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The request is beyond the grammar; `better` names what would serve."""

    reason: str
    better: str


Outcome = Planned | Clarify | Declined


class Unclear(Exception):  # noqa: N818 - carries an outcome between two functions, no failure
    """Ends the reading of a request with a question or a refusal."""

    def __init__(self, outcome: Clarify | Declined) -> None:
        super().__init__()
        self.outcome = outcome


def ask(question: str) -> Unclear:
    """End with a question."""
    return Unclear(Clarify(question))


def decline(reason: str, better: str) -> Unclear:
    """End with a refusal that names what would serve."""
    return Unclear(Declined(reason, better))


_BEYOND: tuple[tuple[str, str, str], ...] = (
    (
        "forecast predict prediction projection extrapolate outlook trendline predictive "
        "forecasting predicting next future upcoming projected scenario simulate simulation",
        "I do not forecast or simulate: I only compute what the table already holds.",
        "Ask for the trend by month so far, or let an agent with a language model build one.",
    ),
    (
        "email mail send slack message post notify forward upload publish",
        "I do not send or publish anything; I hand the files to you.",
        "Ask for the report alone and send it yourself, or use an agent that may send.",
    ),
    (
        "why reason explain explanation driver because root interpret interpretation "
        "commentary comment insight narrative story",
        "I can say what changed, not why: reasons are not in a table.",
        "Ask for the comparison by another column, for example by product or customer.",
    ),
    (
        "merge vlookup reconcile consolidate append union match matching blend",
        "I look figures up in a second table by a column that both have, and do no other matching.",
        "Bring them into one table first, or use an agent with a language model.",
    ),
    (
        "correlate correlation regression cluster clustering significance significant outlier "
        "anomaly anomalies variance deviation percentile quartile distribution histogram "
        "cohort basket lifetime retention funnel running cumulative moving rolling std stdev",
        "That analysis is beyond the built-in model.",
        "Ask for totals, averages, counts or medians by a column or over time.",
    ),
    (
        "sentiment translate translation classify categorise categorize extract feedback "
        "theme topic opinion text wording",
        "I do not analyse or write free text.",
        "Use an agent with a language model for texts; I can count rows by a column.",
    ),
    (
        "schedule remind reminder monitor alert watch automatically recurring subscribe",
        "I answer once, now; I set up nothing that runs later.",
        "Ask for the report now and schedule it where schedules are kept.",
    ),
    (
        "web internet search google competitor benchmark website online-prices",
        "I only know the attached table, nothing outside it.",
        "Attach a table that holds those figures.",
    ),
    (
        "powerpoint presentation slide deck pptx word docx document html dashboard app "
        "json xml sql",
        "I deliver Excel, PDF and CSV only.",
        "Ask for Excel or PDF, or use an agent with a language model for other formats.",
    ),
    (
        "delete remove clean cleanse fix correct deduplicate edit update replace rename insert",
        "I never change your data; I only report on them.",
        "Clean the table first, or use an agent with a language model.",
    ),
    (
        "recommend recommendation suggest suggestion advise advice should decide strategy improve "
        "optimise optimize action",
        "I do not give advice; I report figures.",
        "Ask for the figures the decision needs.",
    ),
    (
        "convert exchange fx inflation adjusted currency currencies",
        "I do not convert currencies or adjust figures.",
        "Convert the column first; I report it in the unit it has.",
    ),
    (
        "target quota goal gap weighted",
        "I cannot set figures of different tables or differences of columns against each other.",
        "Ask for one column as a percentage of another, or for the figures one by one.",
    ),
    (
        "pie scatter heatmap map treemap sankey waterfall donut gauge",
        "I draw bars, columns and lines, no other kind of chart.",
        "Ask for a chart without naming that kind.",
    ),
)
_SENDING = re.compile(
    r"(?:^|[.,;:!?\n]|\b(?:and|then|also|please))\s*(?:e-?mail|mail|send|forward|post|message)\s+"
    r"(?:the|this|that|it|them|these|a|my|our|him|her|to)\b(?!\s+me\b)",
    re.IGNORECASE,
)
_FAMILY = {
    stem(word): (reason, better) for words, reason, better in _BEYOND for word in words.split()
}


def beyond_words() -> frozenset[str]:
    """Give every word that speaks of something beyond the grammar."""
    return frozenset(_FAMILY)


def asks_to_send(text: str) -> Declined | None:
    """Decline a wish to send: its verb may also be a value, as in "Email", and be read as one."""
    match = _SENDING.search(text)
    if match is None:
        return None
    reason, better = _FAMILY["send"]
    said = " ".join(match[0].strip(" .,;:!?\n").split())
    return Declined(f"{reason} (You wrote “{said}”.)", f"{better} {CAN_DO}")


_BEST = r"(?:top|best|largest|biggest|highest|leading|worst|lowest|smallest)"
_SUM_OF_BEST = re.compile(
    rf"\b(?:sum|average|mean)\b[^.;,?\n]*\b(?:for|of|over|across|in|from)\s+"
    rf"(?:the\s+|only\s+|our\s+)*(?:(?:\d+|\w+)\s+)?{_BEST}\b",
    re.IGNORECASE,
)
_AS_OF = re.compile(r"\bas (?:of|at|from)\b", re.IGNORECASE)


def reads_two_ways(text: str) -> Clarify | None:
    """Ask about wordings that people use for two different figures."""
    if (match := _SUM_OF_BEST.search(text)) is not None:
        said = " ".join(match[0].split())
        return Clarify(
            f"“{said} …” can mean one figure over those few alone, which I cannot give, or a list "
            "that names them beside the total of all. Shall I make the list? Then ask for it as "
            "“top 3 … by …”."
        )
    if (match := _AS_OF.search(text)) is not None:
        return Clarify(
            f"“{match[0]}” can mean from that day on or up to it. Do you mean “since …” or "
            "“up to …”?"
        )
    return None


def not_understood(leftovers: Sequence[str], columns: Sequence[str]) -> Clarify | Declined:
    """Name what was left over, and the columns at hand: they may not be what was expected.

    When it lies in a known field beyond the grammar, decline.
    """
    for phrase in leftovers:
        for word in phrase.lower().split():
            family = _FAMILY.get(stem(word.strip("\"'.,;:!?()")))
            if family:
                return Declined(f"{family[0]} (You wrote “{phrase}”.)", f"{family[1]} {CAN_DO}")
    named = " and ".join(f"“{phrase}”" for phrase in leftovers[:5])
    return Clarify(
        f"I did not understand {named}, and I do not answer a request I understood only in part. "
        f"{at_hand(columns)} Could you say it differently, or write “leave it out”?"
    )


def at_hand(columns: Sequence[str]) -> str:
    """Name the columns of a table."""
    more = len(columns) - COLUMNS_TOLD_MAX
    named = ", ".join(f"“{name}”" for name in columns[:COLUMNS_TOLD_MAX])
    return f"The columns of the table are {named}{f' and {more:,} more' if more > 0 else ''}."
