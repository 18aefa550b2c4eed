"""A whole Deputy that asks a language model: settings, key file, sandbox, checks, receipt."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.agent.models.desks import Answer, Desk, OpenAIWire, open_desk
from tests.journeys.installations import finished, install
from tests.journeys.test_ask import EXAMPLE, ask
from tests.requirement import requirement

KEY = "sk-secret-do-not-tell"
WIRE = OpenAIWire()
CSV = "out/rows.csv"
COUNT = """
import pathlib, pandas
print(len(pandas.read_excel(next(pathlib.Path().rglob("sales.xlsx")))))
"""
WRITE = """
import pathlib
pathlib.Path("out").mkdir(exist_ok=True)
pathlib.Path("out/rows.csv").write_text("rows\\n1\\n")
"""
BRIEF = {
    "goal": "Count the rows",
    "deliverables": [{"path": CSV, "media_type": "text/csv", "title": "Rows"}],
    "criteria": [
        {
            "id": "c1",
            "text": "The rows are a number",
            "check": "values.in_range",
            "target": CSV,
            "params": {"column": "rows", "min": 0},
        }
    ],
}


def call(tool: str, **args: object) -> tuple[str, str]:
    return tool, json.dumps(args)


ANSWERS = (
    WIRE.says("I look.", call("code_run", code=COUNT)),
    WIRE.says("I write.", call("brief_write", **BRIEF), call("code_run", code=WRITE)),
    WIRE.says("", call("deliver", files=[CSV], summary="One row.")),
    WIRE.says("The rows are counted."),
)


@contextmanager
def desk_beside(*answers: Answer) -> Iterator[Desk]:
    """Listen in a thread of its own: a journey waits without a loop."""
    loop, opened, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found: list[Desk] = []

    async def listen() -> None:
        async with open_desk(*answers) as desk:
            found.append(desk)
            opened.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        assert opened.wait(10)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@requirement("R028", "R142")
def test_a_language_model_on_this_machine_delivers_a_checked_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "model.key"
    key.write_text(KEY)
    key.chmod(0o600)
    with desk_beside(*ANSWERS) as desk:
        monkeypatch.setenv("DEPUTY_MODEL", "openai:desk")
        monkeypatch.setenv("DEPUTY_MODEL_URL", desk.url + "/v1")
        monkeypatch.setenv("DEPUTY_MODEL_KEY_FILE", str(key))
        monkeypatch.setenv("DEPUTY_MODEL_PLACE", "inside")
        monkeypatch.setenv("DEPUTY_MODEL_PRICE", "2/10")
        with install() as deputy:
            session, turn = ask(deputy, "Count the rows", EXAMPLE)
            shown = finished(deputy.client, session, turn)
            assert shown["outcome"] == "verified", shown
            receipt = deputy.client.get(f"/sessions/{session}/turns/{turn}/receipt")
            (provider,) = receipt["providers"]
            assert (provider["name"], provider["place"]) == ("openai:desk", "inside")
            assert provider["replies"] == len(ANSWERS)
            assert receipt["spent"]["cost_micros"] > 0
            kept = [p for p in deputy.state.rglob("*") if p.is_file()]
            assert not any(KEY.encode() in p.read_bytes() for p in kept)
            assert KEY not in json.dumps(receipt)
        assert [h["authorization"] for h in desk.headers] == [f"Bearer {KEY}"] * len(ANSWERS)
        assert '"status": "ok"' in json.loads(WIRE.words(desk.asked[1]))[-1]["content"]
    assert KEY not in "".join(capfd.readouterr())
