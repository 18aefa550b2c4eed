"""Receipts: whatever happened, nothing is claimed that did not happen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deputy.agent.evidence import build, render
from deputy.core.brief import CheckResult
from deputy.core.canonical import canonical, digest
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.moves import Finish
from deputy.core.policy import Deny
from tests.agent.evidence import sample
from tests.requirement import requirement

VERDICTS = ("pass", "fail", "error")


def receipt_of(*drafts: Draft, ending: Finish | None = None) -> dict[str, Any]:
    session = sample.session(*drafts)
    return build(
        session,
        session.turns[sample.TURN],
        head=(session.seq, session.head),
        ruleset="starter v1",
        now_us=sample.START_US + 90_000_000,
        ending=ending,
    )


def results() -> st.SearchStrategy[list[CheckResult]]:
    """Any checks: of criteria, of other targets, of nothing in the brief, some of them twice."""
    known = st.sampled_from(sample.CRITERIA).map(sample.passed)
    strange = st.builds(
        CheckResult,
        id=st.sampled_from(["c1", "c2", "floor", "x"]),
        check=st.sampled_from(["opens", "page_count", "other"]),
        target=st.sampled_from([*sample.OUT, "out/none.csv"]),
        text=st.text(max_size=20),
        verdict=st.sampled_from(VERDICTS),
    )
    verdict = st.sampled_from(VERDICTS)
    graded = st.builds(lambda c, v: c.model_copy(update={"verdict": v}), known, verdict)
    return st.lists(st.one_of(known, graded, strange), max_size=8)


@requirement("R301")
@given(ran=results(), verified=st.booleans(), outcome=st.sampled_from(["verified", "answered"]))
def test_a_receipt_never_claims_a_check_that_did_not_run(
    ran: list[CheckResult], verified: bool, outcome: b.Outcome
) -> None:
    drafts = [*sample.opening(), *sample.work(ran, verified=verified), sample.finished(outcome)]
    session = sample.session(*drafts)
    turn, receipt = session.turns[sample.TURN], receipt_of(*drafts)
    told = {(c["id"], c["check"], c["target"], c["verdict"]) for c in receipt["checks"]}
    assert told == {(c.id, c.check, c.target, c.verdict) for c in turn.checks}
    for file in receipt["deliverables"]:
        mine = [c.verdict for c in turn.checks if c.target == file["path"]]
        assert not file["verified"] or (mine and set(mine) == {"pass"} and verified)
    passing = {(c.id, c.check, c.target) for c in turn.checks if c.verdict == "pass"}
    for criterion in sample.CRITERIA:
        covered = (criterion.id, criterion.check, criterion.target) in passing
        assert covered or any(criterion.text in s for s in receipt["not_checked"])
        assert covered or receipt["outcome"] != "verified"


@requirement("R301")
def test_a_receipt_says_how_each_thing_was_checked_and_what_that_does_not_say() -> None:
    opens = CheckResult(
        id="floor:0:file.opens",
        check="file.opens",
        target="out/report.xlsx",
        text="The file opens",
        verdict="fail",
        detail="It is cut off.",
    )
    ran = [*(sample.passed(c) for c in sample.CRITERIA), opens]
    receipt = receipt_of(*sample.opening(), *sample.work(ran), sample.finished())
    told = receipt["checks"][-1]
    assert (told["how"], told["floor"]) == ("inspection", True)
    assert "anything in it is right" in told["not_for"]
    assert receipt["outcome"] == "not_verified"
    assert receipt["verdict"] == "Not verified. The file opens (report.xlsx): It is cut off."
    assert "Checked and failed: The file opens (report.xlsx)" in receipt["not_checked"]
    good = receipt_of(*sample.opening(), *sample.work(), sample.finished())
    assert good["verdict"].startswith("All 3 checks passed")


def test_a_whole_turn_is_told_from_words_to_replay() -> None:
    drafts = [*sample.opening(), *sample.work(), sample.finished()]
    receipt, session = receipt_of(*drafts), sample.session(*drafts)
    assert receipt["outcome"] == "verified"
    assert receipt["request"]["typed"] == [sample.WORDS]
    assert receipt["request"]["files"] == ["sales.xlsx"]
    assert receipt["brief"]["version"] == 1
    assert receipt["assumptions"] == list(sample.BRIEF.assumptions)
    assert [c["for"] for c in receipt["checks"]] == [c.text for c in sample.CRITERIA]
    assert [i["sha256"] for i in receipt["inputs"]] == [digest(sample.UPLOAD)]
    assert receipt["inputs"][0]["label"]["trust"] == "untrusted"
    (code,) = receipt["code"]
    assert (code["source"], code["sha256"]) == (sample.CODE, digest(sample.CODE.encode()))
    assert code["stdout_bytes"] == len("(4200, 9)\n")
    assert [d["tool"] for d in receipt["decisions"]] == ["model.reply", "code.run", "deliver"]
    assert receipt["providers"] == [
        {"name": "builtin:reports", "place": "inside", "replies": 1, "tokens": 980}
    ]
    assert receipt["spent"] == {"tokens": 980, "sandbox_ms": 2_500, "cost_micros": 0}
    assert receipt["replay"] == {
        "journal": session.id,
        "seq": session.seq,
        "head": session.head,
        "seed": 7,
    }
    canonical(receipt)


def test_the_same_turn_gives_the_same_bytes() -> None:
    drafts = [*sample.opening(), *sample.work(), sample.finished()]
    assert canonical(receipt_of(*drafts)) == canonical(receipt_of(*drafts))


def test_a_wall_that_was_missing_once_is_not_counted_as_standing() -> None:
    receipt = receipt_of(*sample.opening(), *sample.work(), sample.finished())
    assert [(w["name"], w["stood"], w["of"]) for w in receipt["walls"]] == [
        ("network", 2, 2),
        ("landlock", 0, 2),
    ]


def test_a_receipt_says_whose_word_it_is_that_a_wall_stood() -> None:
    drafts = [*sample.opening(), *sample.work(), sample.finished()]
    calls = sample.session(*drafts).turns[sample.TURN].calls.values()
    told = {call.executor for call in calls if call.returned is not None and call.returned.walls}
    receipt = receipt_of(*drafts)
    assert receipt["walls_told_by"] == sorted(told) != []
    page = render(receipt)
    assert all(executor in page for executor in told)
    silent = render({**receipt, "walls": [], "walls_told_by": []})
    assert "No execution host told of any." in silent


def test_a_refusal_stands_in_the_receipt_with_its_reason() -> None:
    deny = Deny(reason="No rule permits it.", rules=("none",))
    refused = [
        replace(d, body=d.body.model_copy(update={"decision": deny}))
        if isinstance(d.body, b.CallDecided) and d.call == sample.CODE_CALL
        else d
        for d in sample.work()[:6]
    ]
    receipt = receipt_of(*sample.opening(), *refused, sample.finished("failed"))
    (decision,) = (d for d in receipt["decisions"] if d["verdict"] == "deny")
    assert decision["reason"] == "No rule permits it."
    assert receipt["code"] == [], "code that was refused did not run"


def test_a_turn_without_files_promises_nothing_about_files() -> None:
    receipt = receipt_of(*sample.opening(), sample.finished("answered"))
    assert (receipt["outcome"], receipt["deliverables"], receipt["checks"]) == ("answered", [], [])
    assert receipt["not_checked"] == []
    assert receipt["brief"] is None


def test_the_ending_of_a_turn_that_ends_now_is_taken_as_given() -> None:
    ending = Finish("failed", "It was too much.", "limit.steps")
    receipt = receipt_of(*sample.opening(), *sample.work([]), ending=ending)
    assert (receipt["outcome"], receipt["text"]) == ("failed", "It was too much.")
    kept = receipt_of(*sample.opening(), *sample.work([]), ending=Finish("verified", "Fine."))
    assert kept["outcome"] == "not_verified", "no check ran"
