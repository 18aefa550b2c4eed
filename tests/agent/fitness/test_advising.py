"""Which requests are redirected, and that none is for the nouns it shares with them.

Owns the phrases beside it, written for these tests alone.
"""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputy.agent.fitness import advise
from tests.requirement import requirement

HERE = Path(__file__).parent


def phrases(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text().splitlines()[1:]
    return [line.split("|") for line in lines]


@requirement("R017", "R018", "R156", "R314")
def test_what_something_else_serves_better_is_told_where_to_go() -> None:
    wrong = {}
    for kind, files, words in phrases("unfit.txt"):
        advice = advise(words, has_files=files == "1")
        if advice is None or advice.kind != kind:
            wrong[words] = advice and advice.kind
    assert not wrong


@requirement("R314")
def test_reports_about_the_same_things_are_taken() -> None:
    refused = {
        words: advice.kind
        for files, words in phrases("fit.txt")
        if (advice := advise(words, has_files=files == "1")) is not None
    }
    assert not refused


@requirement("R018")
@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Answer our customers' questions about delivery.", "FAQ bot"),
        ("Watch this folder for new files.", "scheduler"),
        ("Block fraudulent payments within 50 ms.", "rule engine"),
        ("Pay these invoices.", "core system"),
        ("It must be 100 % correct.", "people"),
        ("Click through the order screens.", "RPA"),
        ("Make it better.", "?"),
    ],
)
def test_each_kind_names_its_alternative(words: str, named: str) -> None:
    advice = advise(words, has_files=True)
    assert advice is not None
    assert named in advice.instead
    assert advice.told.endswith("?") is (advice.kind == "vague")
    assert advice.declines is (advice.kind not in {"vague", "background"})


def test_quoted_words_ask_for_nothing() -> None:
    assert advise("Count the tickets that say “please pay these invoices”.", has_files=True) is None


@given(st.text(max_size=400), st.booleans())
def test_any_words_get_an_answer(words: str, has_files: bool) -> None:
    advise(words, has_files=has_files)


@pytest.mark.parametrize(
    "piece",
    [
        "pay the ", "send me when it ", "every day, ", "no one ", "a", "i would be so kind ",
        "the bills have to ", "tell customers who ask ", "write code for the ", "if it is, ",
    ],
)  # fmt: skip
def test_long_words_are_judged_in_a_moment(piece: str) -> None:
    began = time.process_time()
    advise(piece * 20_000, has_files=True)
    assert time.process_time() - began < 2.0
