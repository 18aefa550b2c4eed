"""What is said to a request that something else serves better.

Owns the kinds, the tool each names and why. Must never leave a requester without an alternative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["lookup", "background", "realtime", "ledger", "certain", "screens", "vague"]

DECLINING: Final[frozenset[Kind]] = frozenset(
    {"lookup", "realtime", "ledger", "certain", "screens"}
)
"""Kinds Deputy does not do at all. The other two are handed over, or need one more word."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What serves a request better, and why."""

    kind: Kind
    instead: str
    reason: str

    @property
    def declines(self) -> bool:
        """Say whether the request is no job for Deputy, whatever is added to it."""
        return self.kind in DECLINING

    @property
    def told(self) -> str:
        """Give both in words for the requester; a missing criterion is asked for."""
        return f"{self.reason} {self.instead}"


ADVICE: Final[dict[Kind, Advice]] = {
    one.kind: one
    for one in (
        Advice(
            "lookup",
            "Better: an FAQ bot, a search over your documents or a fixed workflow.",
            "This is a simple question or look-up that comes again and again. Deputy makes and "
            "checks one result at a time, which is too slow and too dear for that.",
        ),
        Advice(
            "background",
            "Better: ask for the result once, now, and give that request to the scheduler, which "
            "runs it at its times and tells you.",
            "This is work that goes on in the background or comes back at set times. A turn ends "
            "with one result; it does not stay awake.",
        ),
        Advice(
            "realtime",
            "Better: a rule engine or a microservice built for that load. Deputy can analyse its "
            "log afterwards.",
            "This asks for answers within moments or for many callers at once. Deputy thinks, "
            "computes and checks for seconds to minutes.",
        ),
        Advice(
            "ledger",
            "Better: the certified core system (bank, ERP, payroll or trading). Deputy can prepare "
            "and check the list that is entered there.",
            "This would move money or change the books. Such transactions belong into a system "
            "that is certified for them.",
        ),
        Advice(
            "certain",
            "Better: code written by people, with full tests and review, and a person who signs "
            "for the result.",
            "This must never be wrong. Deputy checks its results and says what was not checked, "
            "but it cannot guarantee that nothing slips through.",
        ),
        Advice(
            "screens",
            "Better: robotic process automation (RPA), or the system's own import or interface. "
            "Deputy can prepare the file for it.",
            "This is a fixed sequence of screens, clicks and keys. Deputy works on files and "
            "operates no screens.",
        ),
        Advice(
            "vague",
            "Which result do you need, from which data, and how would you see that it is right? "
            "For example: “sales by region for this quarter, compared with last year, as Excel”?",
            "I cannot see yet what would count as done.",
        ),
    )
}
