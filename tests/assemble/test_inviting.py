"""Invitations between planes: who may read them, what they hold, what is said of a wrong one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deputy.assemble import (
    COMMANDS,
    Settings,
    inviting,
    running,
    serve_cell,
    serve_control,
    serve_execution,
    up,
)
from deputy.assemble.places import Part, StateDir
from deputy.core.errors import ConflictError, InvalidRequestError
from deputy.testing.fakes import FixedClock
from deputy.wire.invitations import read_invitation
from deputy.wire.tls import is_for

URL = "wss://control.lan:8452"


@pytest.fixture
def state(tmp_path: Path) -> StateDir:
    found = StateDir(tmp_path / "state")
    found.prepare(("control",))
    return found


def invitation(state: StateDir) -> Path:
    identity = inviting.identity(state, URL, FixedClock())
    return inviting.invite(state, "control", URL, certificate=identity.certificate)


def nobody(_: str) -> None:
    """Say nothing."""


def test_an_invitation_is_private_and_holds_no_private_key(state: StateDir) -> None:
    place = invitation(state)
    assert place.stat().st_mode & 0o777 == 0o600
    text = place.read_text()
    assert "PRIVATE" not in text
    assert '"d"' not in text
    found = read_invitation(place, to="control")
    assert found.url == URL
    assert found.key("control").to_jwk() == state.signing_key("control").public.to_jwk()
    assert is_for(found.certificate, "control.lan")


def test_what_was_written_outlives_a_power_cut_with_its_name(
    state: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that is lost shuts out every plane that trusts it."""
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    inviting.identity(state, URL, FixedClock())
    assert synced[-1] == "secrets"
    invitation(state)
    assert synced[-1] == "invitations"
    left = [p.name for p in (*state.invitations.iterdir(), *(state.root / "secrets").iterdir())]
    assert not [name for name in left if name.count(".") > 1], "no draft stays behind"


def test_a_certificate_stays_until_the_address_changes(state: StateDir) -> None:
    clock = FixedClock()
    first = inviting.identity(state, URL, clock)
    assert inviting.identity(state, "wss://control.lan:9999", clock) == first
    moved = inviting.identity(state, "wss://10.0.0.7:8452", clock)
    assert moved != first
    assert is_for(moved.certificate, "10.0.0.7")
    assert inviting.known_identity(state) == moved


def test_an_invitation_is_kept_for_the_next_start(state: StateDir, tmp_path: Path) -> None:
    cell = StateDir(tmp_path / "cell")
    cell.prepare(("cell",))
    given = inviting.invited(cell, invitation(state), "control")
    assert inviting.invited(cell, None, "control") == given
    assert (cell.invitations / "to-control.json").stat().st_mode & 0o777 == 0o600


def test_a_cell_does_not_change_to_the_control_plane_of_another_organisation(
    state: StateDir, tmp_path: Path
) -> None:
    cell = StateDir(tmp_path / "cell")
    cell.prepare(("cell",))
    certificate = inviting.identity(state, URL, FixedClock()).certificate

    def place(url: str, org: str) -> Path:
        return inviting.invite(state, "control", url, certificate=certificate, ids={"org": org})

    inviting.invited(cell, place(URL, "org_a"), "control")
    moved = inviting.invited(cell, place("wss://elsewhere.lan:8452", "org_a"), "control")
    assert moved.url == "wss://elsewhere.lan:8452"
    with pytest.raises(InvalidRequestError, match="belongs to another organisation"):
        inviting.invited(cell, place(URL, "org_b"), "control")
    assert inviting.invited(cell, None, "control") == moved


def test_without_an_invitation_a_plane_says_which_file_to_copy(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    with pytest.raises(InvalidRequestError, match=r"invitations/cell\.json"):
        serve_cell(settings, nobody, None)
    with pytest.raises(InvalidRequestError, match=r"invitations/execution\.json"):
        serve_execution(settings, nobody, None)


@pytest.mark.parametrize("taken", ["all", "control", "cell", "execution"])
def test_a_state_folder_serves_one_purpose_for_good(tmp_path: Path, taken: Part) -> None:
    StateDir(tmp_path).claim(taken)
    StateDir(tmp_path).claim(taken)
    settings = Settings(state_dir=tmp_path, wire_port=0, api_port=0)
    starts: dict[Part, Callable[[], None]] = {
        "all": lambda: up(settings, nobody),
        "control": lambda: serve_control(settings, nobody),
        "cell": lambda: serve_cell(settings, nobody, None),
        "execution": lambda: serve_execution(settings, nobody, None),
    }
    for part, start in starts.items():
        if part != taken:
            with pytest.raises(ConflictError, match=f"`{COMMANDS[taken]}`") as refused:
                start()
            assert f"`{COMMANDS[part]}`" in refused.value.hint


def test_one_state_folder_serves_one_process_group_at_a_time(tmp_path: Path) -> None:
    StateDir(tmp_path).tell(None)
    assert running(tmp_path) is None
    with pytest.raises(ConflictError, match="runs already on the state folder"):
        serve_execution(Settings(state_dir=tmp_path), nobody, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no invitation"),
        ("{}", "is no invitation"),
        ('{"to": "cell", "url": "http://x", "token": "t", "certificate": ""}', "is no invitation"),
    ],
)
def test_what_is_no_invitation_is_refused_with_the_cure(
    tmp_path: Path, text: str, why: str
) -> None:
    place = tmp_path / "given.json"
    place.write_text(text)
    place.chmod(0o600)
    with pytest.raises(InvalidRequestError, match=why) as refused:
        read_invitation(place, to="cell")
    assert "Copy invitations/execution.json" in refused.value.hint


def test_an_invitation_that_others_can_read_is_not_used(state: StateDir) -> None:
    place = invitation(state)
    place.chmod(0o640)
    with pytest.raises(InvalidRequestError, match="chmod 600"):
        read_invitation(place, to="control")


def test_an_invitation_to_another_kind_of_plane_is_told_apart(state: StateDir) -> None:
    with pytest.raises(InvalidRequestError, match="leads to a control plane, not to a cell plane"):
        read_invitation(invitation(state), to="cell")


def test_an_absent_file_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="cannot be read: No such file"):
        read_invitation(tmp_path / "none.json", to="cell")


def test_a_plane_that_listens_everywhere_must_be_told_its_own_address(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", wire_host="0.0.0.0", wire_port=0)
    with pytest.raises(InvalidRequestError, match="DEPUTY_WIRE_URL"):
        serve_control(settings, nobody)
    assert not settings.state_dir.exists(), "it is told before anything is made"
