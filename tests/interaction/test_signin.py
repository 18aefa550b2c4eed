"""Sign-in: tokens by digest, and a token file nobody else can read."""

from pathlib import Path

import pytest

from deputy.core.errors import DeputyError, NotSignedInError
from deputy.core.identity import Actor
from deputy.interaction.signin import OwnerToken, Tokens, read_owner_token


def test_a_token_stands_for_its_person_and_is_not_kept() -> None:
    people = Tokens.of({"a-token": "prs_a", "b-token": "prs_b"})
    assert people.who("b-token") == Actor(sub="prs_b")
    assert "a-token" not in repr(people)
    assert "a-token" not in repr(vars(OwnerToken("a-token", "prs_a")))


@pytest.mark.parametrize("wrong", ["", "a-toke", "a-token ", "A-TOKEN", "ä" * 9, "x" * 10_000])
def test_every_other_token_is_refused_with_the_cure(wrong: str) -> None:
    with pytest.raises(NotSignedInError) as refused:
        OwnerToken("a-token", "prs_a").who(wrong)
    assert "owner.token" in refused.value.hint


def test_the_owners_token_is_read_from_a_private_file_only(tmp_path: Path) -> None:
    file = tmp_path / "owner.token"
    with pytest.raises(NotSignedInError):
        read_owner_token(file)
    file.write_text("a-token\n")
    file.chmod(0o600)
    assert read_owner_token(file) == "a-token"
    file.chmod(0o640)
    with pytest.raises(DeputyError) as refused:
        read_owner_token(file)
    assert refused.value.hint == f"Run: chmod 600 {file}"
