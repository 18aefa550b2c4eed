"""Links between planes: who may enter, what may be said, and how an end is noticed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from deputy.wire.invitations import Invitation
from deputy.wire.links import (
    HEAD_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    Door,
    Link,
    LinkLostError,
    Message,
    dialled,
)
from deputy.wire.tls import dialling_context
from tests.wire.planes import TOKEN, identity, planes


async def echo(link: Link) -> None:
    while True:
        message = await link.receive(bytes_max=MESSAGE_BYTES_MAX)
        await link.send(message.kind, message.head, message.blobs)


async def say(invitation: Invitation, path: str = "/echo") -> Message:
    async with dialled(invitation, path) as link:
        await link.send("word", {"n": 1})
        return await link.expect("word")


ECHO = Door("/echo", TOKEN, echo)


async def test_a_message_arrives_whole_with_its_bytes() -> None:
    blobs = (b"", b"x", bytes(3_000_000))
    async with planes([ECHO]) as invitation, dialled(invitation, "/echo") as link:
        await link.send("word", {"a": [1, "ü"]}, blobs)
        back = await link.receive(bytes_max=MESSAGE_BYTES_MAX)
    assert back == Message("word", {"a": [1, "ü"]}, blobs)


async def test_many_links_speak_at_once() -> None:
    async with planes([ECHO]) as invitation:
        said = await asyncio.gather(*(say(invitation) for _ in range(20)))
    assert {message.kind for message in said} == {"word"}


@pytest.mark.parametrize("token", ["u" * 43, "t" * 42, "t" * 44, "ü" * 40])
async def test_a_wrong_token_opens_nothing_and_the_cure_is_named(token: str) -> None:
    async with planes([ECHO]) as invitation:
        stranger = invitation.model_copy(update={"token": token})
        with pytest.raises(LinkLostError) as refused:
            await say(stranger)
    assert isinstance(refused.value, LinkLostError)


async def test_the_token_of_one_door_does_not_open_another() -> None:
    async with planes([ECHO, Door("/other", "o" * 43, echo)]) as invitation:
        with pytest.raises(LinkLostError, match="does not know this invitation"):
            await say(invitation, "/other")
        with pytest.raises(LinkLostError, match="404"):
            await say(invitation, "/none")


async def test_only_the_certificate_of_the_invitation_is_trusted() -> None:
    """Another certificate for the same address, however valid, is another plane."""
    async with planes([ECHO]) as invitation:
        imposter = invitation.model_copy(update={"certificate": identity().certificate})
        with pytest.raises(LinkLostError, match="another certificate"):
            await say(imposter)
    async with planes([ECHO], named="deputy.example") as elsewhere:
        with pytest.raises(LinkLostError, match="another certificate"):
            await say(elsewhere)


async def test_a_plane_that_is_not_there_is_told_with_its_address() -> None:
    async with planes([ECHO]) as invitation:
        pass
    with pytest.raises(LinkLostError) as lost:
        await say(invitation)
    assert f"{invitation.url} cannot be reached: Connection refused." in lost.value.message
    assert "tried again" in lost.value.hint


FRAMES: list[Any] = [
    "no json",
    b"bytes before any head",
    "[]",
    "null",
    json.dumps({"kind": "word"}),
    json.dumps({"kind": 1, "sizes": [2]}),
    json.dumps({"kind": "word", "sizes": []}),
    json.dumps({"kind": "word", "sizes": {}}),
    json.dumps({"kind": "word", "sizes": [-1]}),
    json.dumps({"kind": "word", "sizes": [True]}),
    json.dumps({"kind": "word", "sizes": [HEAD_BYTES_MAX + 1]}),
    json.dumps({"kind": "word", "sizes": [2, MESSAGE_BYTES_MAX]}),
    json.dumps({"kind": "word", "sizes": [2] + [0] * 20_001}),
    "[" * 50_000,
]


@pytest.mark.parametrize("frame", FRAMES)
async def test_what_is_no_message_ends_the_link_and_nothing_else(frame: str | bytes) -> None:
    async with planes([ECHO]) as invitation:
        async with connect(
            f"{invitation.url}/echo",
            ssl=dialling_context(invitation.certificate),
            additional_headers={"Authorization": f"Bearer {TOKEN}"},
            proxy=None,
        ) as raw:
            await raw.send(frame)
            await raw.wait_closed()
        assert (await say(invitation)).kind == "word"


async def test_bytes_beyond_what_was_announced_end_the_link() -> None:
    async with planes([ECHO]) as invitation:
        async with connect(
            f"{invitation.url}/echo",
            ssl=dialling_context(invitation.certificate),
            additional_headers={"Authorization": f"Bearer {TOKEN}"},
            proxy=None,
        ) as raw:
            await raw.send(json.dumps({"kind": "word", "sizes": [2, 3]}))
            await raw.send(b"{}")
            await raw.send(b"four")
            await raw.wait_closed()
        assert (await say(invitation)).kind == "word"


async def test_an_answer_out_of_turn_is_a_broken_rule() -> None:
    async with planes([ECHO]) as invitation, dialled(invitation, "/echo") as link:
        await link.send("word")
        with pytest.raises(LinkLostError, match="out of turn"):
            await link.expect("other")
