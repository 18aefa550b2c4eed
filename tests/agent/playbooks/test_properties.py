"""What holds for any words: no error, equal input gives equal output, questions are questions.

Owns the properties; cases stand elsewhere.
"""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from deputy.agent.plans import Plan
from deputy.agent.playbooks.language.compile import compile_request
from deputy.agent.playbooks.language.outcomes import Clarify, Planned
from deputy.agent.playbooks.language.words import read
from tests.agent.playbooks.schemas import SALES, SPEND, TICKETS, TODAY
from tests.agent.playbooks.test_plans import CASES, DEMO, plan

WORDS = """
    sales revenue by per region country product units net gross amount top 5 three fastest growing
    this last quarter month year 2026 2025 Q3 vs compared with same period only excluding Germany
    Retail average median total how many tickets team since March between and or not above 100
    as csv pdf excel chart trend monthly growth instead also without comparison , . ; ( ) -1 0
    second half may H3 Q9 1/1/2026 31.02.2026 month-on-month share 999999999999 % from to until
    before after average and maximum busiest hour weekday percentage of without missing how many
    different ; ? their which who together concentrated chart same for also all instead of each
    Anvil but
"""
PIECES = st.sampled_from(sorted(WORDS.split()))
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=18).map(" ".join))
TABLES = st.sampled_from([(SALES,), (TICKETS,), (SPEND,), (SALES, SPEND), ()])
BASES = st.sampled_from([None, plan(DEMO, SALES)])


@settings(max_examples=600, deadline=None)
@given(words=TEXTS, tables=TABLES, base=BASES)
def test_no_words_raise_and_equal_words_give_equal_outcomes(
    words: str, tables: tuple[object, ...], base: Plan | None
) -> None:
    first = compile_request(words, tables, base=base, today=TODAY)  # type: ignore[arg-type]
    again = compile_request(words, tables, base=base, today=TODAY)  # type: ignore[arg-type]
    assert first == again
    if isinstance(first, Planned):
        assert Plan.model_validate_json(first.plan.model_dump_json()) == first.plan
        for one in first.plan.questions:
            assert one.rank is None or one.rank.by == "value" or one.compare is not None
            assert one.rank is None or one.groups
    if isinstance(first, Clarify):
        assert first.question


@settings(max_examples=300, deadline=None)
@given(words=st.sampled_from([words for _, words, _ in CASES]), at=st.integers(0, 60))
def test_a_word_nobody_knows_is_never_passed_over(words: str, at: int) -> None:
    parts = words.split()
    parts.insert(at % (len(parts) + 1), "frobnicated")
    table = next(table for table, known, _ in CASES if known == words)
    found = compile_request(" ".join(parts), (table,), base=None, today=TODAY)
    assert not isinstance(found, Planned)


@given(st.text(max_size=300))
def test_reading_keeps_every_place_of_the_typed_text(text: str) -> None:
    words = read(text)
    assert len(words.original) == len(words.text) == len(text)


def test_compiling_takes_a_few_milliseconds() -> None:
    compile_request(DEMO, (SALES,), base=None, today=TODAY)
    started = time.process_time()
    for table, words, _ in CASES:
        compile_request(words, (table,), base=None, today=TODAY)
    assert (time.process_time() - started) / len(CASES) < 0.020
