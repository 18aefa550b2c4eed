"""The model an operator chose: what settings and a key file may say, and who is told otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deputy import assemble
from deputy.assemble.doctor.looks import model as seen_by_the_doctor
from deputy.assemble.models import KEY_BYTES_MAX, chosen_model, read_key
from deputy.core.errors import InvalidRequestError
from deputy.settings import Settings
from deputy.testing.fakes import SequentialIds

KEY = "sk-secret-do-not-tell"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DEPUTY_{name.upper()}", raising=False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


def test_without_any_setting_the_built_in_model_answers() -> None:
    model = chosen_model(Settings(), SequentialIds())
    assert (model.name, model.place) == ("builtin:tables", "inside")


def test_a_providers_model_is_chosen_by_settings_and_its_key_is_never_shown(
    key_file: Path,
) -> None:
    settings = Settings(model="anthropic:claude-sonnet-4-5", model_key_file=key_file)
    model = chosen_model(settings, SequentialIds())
    assert (model.name, model.place) == ("anthropic:claude-sonnet-4-5", "outside")
    assert KEY not in f"{settings!r}{model!r}"


def test_a_server_of_ones_own_needs_no_key() -> None:
    settings = Settings(
        model="openai:local",
        model_url="http://127.0.0.1:8000/v1",
        model_place="inside",
        model_price="0/0",
    )
    assert chosen_model(settings, SequentialIds()).place == "inside"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_others_could_read_is_refused_with_its_cure(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(InvalidRequestError, match="chmod 600") as caught:
        read_key(key_file)
    assert caught.value.code == "model.key_unusable"


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"two words", b"two\nlines", b"\xff\xfe", b"k" * (KEY_BYTES_MAX + 1)]
)
def test_what_holds_no_key_is_refused_without_being_shown(key_file: Path, raw: bytes) -> None:
    key_file.write_bytes(raw)
    with pytest.raises(InvalidRequestError, match="holds no key") as caught:
        read_key(key_file)
    assert not raw.strip() or repr(raw)[2:-1] not in str(caught.value)


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (tmp_path, pipe, tmp_path / "missing"):
        with pytest.raises(InvalidRequestError) as caught:
            read_key(path)
        assert caught.value.code == "model.key_unusable"


def test_starting_with_a_model_that_cannot_work_is_refused_before_anything_starts(
    tmp_path: Path,
) -> None:
    settings = Settings(model="openai:gpt-4o", state_dir=tmp_path / "state")
    with pytest.raises(InvalidRequestError, match="DEPUTY_MODEL_KEY_FILE"):
        assemble.up(settings, print)
    assert not (tmp_path / "state").exists()


def test_the_doctor_names_the_model_or_its_cure(key_file: Path) -> None:
    found = seen_by_the_doctor(Settings(model="openai:gpt-4o", model_key_file=key_file))
    assert (found.trouble, found.what) == (None, "openai:gpt-4o, outside the boundary")
    key_file.chmod(0o644)
    lost = seen_by_the_doctor(Settings(model="openai:gpt-4o", model_key_file=key_file))
    assert lost.trouble is not None
    assert "chmod 600" in lost.trouble.cure
    assert KEY not in f"{found}{lost}"
