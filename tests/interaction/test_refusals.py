"""What the API refuses: strangers, other people's things, ill-shaped and oversized requests."""

import errno
import json

import httpx2
import pytest

from tests.agent.evidence import sample
from tests.interaction.sites import ALICES, API, Site, command
from tests.requirement import requirement

WORDS = [{"kind": "typed", "text": "Count"}]
ASK = {"command_id": command(90), "parts": WORDS}
ILL_SHAPED: list[tuple[str, dict[str, object]]] = [
    ("/sessions", {}),
    ("/sessions", {"command_id": "cmd_1"}),
    ("/sessions", {"command_id": command(90), "owner": "someone else"}),
    ("/sessions", {"command_id": command(90), "title": "x" * 201}),
    ("/sessions/ses_1/turns", {"command_id": command(90), "parts": WORDS}),
    ("/sessions/{ses}/turns", {"parts": WORDS}),
    ("/sessions/{ses}/turns", ASK | {"parts": []}),
    ("/sessions/{ses}/turns", ASK | {"parts": [{"kind": "shouted"}]}),
    ("/sessions/{ses}/turns", ASK | {"parts": WORDS * 51}),
    ("/sessions/{ses}/turns", ASK | {"parts": [{"kind": "mention", "name": "x"}]}),
    ("/sessions/{ses}/turns", ASK | {"by_hand_minutes": 0}),
    ("/sessions/{ses}/turns", ASK | {"limits": {"steps": 999}}),
]
BRIEF = {"goal": "Sales", "deliverables": []}
SHOWN = {"approve": True, "shown": "0" * 64}

ADDRESSES = [
    ("GET", "/sessions/{ses}", None),
    ("POST", "/sessions/{ses}/files", "upload"),
    ("GET", "/sessions/{ses}/files/{blb}/content", None),
    ("POST", "/sessions/{ses}/turns", {"parts": WORDS}),
    ("POST", "/sessions/{ses}/turns/{trn}/steer", {"parts": WORDS}),
    ("POST", "/sessions/{ses}/turns/{trn}/stop", {}),
    ("POST", "/sessions/{ses}/turns/{trn}/undo", {}),
    ("GET", "/sessions/{ses}/turns/{trn}/undo", None),
    ("GET", "/sessions/{ses}/turns/{trn}/brief", None),
    ("PUT", "/sessions/{ses}/turns/{trn}/brief", {"version": 1, "brief": BRIEF}),
    ("GET", "/sessions/{ses}/turns/{trn}/explanation", None),
    ("GET", "/sessions/{ses}/turns/{trn}/calls/{call}", None),
    ("POST", "/sessions/{ses}/turns/{trn}/calls/{call}/answer", SHOWN),
    ("GET", "/sessions/{ses}/turns/{trn}/trace", None),
    ("GET", "/sessions/{ses}/events", None),
    ("GET", "/events?cursor={ses}:0", None),
    ("GET", "/sessions/{ses}/turns/{trn}/receipt", None),
    ("GET", "/sessions/{ses}/turns/{trn}/receipt.html", None),
    ("GET", "/sessions/{ses}/turns/{trn}/trace", None),
    ("GET", "/deliverables/{art}", None),
    ("GET", "/deliverables/{art}/content", None),
    ("POST", "/deliverables/{art}/events", {"what": "accepted"}),
    ("POST", "/deliverables/{art}/events", {"by_hand_minutes": 90}),
]
"""Every address that names something, with a body that would do if it were the caller's."""


async def call(
    client: httpx2.AsyncClient, method: str, path: str, body: object, number: int = 900
) -> httpx2.Response:
    if method == "GET":
        return await client.get(API + path)
    if body == "upload":
        data = {"command_id": command(number)}
        return await client.post(API + path, data=data, files={"file": ("a.csv", b"1")})
    assert isinstance(body, dict)
    sent = {"command_id": command(number), **body}
    return await client.request(method, API + path, json=sent)


def filled(path: str, session: str, kind: str) -> str:
    """Fill an address with things that are there, or with well-formed ids of nothing."""
    if kind == "foreign":
        return path.format(
            ses=session, trn=sample.TURN, call=sample.CODE_CALL, blb=sample.FILE, art=sample.BOOK
        )
    names = ("ses", "trn", "call", "blb", "art")
    return path.format(**{name: sample.some_id(name, 7_777) for name in names})


@requirement("R061")
async def test_what_is_another_persons_does_not_exist_for_charlie(site: Site) -> None:
    session = await site.finished_session()
    before = await site.cell.types(session)
    for number, (method, path, body) in enumerate(ADDRESSES, start=900):
        foreign = await call(site.charlie, method, filled(path, session, "foreign"), body, number)
        absent = await call(site.charlie, method, filled(path, session, "absent"), body, number)
        assert foreign.status_code == 404, (method, path, foreign.text)
        assert foreign.json() == absent.json(), "the answer tells that the thing is there"
    assert await site.cell.types(session) == before
    assert (await site.charlie.get(f"{API}/sessions")).json() == {"sessions": []}


async def test_the_list_above_names_every_address_of_the_api(site: Site) -> None:
    document = (await site.alice.get(f"{API}/openapi.json")).json()
    named = {p for p in document["paths"] if "{" in p}
    tried = {
        API
        + path.partition("?")[0].format(
            ses="{session}", trn="{turn}", call="{call}", blb="{file}", art="{artifact}"
        )
        for _, path, _ in ADDRESSES
    }
    assert named <= tried


async def test_without_a_known_token_nothing_is_served(site: Site) -> None:
    session = await site.finished_session()
    for sent in (None, "Bearer", "Bearer wrong", "Basic " + ALICES, ALICES):
        await nothing_is_served(site, session, {} if sent is None else {"Authorization": sent})


async def nothing_is_served(site: Site, session: str, headers: dict[str, str]) -> None:
    async with httpx2.AsyncClient(base_url=site.url, headers=headers, trust_env=False) as client:
        for method, path, body in ADDRESSES:
            answer = await call(client, method, filled(path, session, "foreign"), body)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["error"]["code"] == "signin.required"
            assert "Authorization: Bearer" in answer.json()["error"]["hint"]
        assert (await client.get(f"{API}/sessions?token={ALICES}")).status_code == 401


async def test_a_web_page_cannot_reach_the_server_by_a_name_of_its_own(site: Site) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        answer = await site.alice.get("/healthz", headers={"Host": host})
        assert answer.status_code == 421, host
        assert answer.json()["error"]["code"] == "host.refused"
    for host in ("localhost:1", "LOCALHOST", "[::1]:8451", "127.0.0.1"):
        assert (await site.alice.get("/healthz", headers={"Host": host})).status_code == 200


async def test_an_ill_shaped_request_is_told_what_is_wrong(site: Site) -> None:
    session = await site.open()
    for path, body in ILL_SHAPED:
        answer = await site.alice.post(API + path.format(ses=session), json=body)
        assert answer.status_code == 422, (path, body, answer.text)
        assert set(answer.json()) == {"error"}
        assert set(answer.json()["error"]) == {"code", "message", "hint"}
        assert answer.json()["error"]["hint"]


async def test_every_kind_of_failure_has_the_one_shape(site: Site) -> None:
    session = await site.open()
    base = f"{API}/sessions/{session}"
    failures = [
        (await site.alice.get("/nowhere"), 404),
        (await site.alice.delete(base), 405),
        (await site.alice.post(f"{base}/turns", content=b"{not json"), 422),
        (await site.alice.post(f"{base}/files", content=b"no form"), 422),
        (await site.alice.get(f"{base}/events?cursor=x"), 422),
    ]
    for answer, status in failures:
        assert answer.status_code == status, answer.text
        assert set(answer.json()["error"]) == {"code", "message", "hint"}


async def test_a_body_beyond_its_limit_is_refused_announced_or_not(site: Site) -> None:
    session = await site.open()
    url = f"{API}/sessions/{session}/turns"
    huge = json.dumps({"command_id": command(1), "parts": [{"kind": "typed", "text": "x"}] * 99})
    huge += " " * (4 << 20)

    async def unannounced() -> object:
        for start in range(0, len(huge), 1 << 16):
            yield huge[start : start + (1 << 16)].encode()

    for content in (huge.encode(), unannounced()):
        answer = await site.alice.post(
            url, content=content, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "limit.exceeded")


async def test_an_upload_holds_one_file_and_a_token_comes_once(site: Site) -> None:
    session = await site.open()
    url = f"{API}/sessions/{session}/files"
    two = [("file", ("a.csv", b"1")), ("file", ("b.csv", b"2"))]
    answer = await site.alice.post(url, data={"command_id": site.command()}, files=two)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request.invalid")
    assert "a request of its own" in answer.json()["error"]["hint"]
    assert (await site.alice.get(f"{API}/sessions/{session}")).json()["uploads"] == []
    twice = [("Authorization", f"Bearer {ALICES}"), ("Authorization", "Bearer other")]
    async with httpx2.AsyncClient(base_url=site.url, headers=twice, trust_env=False) as client:
        assert (await client.get(f"{API}/sessions")).status_code == 401


async def test_a_body_of_the_wrong_kind_is_told_which_one_to_send(site: Site) -> None:
    session = await site.open()
    words, text = json.dumps({"command_id": command(1)}), {"Content-Type": "text/plain"}
    answer = await site.alice.post(f"{API}/sessions", content=words, headers=text)
    assert "Send the body as application/json; it came as 'text/plain'" in answer.text
    broken = await site.alice.post(
        f"{API}/sessions", content=b'{"command_id": ', headers={"Content-Type": "application/json"}
    )
    assert "The body is no JSON: Expecting value at character 15" in broken.text
    field = {"command_id": site.command(), "file": "a,b"}
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in field.items()
    )
    url = f"{API}/sessions/{session}/files"
    plain = await site.alice.post(url, content=f"{parts}--b--\r\n".encode(), headers=form)
    assert "this part is no file; give it a file name" in plain.text
    unbound = {"Content-Type": "multipart/form-data"}
    answer = await site.alice.post(url, content=b"x", headers=unbound)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request.malformed")
    assert "with its boundary" in answer.json()["error"]["hint"]


async def test_a_full_temporary_folder_is_told_as_what_it_is(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    session = await site.open()
    with monkeypatch.context() as no_room:
        no_room.setattr("starlette.formparsers.SpooledTemporaryFile", full)
        answer = await site.alice.post(
            f"{API}/sessions/{session}/files",
            data={"command_id": site.command()},
            files={"file": ("a.csv", b"1")},
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "upload.no_room")
    assert await site.upload(session, "a.csv")


async def test_an_empty_upload_is_refused_with_the_cure(site: Site) -> None:
    session = await site.open()
    answer = await site.alice.post(
        f"{API}/sessions/{session}/files",
        data={"command_id": site.command()},
        files={"file": ("empty.csv", b"")},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "file.empty")


async def test_a_path_in_a_file_name_stays_a_name(site: Site) -> None:
    session = await site.open()
    await site.upload(session, "../../etc/passwd")
    view = (await site.alice.get(f"{API}/sessions/{session}")).json()
    (upload,) = view["uploads"]
    assert upload["path"] == f"inputs/{upload['name']}"
    assert "/" not in upload["name"]


async def test_readiness_names_the_part_that_is_missing(site: Site) -> None:
    assert (await site.alice.get("/readyz")).json() == {
        "ready": True,
        "components": {"database": "ok"},
    }
    site.ready["database"] = "The database does not answer. Look at its log."
    answer = await site.alice.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    alive = await site.alice.get("/healthz")
    assert alive.json() == {"status": "ok", "version": "0.0.test"}


async def test_the_description_tells_every_failure_of_every_address(site: Site) -> None:
    document = (await site.alice.get(f"{API}/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith(API):
                shape = operation["responses"]["404"]["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path)
                assert "422" in operation["responses"], (method, path)
                assert operation["security"] == [{"HTTPBearer": []}], (method, path)
            assert operation["description"], (method, path)
    assert "HTTPValidationError" not in document["components"]["schemas"]
