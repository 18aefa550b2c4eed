"""A turn parks, is answered and goes on in three processes, with five weeks between them.

Control and cell are real, each on its own database; no process outlives its part.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deputy.control.mandates import DAY_US
from deputy.core.policy import Allow, Deny, Hold
from deputy.core.session import Call, Turn
from deputy.testing.fakes import START_US
from tests.agent.cells import open_cell
from tests.agent.test_turns import HOLD_CODE
from tests.databases import Database
from tests.requirement import requirement

ANSWERED_DAY, RESUMED_DAY = 27, 35
"""Days after the park: the mandate of four weeks is still in force, and it is not."""


@dataclass
class Story:
    """Three processes and the days on which they run."""

    cell: Database
    control: Database
    folder: Path

    def run(self, do: str, day: int, **more: Any) -> dict[str, Any]:
        """Run one process to its end on a day."""
        order = {
            "do": do,
            "now_us": START_US + day * DAY_US,
            "cell": self.cell.role,
            "control": self.control.role,
            "folder": str(self.folder),
            "start": (day + 1) * 10**6,
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.agent.weeks_apart"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    async def turn(self, session: str) -> Turn:
        """Fold what all of them left."""
        async with open_cell(self.cell, self.folder, [], start=10**9) as cell:
            (turn,) = (await cell.state(session)).turns.values()
        return turn


@pytest.fixture
def story(cell_database: Database, control_database: Database, tmp_path: Path) -> Story:
    """Two empty planes."""
    return Story(cell_database, control_database, tmp_path)


@requirement("R060", "R067", "R307")
@pytest.mark.parametrize(
    ("limits", "rule"),
    [({}, HOLD_CODE), ({"steps": 1}, "")],
    ids=["a rule asks", "a limit asks"],
)
async def test_answered_in_time_and_lent_anew_it_goes_on_where_it_stood_after_five_weeks(
    story: Story, limits: dict[str, int], rule: str
) -> None:
    begun = story.run("begin", 0, limits=limits, rule=rule)
    parked = await story.turn(begun["session"])
    assert parked.status == "parked"
    answered = story.run("answer", ANSWERED_DAY, renew=True)
    assert answered["since_us"] < START_US + DAY_US
    worked = story.run("work", RESUMED_DAY, session=begun["session"])
    done = await story.turn(begun["session"])
    assert done.finished is not None
    assert (done.finished.outcome, done.finished.text) == ("answered", "One row.")
    assert worked["asked"] == 1, "the first reply was not asked for again"
    (call,) = done.calls.values()
    assert call.attempts == 1
    held, again = held_call(parked), held_call(done, at=parked)
    assert isinstance(held.decision, Hold)
    assert isinstance(again.decision, Allow)
    assert again.authority != held.authority, "decided anew under what is in force today"
    assert done.working_us < 60_000_000, "waiting is not work"


@requirement("R060")
async def test_answered_in_time_but_lent_no_longer_it_is_decided_again_and_ends_in_words(
    story: Story,
) -> None:
    begun = story.run("begin", 0, limits={"steps": 1}, rule="")
    parked = await story.turn(begun["session"])
    story.run("answer", ANSWERED_DAY, renew=False)
    worked = story.run("work", RESUMED_DAY, session=begun["session"])
    done = await story.turn(begun["session"])
    assert done.finished is not None
    assert (done.finished.outcome, done.finished.code) == ("failed", "gate.denied")
    assert "No mandate in force lets this agent use 'model.reply'" in done.finished.text
    assert done.finished.hint is not None
    assert "grant a mandate" in done.finished.hint
    assert isinstance(held_call(done, at=parked).decision, Deny)
    assert worked == {"started": [], "asked": 0}


def held_call(turn: Turn, *, at: Turn | None = None) -> Call:
    """Give the call that waits, or the one that waited `at` an earlier state."""
    calls = [*(step.model for step in turn.steps), *turn.calls.values()]
    if at is None:
        return next(c for c in calls if isinstance(c.decision, Hold))
    return next(c for c in calls if c.id == held_call(at).id)
