"""What may become of a request: a plan, a question, or a refusal with a better way.

Owns these three outcomes and the words that lie beyond the grammar. Must never half-answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deputy.agent.playbooks.plan import Plan
from deputy.agent.playbooks.words import stem

CAN_DO = (
    "From one table I can total, average, count or find the median, lowest or highest of one "
    "figure, by one column or by day, week, month, quarter or year, for a period, compared with "
    "the year or period before, ranked and filtered, as Excel, PDF or CSV."
)


@dataclass(frozen=True, slots=True)
class Planned:
    """The request was understood as a whole. `left_out`: what the requester let go."""

    plan: Plan
    reading: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clarify:
    """Something essential is open. The question ends with a question mark."""

    question: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The request is beyond the grammar; `better` names what would serve."""

    reason: str
    better: str


COLUMNS_TOLD_MAX = 12

Outcome = Planned | Clarify | Declined

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
        "why reason cause explain explanation driver because root interpret interpretation "
        "commentary comment insight narrative story",
        "I can say what changed, not why: reasons are not in a table.",
        "Ask for the comparison by another column, for example by product or customer.",
    ),
    (
        "join merge lookup vlookup reconcile consolidate append union match matching blend",
        "I read one table at a time and cannot bring several together.",
        "Bring them into one table first, or use an agent with a language model.",
    ),
    (
        "correlate correlation regression cluster clustering significance significant outlier "
        "anomaly anomalies variance deviation percentile quartile distribution histogram "
        "cohort basket churn lifetime retention funnel running cumulative moving rolling",
        "That analysis is beyond the built-in model.",
        "Ask for totals, averages, counts or medians by a column or over time.",
    ),
    (
        "sentiment translate translation classify categorise categorize extract feedback review "
        "theme topic opinion text wording",
        "I do not analyse or write free text.",
        "Use an agent with a language model for texts; I can count rows by a column.",
    ),
    (
        "schedule daily remind reminder monitor alert watch automatically recurring subscribe",
        "I answer once, now; I set up nothing that runs later.",
        "Ask for the report now and schedule it where schedules are kept.",
    ),
    (
        "web internet search google competitor benchmark website market online-prices",
        "I only know the attached table, nothing outside it.",
        "Attach a table that holds those figures.",
    ),
    (
        "powerpoint presentation slide deck pptx word docx document html dashboard app website "
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
        "convert conversion exchange fx inflation adjusted currency currencies",
        "I do not convert currencies or adjust figures.",
        "Convert the column first; I report it in the unit it has.",
    ),
    (
        "target plan budget quota goal actual versus gap per-capita ratio weighted",
        "I cannot set two figures against each other.",
        "Ask for one figure at a time.",
    ),
    (
        "pie scatter heatmap map treemap sankey waterfall donut gauge",
        "I draw one kind of chart, chosen for the table.",
        "Ask for a chart without naming that kind.",
    ),
)
_SENDING = re.compile(
    r"(?:^|[.,;:!?\n]|\b(?:and|then|also|please))\s*(?:e-?mail|mail|send|forward|post|message)\s+"
    r"(?:the|this|that|it|them|these|a|my|our|him|her|to)\b",
    re.IGNORECASE,
)
_FAMILY = {
    stem(word): (reason, better) for words, reason, better in _BEYOND for word in words.split()
}


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
    rf"\b(?:sum|total|average|mean)\b[^.;\n]*\b(?:for|of|over|across|in|from)\s+"
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


def not_understood(leftovers: tuple[str, ...], columns: tuple[str, ...]) -> Clarify | Declined:
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
        f"{_at_hand(columns)} Could you say it differently, or write “leave it out”?"
    )


def _at_hand(columns: tuple[str, ...]) -> str:
    more = len(columns) - COLUMNS_TOLD_MAX
    named = ", ".join(f"“{name}”" for name in columns[:COLUMNS_TOLD_MAX])
    return f"The columns of the table are {named}{f' and {more:,} more' if more > 0 else ''}."
