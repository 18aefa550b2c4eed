"""What the words of a request are made of: typed spans, found by recognisers, joined by rules.

Owns the kinds of spans. Must never look at words or tables itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deputy.agent.plans import Aggregate, Filter, FilterOp, RankBy, Unit
from deputy.agent.playbooks.language.calendars import Unit as Calendar
from deputy.agent.playbooks.language.columns import Found, Named
from deputy.agent.playbooks.language.periods import Asked
from deputy.agent.playbooks.schema import Column

Mode = Literal["year", "previous"]
CueKind = Literal[
    "by", "per", "which", "who", "count", "different", "not", "only", "missing", "present",
    "either", "rate", "share", "ratio", "together", "growth", "refers", "much", "change", "all",
    "instead", "versus", "compares",
]  # fmt: skip
By = Literal["value", "growth", "change", "count"]


@dataclass(frozen=True, slots=True)
class Item:
    """A span of the words."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Break(Item):
    """What parts or joins: a comma, "and", a bracket, the end of a sentence."""

    mark: str

    @property
    def strong(self) -> bool:
        """Say whether a sentence ends here."""
        return self.mark in {".", "?", ";", ":", "\n"}


@dataclass(frozen=True, slots=True)
class Said(Item):
    """Words whose whole meaning is what must be said about them."""

    note: str


@dataclass(frozen=True, slots=True)
class Unknown(Item):
    """A word that nobody knows, and its bare form."""

    word: str


@dataclass(frozen=True, slots=True)
class Cue(Item):
    """A word that says how its neighbours are meant."""

    what: CueKind


@dataclass(frozen=True, slots=True)
class Naming(Item):
    """A mention of columns; `sure`: the words say themselves that it is a column."""

    named: tuple[Named, ...]
    said: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Valued(Item):
    """A mention of values, with the yes of a column of yes and no among them."""

    found: tuple[Found, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Doing(Item):
    """A verb that tells a date column: "shipped"."""

    dates: tuple[Column, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Rows(Item):
    """A noun for the rows themselves."""

    noun: str
    said: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Aggregated(Item):
    """The name of an aggregate."""

    aggregate: Aggregate


@dataclass(frozen=True, slots=True)
class Ranked(Item):
    """A ranking: "top 5", "busiest". `about` names the figure's family ("age" of "oldest")."""

    by: By
    order: Literal["desc", "asc"]
    top: int | None = None
    about: tuple[str, ...] = ()
    everything: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Counted(Item):
    """A bare number: "the ten suppliers"."""

    number: int


@dataclass(frozen=True, slots=True)
class Every(Item):
    """A calendar unit, of one of `named` if given. `grouping`: the words say "by" themselves;
    `plural`: "days"; `trend`: an adjective such as "monthly"."""

    unit: Unit
    grouping: bool
    plural: bool = False
    trend: bool = False
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated(Item):
    """A period, and the columns its date may stand in when the words say so."""

    asked: Asked
    dates: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared(Item):
    """A comparison with the year or period before; `dropped`: without one; `named`: its year."""

    mode: Mode | None
    unit: Calendar | None = None
    dropped: bool = False
    named: int | None = None


@dataclass(frozen=True, slots=True)
class Limit(Item):
    """A comparison with numbers."""

    op: FilterOp
    numbers: tuple[float, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Matching(Item):
    """A comparison with a piece of text: contains, starts with, ends with."""

    op: FilterOp
    text: str


@dataclass(frozen=True, slots=True)
class Charted(Item):
    """A wish for a chart."""

    kind: Literal["bar", "column", "line"] | None = None


@dataclass(frozen=True, slots=True)
class Kept(Item):
    """Filters that are settled, and what must be said about them.

    `said` are the requester's words; `against`: its values are set against each other.
    """

    filters: tuple[Filter, ...]
    notes: tuple[str, ...] = ()
    said: str = ""
    columns: tuple[str, ...] = ()
    against: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """One figure as asked for, its column perhaps still open between several.

    `rows` counts rows called so; `things`: the columns of which different values are counted;
    `over`: what it is divided by.
    """

    columns: tuple[Named, ...] = ()
    said: str = ""
    aggregate: Aggregate | None = None
    rows: str | None = None
    things: tuple[Named, ...] = ()
    different: bool = False
    over: Wanted | None = None
    where: tuple[Kept, ...] = ()
    share: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure(Item):
    """A figure asked for."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Grouped(Item):
    """What to break down by: columns that fit, or a calendar unit (of one of the columns)."""

    named: tuple[Named, ...] = ()
    unit: Unit | None = None
    said: str = ""
    cue: CueKind | None = None
    trend: bool = False


RANKS: dict[By, RankBy] = {
    "value": "value", "count": "value", "growth": "growth", "change": "change"
}  # fmt: skip
