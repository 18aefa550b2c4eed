"""Authority only shrinks on its way down.

Owns the properties of narrowing. Must never test who may grant: control does.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deputy.core.identity import CHAIN_DEPTH_MAX, Mandate
from tests.requirement import requirement

NOW = 1_000
NAMES = st.sampled_from(["mail.send", "mail.draft", "mail", "code.run", "deliver", "m"])
PATTERNS = st.one_of(NAMES, st.sampled_from(["*", "mail.*", "mail*", "code.*", "x.*"]))
TOOLS = st.lists(PATTERNS, max_size=4).map(tuple)
TIMES = st.integers(0, 2 * NOW)


@st.composite
def mandates(draw: st.DrawFn) -> Mandate:
    return Mandate(
        id="man_1",
        sub="prs_1",
        act="agt_1",
        purpose="work",
        tools=draw(TOOLS),
        expires_us=draw(TIMES),
        depth=draw(st.integers(0, CHAIN_DEPTH_MAX - 1)),
    )


@requirement("R114")
@given(mandates(), TOOLS, TIMES, NAMES, TIMES)
def test_what_was_passed_on_never_allows_more(
    mandate: Mandate, tools: tuple[str, ...], expires_us: int, tool: str, now_us: int
) -> None:
    narrower = mandate.narrow(
        id="man_2", act="agt_2", tools=tools, purpose="part of it", expires_us=expires_us
    )
    if narrower.allows(tool, now_us=now_us):
        assert mandate.allows(tool, now_us=now_us)
        assert now_us < expires_us
    assert narrower.sub == mandate.sub
    assert narrower.depth == mandate.depth + 1
    assert set(narrower.tools) <= set(tools)


def test_a_prefix_covers_what_begins_with_it_and_nothing_else() -> None:
    mandate = Mandate(
        id="m", sub="s", act="a", purpose="p", tools=("mail.*", "deliver"), expires_us=NOW
    )
    allowed = ("mail.send", "mail.", "deliver")
    denied = ("mail", "mailbox.read", "deliver.all", "", "*")
    assert all(mandate.allows(tool, now_us=0) for tool in allowed)
    assert not any(mandate.allows(tool, now_us=0) for tool in denied)
    assert not mandate.allows("deliver", now_us=NOW)


def test_a_wider_pattern_is_not_covered_by_a_narrower_one() -> None:
    mandate = Mandate(id="m", sub="s", act="a", purpose="p", tools=("mail.*",), expires_us=NOW)
    passed = mandate.narrow(
        id="n", act="b", tools=("*", "mail*", "mail.dr*"), purpose="p", expires_us=NOW
    )
    assert passed.tools == ("mail.dr*",)


@requirement("R114")
def test_a_chain_ends_at_its_greatest_depth() -> None:
    mandate = Mandate(id="m", sub="s", act="a", purpose="p", tools=("*",), expires_us=NOW)
    for _ in range(CHAIN_DEPTH_MAX):
        mandate = mandate.narrow(id="n", act="b", tools=("*",), purpose="p", expires_us=NOW)
    with pytest.raises(ValidationError):
        mandate.narrow(id="n", act="b", tools=("*",), purpose="p", expires_us=NOW)
