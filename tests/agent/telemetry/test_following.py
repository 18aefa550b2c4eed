"""The follower against a real collector on loopback, well-behaved and not.

Owns the promises of export: each finished turn at least once under the same ids, and no turn ever
slower or different for it.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deputy.agent.store import exports
from deputy.agent.telemetry import otlp
from deputy.agent.telemetry.collectors import Collector, Destination
from deputy.agent.telemetry.following import AGE_S_MAX, Follower
from deputy.core.errors import InvalidRequestError
from deputy.core.messages import ModelReply, ToolCall, Usage
from tests.agent.cells import Cell, open_cell
from tests.agent.telemetry.receivers import Manners, Receiver, receive
from tests.databases import Database
from tests.requirement import requirement

SECRET = "Quarterly bonus of Ms Smith"
REPLIES = [
    ModelReply(
        text=SECRET,
        calls=(ToolCall(id="x", tool="code.run", args={"code": f"print('{SECRET}')"}),),
        usage=Usage(input_tokens=100, output_tokens=20, cost_micros=7),
    ),
    ModelReply(text=SECRET),
] * 3


@asynccontextmanager
async def following(cell: Cell, receiver: Receiver, **more: float) -> AsyncIterator[Follower]:
    collector = Collector(Destination(receiver.url), **more)
    try:
        yield Follower(cell.journal, cell.clock, collector, cell="cel_x", version="1")
    finally:
        await collector.close()


@pytest.fixture
async def cell(cell_database: Database, tmp_path: Path) -> AsyncIterator[Cell]:
    async with open_cell(cell_database, tmp_path, REPLIES) as found:
        yield found


async def answered(cell: Cell) -> str:
    session, turn = await cell.ask(SECRET)
    assert (await cell.work(session, turn)).status == "finished"
    return turn


@requirement("R148")
async def test_a_finished_turn_arrives_as_spans_with_their_parents(cell: Cell) -> None:
    turn = await answered(cell)
    async with receive() as receiver, following(cell, receiver) as follower:
        assert await follower.look()
    by_id = {span.span_id: span for span in receiver.spans}
    (root,) = [span for span in by_id.values() if not span.parent_span_id]
    assert root.name == "turn"
    assert {span.trace_id for span in by_id.values()} == {otlp.trace_id(turn)}
    parents = {s.name: by_id[s.parent_span_id].name for s in by_id.values() if s is not root}
    assert parents == {"queue": "turn", "step": "turn", "model": "step", "tool code.run": "step"}
    facts = {a.key: a.value for a in root.attributes}
    assert facts["deputy.outcome"].string_value == "answered"
    assert facts["deputy.input_tokens"].int_value == 100
    assert receiver.sums["deputy.turns", frozenset({("outcome", "answered")})] == 1
    assert receiver.sums["deputy.tokens", frozenset({("kind", "output")})] == 20
    sent = b"".join(raw for _, _, raw in receiver.requests)
    assert not [word for word in SECRET.split() if word.encode() in sent and len(word) > 3]


async def test_each_turn_is_told_once_and_a_new_follower_goes_on(cell: Cell) -> None:
    await answered(cell)
    async with receive() as receiver:
        async with following(cell, receiver) as follower:
            await follower.look()
            await follower.look()
        await answered(cell)
        async with following(cell, receiver) as follower:
            await follower.look()
    traces = [path for path, _, _ in receiver.requests if path == "/v1/traces"]
    assert len(traces) == 2
    assert len({span.trace_id for span in receiver.spans}) == 2


async def test_a_turn_told_again_has_the_same_ids(cell: Cell) -> None:
    turn = await answered(cell)
    async with receive() as receiver, following(cell, receiver) as follower:
        await follower.look()
        async with cell.journal.transaction() as connection:
            # As if the process had died between the collector's answer and the note of it.
            await exports.settle(connection, turn, "waiting")
        await follower.look()
    ids = [span.span_id for span in receiver.spans]
    assert len(ids) == 2 * len(set(ids))


@pytest.mark.parametrize("manners", ["hang", "500", "close", "redirect"])
async def test_what_a_bad_collector_did_not_take_arrives_when_it_recovers(
    cell: Cell, manners: Manners
) -> None:
    await answered(cell)
    async with receive(manners) as receiver:
        async with following(cell, receiver, post_s_max=0.2) as follower:
            assert not await follower.look()
            assert follower.sent == 0
            receiver.requests.clear()
            receiver.manners = "well"
            assert await follower.look()
        assert follower.sent == 1
        assert {path for path, _, _ in receiver.requests} == {"/v1/traces", "/v1/metrics"}


@pytest.mark.parametrize("manners", ["garbage", "partial", "endless"])
async def test_a_lying_collector_is_believed_and_not_listened_to(
    cell: Cell, manners: Manners
) -> None:
    await answered(cell)
    async with receive(manners) as receiver, following(cell, receiver) as follower:
        async with asyncio.timeout(5):
            assert await follower.look()
    assert follower.sent == 1


@pytest.mark.parametrize("manners", ["hang", "500", "close"])
async def test_a_turn_is_the_same_beside_a_bad_collector(cell: Cell, manners: Manners) -> None:
    await answered(cell)
    async with (
        receive(manners) as receiver,
        following(cell, receiver, post_s_max=60) as follower,
    ):
        task = asyncio.create_task(follower.run())
        await receiver.asked(1)
        session, turn = await cell.ask()
        async with asyncio.timeout(5):
            worked = await cell.work(session, turn)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert worked.finished is not None
    assert worked.finished.outcome == "answered"


async def test_what_nobody_took_for_a_day_is_given_up_and_counted(cell: Cell) -> None:
    await answered(cell)
    async with receive("500") as receiver, following(cell, receiver) as follower:
        await follower.look()
        cell.clock.advance(AGE_S_MAX + 1)
        receiver.manners = "well"
        await follower.look()
        assert (follower.sent, follower.dropped) == (0, 1)
        await follower.look()
        assert follower.dropped == 1
        cell.clock.advance(AGE_S_MAX)
        await follower.look()
    async with cell.journal.reading() as connection:
        assert await exports.counted(connection) == {}


async def test_a_follower_outlives_a_lost_database(cell: Cell) -> None:
    async with receive() as receiver, following(cell, receiver) as follower:
        looks = []

        async def look() -> bool:
            looks.append(1)
            raise ConnectionError

        follower.look = look  # type: ignore[method-assign]
        task = asyncio.create_task(follower.run())
        await asyncio.sleep(0)
        assert looks
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_nothing_is_sent_in_clear_with_a_key_or_to_what_is_no_address() -> None:
    Destination("http://collector.example.com:4318")
    Destination("http://localhost:4318", {"Authorization": "x"})
    for url, headers in (
        ("http://collector.example.com:4318", {"Authorization": "x"}),
        ("https://me:secret@collector.example.com", {}),
        ("https://collector.example.com/?key=secret", {}),
        ("file:///etc/passwd", {}),
        ("collector", {}),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            Destination(url, headers)
        assert "secret" not in str(refused.value)
        assert refused.value.hint


def test_nothing_of_opentelemetry_is_imported_where_no_collector_is_set() -> None:
    code = (
        "import sys, json; from deputy.settings import Settings; import deputy.assemble.processes,"
        " deputy.assemble.supervisor, deputy.agent.telemetry; from deputy.assemble.telemetry"
        " import destination; assert destination(Settings()) is None; from deputy.assemble.models"
        " import chosen_model; from deputy.wire.system import SystemIds;"
        " chosen_model(Settings(), SystemIds());"
        " print(json.dumps([m for m in sys.modules if m.startswith('opentelemetry.')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # The clients of language models bring the interface, which does nothing by itself.
    parts = {name.split(".")[1] for name in json.loads(done.stdout)}
    assert not parts & {"proto", "sdk", "exporter"}


def test_no_library_is_told_to_trace_by_itself() -> None:
    source = Path(__file__).parents[3] / "src/deputy"
    for path in source.rglob("*.py"):
        text = path.read_text()
        assert not re.search("instrument_all|InstrumentedModel|InstrumentationSettings", text), path
        assert "logfire" not in text, path
