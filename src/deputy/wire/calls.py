"""Code calls on a link: what a cell asks of an execution host, and what comes back.

Owns their shape on the wire. What a host sends is judged here before anybody reads it: a host may
be broken or lie. Must never run a call or keep one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Annotated, Final

from pydantic import Field, StrictBool, StrictInt, StringConstraints, TypeAdapter

from deputy.core.artifacts import PATH_BYTES_MAX
from deputy.core.calls import CodeCall, CodeLimits, CodeOutcome, CodeResult, Offer, WallReport
from deputy.core.errors import (
    DeputyError,
    HostLostError,
    InvalidRequestError,
    LimitExceededError,
    PermitError,
    SandboxUnavailableError,
)
from deputy.core.ids import check
from deputy.core.messages import Value
from deputy.wire.links import HEAD_BYTES_MAX, Link, LinkLostError, Message

ANSWER_MARGIN_S = 30.0
"""What a host may need beyond a call's own time: making the sandbox, and sending the result."""
TEXT_CHARS_MAX = 1_000
WALLS_MAX = 64
REFUSALS_MAX = 100
LIMITS_NAMED = frozenset(CodeLimits.__dataclass_fields__)
REFUSALS: Final[Mapping[str, type[DeputyError]]] = {
    kind.__name__: kind
    for kind in (InvalidRequestError, LimitExceededError, PermitError, SandboxUnavailableError)
}
_CALL: Final = TypeAdapter(CodeCall)
_LIMITS: Final = TypeAdapter(CodeLimits)
_CODE: Final = re.compile(r"[a-z][a-z0-9_.]{0,60}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
_Text = Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Wall(Value):
    name: _Text
    stands: StrictBool
    how: _Text
    cure: _Text | None


class _Told(Value):
    """What a host says beside the bytes; limits of the call are looked at afterwards."""

    outcome: CodeOutcome
    exception: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]\w{0,60}$")] | None
    line: Annotated[StrictInt, Field(ge=0)] | None
    changed: tuple[Annotated[str, StringConstraints(max_length=PATH_BYTES_MAX)], ...]
    deleted: tuple[str, ...]
    duration_s: _Seconds
    cpu_s: _Seconds
    memory_peak_bytes: Annotated[StrictInt, Field(ge=0, lt=1 << 62)] | None
    backend: _Text
    walls: Annotated[tuple[_Wall, ...], Field(max_length=WALLS_MAX)]
    limit: str | None
    refused: Annotated[tuple[tuple[_Text, _Text], ...], Field(max_length=REFUSALS_MAX)]


async def send_call(link: Link, call: CodeCall) -> None:
    """Send a call with everything it brings."""
    head = {
        "call": call.call,
        "attempt": call.attempt,
        "runtime": call.runtime,
        "params": dict(call.params),
        "seed": call.seed,
        "clock_s": call.clock_s,
        "limits": asdict(call.limits),
        "files": list(call.files),
        "read_only": list(call.read_only),
    }
    blobs = [call.code.encode(), *call.files.values(), *call.read_only.values()]
    await link.send("call", head, blobs)


def read_call(message: Message) -> CodeCall:
    """Read a call; raises `LinkLostError` if it is none."""
    head, blobs = dict(message.head), message.blobs
    try:
        files, read_only = list(head.pop("files")), list(head.pop("read_only"))
        code, first, second = _split(blobs, 1, len(files), len(read_only))
        return _CALL.validate_python(
            {
                **head,
                "limits": _LIMITS.validate_python(head["limits"]),
                "code": code[0].decode(),
                "files": dict(zip(files, first, strict=True)),
                "read_only": dict(zip(read_only, second, strict=True)),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LinkLostError("A code call arrived that cannot be read.") from error


async def send_offer(link: Link, offer: Offer) -> None:
    """Send the id of the executor and the nonce of a permit."""
    await link.send("offer", asdict(offer))


def read_offer(message: Message) -> Offer:
    """Read an offer; raises `HostLostError` if it is none."""
    executor, nonce = message.head.get("executor"), message.head.get("nonce")
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise _lying("an offer")
    try:
        return Offer(check("hst", str(executor)), nonce)
    except InvalidRequestError as error:
        raise _lying("an offer") from error


async def send_result(link: Link, result: CodeResult) -> None:
    """Send what a call left."""
    head = asdict(result)
    for name in ("stdout", "stderr", "changed"):
        del head[name]
    head["changed"] = list(result.changed)
    await link.send("result", head, [result.stdout, result.stderr, *result.changed.values()])


def result_bytes_max(call: CodeCall) -> int:
    """Give how many bytes the result of a call may have."""
    return HEAD_BYTES_MAX + call.limits.tree_bytes + call.limits.output_bytes


def read_result(message: Message, call: CodeCall) -> CodeResult:
    """Read the result of a call; raises `HostLostError` if it is none or breaks its limits."""
    try:
        told = _Told.model_validate(message.head)
        (stdout, stderr), changed = _split(message.blobs, 2, len(told.changed))
    except ValueError as error:
        raise _lying("a result") from error
    if not _possible(told, call) or not _within(stdout + stderr, changed, call.limits):
        raise _lying("a result within its limits")
    return CodeResult(
        outcome=told.outcome,
        exception=told.exception,
        line=told.line,
        stdout=stdout,
        stderr=stderr,
        changed=dict(zip(told.changed, changed, strict=True)),
        deleted=told.deleted,
        duration_s=told.duration_s,
        cpu_s=told.cpu_s,
        memory_peak_bytes=told.memory_peak_bytes,
        backend=told.backend,
        walls=tuple(WallReport(w.name, w.stands, w.how, w.cure) for w in told.walls),
        limit=told.limit,
        refused=told.refused,
    )


def _possible(told: _Told, call: CodeCall) -> bool:
    """Say whether this call could have left this: nothing is deleted that it was not given."""
    names = set(told.changed)
    return (
        len(names) == len(told.changed)
        and not names & call.read_only.keys()
        and set(told.deleted) <= call.files.keys()
        and (told.line or 0) <= call.code.count("\n") + 1
        and told.duration_s <= call.limits.wall_s + ANSWER_MARGIN_S
        and (told.limit is None or told.limit in LIMITS_NAMED)
    )


def _within(output: bytes, changed: tuple[bytes, ...], limits: CodeLimits) -> bool:
    return (
        len(output) <= limits.output_bytes
        and len(changed) <= limits.files_max
        and all(len(raw) <= limits.file_bytes for raw in changed)
        and sum(map(len, changed)) <= limits.tree_bytes
    )


async def send_refusal(link: Link, error: DeputyError) -> None:
    """Say why a call was not run."""
    kind = next((n for n, t in REFUSALS.items() if isinstance(error, t)), "DeputyError")
    told = {"code": error.code, "message": error.message, "hint": error.hint}
    await link.send("refused", {"type": kind, **told})


def refusal(message: Message) -> DeputyError:
    """Give a refusal as the error it was there; an unknown one counts as a lost host."""
    told = {name: _words(message.head.get(name)) for name in ("type", "code", "message", "hint")}
    return REFUSALS.get(told["type"], HostLostError)(
        told["message"] or "An execution host refused.",
        hint=told["hint"],
        code=told["code"] if _CODE.fullmatch(told["code"]) else None,
    )


def _words(said: object) -> str:
    """Give what can be shown and recorded, whatever a host sent for it."""
    text = said[:TEXT_CHARS_MAX] if isinstance(said, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)


def _split(blobs: tuple[bytes, ...], *counts: int) -> list[tuple[bytes, ...]]:
    if sum(counts) != len(blobs):
        raise ValueError("names and contents differ in number")
    ends = accumulate(counts, initial=0)
    return [blobs[begin:end] for begin, end in pairwise(ends)]


def _lying(what: str) -> HostLostError:
    return HostLostError(
        f"An execution host sent something that is not {what}.",
        hint="What it said is thrown away and the call is tried again; look at that host's log.",
    )
