"""Bad input: each gets words that name the cause and the cure, and nothing else is lost.

Owns what people bring by mistake and what nobody should send. One Deputy bears all of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from deputy.cli.client import API, ApiError, new_command
from deputy.core.artifacts import FILE_BYTES_MAX
from tests.journeys import bad_files as files
from tests.journeys.installations import Installation, finished
from tests.journeys.test_ask import ask

MIB = 1 << 20
WORDS = "Sales by region as Excel"
GROWTH_MIB_MAX = 48
ROWS = b"North,10\n" * (MIB // 9)

UNREADABLE: list[tuple[str, bytes, tuple[str, ...]]] = [
    ("locked.xlsx", files.locked(), ("protected by a password", "save a copy without one")),
    ("cut.xlsx", files.workbook()[:700], ("it is damaged", "save it as .xlsx")),
    ("words.xlsx", b"this is no workbook", ("it is damaged", "save it as .xlsx")),
    ("letter.xlsx", files.PDF, ("it is a PDF, although its name ends in .xlsx",)),
    ("page.xls", files.PAGE, ("it is a web page, although its name ends in .xls",)),
    ("book.csv", files.workbook(), ("it is a workbook", "name it .xlsx or .xls")),
    ("photo.csv", files.PICTURE, ("it is a picture, although its name ends in .csv",)),
    ("photo.png", files.PICTURE, ("photo.png: it is not a table and was not read",)),
    ("bomb.xlsx", files.workbook(files.bomb), ("it unpacks to 3,200 MiB, and 1,024 MiB is",)),
    ("parts.xlsx", files.workbook(files.nested), ("10,000 is the limit", "with the table alone")),
    ("sparse.xlsx", files.workbook(files.sparse), ("10,000,000 is the limit", "columns you need")),
    ("nul.csv", b"Region,Sales\nNor\0th,10\n", ("it holds zero bytes", "save it again as CSV")),
    ("line.csv", b"a,b," * (3 * MIB), ("10,000,000 is the limit", "save it again as CSV")),
    ("heads.csv", b"Region,Sales\n", ("no row of headings with rows below it",)),
    ("blank.csv", b"\n\n  \n", ("no table with at least two columns and one row",)),
    ("latin.csv", "Région;Umsatz\nNörd;10\n".encode("latin-1"), ("“Région”, “Umsatz”",)),
    ("wide.csv", (",".join(f"c{n}" for n in range(20_000)) + "\n" + "1," * 19_999 + "1").encode(),
     ("it has 20,000 columns; only the first 200 are read",)),
]  # fmt: skip
READABLE = [
    ("dimensions.xlsx", files.workbook(dimension="A1:XFD1048576")),
    ("marked.csv", files.TABLE.encode("utf-16")),
    ("utf16.csv", files.TABLE.encode("utf-16-le")),
    ("ragged.csv", b"Region,Sales\nN,10,extra,more\nS\nE,20\n"),
    ("mixed.csv", files.TABLE.encode().replace(b"\n", b"\r\n", 1).replace(b"10\n", b"10\r")),
]
NAMES = [
    "../../../etc/passwd", "/etc/shadow", "C:\\boot.ini", "a\0b.csv", "a\nb.csv", "\u202egpj.csv",
    "x" * 300 + ".csv", "é" * 200, "-rf.csv", "--help", "..", ".", "...", "CON", "nul.csv",
    "A.csv", "a.csv", "\u00c4.csv", "A\u0308.csv", "\x1b[2J.csv", "\x7f", "$(id).csv", "`id`;rm *",
    "<img src=x onerror=alert(1)>.csv", "' OR 1=1 --.csv", "%2e%2e%2f", "{0.__class__}", " ",
    "\ufeff",
]  # fmt: skip


@pytest.fixture(scope="module")
def session(deputy: Installation) -> str:
    """One session that bears every bad file, with a sound one brought first."""
    return str(deputy.client.command("/sessions", title="Bad input")["session"])


def brought(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def memory_mib(pid: int) -> int:
    """Give the most memory a process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


@contextmanager
def flat_memory(deputy: Installation) -> Iterator[None]:
    """Claim that the server never holds much more than before."""
    (server,) = deputy.children("server")
    before = memory_mib(server)
    yield
    assert memory_mib(server) - before < GROWTH_MIB_MAX


@pytest.mark.slow
@pytest.mark.parametrize(("name", "raw", "words"), UNREADABLE, ids=[u[0] for u in UNREADABLE])
def test_a_file_that_cannot_be_read_ends_in_words_that_name_cause_and_cure(
    deputy: Installation,
    session: str,
    tmp_path: Path,
    name: str,
    raw: bytes,
    words: tuple[str, ...],
) -> None:
    _, turn = ask(deputy, WORDS, brought(tmp_path, name, raw), session=session)
    shown = finished(deputy.client, session, turn)
    assert (shown["outcome"], shown["deliverables"]) == ("answered", []), shown
    for said in words:
        assert said in shown["text"], shown["text"]
    for noise in ("Traceback", "Error:", "RUST_BACKTRACE", "None"):
        assert noise not in shown["text"], shown["text"]


@pytest.mark.parametrize(("name", "raw"), READABLE, ids=[name for name, _ in READABLE])
def test_a_file_that_is_only_odd_is_read(
    deputy: Installation, session: str, tmp_path: Path, name: str, raw: bytes
) -> None:
    _, turn = ask(deputy, WORDS, brought(tmp_path, name, raw), session=session)
    shown = finished(deputy.client, session, turn)
    assert shown["outcome"] == "verified", shown
    assert "Sales came to 30." in shown["text"]


def test_after_all_of_it_every_upload_is_there_whole_and_nothing_is_half_made(
    deputy: Installation, tmp_path: Path
) -> None:
    good = brought(tmp_path, "good.csv", files.TABLE.encode())
    session, first = ask(deputy, WORDS, good)
    assert finished(deputy.client, session, first)["outcome"] == "verified"
    bad = brought(tmp_path, "cut.xlsx", files.workbook()[:700])
    empty = brought(tmp_path, "empty.csv", b"")
    for file, status in ((bad, None), (empty, 422)):
        if status is None:
            _, turn = ask(deputy, WORDS, file, session=session)
            assert finished(deputy.client, session, turn)["outcome"] == "answered"
            continue
        with pytest.raises(ApiError, match="is empty: it has no bytes at all"):
            deputy.client.upload(session, file)
    shown = deputy.client.get(f"/sessions/{session}")
    assert [f["name"] for f in shown["uploads"]] == ["good.csv", "cut.xlsx"]
    for upload, raw in zip(shown["uploads"], (good, bad), strict=True):
        kept = deputy.client.bytes(f"/sessions/{session}/files/{upload['id']}/content")
        assert kept == raw.read_bytes()
    assert {f["path"].split("/")[0] for f in shown["tree"]} == {"inputs", "out"}
    _, again = ask(deputy, "Now as CSV", good, session=session)
    assert finished(deputy.client, session, again)["outcome"] in ("verified", "answered")


def test_no_name_of_a_file_leaves_its_place_or_takes_anothers(deputy: Installation) -> None:
    session = str(deputy.client.command("/sessions")["session"])
    with token_client(deputy) as client:
        for name in NAMES:
            sent = client.post(
                f"{API}/sessions/{session}/files",
                data={"command_id": new_command()},
                files={"file": (name, name.encode("utf-8", "surrogatepass"))},
            )
            assert sent.status_code == 201, (name, sent.text)
            kept = sent.json()
            assert kept["path"] == f"inputs/{kept['path'].removeprefix('inputs/')}"
            assert "/" not in kept["path"].removeprefix("inputs/")
            assert kept["name"].isprintable()
            assert len(kept["name"].encode()) <= 255
    uploads = deputy.client.get(f"/sessions/{session}")["uploads"]
    assert len({u["path"] for u in uploads}) == len(NAMES)
    for upload, name in zip(uploads, NAMES, strict=True):
        content = deputy.client.bytes(f"/sessions/{session}/files/{upload['id']}/content")
        assert content == name.encode()
    assert "Ä (2).csv" in {u["path"].rpartition("/")[2] for u in uploads}
    _, turn = ask(deputy, WORDS, session=session)
    assert finished(deputy.client, session, turn)["outcome"] == "answered"


@contextmanager
def token_client(deputy: Installation) -> Iterator[httpx2.Client]:
    token = (deputy.state / "owner.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(
        base_url=deputy.client.url, headers=headers, timeout=60, trust_env=False
    ) as client:
        yield client


def form(pieces: int) -> Iterator[bytes]:
    """Give an upload of so many MiB, piece by piece and without its length."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    yield f"{part.format('command_id', '')}{new_command()}\r\n".encode()
    yield part.format("file", '; filename="big.csv"').encode()
    for _ in range(pieces):
        yield ROWS
    yield b"\r\n--b--\r\n"


def test_300_mb_are_refused_by_length_and_by_count_with_the_limit_named(
    deputy: Installation, session: str, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as opened:
        opened.truncate(300 * MIB)
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    before = deputy.client.get(f"/sessions/{session}")["seq"]
    with flat_memory(deputy), token_client(deputy) as client:
        with pytest.raises(ApiError, match=f"A file may have {FILE_BYTES_MAX >> 20} MiB") as told:
            deputy.client.upload(session, huge)
        assert (told.value.status, told.value.code) == (413, "limit.exceeded")
        assert told.value.hint == "Split it, or leave out what is not needed."
        sent = client.post(f"{API}/sessions/{session}/files", content=form(300), headers=kind)
        assert (sent.status_code, sent.json()["error"]["hint"]) == (413, told.value.hint)
    assert deputy.client.get(f"/sessions/{session}")["seq"] == before


@pytest.mark.slow
def test_many_large_uploads_at_once_are_never_held_in_memory(
    deputy: Installation, session: str
) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    url = f"{API}/sessions/{session}/files"
    with flat_memory(deputy), token_client(deputy) as client, ThreadPoolExecutor(6) as people:
        sent = people.map(
            lambda _: client.post(url, content=form(200), headers=kind).status_code, range(6)
        )
        assert set(sent) == {201}


@pytest.mark.parametrize(
    ("name", "size", "code", "words"),
    [
        ("huge.csv", 300 * MIB, 1, "has 300 MiB; 256 MiB is the limit"),
        ("empty.csv", 0, 2, "is empty: it has no bytes at all"),
    ],
)
def test_the_command_line_refuses_before_anything_is_sent(
    deputy: Installation, tmp_path: Path, name: str, size: int, code: int, words: str
) -> None:
    with (tmp_path / name).open("wb") as opened:
        opened.truncate(size)
    before = deputy.client.get("/sessions")
    said = subprocess.run(
        [sys.executable, "-m", "deputy.cli", "ask", WORDS, name],
        cwd=tmp_path,
        env={**os.environ, "DEPUTY_STATE_DIR": str(deputy.state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == code, said.stderr
    assert words in " ".join(said.stderr.split())
    assert deputy.client.get("/sessions") == before
