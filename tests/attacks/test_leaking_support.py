"""Threat: a support file, made to be given away, carries what the installation works on.

A real Deputy with a secret in every place a secret can be in; not one of them may be in the file.
"""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.journeys.installations import Installation, finished, install
from tests.requirement import requirement

PLACES = [
    "prompt",
    "typed",
    "title",
    "filename",
    "content",
    "reason",
    "modelkey",
    "modelurl",
    "modelname",
    "price",
    "otelurl",
    "otelheader",
    "apikey",
    "log",
    "exception",
    "pglog",
    "environment",
]
SECRETS = {place: f"xq{place}9471" for place in PLACES}
HOST = "10.77.66.55"


def _work(deputy: Installation, folder: Path) -> None:
    """Put secrets into everything a person can write."""
    session = deputy.client.command("/sessions", title=SECRETS["title"])["session"]
    table = folder / f"{SECRETS['filename']}.csv"
    table.write_text(f"region,{SECRETS['content']}\nNorth,1\nSouth,2\n")
    file = deputy.client.upload(session, table)
    words = f"Total {SECRETS['content']} by region as csv {SECRETS['prompt']}"
    parts = [{"kind": "typed", "text": words}, {"kind": "file", "file": file["id"]}]
    turn = deputy.client.command(f"/sessions/{session}/turns", parts=parts)["turn"]
    finished(deputy.client, session, turn)
    again = [{"kind": "typed", "text": SECRETS["typed"]}]
    second = deputy.client.command(f"/sessions/{session}/turns", parts=again)["turn"]
    finished(deputy.client, session, second)


def _soil_logs(state: Path) -> None:
    said = {
        "timestamp": "2026-01-01T00:00:00Z",
        "level": "error",
        "event": f"about {SECRETS['log']}",
        "exception": SECRETS["exception"],
        "turn": SECRETS["log"],
    }
    log = state / "log" / "deputy.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("a") as file:
        file.write(f"{json.dumps(said)}\n{SECRETS['log']}\n")
    with (state / "postgres.log").open("a") as file:
        line = f"2026-01-01 00:00:00.000 UTC [1] ERROR:  value {SECRETS['pglog']}\n"
        file.write(line + f"{SECRETS['pglog']}\n")


def _environment(state: Path, folder: Path) -> dict[str, str]:
    """Settings that name secrets in all the wrong places, too."""
    key, headers = folder / "key", folder / "headers"
    key.write_text(SECRETS["modelkey"])
    headers.write_text(f"Authorization: {SECRETS['otelheader']}\n")
    for file in (key, headers):
        file.chmod(0o600)
    return {
        **os.environ,
        "DEPUTY_STATE_DIR": str(state),
        "DEPUTY_MODEL": f"openai:{SECRETS['modelname']}",
        "DEPUTY_MODEL_URL": f"https://me:{SECRETS['modelurl']}@{HOST}/v1",
        "DEPUTY_MODEL_KEY_FILE": str(key),
        "DEPUTY_MODEL_PRICE": SECRETS["price"],
        "DEPUTY_OTEL_URL": f"https://me:{SECRETS['otelurl']}@{HOST}",
        "DEPUTY_OTEL_HEADERS_FILE": str(headers),
        "OPENAI_API_KEY": SECRETS["apikey"],
        "SOMETHING": SECRETS["environment"],
    }


def _keys(state: Path) -> list[bytes]:
    """Give every key, password and token of the installation, as it lies there and encoded."""
    found = []
    for file in [*(state / "secrets").rglob("*"), state / "owner.token"]:
        if not file.is_file():
            continue
        raw = file.read_bytes().strip()
        found += [raw, base64.b64encode(raw), raw.hex().encode()]
        if file.suffix == ".jwk":
            found += [str(v).encode() for v in json.loads(raw).values() if len(str(v)) > 16]
    return found


@requirement("R148")
@pytest.mark.slow
def test_no_secret_of_a_running_installation_is_in_its_support_file(tmp_path: Path) -> None:
    target = tmp_path / "support.zip"
    with install() as deputy:
        _work(deputy, tmp_path)
        _soil_logs(deputy.state)
        command = [sys.executable, "-m", "deputy.cli", "doctor", "--support", str(target)]
        done = subprocess.run(
            command,
            env=_environment(deputy.state, tmp_path),
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert target.exists(), done.stderr
        assert "Nothing was sent anywhere" in done.stdout
        keys = _keys(deputy.state)
        again = subprocess.run(command, capture_output=True, text=True, timeout=100)
        assert again.returncode == 1
        assert "there already" in again.stderr
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    whole = b"\n".join(inside.values()) + b"\n".join(name.encode() for name in inside)
    for place, secret in SECRETS.items():
        assert secret.encode() not in whole, place
    assert HOST.encode() not in whole
    assert not [key for key in keys if key in whole]
    # It is of use all the same.
    traces, events = json.loads(inside["traces.json"]), json.loads(inside["events.json"])
    assert len(traces) == 2
    assert traces[0]["spans"][0]["facts"]["outcome"]
    assert events["events"]["turn.finished"] == 2
    settings = json.loads(inside["settings.json"])
    assert settings["DEPUTY_MODEL_KEY_FILE"] == {"set": True}
    assert settings["DEPUTY_MODEL"]["kind"] == "openai"
    findings = {finding["name"]: finding for finding in json.loads(inside["findings.json"])}
    assert not findings["Model"]["ok"]
    assert b"database system is ready" in inside["postgres.log"]
    assert b"(left out)" in inside["deputy.log"]
