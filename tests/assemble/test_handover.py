"""What a supervisor hands to a child: whole, over standard input, and quoted nowhere."""

from __future__ import annotations

import io
import traceback

import pytest

from deputy.assemble.handover import handed_over
from deputy.core.errors import DeputyError


@pytest.mark.parametrize("given", ["", '{"cell_url": "s3cret"}', '{"cell_url": "s3cret', "s3cret"])
def test_what_cannot_be_read_is_refused_and_not_quoted(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(DeputyError, match="is started by it") as refused:
        handed_over()
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))
