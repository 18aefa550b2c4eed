"""`deputy ask` as a process against a real server: files saved, codes told, breaks survived."""

import asyncio
from dataclasses import replace

import pytest

from deputy.core.brief import CheckResult
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.policy import Hold
from tests.agent.evidence import sample
from tests.cli.terminals import Said, Terminal, breaking_wire
from tests.interaction.sites import Site
from tests.requirement import requirement

SHEET = "sales.csv"
FAILED = [
    *(sample.passed(c) for c in sample.CRITERIA[:2]),
    CheckResult(
        id="c3",
        check="page_count",
        target="out/summary.pdf",
        text="The PDF has one page.",
        verdict="fail",
        detail="It has 3 pages.",
    ),
]


async def asked(site: Site) -> tuple[str, str]:
    """Wait until somebody asks; give (session, turn)."""
    async with asyncio.timeout(20):
        while True:
            for row in await site.cell.sessions.list(site.cell.alice):
                if row.turn is not None and row.status == "requested":
                    return row.id, row.turn
            await asyncio.sleep(0.02)


async def ask(site: Site, terminal: Terminal, *more: str, **end: object) -> Said:
    """Ask with a file while a worker does the sample's work."""
    (terminal.folder / SHEET).write_bytes(b"Region,Amount\n")
    asking = asyncio.create_task(terminal.run("ask", sample.WORDS, SHEET, *more))
    session, turn = await asked(site)
    work = end.pop("work", sample.work())
    assert isinstance(work, list)
    await site.finish(session, turn, *work, **end)  # type: ignore[arg-type]
    return await asking


@requirement("R001")
async def test_asking_ends_with_checked_files_a_receipt_and_what_to_do_next(
    site: Site, terminal: Terminal
) -> None:
    said = await ask(site, terminal)
    assert said.code == 0
    for words in ("VERIFIED, 3 of 3 checks passed", "report.xlsx", "summary.pdf", "deputy accept"):
        assert words in said.out
    for words in ("Understood:", "Assumed:", "Checked report.xlsx: The workbook opens."):
        assert words in said.err
    (folder,) = (terminal.folder / "deputy-results").iterdir()
    assert {f.name for f in folder.iterdir()} == {"report.xlsx", "summary.pdf", "receipt.html"}
    assert (folder / "report.xlsx").read_bytes() == sample.OUT["out/report.xlsx"]
    assert "VERIFIED" in (folder / "receipt.html").read_text()
    assert "\x1b" not in said.out + said.err, "nobody watches: no colours"


async def test_json_is_one_object_and_nothing_else(site: Site, terminal: Terminal) -> None:
    said = await ask(site, terminal, "--json", "--out", "here")
    assert (said.code, said.err) == (0, "")
    assert said.json["outcome"] == "verified"
    assert [f["path"] for f in said.json["files"]] == ["here/report.xlsx", "here/summary.pdf"]
    assert len(said.json["checks"]) == 3
    assert said.json["exit_code"] == 0


async def test_results_are_numbered_and_never_overwritten(site: Site, terminal: Terminal) -> None:
    folder = terminal.folder / "here"
    folder.mkdir()
    for name in ("report.xlsx", "report (2).xlsx", "receipt.html"):
        (folder / name).write_text("mine")
    said = await ask(site, terminal, "--out", "here", "--json")
    assert [f["path"] for f in said.json["files"]] == ["here/report (3).xlsx", "here/summary.pdf"]
    assert said.json["receipt"]["page"] == "here/receipt (2).html"
    assert (folder / "report.xlsx").read_text() == "mine"


@requirement("R301")
async def test_what_failed_its_check_is_said_so_that_nobody_can_miss_it(
    site: Site, terminal: Terminal
) -> None:
    work = sample.work(FAILED, verified=False)
    said = await ask(site, terminal, work=work, outcome="not_verified")
    assert said.code == 7
    assert "NOT VERIFIED: look before you use it, 2 of 3 checks passed" in said.out
    assert "Checked and failed: The PDF has one page." in said.out
    assert "Failed summary.pdf: The PDF has one page. (It has 3 pages.)" in said.err


@pytest.mark.parametrize(
    ("outcome", "code", "exit_code"),
    [
        ("answered", None, 0),
        ("stopped", "turn.stopped", 1),
        ("failed", "call.unfinished", 1),
        ("failed", "gate.denied", 3),
        ("failed", "budget.exceeded", 5),
    ],
)
async def test_the_exit_code_tells_how_it_ended(
    site: Site, terminal: Terminal, outcome: str, code: str | None, exit_code: int
) -> None:
    said = await ask(site, terminal, "--json", work=[], outcome=outcome, code=code)
    assert (said.code, said.json["outcome"], said.json["exit_code"]) == (
        exit_code,
        outcome,
        exit_code,
    )
    assert said.json["files"] == []


async def test_a_turn_that_waits_for_a_person_ends_the_command_with_4(
    site: Site, terminal: Terminal
) -> None:
    asking = asyncio.create_task(terminal.run("ask", "Count the rows"))
    session, turn = await asked(site)
    held = Hold(reason="Somebody looks first.", approvers=("owner",))
    work = [
        replace(d, body=d.body.model_copy(update={"decision": held}))
        if isinstance(d.body, b.CallDecided) and d.call == sample.CODE_CALL
        else d
        for d in sample.work()[:6]
    ]
    parked = b.TurnParked(
        calls=(sample.CODE_CALL,), waiting=turn, waits_for=("owner",), reason="Somebody looks."
    )
    park = Draft(parked, sample.typed_by(sample.ALICE), turn=turn)
    await site.record(session, *sample.aimed(work, turn), park)
    said = await asking
    assert said.code == 4
    assert "waits for a person" in said.out
    assert "code.run: Somebody looks first. Asked: owner." in said.out


@requirement("R060")
async def test_a_stream_that_breaks_again_and_again_tells_everything_once(
    site: Site, terminal: Terminal
) -> None:
    whole = await ask(site, terminal)
    async with breaking_wire(site.url) as (url, cuts):
        work = [d for d in sample.work() if not isinstance(d.body, b.ArtifactDelivered)]
        broken = await ask(site, replace(terminal, url=url), work=work, outcome="not_verified")
    assert len(cuts) > 3
    told = [line for line in whole.err.splitlines() if "Handed over" not in line]
    assert broken.err.splitlines() == told


async def test_words_from_a_pipe_are_data_not_the_requesters_own(
    site: Site, terminal: Terminal
) -> None:
    asking = asyncio.create_task(terminal.run("ask", "-", "--json", given=b"Count the rows"))
    session, turn = await asked(site)
    await site.finish(session, turn, outcome="answered")
    assert (await asking).code == 0
    (said,) = (await site.cell.state(session)).turns[turn].said
    assert (said.parts[0].kind, int(said.label.integrity)) == ("pasted", 0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("",), "The request has no words."),
        (("Sales", "--session", "nonsense"), "'nonsense' is not the id of a session."),
        (("Sales", "large.csv"), "'large.csv' has 300 MiB; 256 MiB is the limit."),
    ],
)
async def test_what_cannot_be_sent_is_refused_here_with_the_cure(
    terminal: Terminal, asked: tuple[str, ...], told: str
) -> None:
    with (terminal.folder / "large.csv").open("wb") as large:
        large.truncate(300 << 20)
    said = await terminal.run("ask", *asked)
    assert said.code != 0
    assert told in said.err
