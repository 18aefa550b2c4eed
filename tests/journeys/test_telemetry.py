"""A whole Deputy that tells a collector of its turns.

Owns one journey: what arrives outside, and that a dead collector changes nothing.
"""

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.agent.telemetry.receivers import receive
from tests.journeys.installations import finished, install


@pytest.mark.slow
async def test_a_collector_is_told_of_a_turn_without_a_word_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receive() as receiver:
        monkeypatch.setenv("DEPUTY_OTEL_URL", receiver.url)
        loop = asyncio.get_running_loop()

        def told() -> None:
            asyncio.run_coroutine_threadsafe(receiver.asked(2), loop).result(10)

        await asyncio.to_thread(_ask, told)
    names = {span.name for span in receiver.spans}
    assert {"turn", "queue", "step", "model"} <= names
    raw = b"".join(raw for _, _, raw in receiver.requests)
    assert b"xanadu" not in raw
    assert os.uname().nodename.encode() not in raw


@pytest.mark.slow
async def test_a_turn_ends_as_ever_while_its_collector_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEPUTY_OTEL_URL", "http://127.0.0.1:9")
    await asyncio.to_thread(_ask, lambda: None)


def _ask(then: Callable[[], None]) -> None:
    with install() as deputy:
        session = deputy.client.command("/sessions", title="xanadu")["session"]
        parts = [{"kind": "typed", "text": "What about xanadu?"}]
        turn = deputy.client.command(f"/sessions/{session}/turns", parts=parts)["turn"]
        assert finished(deputy.client, session, turn)["status"] == "finished"
        assert deputy.client.get(f"/sessions/{session}/turns/{turn}/trace")["ended"]
        then()
