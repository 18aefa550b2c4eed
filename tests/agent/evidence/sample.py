"""A whole turn as facts: what the proofs of receipts, of the API and of the CLI look at.

Owns one invented turn of Alice's, from request to hand-over. Must never need a database: the
facts are chained in memory, or appended by whoever has a journal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deputy.core.artifacts import TreeEntry
from deputy.core.brief import Brief, CheckResult, Criterion, Deliverable
from deputy.core.budget import Amount
from deputy.core.canonical import canonical, digest
from deputy.core.events import GENESIS, Body, Draft, Event, Header
from deputy.core.events import session_bodies as b
from deputy.core.events.registry import name_of
from deputy.core.folds import fold
from deputy.core.identity import Actor
from deputy.core.ids import make
from deputy.core.labels import Label, typed_by, uploaded_by
from deputy.core.messages import FilePart, ModelReply, ToolCall, TypedPart, Usage
from deputy.core.policy import Allow
from deputy.core.session import MODEL_TOOL, Session

START_US = 1_767_225_600_000_000


def some_id(prefix: str, number: int) -> str:
    return make(prefix, START_US // 1_000, number.to_bytes(10))


ALICE, AGENT = some_id("prs", 1), some_id("agt", 1_002)
SESSION, TURN = some_id("ses", 1_003), some_id("trn", 1_004)
FILE, WORKER = some_id("blb", 1_005), some_id("wrk", 1_006)
STEP, MODEL_CALL, CODE_CALL, DELIVER_CALL = (
    some_id("stp", 1_007),
    some_id("call", 1_008),
    some_id("call", 1_009),
    some_id("call", 1_010),
)
BOOK, PDF = some_id("art", 1_011), some_id("art", 1_012)
WORDS = "Sales by region for this quarter against last year, as Excel and a one-page PDF."
CODE = "import pandas as pd\nframe = pd.read_excel('inputs/sales.xlsx')\nprint(frame.shape)\n"
TEXT = "Revenue grew 6.2 % to 4.1 m EUR; Iberia, Central & Eastern Europe and Nordics lead."
OUT = {"out/report.xlsx": b"not really a workbook", "out/summary.pdf": b"%PDF-1.7 invented"}
UPLOAD = b"an invented workbook"
WALLS = (
    {"name": "network", "stands": True, "how": "a network namespace with nothing in it"},
    {"name": "landlock", "stands": False, "how": "the kernel has none"},
)
CRITERIA = (
    Criterion(id="c1", text="The workbook opens.", check="opens", target="out/report.xlsx"),
    Criterion(
        id="c2",
        text="The regions add up to the total of the order book.",
        check="totals_reconcile",
        target="out/report.xlsx",
    ),
    Criterion(id="c3", text="The PDF has one page.", check="page_count", target="out/summary.pdf"),
)
BRIEF = Brief(
    goal=WORDS,
    reading="Sum of Amount per Region, October to December 2026 against the same days of 2025.",
    deliverables=(
        Deliverable(path="out/report.xlsx", media_type="x", title="Sales by region"),
        Deliverable(path="out/summary.pdf", media_type="application/pdf", title="One page"),
    ),
    criteria=CRITERIA,
    assumptions=("“This quarter” is October to 18 November 2026, the last day in the file.",),
    edge_cases=("Three rows without a region are shown as “No region”.",),
    out_of_scope=("A forecast of the rest of the quarter.",),
)


def passed(criterion: Criterion, detail: str = "") -> CheckResult:
    return CheckResult(
        id=criterion.id,
        check=criterion.check,
        target=criterion.target,
        text=criterion.text,
        verdict="pass",
        detail=detail,
    )


def opening() -> list[Draft]:
    """The session, its file and the request."""
    upload = b.FileUploaded(
        file=FILE,
        name="sales.xlsx",
        path="inputs/sales.xlsx",
        digest=digest(UPLOAD),
        size=len(UPLOAD),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    asked = b.TurnRequested(parts=(TypedPart(text=WORDS), FilePart(file=FILE)), seed=7)
    return [
        Draft(b.SessionOpened(owner=ALICE, agent=AGENT, title="Sales"), typed_by(ALICE)),
        Draft(upload, uploaded_by(ALICE)),
        Draft(asked, typed_by(ALICE), turn=TURN),
    ]


def work(checks: Iterable[CheckResult] | None = None, *, verified: bool = True) -> list[Draft]:
    """The turn's work, from claim to the files handed over. Every criterion passes by default."""
    ran = [passed(c) for c in CRITERIA] if checks is None else list(checks)
    asked = (
        ToolCall(id=CODE_CALL, tool="code.run", args={"code": CODE, "inputs": ["inputs/a"]}),
        ToolCall(id=DELIVER_CALL, tool="deliver", args={"files": list(OUT)}),
    )
    reply = ModelReply(text="On it.", calls=asked, usage=Usage(input_tokens=900, output_tokens=80))
    changed = [{"path": path, "size": len(raw)} for path, raw in OUT.items()]
    told = {"outcome": "ok", "stdout": "(4200, 9)\n", "changed": changed}
    spent = Amount(sandbox_ms=1_250)
    handed = {"verified": verified, "files": list(OUT)}
    return [
        _draft(b.TurnClaimed(worker=WORKER)),
        _decided(MODEL_TOOL, MODEL_CALL),
        _draft(b.CallStarted(tool=MODEL_TOOL, attempt=1, executor="builtin"), MODEL_CALL),
        _draft(
            b.ModelReplied(model="builtin:reports", place="inside", reply=reply, duration_ms=3),
            MODEL_CALL,
        ),
        _draft(b.BriefDrafted(brief=BRIEF), CODE_CALL),
        _decided("code.run", CODE_CALL),
        _draft(b.CallStarted(tool="code.run", attempt=1, executor="hst"), CODE_CALL),
        _draft(
            b.CallReturned(tool="code.run", status="ok", content=told, spent=spent, walls=WALLS),
            CODE_CALL,
        ),
        _draft(b.SnapshotTaken(tree="0" * 64, changed=_entries()), CODE_CALL),
        _decided("deliver", DELIVER_CALL),
        _draft(b.CallStarted(tool="deliver", attempt=1, executor="hst"), DELIVER_CALL),
        _draft(
            b.CallReturned(tool="deliver", status="ok", content=handed, spent=spent, walls=WALLS),
            DELIVER_CALL,
        ),
        *(_draft(b.CheckRan(result=r), DELIVER_CALL) for r in ran),
        *_deliveries(verified),
    ]


def finished(
    outcome: b.Outcome = "verified", receipt: str = "0" * 64, code: str | None = None
) -> Draft:
    """The end of the turn."""
    return _draft(b.TurnFinished(outcome=outcome, text=TEXT, receipt=receipt, code=code))


def chained(drafts: Sequence[Draft], *, by: str = ALICE, journal: str = SESSION) -> list[Event]:
    """Chain facts in memory, a second apart, as a journal would."""
    events: list[Event] = []
    prev = GENESIS
    for seq, draft in enumerate(drafts, start=1):
        type_, version = name_of(draft.body)
        header = Header(
            journal=journal,
            seq=seq,
            type=type_,
            version=version,
            time=START_US + seq * 1_000_000,
            sub=by,
            act=AGENT,
            turn=draft.turn,
            step=draft.step,
            call=draft.call,
            label=draft.label,
            key_id=some_id("key", 1_013),
            prev=prev,
            commitment="0" * 64,
        )
        raw = canonical(header.model_dump(mode="json"))
        events.append(Event(header, draft.body, raw))
        prev = digest(raw)
    return events


def session(*drafts: Draft) -> Session:
    """Fold a session from facts."""
    return fold(chained(drafts))


def actor() -> Actor:
    return Actor(sub=ALICE, act=AGENT)


def _label() -> Label:
    return uploaded_by(ALICE)


def _draft(body: Body, call: str | None = None) -> Draft:
    step = STEP if call is not None else None
    return Draft(body, _label(), turn=TURN, step=step, call=call)


def _decided(tool: str, call: str) -> Draft:
    body = b.CallDecided(
        tool=tool,
        effect="private_reversible",
        args_digest="0" * 64,
        decision=Allow(rules=("agents-work-for-owners",)),
        authority="a" * 64,
    )
    return _draft(body, call)


def _entries() -> tuple[TreeEntry, ...]:
    return tuple(
        TreeEntry(path=p, digest=digest(raw), size=len(raw), label=_label(), made_by=CODE_CALL)
        for p, raw in OUT.items()
    )


def _deliveries(verified: bool) -> list[Draft]:
    titles = {d.path: d.title for d in BRIEF.deliverables}
    return [
        _draft(
            b.ArtifactDelivered(
                artifact=artifact,
                name=path.rpartition("/")[2],
                path=path,
                digest=digest(raw),
                size=len(raw),
                media_type="application/pdf" if path.endswith("pdf") else "application/x-sheet",
                title=titles[path],
                verified=verified,
            ),
            DELIVER_CALL,
        )
        for artifact, (path, raw) in zip((BOOK, PDF), OUT.items(), strict=True)
    ]


def aimed(drafts: Sequence[Draft], turn: str) -> list[Draft]:
    """Give the same facts about another turn."""
    return [replace(d, turn=turn) if d.turn is not None else d for d in drafts]
