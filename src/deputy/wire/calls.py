"""Code calls on a link: what a cell asks of an execution host, and what comes back.

Owns their shape on the wire. What a host sends is judged here before anybody reads it: a host may
be broken or lie. Must never run a call or keep one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from deputy.core.calls import CodeCall, CodeLimits, CodeResult, Offer, WallReport
from deputy.core.errors import (
    DeputyError,
    HostLostError,
    InvalidRequestError,
    LimitExceededError,
    PermitError,
    SandboxUnavailableError,
)
from deputy.wire.links import Link, LinkLostError, Message

TEXT_CHARS_MAX = 4_000
REFUSALS: Final[Mapping[str, type[DeputyError]]] = {
    kind.__name__: kind
    for kind in (InvalidRequestError, LimitExceededError, PermitError, SandboxUnavailableError)
}
_CALL: Final = TypeAdapter(CodeCall)
_LIMITS: Final = TypeAdapter(CodeLimits)
_RESULT: Final = TypeAdapter(CodeResult)
_OFFER: Final = TypeAdapter(Offer)
_WALLS: Final = TypeAdapter(tuple[WallReport, ...])


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
    try:
        return _OFFER.validate_python(dict(message.head))
    except ValidationError as error:
        raise _lying("an offer") from error


async def send_result(link: Link, result: CodeResult) -> None:
    """Send what a call left."""
    head = asdict(result)
    for name in ("stdout", "stderr", "changed"):
        del head[name]
    head["changed"] = list(result.changed)
    await link.send("result", head, [result.stdout, result.stderr, *result.changed.values()])


def read_result(message: Message, call: CodeCall) -> CodeResult:
    """Read the result of a call; raises `HostLostError` if it is none or breaks its limits."""
    head, limits = dict(message.head), call.limits
    try:
        names = list(head.pop("changed"))
        (stdout, stderr), changed = _split(message.blobs, 2, len(names))
        result = _RESULT.validate_python(
            {
                **head,
                "walls": _WALLS.validate_python(head["walls"]),
                "deleted": tuple(head["deleted"]),
                "refused": tuple(tuple(pair) for pair in head["refused"]),
                "stdout": stdout,
                "stderr": stderr,
                "changed": dict(zip(names, changed, strict=True)),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _lying("a result") from error
    if (
        len(stdout) > limits.output_bytes
        or len(stderr) > limits.output_bytes
        or len(changed) > limits.files_max
        or any(len(raw) > limits.file_bytes for raw in changed)
        or sum(map(len, changed)) > limits.tree_bytes
    ):
        raise _lying("a result within its limits")
    return result


async def send_refusal(link: Link, error: DeputyError) -> None:
    """Say why a call was not run."""
    kind = next((n for n, t in REFUSALS.items() if isinstance(error, t)), "DeputyError")
    told = {"code": error.code, "message": error.message, "hint": error.hint}
    await link.send("refused", {"type": kind, **told})


def refusal(message: Message) -> DeputyError:
    """Give a refusal as the error it was there; an unknown one counts as a lost host."""
    told: dict[str, Any] = {k: str(v)[:TEXT_CHARS_MAX] for k, v in message.head.items()}
    kind = REFUSALS.get(told.get("type", ""), HostLostError)
    return kind(
        told.get("message", "An execution host refused."),
        hint=told.get("hint", ""),
        code=told.get("code"),
    )


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
