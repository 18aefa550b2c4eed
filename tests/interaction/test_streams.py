"""The live stream: resuming, several sessions, hiding, many viewers, a clean end."""

import asyncio

import httpx2
import pytest

from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.labels import typed_by
from deputy.core.messages import TypedPart
from tests.agent.evidence import sample
from tests.interaction.sites import API, Site, frames
from tests.requirement import requirement

VIEWERS = 48


def steering(text: str, by: str = sample.ALICE) -> Draft:
    body = b.TurnSteered(parts=(TypedPart(text=text),))
    return Draft(body, typed_by(by), turn=sample.TURN)


def stream(session: str, cursor: str | None = None) -> str:
    return f"{API}/sessions/{session}/events" + ("" if cursor is None else f"?cursor={cursor}")


@requirement("R060")
async def test_a_stream_tells_the_past_and_goes_on_with_what_happens(site: Site) -> None:
    session = await site.finished_session()
    seqs = await site.cell.types(session)
    reading = asyncio.create_task(frames(site.alice, stream(session), len(seqs) + 1))
    while not site.tail.watching:
        await asyncio.sleep(0.01)
    await site.record(session, steering("later"))
    read = await reading
    assert [data["type"] for _, data in read] == [*seqs, "turn.steered"]
    assert [place for place, _ in read] == [f"{session}:{n}" for n in range(1, len(read) + 1)]
    assert read[-1][1]["body"]["parts"][0]["text"] == "later"


async def test_a_broken_stream_resumes_exactly_after_the_last_frame(site: Site) -> None:
    session = await site.finished_session()
    whole = await frames(site.alice, stream(session), 20)
    for cut in (1, 7, 19):
        last = whole[cut - 1][0]
        by_header = await frames(site.alice, stream(session), 20 - cut, last=last)
        by_query = await frames(site.alice, stream(session, last), 20 - cut)
        assert whole[cut:] == by_header == by_query


async def test_what_the_server_sent_last_wins_over_the_address(site: Site) -> None:
    session = await site.finished_session()
    ((place, _),) = await frames(
        site.alice, stream(session, f"{session}:2"), 1, last=f"{session}:9"
    )
    assert place == f"{session}:10"


async def test_one_stream_follows_several_sessions_with_one_cursor(site: Site) -> None:
    first, second = await site.open(), await site.finished_session()
    path = f"{API}/events?cursor={first}:0,{second}:18"
    total = len(await site.cell.types(second))
    read = await frames(site.alice, path, 1 + total - 18)
    assert read[-1][0] == f"{first}:1,{second}:{total}"
    tail = await frames(site.alice, path, total - 19, last=f"{first}:1,{second}:19")
    assert [place for place, _ in tail] == [f"{first}:1,{second}:{n}" for n in range(20, total + 1)]


async def test_an_event_its_viewer_may_not_read_is_hidden_but_counted(site: Site) -> None:
    session = await site.open()
    await site.record(session, *sample.opening()[2:], steering("secret", site.cell.charlie.sub))
    read = await frames(site.alice, stream(session), 3)
    assert read[2][1] == {"session": session, "seq": 3, "type": "hidden"}


async def test_a_cursor_that_cannot_be_served_is_refused_before_the_stream(site: Site) -> None:
    session, other = await site.open(), await site.open()
    for cursor, status in {
        "nonsense": 422,
        f"{session}:-1": 422,
        f"{session}:1e3": 422,
        "": 422,
        f"{session}:0,{session}:0": 409,
        f"{other}:0": 409,
        f"{session}:99": 409,
    }.items():
        answer = await site.alice.get(stream(session, cursor))
        assert answer.status_code == status, cursor
        assert answer.json()["error"]["hint"]
    assert (await site.alice.get(f"{API}/events")).status_code == 422


async def test_a_stream_that_does_not_follow_ends_after_what_is_there(site: Site) -> None:
    session = await site.finished_session()
    total = len(await site.cell.types(session))
    async with asyncio.timeout(10):
        answer = await site.alice.get(f"{stream(session)}?follow=false")
    assert answer.text.count("id: ses_") == total
    assert f"id: {session}:{total}" in answer.text


async def test_frames_come_without_buffering_and_tell_clients_when_to_return(site: Site) -> None:
    session = await site.open()
    async with site.alice.stream("GET", stream(session)) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-cache"
        first = await anext(answer.aiter_text())
        assert "retry: 1000" in first


async def test_many_viewers_all_see_everything_and_leave_at_once_without_a_trace(
    site: Site,
) -> None:
    session = await site.finished_session()
    count = len(await site.cell.types(session))
    viewers = [
        asyncio.create_task(frames(site.alice, stream(session), count + 20)) for _ in range(VIEWERS)
    ]
    while site.tail.watching < VIEWERS:
        await asyncio.sleep(0.01)
    for number in range(20):
        await site.record(session, steering(str(number)))
    seen = await asyncio.gather(*viewers)
    wanted = [f"{session}:{n}" for n in range(1, count + 21)]
    assert all([place for place, _ in read] == wanted for read in seen)
    async with asyncio.timeout(10):
        while site.tail.watching:
            await asyncio.sleep(0.01)


async def test_viewers_cut_off_in_the_middle_leave_the_server_serving(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    session = await site.finished_session()
    waiting = [
        asyncio.create_task(frames(site.alice, stream(session), 999)) for _ in range(VIEWERS)
    ]
    while site.tail.watching < VIEWERS:
        await asyncio.sleep(0.01)
    for number in range(6):
        # They leave while the server reads for them: no query may be cut off in the middle.
        await site.record(session, steering(str(number)))
        for task in waiting[number::6]:
            task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(10):
        while site.tail.watching:
            await asyncio.sleep(0.01)
    assert (await site.alice.get(f"{API}/sessions/{session}")).status_code == 200
    assert "query cancellation interrupted" not in caplog.text


async def test_streams_end_cleanly_when_the_server_is_told_to_stop(site: Site) -> None:
    session = await site.open()

    async def to_the_end() -> int:
        async with (
            httpx2.AsyncClient(
                base_url=site.url, headers=site.alice.headers, timeout=20, trust_env=False
            ) as client,
            client.sse(stream(session)) as source,
        ):
            return len([event async for event in source if event.data])

    reading = asyncio.create_task(to_the_end())
    while not site.tail.watching:
        await asyncio.sleep(0.01)
    site.server.should_exit = True
    async with asyncio.timeout(3):
        assert await reading == 1


async def test_a_deaf_ear_hears_again_and_misses_nothing(site: Site) -> None:
    session = await site.finished_session()
    count = len(await site.cell.types(session))
    reading = asyncio.create_task(frames(site.alice, stream(session), count + 2))
    while not (site.tail.watching and site.tail.hearing):
        await asyncio.sleep(0.01)
    await site.record(session, steering("before"))
    async with site.cell.journal.engine.connect() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND starts_with(query, 'LISTEN')"
        )
    await site.record(session, steering("after"))
    read = await reading
    assert read[-1][1]["body"]["parts"][0]["text"] == "after"
