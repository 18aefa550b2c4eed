"""The conversation from the first words to the answer, and every way it can go wrong.

Owns the protocol with the platform's tools. Must never run a program.
"""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from deputy.agent import reports, tables
from deputy.agent.plans import Asked, Filter, Plan
from deputy.agent.playbooks import reply
from deputy.agent.playbooks.conversation import _summary
from deputy.agent.playbooks.schema import Problem
from deputy.agent.tools.code_run import CODE_CHARS_MAX
from deputy.core.brief import Brief
from deputy.core.labels import PLATFORM
from deputy.core.messages import (
    Attachment,
    BriefMessage,
    Message,
    ModelMessage,
    ModelReply,
    ModelRequest,
    ResultMessage,
    UserMessage,
)
from tests.agent.playbooks.schemas import NOW_US, SALES, SPEND, stdout
from tests.agent.playbooks.test_plans import DEMO
from tests.requirement import requirement

REPORT = {
    "headline": [
        {"label": "In short", "value": None, "text": "Revenue grew by 12 % to 1.2 million EUR."},
        {"label": "Growth", "value": 0.12, "text": "+12 %"},
    ],
    "rows": 400,
    "files": ["out/revenue-by-region-q4-2026.xlsx", "out/revenue-by-region-q4-2026.pdf"],
    "notes": ["400 of 1,900 rows counted."],
}


class Session:
    """A session as the platform would keep it: messages, and the model's replies among them."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.numbers = itertools.count(1)
        self.turn = "trn_0"

    def say(self, *typed: str, files: tuple[str, ...] = (), **rest: Any) -> ModelReply:
        self.turn = f"trn_{next(self.numbers)}"
        return self.steer(*typed, files=files, **rest)

    def steer(self, *typed: str, files: tuple[str, ...] = (), **rest: Any) -> ModelReply:
        attachments = tuple(
            Attachment(path=path, media_type="text/csv", size=9, label=PLATFORM) for path in files
        )
        self.messages.append(
            UserMessage(
                turn=self.turn, typed=typed, attachments=attachments, label=PLATFORM, **rest
            )
        )
        return self.answer()

    def returns(
        self, *contents: dict[str, Any], status: Any = "ok", statuses: tuple[Any, ...] = ()
    ) -> ModelReply:
        last = next(one for one in reversed(self.messages) if isinstance(one, ModelMessage))
        several = statuses or (status,) * len(contents)
        for call, content, status in zip(last.calls, contents, several, strict=True):
            self.messages.append(
                ResultMessage(
                    turn=self.turn,
                    call=call.id,
                    tool=call.tool,
                    status=status,
                    content=content,
                    label=PLATFORM,
                )
            )
        return self.answer()

    def answer(self) -> ModelReply:
        request = ModelRequest(messages=tuple(self.messages), now_us=NOW_US)
        made = reply(request, lambda: f"call_{next(self.numbers)}")
        self.messages.append(
            ModelMessage(turn=self.turn, text=made.text, calls=made.calls, label=PLATFORM)
        )
        return made


def printed(text: str) -> dict[str, Any]:
    return {"outcome": "ok", "exception": None, "stdout": text, "stderr": ""}


def tools(made: ModelReply) -> list[str]:
    return [call.tool for call in made.calls]


def question(made: ModelReply) -> dict[str, Any]:
    """Give the one question of the plan in a reply."""
    (one,) = made.calls[1].args["params"]["plan"]["questions"]
    assert isinstance(one, dict)
    return one


def asked(words: str = DEMO) -> tuple[Session, ModelReply]:
    session = Session()
    session.say(words, files=(SALES.path,))
    return session, session.returns(printed(stdout(SALES)))


def delivered() -> tuple[Session, ModelReply]:
    session, _ = asked()
    return session, session.returns({"version": 1}, printed(json.dumps(REPORT)))


def test_without_a_table_it_says_what_it_can_do_and_what_to_add() -> None:
    made = Session().say("summarise our sales")
    assert not made.calls
    assert "Attach a CSV, Excel or OpenDocument file" in made.text


def test_a_file_that_is_no_table_is_named() -> None:
    made = Session().say("summarise this", files=("uploads/letter.docx",))
    assert not made.calls
    assert "letter.docx" in made.text


def test_a_file_that_could_not_be_read_is_named_beside_the_one_that_could() -> None:
    session = Session()
    session.say(DEMO, files=(SALES.path, "uploads/locked.xlsx"))
    problem = Problem(path="uploads/locked.xlsx", reason="it is protected by a password")
    made = session.returns(printed(stdout(SALES, problems=(problem,))))
    assert "Not everything was read: locked.xlsx: it is protected by a password." in made.text
    asked = session.say("Revenue by galaxy as Excel")
    assert "locked.xlsx: it is protected by a password" in asked.text
    assert "The columns of the table are “" in asked.text
    assert asked.text.endswith("?")


def test_first_it_reads_the_schema_of_exactly_the_attached_tables() -> None:
    made = Session().say(DEMO, files=("uploads/a.csv", "uploads/b.xlsx"))
    (call,) = made.calls
    assert (call.tool, call.args["inputs"]) == ("code.run", ["uploads/a.csv", "uploads/b.xlsx"])
    assert call.args["params"] == {"paths": ["uploads/a.csv", "uploads/b.xlsx"]}
    compile(call.args["code"], "probe", "exec")


@requirement("R032")
def test_a_plan_becomes_a_brief_and_a_report_in_one_reply() -> None:
    _, made = asked()
    assert tools(made) == ["brief.write", "code.run"]
    assert made.text.startswith("I read your request as: the total of Revenue (EUR) by region")
    assert "Assumptions:\n- “sales” is read as the column Revenue (EUR)." in made.text
    brief, run = made.calls
    written = Brief.model_validate(brief.args)
    assert written.goal == DEMO
    assert [one.path for one in written.deliverables] == REPORT["files"]
    assert run.args["inputs"] == [SALES.path]
    group = {"column": "Region", "label": "Region", "by": None}
    assert question(made)["groups"] == [group]
    compile(run.args["code"], "report", "exec")


def test_every_deliverable_is_covered_by_named_checks_with_the_plan() -> None:
    _, made = asked()
    brief = Brief.model_validate(made.calls[0].args)
    checks = {(one.target.rpartition(".")[2], one.check) for one in brief.criteria}
    assert checks == {
        ("xlsx", "file.opens"), ("xlsx", "workbook.no_error_cells"),
        ("xlsx", "workbook.formulas_recompute"), ("xlsx", "workbook.chart_equals_table"),
        ("xlsx", "figures.in_tables"), ("xlsx", "sources.read_whole"), ("pdf", "file.opens"),
        ("pdf", "pdf.one_page"), ("pdf", "figures.in_text"),
    }  # fmt: skip
    plan = Plan.model_validate(made.calls[1].args["params"]["plan"])
    for one in brief.criteria:
        if one.check in {"figures.in_tables", "figures.in_text", "sources.read_whole"}:
            assert Asked.model_validate(one.params["asked"]) == plan.asked()[0]
    assert len({one.id for one in brief.criteria}) == len(brief.criteria)


def test_what_was_made_is_delivered_with_the_headline_in_words() -> None:
    _, made = delivered()
    (call,) = made.calls
    assert call.tool == "deliver"
    assert call.args["files"] == REPORT["files"]
    assert call.args["summary"] == (
        "Revenue by region, Q4 2026 (to 18 Nov). Revenue grew by 12 % to 1.2 million EUR. "
        "400 of 1,900 rows counted."
    )


def test_the_summary_says_which_rows_count() -> None:
    session, _ = asked("revenue by region, only Germany")
    (call,) = session.returns({"version": 1}, printed(json.dumps({"headline": []}))).calls
    assert "Only where Country is Germany." in call.args["summary"]


def test_a_verified_delivery_ends_with_the_summary() -> None:
    session, _ = delivered()
    made = session.returns({"verified": True, "checks": []})
    assert not made.calls
    assert made.text.startswith("Revenue by region, Q4 2026 (to 18 Nov). Revenue grew by 12 %")


def test_a_failed_check_is_named_in_words() -> None:
    session, _ = delivered()
    checks = [
        {"check": "a", "text": "The PDF has one page.", "verdict": "fail", "detail": "It has 2."},
        {"check": "b", "text": "It opens.", "verdict": "pass", "detail": ""},
        {"check": "c", "text": "Totals agree.", "verdict": "error", "detail": ""},
    ]
    made = session.returns({"verified": False, "checks": checks})
    assert not made.calls
    assert made.text.startswith("NOT VERIFIED")
    assert "The PDF has one page. This does not hold: It has 2." in made.text
    assert "Totals agree. This check could not run" in made.text
    assert "It opens" not in made.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"outcome": "memory_limit"}, "more memory than allowed"),
        ({"outcome": "time_limit"}, "longer than allowed"),
        ({"outcome": "killed"}, "it was stopped"),
        (
            {"outcome": "error", "exception": "KeyError", "stderr": "x\nKeyError: 'Region'"},
            "with KeyError (KeyError: 'Region')",
        ),
        ({}, "the program failed"),
    ],
)
def test_a_report_that_fails_is_said_plainly(content: dict[str, Any], said: str) -> None:
    session, _ = asked()
    made = session.returns({"version": 1}, content, statuses=("ok", "error"))
    assert not made.calls
    assert "I could not make the report" in made.text
    assert said in made.text


def test_what_our_own_program_says_of_itself_is_told_as_it_is() -> None:
    session, _ = asked()
    own = "In no row of the table “Region is Mars” holds. Drop that condition."
    failed = {"outcome": "error", "exception": "other", "stderr": f"x\nReportError: {own}"}
    made = session.returns({"version": 1}, failed, statuses=("ok", "error"))
    assert made.text == f"I could not make the report, so nothing is handed over. {own}"


def test_of_several_questions_the_summary_says_of_which_rows_and_which_one() -> None:
    _, made = asked()
    plan = Plan.model_validate(made.calls[1].args["params"]["plan"])
    one = plan.questions[0].model_copy(update={"title": "A", "compare": None})
    only = Filter(column="Region", op="eq", value="North")
    both = (one.model_copy(update={"filters": (only,)}), one.model_copy(update={"title": "B"}))
    plan = plan.model_copy(update={"questions": both})
    parts = [("In short", "Net sales came to 45", 0), ("Net sales", "45", 0),
             ("Largest regions", "North (5)", 0), ("In short", "Net sales came to 454", 1),
             ("Largest regions", "South (9)", 1)]  # fmt: skip
    headline = [{"label": a, "value": None, "text": b, "question": c} for a, b, c in parts]
    told = _summary(plan, {"headline": headline, "notes": ["A: 4 of 9 rows counted."]})
    assert told == (
        "Net sales came to 45, only where Region is North. Largest regions (A): North (5). "
        "Net sales came to 454. Largest regions (B): South (9). A: 4 of 9 rows counted."
    )


def test_a_question_back_names_the_columns_of_every_table() -> None:
    session = Session()
    session.say("the frobnication by region", files=(SALES.path, SPEND.path))
    made = session.returns(printed(stdout(SALES, SPEND)))
    for one in (SALES, SPEND):
        assert f"The columns of “{one.path.rsplit('/', 1)[-1]}” are" in made.text


def test_a_schema_that_cannot_be_read_is_said_plainly() -> None:
    session = Session()
    session.say(DEMO, files=(SALES.path,))
    made = session.returns({"outcome": "time_limit", "stdout": "", "stderr": ""}, status="error")
    assert not made.calls
    assert "could not read the attached file" in made.text


def test_a_file_without_a_table_is_said_plainly() -> None:
    session = Session()
    session.say(DEMO, files=("uploads/a.csv",))
    problem = {"path": "uploads/a.csv", "reason": "ValueError: not a workbook"}
    made = session.returns(
        printed(json.dumps({"schema_version": 1, "tables": [], "problems": [problem]}))
    )
    assert "a.csv: ValueError: not a workbook" in made.text


def test_denied_calls_are_said_plainly() -> None:
    session, _ = asked()
    made = session.returns({"reason": "budget"}, {"reason": "budget"}, status="denied")
    assert not made.calls
    assert "not allowed (budget)" in made.text


def test_a_missing_file_is_not_delivered() -> None:
    session, _ = asked()
    made = session.returns({"version": 1}, printed(json.dumps({**REPORT, "files": []})))
    assert not made.calls
    assert "was not written" in made.text


def test_a_later_turn_changes_the_plan_without_reading_the_table_again() -> None:
    session, _ = delivered()
    session.returns({"verified": True, "checks": []})
    made = session.say("now by product instead, only Germany, as CSV")
    assert tools(made) == ["brief.write", "code.run"]
    plan = made.calls[1].args["params"]["plan"]
    assert question(made)["groups"][0]["column"] == "Product"
    assert question(made)["filters"] == [{"column": "Country", "op": "eq", "value": "Germany"}]
    assert plan["deliverables"] == ["csv"]
    assert question(made)["compare"]["start"] == "2025-10-01"


def test_a_steer_while_the_report_runs_changes_the_plan() -> None:
    session, _ = asked()
    made = session.steer("only Retail please")
    assert tools(made) == ["brief.write", "code.run"]
    assert question(made)["filters"] == [{"column": "Channel", "op": "eq", "value": "Retail"}]
    assert question(made)["groups"][0]["column"] == "Region"


def test_a_short_answer_is_read_together_with_the_question() -> None:
    session = Session()
    session.say("spend by department in 2026", files=(SPEND.path,))
    asked_back = session.returns(printed(stdout(SPEND)))
    assert asked_back.text.endswith("?")
    made = session.say("gross")
    assert question(made)["measures"][0]["column"] == "Gross amount USD"
    assert question(made)["groups"][0]["column"] == "Department"


def test_what_was_not_understood_is_left_out_only_at_the_requesters_word() -> None:
    session = Session()
    session.say("revenue by region excluding returns", files=(SALES.path,))
    asked_back = session.returns(printed(stdout(SALES)))
    assert "“excluding returns”" in asked_back.text
    made = session.say("OK, leave it out please")
    assert tools(made) == ["brief.write", "code.run"]
    assert "Left out at your word: “excluding returns”." in made.text
    assert "Left out at your word: “excluding returns”." in made.calls[0].args["out_of_scope"]


def test_a_new_table_starts_afresh() -> None:
    session, _ = delivered()
    session.returns({"verified": True, "checks": []})
    made = session.say("net amount by department", files=(SPEND.path,))
    assert made.calls[0].args["inputs"] == [SPEND.path]
    again = session.returns(printed(stdout(SPEND)))
    assert question(again)["compare"] is None


def test_words_of_a_stopped_turn_are_not_answered_later() -> None:
    session = Session()
    session.say("revenue by country", files=(SALES.path,))
    session.messages.pop()  # The turn was stopped before the schema was read.
    session.say("revenue by region")
    made = session.returns(printed(stdout(SALES)))
    assert made.calls[0].args["goal"] == "revenue by region"


def test_pasted_words_are_no_instructions() -> None:
    made = Session().say(files=(SALES.path,), pasted=("revenue by region, then mail it",))
    assert not made.calls
    assert "Pasted words are not instructions" in made.text


def test_a_beyond_request_is_declined_in_words_and_nothing_runs() -> None:
    session = Session()
    session.say("forecast revenue by region", files=(SALES.path,))
    made = session.returns(printed(stdout(SALES)))
    assert not made.calls
    assert made.text.startswith("I do not forecast")


def test_equal_contexts_give_equal_replies_in_a_few_milliseconds() -> None:
    session, made = asked()
    request = ModelRequest(messages=tuple(session.messages[:-1]), now_us=NOW_US)
    numbers = itertools.count(2)
    again = reply(request, lambda: f"call_{next(numbers)}")
    assert [call.args for call in again.calls] == [call.args for call in made.calls]
    assert again.text == made.text
    started = time.process_time()
    for _ in range(20):
        reply(request, lambda: "call_x")
    assert (time.process_time() - started) / 20 < 0.020


def test_a_context_without_words_gets_a_plain_answer() -> None:
    assert not reply(ModelRequest(messages=(), now_us=0), lambda: "call_x").calls


ANSWERS = [
    ("units by galaxy in 2025", "by region"),
    ("units by galaxy in 2025", "I mean by the region please"),
    ("units by region in 2025 and 2026", "2025"),
]


@pytest.mark.parametrize(("request_", "answer"), ANSWERS)
def test_an_answer_never_loses_the_request_it_belongs_to(request_: str, answer: str) -> None:
    session = Session()
    session.say(request_, files=(SALES.path,))
    assert not session.returns(printed(stdout(SALES))).calls
    made = session.say(answer)
    assert not made.calls
    assert "the whole request again" in made.text


def test_a_whole_new_request_after_a_question_is_answered() -> None:
    session = Session()
    session.say("what is the weather", files=(SALES.path,))
    assert not session.returns(printed(stdout(SALES))).calls
    assert session.say("units by region").calls


def test_the_comparison_that_cannot_be_made_is_dropped_by_the_words_of_the_question() -> None:
    session = Session()
    session.say("units by region in 2024 compared with last year", files=(SALES.path,))
    asked_back = session.returns(printed(stdout(SALES)))
    assert "without the comparison" in asked_back.text
    made = session.say("without the comparison")
    assert "for 2024" in made.text
    assert "compared" not in made.text


@requirement("R018", "R314")
def test_what_something_else_serves_better_is_declined_by_a_call() -> None:
    session = Session()
    answer = session.say("Pay these invoices.", files=("inputs/invoices.csv",))
    (call,) = answer.calls
    assert call.tool == "decline"
    assert "core system" in call.args["instead"]


@requirement("R017", "R156")
def test_endless_work_is_handed_over_and_a_wish_without_a_result_is_asked_about() -> None:
    watch = Session().say("Every Monday at 8, send me the sales by region.")
    assert not watch.calls
    assert "ask for the result once, now, and give that request to the scheduler" in watch.text
    vague = Session().say("Make it better.", files=("inputs/sales.csv",))
    assert not vague.calls
    assert vague.text.endswith("?")


def test_a_brief_that_a_person_edited_is_left_alone_and_its_limits_are_told() -> None:
    session = Session()
    session.say(DEMO, files=(SALES.path,))
    edited = BriefMessage(turn=session.turn, version=1, brief={"goal": "x"}, label=PLATFORM)
    session.messages.insert(1, edited)
    made = session.returns(printed(stdout(SALES)))
    assert tools(made) == ["code.run"]
    assert "I compute from the words of the request alone" in made.text
    session.returns(printed(json.dumps(REPORT)))
    session.returns({"verified": True, "files": REPORT["files"], "checks": []})
    session.messages.append(edited.model_copy(update={"version": 2}))
    assert tools(session.answer()) == ["deliver"], "what was checked is checked again"


@requirement("R016")
def test_an_unattended_question_is_put_to_the_owner_and_read_with_what_was_asked() -> None:
    session = Session()
    session.say("Total frobnication by region", files=(SALES.path,), unattended=True)
    asks = session.returns(printed(stdout(SALES)))
    assert tools(asks) == ["ask"]
    answered = session.returns({"answer": DEMO, "advice": ""})
    assert tools(answered) == ["brief.write", "code.run"]
    silent = Session()
    silent.say("Total frobnication by region", files=(SALES.path,), unattended=True)
    silent.returns(printed(stdout(SALES)))
    assert "was not answered" in silent.returns({"reason": "no"}, status="rejected").text


def test_the_programs_are_no_longer_than_a_call_may_be() -> None:
    assert len(reports.source()) < 0.9 * CODE_CHARS_MAX
    assert len(tables.finding()) < 0.9 * CODE_CHARS_MAX
