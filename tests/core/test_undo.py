"""Undo and its undoing: what comes back, what goes, and what stays because others changed it."""

from deputy.core.artifacts import Snapshot, TreeEntry
from deputy.core.events import Draft
from deputy.core.events import session_bodies as b
from deputy.core.folds import fold
from deputy.core.labels import PLATFORM
from deputy.core.messages import ModelReply, ToolCall, TypedPart
from deputy.core.policy import Allow
from deputy.core.session import Session
from deputy.core.undo import Move, again, without
from tests.core.chains import Chain


def entry(path: str, what: str, made_by: str | None = None) -> TreeEntry:
    return TreeEntry(path=path, digest=what * 64, size=1, label=PLATFORM, made_by=made_by)


def worked(chain: Chain) -> tuple[str, str]:
    """A turn whose one call made a.txt and b.txt, changed c.txt and deleted d.txt."""
    turn, call, model, step = (chain.ids.new(p) for p in ("trn", "call", "call", "stp"))
    before = (entry("c.txt", "1"), entry("d.txt", "2"))
    chain.say(b.WorkspaceMoved(to="0" * 64, changed=before), label=PLATFORM)
    chain.say(b.TurnRequested(parts=(TypedPart(text="hello"),)), turn)
    made = tuple(entry(p, "3", call) for p in ("a.txt", "b.txt", "c.txt"))
    reply = ModelReply(calls=(ToolCall(id=call, tool="code.run", args={}),))
    content = {"changed": [{"path": e.path} for e in made], "deleted": ["d.txt"]}
    for body, name in (
        (b.TurnClaimed(worker="wrk"), None),
        (
            b.CallDecided(
                tool="model.reply", effect="read", args_digest="", decision=Allow(), authority=""
            ),
            model,
        ),
        (b.ModelReplied(model="m", place="inside", reply=reply, duration_ms=1), model),
        (b.CallReturned(tool="code.run", status="ok", content=content), call),
        (b.SnapshotTaken(tree="4" * 64, changed=made, deleted=("d.txt",)), call),
        (b.TurnFinished(outcome="answered", text="", receipt=""), None),
    ):
        chain.add(Draft(body, PLATFORM, turn=turn, step=step, call=name), epoch=1)
    return turn, call


def moved(chain: Chain, move: Move, **named: str) -> Session:
    body = b.WorkspaceMoved(
        to=move.tree.digest(), changed=move.back, deleted=move.deleted, **named
    )  # fmt: skip
    chain.say(body, label=PLATFORM)
    return fold(chain.events)


def test_what_others_changed_since_stays_and_the_rest_goes_back() -> None:
    chain = Chain()
    turn, _ = worked(chain)
    chain.say(b.WorkspaceMoved(to="5" * 64, changed=(entry("b.txt", "9"),)), label=PLATFORM)
    state = fold(chain.events)
    move = without(state, state.turns[turn])
    assert [e.path for e in move.back] == ["c.txt", "d.txt"]
    assert (move.deleted, move.kept) == (("a.txt",), ("b.txt",))


def test_an_undo_is_taken_back_but_for_what_changed_after_it() -> None:
    chain = Chain()
    turn, _ = worked(chain)
    state = fold(chain.events)
    there = state.tree
    state = moved(chain, without(state, state.turns[turn]), undone_turn=turn)
    assert state.tree == Snapshot(entries=(entry("c.txt", "1"), entry("d.txt", "2")))
    assert again(state, state.turns[turn]).tree == there
    chain.say(b.WorkspaceMoved(to="6" * 64, changed=(entry("c.txt", "8"),)), label=PLATFORM)
    state = fold(chain.events)
    move = again(state, state.turns[turn])
    assert ([e.path for e in move.back], move.kept) == (["a.txt", "b.txt"], ("c.txt",))
    assert move.deleted == ("d.txt",)
    state = moved(chain, move, redone_turn=turn)
    assert not state.turns[turn].undone
