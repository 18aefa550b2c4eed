"""What the environment can set, and what it cannot break."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deputy.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DEPUTY_{name.upper()}", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_without_any_variable_everything_stays_on_this_machine(tmp_path: Path) -> None:
    settings = Settings()
    assert settings.state_dir == tmp_path / ".local/state/deputy"
    assert settings.api_host == "127.0.0.1"
    assert settings.synchronous_commit


@pytest.mark.parametrize(("named", "used"), [("/var/states", True), ("states", False)])
def test_the_state_directory_follows_the_base_directory_specification(
    monkeypatch: pytest.MonkeyPatch, named: str, used: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", named)
    assert Settings().state_dir.is_relative_to("/var/states") is used


def test_a_variable_sets_a_setting_and_an_empty_one_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEPUTY_STATE_DIR", "~/here")
    monkeypatch.setenv("DEPUTY_SYNCHRONOUS_COMMIT", "off")
    monkeypatch.setenv("DEPUTY_API_PORT", "")
    settings = Settings()
    assert settings.state_dir == tmp_path / "here"
    assert not settings.synchronous_commit
    assert settings.api_port == 8451


def test_settings_do_not_change_after_they_were_read() -> None:
    with pytest.raises(ValidationError):
        Settings().api_port = 1
