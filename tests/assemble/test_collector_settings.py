"""The settings of a collector: off unless named, and headers from a private file alone."""

from pathlib import Path

import pytest

from deputy.assemble.telemetry import destination, read_headers
from deputy.core.errors import InvalidRequestError
from deputy.settings import Settings


def headers_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "headers"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_no_collector_is_named_by_itself() -> None:
    assert destination(Settings()) is None


def test_a_collector_is_reached_with_the_headers_of_its_file(tmp_path: Path) -> None:
    file = headers_file(tmp_path, "Authorization: Bearer a b\n\nX-Team: sales\n")
    found = destination(Settings(otel_url="https://c.example.com/", otel_headers_file=file))
    assert found is not None
    assert found.headers == {"Authorization": "Bearer a b", "X-Team": "sales"}
    assert found.place("traces") == "https://c.example.com/v1/traces"
    assert "Bearer" not in repr(found)


@pytest.mark.parametrize(
    ("text", "mode", "cure"),
    [
        ("Authorization: x", 0o644, "chmod 600"),
        ("just a key", 0o600, "one header a line"),
        ("Two\x01: x", 0o600, "one header a line"),
        ("X: a\x7fb", 0o600, "one header a line"),
    ],
)
def test_a_headers_file_that_is_open_or_odd_is_refused(
    tmp_path: Path, text: str, mode: int, cure: str
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_headers(headers_file(tmp_path, text, mode))
    assert cure in refused.value.hint
    assert text not in str(refused.value)
