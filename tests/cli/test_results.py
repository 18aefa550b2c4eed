"""Results on disk and words on the terminal: nothing overwritten, nothing steered."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputy.cli.asking import exit_code, watch
from deputy.cli.client import Client
from deputy.cli.narration import Narrator
from deputy.cli.results import save
from deputy.cli.screen import Screen
from deputy.core.errors import DeputyError
from tests.agent.evidence import sample


@given(names=st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=6))
def test_every_save_is_a_new_file_inside_the_folder(names: list[str]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "results"
        saved = [save(root, name, f"{n}".encode()) for n, name in enumerate(names * 2)]
        assert len(set(saved)) == len(saved)
        assert [path.read_text() for path in saved] == [str(n) for n in range(len(saved))]
        assert all(path.parent == root for path in saved)
        assert sorted(root.iterdir()) == sorted(saved)


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    (tmp_path / "out").mkdir()
    (tmp_path / "out/report.xlsx").symlink_to(target)
    assert save(tmp_path / "out", "report.xlsx", b"x").name == "report (2).xlsx"
    assert not target.exists()


def test_a_folder_that_cannot_be_written_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(DeputyError) as refused:
        save(tmp_path / "out", "report.xlsx", b"x")
    assert "--out" in refused.value.hint


def test_what_a_session_holds_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().line("a\x1b]0;owned\x07b\u202ec [bold]d[/bold] 5\u202f%")
    assert capsys.readouterr().out == "a�]0;owned�b�c [bold]d[/bold] 5\u202f%\n"


def test_every_event_of_a_turn_is_told_or_passed_over() -> None:
    narrator, told = Narrator(), []
    for event in sample.chained([*sample.opening(), *sample.work(), sample.finished()]):
        frame = {"type": event.header.type, "call": event.header.call, "turn": event.header.turn}
        body = event.body.model_dump(mode="json")
        told += [line.text for line in narrator.tell({**frame, "body": body})]
    assert "Working on a in the sandbox" in told
    assert "Checking the result against your request" in told
    assert told[-1] == "Done"


def test_what_a_turn_waits_for_is_told_once_however_often_it_is_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def rested(reason: str) -> dict[str, Any]:
        body = {"code": "sandbox.no_host", "reason": reason, "hint": "Start one."}
        return {"type": "turn.rested", "turn": "trn_1", "body": body}

    class Following(Client):
        def follow(self, cursor: str) -> Iterator[Mapping[str, Any]]:
            yield from (rested("No host."), {"type": "turn.claimed", "turn": "trn_1", "body": {}})
            yield from (rested("No host."), rested("Control is silent."), rested("No host."))
            yield {"type": "turn.finished", "turn": "trn_1", "body": {"x": 1}}

    with closing(Following("http://127.0.0.1:9", "token")) as client:
        watch(client, Screen(), "trn_1", "")
    told = capsys.readouterr().err
    assert told.count("No host. Start one.") == 2
    assert told.count("Control is silent.") == 1


KEYS = st.sampled_from(["reply", "calls", "decision", "brief", "content", "result", "tool"])
SHAPES = st.recursive(st.none() | st.text(max_size=5), lambda x: st.dictionaries(KEYS, x))


@given(body=SHAPES)
def test_events_in_a_shape_nobody_knows_are_passed_over(body: object) -> None:
    for kind in ("call.decided", "model.replied", "brief.drafted", "check.ran", "nobody.knows"):
        Narrator().tell({"type": kind, "body": body, "call": None})


def test_a_failure_over_budget_is_not_a_plain_failure() -> None:
    assert exit_code("verified", None) == 0
    assert exit_code("not_verified", "budget.exceeded") == 7
    assert exit_code("failed", "budget.exceeded") == 5
    assert exit_code("failed", None) == 1


def test_an_id_in_a_table_is_whole_even_where_the_terminal_is_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    ids = ("ses_" + "A" * 26, "trn_" + "B" * 26)
    Screen().table(("Session", "Moved (UTC)", "State", "Last turn"), [(ids[0], "x", "y", ids[1])])
    out = capsys.readouterr().out
    assert all(one in out for one in ids)
