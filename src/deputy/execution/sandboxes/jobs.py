"""What a sandbox takes: the checks on a job before anything starts, and its wire form.

Owns limits on limits. Must never repair a job: what is wrong is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from deputy.core.errors import InvalidRequestError, LimitExceededError
from deputy.execution.guest import frames
from deputy.execution.guest.jobs import checked
from deputy.execution.sandboxes.port import Limits, SandboxJob

CODE_BYTES_MAX = 1_000_000
PARAMS_BYTES_MAX = 1_000_000
CEILINGS = Limits(
    wall_s=3_600,
    cpu_s=7_200,
    memory_bytes=64 << 30,
    output_bytes=64 << 20,
    file_bytes=4 << 30,
    files_max=20_000,
    tree_bytes=16 << 30,
    processes_max=1_024,
)


@dataclass(frozen=True)
class Parcel:
    """A job as it travels: a header, then the contents in the order the header names them."""

    header: bytes
    blobs: tuple[bytes, ...]


def parcel(job: SandboxJob, required: Iterable[str]) -> Parcel:
    """Check a job and give its wire form."""
    _check_limits(job.limits)
    _check_files(job)
    if len(job.code.encode("utf-8", "surrogatepass")) > CODE_BYTES_MAX:
        raise LimitExceededError(
            f"The code is longer than {CODE_BYTES_MAX} bytes.", hint="Split it into steps."
        )
    header = {
        "code": job.code,
        "params": dict(job.params),
        "seed": job.seed,
        "clock_s": job.clock_s,
        "limits": asdict(job.limits),
        "files": [[path, len(raw)] for path, raw in job.files.items()],
        "read_only": [[path, len(raw)] for path, raw in job.read_only.items()],
        "required": sorted(required),
    }
    try:
        packed = frames.packed(header)
    except (frames.FrameError, TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"The job cannot be written as JSON: {error}.",
            hint=f"Pass plain JSON values of at most {PARAMS_BYTES_MAX} bytes as params.",
        ) from error
    return Parcel(packed, (*job.files.values(), *job.read_only.values()))


def _check_limits(limits: Limits) -> None:
    for limit in fields(limits):
        value, most = getattr(limits, limit.name), getattr(CEILINGS, limit.name)
        if not 0 < value <= most:
            raise InvalidRequestError(
                f"The limit {limit.name} is {value}.",
                hint=f"Choose more than 0 and at most {most}.",
            )


def _check_files(job: SandboxJob) -> None:
    paths = [*job.files, *job.read_only]
    for path in paths:
        try:
            checked(path)
        except ValueError as error:
            raise InvalidRequestError(
                f"The file name {path!r} cannot be used: {error}.",
                hint="Use a relative path of plain characters.",
            ) from error
    folders = {path[:cut] for path in paths for cut, sign in enumerate(path) if sign == "/"}
    if len(set(paths)) < len(paths) or folders & set(paths):
        raise InvalidRequestError(
            "A path is named twice, or is both a file and a folder.",
            hint="Give each file a path of its own.",
        )
    size = sum(map(len, job.files.values())) + sum(map(len, job.read_only.values()))
    if len(paths) > job.limits.files_max or size > job.limits.tree_bytes:
        raise LimitExceededError(
            f"{len(paths)} files of {size} bytes do not fit into this call.",
            hint="Give fewer files, or raise files_max and tree_bytes.",
        )
