"""Numbers in running text are read in each way they may be meant."""

from __future__ import annotations

from deputy.agent.checks.sandboxed.written_numbers import numbers_in, tells


def test_a_figure_before_a_percentage_is_no_percentage() -> None:
    written = numbers_in("Total \N{MINUS SIGN}216 100.0 %")
    assert any(tells(number, -216.0) for number in written)
    assert any(tells(number, 1.0, fraction=True) for number in written)
    assert not any(tells(number, -1.0, fraction=True) for number in written)
