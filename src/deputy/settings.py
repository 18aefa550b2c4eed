"""What an operator sets: environment variables that begin with DEPUTY_, read once and frozen.

The composition root alone reads it and hands each part what it needs. It must never read a
file of its own, import another module of Deputy, or change after it was made.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_state_dir() -> Path:
    # The XDG base directory specification tells to ignore a relative value.
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    root = named if named.is_absolute() else Path.home() / ".local/state"
    return root / "deputy"


def _default_slots() -> int:
    return max(2, os.cpu_count() or 1)


class Settings(BaseSettings):
    """Every setting with its default; a name `x` is set by `DEPUTY_X`."""

    model_config = SettingsConfigDict(
        env_prefix="DEPUTY_", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    state_dir: Path = Field(default_factory=_default_state_dir)
    """Where keys, passwords, journals' blobs and, for ordinary users, the database lie."""
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8451, ge=0, le=65535)
    """0 lets the system choose."""
    wire_host: str = "127.0.0.1"
    """Where a control plane or a cell listens for other planes."""
    wire_port: int | None = Field(default=None, ge=0, le=65535)
    """By default 8452 for a control plane and 8453 for a cell; 0 lets the system choose."""
    wire_url: str | None = Field(default=None, pattern="^wss://[^/]+$")
    """How other planes reach this one, if not by the address it listens on."""
    slots: int = Field(default_factory=_default_slots, ge=1, le=256)
    """Code calls an execution host runs at the same time."""
    runtime_dir: Path | None = None
    """A folder with one runtime per name, such as `data`; by default beside the interpreter."""
    synchronous_commit: bool = True
    """False answers before a commit is on disk: faster, and the last instant may be lost."""
    workers: int = Field(default=1, ge=1, le=64)
    """Worker processes of this cell on this machine."""
    turns: int = Field(default=8, ge=1, le=100)
    """Turns a worker works on at the same time: mostly they wait for a model or a sandbox."""
    model: str = "builtin"
    """`builtin`, `openai:MODEL` or `anthropic:MODEL`."""
    model_url: str | None = None
    """Where that model answers, if not at its provider: any address that speaks its format."""
    model_key_file: Path | None = None
    """A file with the key, mode 0600. The environment is inherited and listed; a file is not."""
    model_place: Literal["inside", "outside"] = "outside"
    """Whether what the model reads stays inside the boundary."""
    model_price: str | None = None
    """What a million tokens cost, as INPUT/OUTPUT, where no price list knows it."""
    otel_url: str | None = None
    """An OTLP/HTTP collector that is told of each finished turn, without content; none: nobody."""
    otel_headers_file: Path | None = None
    """A file with what that collector asks for, `Name: value` line by line, mode 0600."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("state_dir", "runtime_dir", "model_key_file", "otel_headers_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Fix the meaning of a path now: later a process may work in another folder."""
        return path.expanduser().absolute() if path else None
