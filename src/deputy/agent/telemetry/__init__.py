"""Where a turn's time and money went, read from the journal without a word of what it was about.

Owns the spans and measures of a turn. Every value in them is an id of a header, a number, or a
word of a closed set; whatever else a body says never gets here.
"""

from deputy.agent.telemetry.measures import Measure, added, measured
from deputy.agent.telemetry.spans import Span, Trace, traced
from deputy.agent.telemetry.vocabulary import Vocabulary, vocabulary

__all__ = [
    "Measure",
    "Span",
    "Trace",
    "Vocabulary",
    "added",
    "measured",
    "traced",
    "vocabulary",
]
