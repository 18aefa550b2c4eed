"""Looking for secrets where thieves look first: arguments, environments, logs, files, answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deputy.postgres import EmbeddedPostgres
from tests.journeys.installations import Installation, finished, install
from tests.journeys.test_ask import EXAMPLE, ask


def secrets_of(state: Path) -> dict[str, set[bytes]]:
    """Give every secret of an installation by its file, in each form it could be written."""
    found: dict[str, set[bytes]] = {}
    for path in [*(state / "secrets").iterdir(), state / "owner.token",
                 *EmbeddedPostgres(state).places.secrets.iterdir()]:  # fmt: skip
        raw = path.read_bytes().strip()
        if path.suffix == ".jwk":
            raw = str(json.loads(raw)["d"]).encode()
        found[str(path)] = {raw, raw.hex().encode(), repr(raw)[2:-1].encode()}
    return found


def processes_of(deputy: Installation) -> list[Path]:
    """Give the /proc folders of an installation's processes, whatever they became."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(status[1])
        except (OSError, ValueError):
            continue
    own = {deputy.process.pid}
    for _ in parents:
        grown = own | {child for child, parent in parents.items() if parent in own}
        if grown == own:
            break
        own = grown
    return [Path(f"/proc/{pid}") for pid in own]


def test_no_secret_leaves_its_file(capfd: pytest.CaptureFixture[str]) -> None:
    """Wall: secrets travel by 0600 files and standard input, and are never formatted."""
    with install() as deputy:
        session, turn = ask(deputy, "Net sales by region as CSV", EXAMPLE)
        finished(deputy.client, session, turn)
        secrets = secrets_of(deputy.state)
        assert len(secrets) >= 7, sorted(secrets)
        seen: dict[str, bytes] = {}
        for process in processes_of(deputy):
            for name in ("cmdline", "environ"):
                try:
                    seen[f"{process}/{name}"] = (process / name).read_bytes()
                except OSError:
                    continue
        assert len(seen) > 10, "the processes of an installation were found"
        base = f"/sessions/{session}"
        for address in ("/sessions", base, f"{base}/turns/{turn}/receipt"):
            seen[address] = json.dumps(deputy.client.get(address)).encode()
        for path in deputy.state.rglob("*"):
            if path.is_file() and str(path) not in secrets:
                seen[str(path)] = path.read_bytes()
        out, err = capfd.readouterr()
        seen["standard output and error"] = (out + err).encode()
        for place, content in seen.items():
            for name, forms in secrets.items():
                assert not any(form in content for form in forms), (place, name)
        for name in secrets:
            assert Path(name).stat().st_mode & 0o077 == 0, name
            assert Path(name).parent.stat().st_mode & 0o077 == 0, name
