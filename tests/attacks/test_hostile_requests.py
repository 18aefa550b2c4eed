"""Attacks over HTTP: bodies, headers and cursors made to break a server or to tire it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.databases import Database
from tests.interaction.sites import API, Site, command, open_site

JSON = {"Content-Type": "application/json"}
ULID_MAX = "7" + "Z" * 25


@pytest.fixture
async def site(cell_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A real server over a fresh cell."""
    async with open_site(cell_database, tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 1_000_000,
        b'{"a":' * 500_000,
        b'{"command_id": ' + b"9" * 1_000_000 + b"}",
        b'{"command_id": 1e999999}',
        b'{"command_id": "\\ud800", "title": "\\ud800"}',
        b'{"command_id": "%s", "title": "\\ud800\\u0000"}' % command(1).encode(),
        b'{"command_id": "%s", "title": NaN}' % command(1).encode(),
        b"\xff\xfe\x00",
        b"",
        b'{"\\ud800": 1}',
    ],
    ids=["deep list", "deep object", "long number", "large number", "surrogate id",
         "surrogate title", "not a number", "not UTF-8", "nothing", "surrogate key"],
)  # fmt: skip
async def test_a_body_made_to_break_a_parser_is_refused_in_the_usual_shape(
    site: Site, raw: bytes
) -> None:
    """Wall: nothing but a well-formed body of the described shape reaches a command."""
    answer = await site.alice.post(f"{API}/sessions", content=raw, headers=JSON)
    assert answer.status_code in (400, 422), (answer.status_code, answer.text[:200])
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert len(answer.content) < 10_000


async def test_control_characters_in_words_are_kept_or_refused_but_never_break(
    site: Site,
) -> None:
    """Wall: words live in sealed bodies, no column interprets them."""
    session = await site.open()
    words = "\x00\x1b[2J\u202e\ufffe\U0010ffff"
    accepted = await site.ask(session, words)
    shown = (await site.alice.get(f"{API}/sessions/{session}")).json()
    (turn,) = shown["turns"]
    assert turn["id"] == accepted["turn"]
    assert turn["said"][0]["parts"][0]["text"] == words


@pytest.mark.parametrize(
    "name",
    [
        "\x00.csv",
        "a\r\nX-Evil: 1.csv",
        "..",
        ".",
        "\u202egpj.exe",
        "x" * 900,
        "%2e%2e",
        "ä\ud7ff",
    ],
)
async def test_no_file_name_breaks_an_upload_or_its_download(site: Site, name: str) -> None:
    """Wall: a name is cleaned before it is kept, and quoted when it leaves."""
    session = await site.open()
    answer = await site.alice.post(
        f"{API}/sessions/{session}/files",
        data={"command_id": site.command()},
        files={"file": (name, b"1")},
    )
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert "/" not in kept["name"]
    assert kept["name"].isprintable()
    back = await site.alice.get(f"{API}/sessions/{session}/files/{kept['id']}/content")
    assert back.content == b"1"
    assert back.headers["content-disposition"].startswith("attachment; ")
    assert "x-evil" not in back.headers


@pytest.mark.parametrize(
    "cursor",
    ["{ses}:-1", "{ses}:9999999999999999", "{ses}:1e9", "{ses}:٣", "{ses}:0,{ses}:0", "{ses}:0,",
     ",", "{ses}:999999999999999", "{ses}:00", "{ses}: 0", "org_" + ULID_MAX + ":0",
     "{ses}:0\n", ",".join(["{ses}:0"] * 1_000)],
)  # fmt: skip
async def test_no_cursor_reaches_past_the_session_or_into_another_journal(
    site: Site, cursor: str
) -> None:
    """Wall: a cursor is read strictly, belongs to its owner and ends at the head."""
    session = await site.open()
    sent = cursor.format(ses=session)
    for answer in (
        await site.alice.get(f"{API}/events", params={"cursor": sent}),
        await site.alice.get(f"{API}/sessions/{session}/events", params={"cursor": sent}),
    ):
        assert answer.status_code in (404, 409, 422), answer.text[:200]


async def test_a_web_page_elsewhere_is_never_told_that_it_may_read(site: Site) -> None:
    """Wall: no answer carries a CORS permission, and no cookie signs anybody in."""
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    answers = [
        await site.alice.get(f"{API}/sessions", headers=origin),
        await site.alice.options(f"{API}/sessions", headers=origin),
        await site.alice.get("/healthz", headers=origin),
    ]
    for answer in answers:
        assert not [h for h in answer.headers if h.startswith("access-control-")]
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("announced", [True, False])
async def test_a_stranger_is_refused_before_a_large_body_is_kept(
    site: Site, announced: bool
) -> None:
    """Wall: what comes beyond the first bytes of somebody not signed in is never parsed."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = part + b"x" * (1 << 20)

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1 << 14):
            yield body[start : start + (1 << 14)]

    url = f"{API}/sessions/ses_{ULID_MAX}/files"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": "Bearer wrong"}
    async with httpx2.AsyncClient(base_url=site.url, trust_env=False) as client:
        answer = await client.post(
            url, content=body if announced else unannounced(), headers=headers
        )
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"]["code"] == "signin.required"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_error_repeats_neither_a_token_nor_a_secret(site: Site) -> None:
    """Wall: errors name what is wrong, not what was sent."""
    token = "secret-token-of-somebody"
    async with httpx2.AsyncClient(base_url=site.url, trust_env=False) as client:
        wrong = {"Authorization": f"Bearer {token}"}
        answers = [
            await client.get(f"{API}/sessions", headers=wrong),
            await client.get(f"{API}/sessions?token={token}"),
            await client.post(
                f"{API}/sessions", content=json.dumps({"token": token}), headers=wrong | JSON
            ),
        ]
    for answer in answers:
        assert answer.status_code == 401
        assert token not in answer.text
