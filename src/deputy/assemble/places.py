"""The state directory: keys, tokens and the note that tells where a running Deputy listens.

Owns their names and modes (folders 0700, files 0600) and makes each secret once. Must never print
a secret.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deputy.core.errors import ConflictError

if TYPE_CHECKING:
    from deputy.wire.signing import SigningKey

Plane = Literal["control", "cell"]
Part = Literal["all", "control", "cell", "execution"]
"""What of Deputy works on a state folder: one plane, or all of them."""
COMMANDS: Mapping[Part, str] = {
    "all": "deputy up",
    "control": "deputy serve control",
    "cell": "deputy serve cell",
    "execution": "deputy serve execution",
}
NAMES: Mapping[Part, str] = {
    "all": "all planes on one machine",
    "control": "a control plane of its own",
    "cell": "a cell of its own",
    "execution": "an execution host of its own",
}
SIGNS: Mapping[Plane, Literal["gate", "control"]] = {"control": "control", "cell": "gate"}
"""Whose statements a plane signs."""
TOKEN_BYTES = 32
MASTER_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Running:
    """Where a Deputy of this state directory answers, and the token that signs its owner in."""

    url: str
    token_path: Path


@dataclass(frozen=True, slots=True)
class StateDir:
    """One installation's state directory."""

    root: Path

    @property
    def blobs(self) -> Path:
        """Where blobs lie."""
        return self.root / "blobs"

    @property
    def owner_token(self) -> Path:
        """The file with the owner's token."""
        return self.root / "owner.token"

    @property
    def note(self) -> Path:
        """The file that tells where a running Deputy listens."""
        return self.root / "running.json"

    @property
    def invitations(self) -> Path:
        """Where invitations lie: those written here, and the one this plane was given."""
        return self.root / "invitations"

    @property
    def part(self) -> Part | None:
        """What works on this folder; None before the first start."""
        try:
            told = (self.root / "part").read_text()
        except OSError:
            return None
        return next((part for part in COMMANDS if part == told), None)

    def claim(self, part: Part) -> None:
        """Take the folder for one purpose for good; raises `ConflictError` if it has another.

        The same journals under another organisation would show nobody their sessions.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _once(self.root / "part", lambda: part.encode()) != part.encode():
            self.require(part)

    def require(self, part: Part) -> None:
        """Raise `ConflictError` if the folder was taken for something else."""
        if (taken := self.part) not in (None, part):
            assert taken is not None
            raise ConflictError(
                f"The state folder {self.root} belongs to {NAMES[taken]}, started by"
                f" `{COMMANDS[taken]}`.",
                hint=f"Start that, or set DEPUTY_STATE_DIR to another folder for"
                f" `{COMMANDS[part]}`.",
                code="state.other_plane",
            )

    def prepare(self, planes: Iterable[Plane]) -> None:
        """Make the folder and every secret of these planes that is not there yet."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / "secrets").mkdir(mode=0o700, exist_ok=True)
        for plane in planes:
            self.master_key(plane)
            self.signing_key(SIGNS[plane])
            if plane == "cell":
                _once(self.owner_token, lambda: secrets.token_urlsafe(TOKEN_BYTES).encode())

    def master_key(self, plane: str) -> bytes:
        """Give a plane's master key (32 bytes)."""
        return _once(
            self.root / "secrets" / f"{plane}.master", lambda: os.urandom(MASTER_KEY_BYTES)
        )

    def door_token(self, door: str) -> str:
        """Give the token that opens one door of this plane to other planes."""
        return _once(
            self.root / "secrets" / f"{door}.token",
            lambda: secrets.token_urlsafe(TOKEN_BYTES).encode(),
        ).decode()

    def signing_key(self, name: Literal["gate", "control"]) -> SigningKey:
        """Give a signing key by name."""
        from deputy.wire.signing import SigningKey

        raw = _once(
            self.root / "secrets" / f"{name}.jwk",
            lambda: json.dumps(SigningKey.generate().to_jwk()).encode(),
        )
        return SigningKey(json.loads(raw))

    def tell(self, url: str | None) -> None:
        """Write that this process group runs, and where people reach it."""
        draft = self.note.with_suffix(".new")
        draft.write_text(json.dumps({"url": url, "pid": os.getpid(), "started": _started()}))
        draft.chmod(0o600)
        draft.replace(self.note)

    def untell(self) -> None:
        """Remove the note."""
        self.note.unlink(missing_ok=True)


def running(state_dir: Path) -> Running | None:
    """Give the Deputy that answers people on a state directory, or None."""
    state, note = StateDir(state_dir), _note(state_dir)
    if note is None or note["url"] is None:
        return None
    return Running(str(note["url"]), state.owner_token)


def at_work(state_dir: Path) -> bool:
    """Say whether any plane works on a state directory."""
    return _note(state_dir) is not None


def require_idle(state: StateDir) -> None:
    """Raise `ConflictError` if something works on this folder."""
    if (note := _note(state.root)) is None:
        return
    where = f"at {note['url']}" if note["url"] else f"on the state folder {state.root}"
    raise ConflictError(
        f"Deputy runs already {where}.",
        hint="Use it, stop it, or set DEPUTY_STATE_DIR to another folder.",
        code="state.in_use",
    )


def _note(state_dir: Path) -> dict[str, Any] | None:
    """Give what a live process group told, or None."""
    try:
        told: dict[str, Any] = json.loads(StateDir(state_dir).note.read_text())
        alive = "url" in told and _start_of(int(told["pid"])) == told["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if alive else None


def _once(path: Path, make: Callable[[], bytes]) -> bytes:
    """Give a secret file's bytes, made whole or not at all by whoever comes first."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        draft = _drafted(path, make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_folder(path.parent)
        return path.read_bytes()


def write_private(path: Path, text: str) -> None:
    """Write a private file whole or not at all, in place of what is there."""
    _drafted(path, text.encode()).replace(path)
    _sync_folder(path.parent)


def _drafted(path: Path, raw: bytes) -> Path:
    # In a container every start may have the same process id as the one that was killed.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(path: Path) -> None:
    """Make the names in a folder outlive a power cut: what a lost key sealed is lost."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _started() -> str:
    return _start_of(os.getpid())


def _start_of(pid: int) -> str:
    # Field 22 of proc(5) stat: a pid used again by another process has another start time.
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[19]
