"""What a session takes: files, words and answers, before anything is recorded.

Owns the refusals, each with its cure. Pure. Must never look anything up.
"""

from __future__ import annotations

from collections.abc import Sequence

from deputy.core import holds
from deputy.core.artifacts import FILE_BYTES_MAX, UPLOADS_FOLDER, check_place, folders_of
from deputy.core.errors import InvalidRequestError, LimitExceededError, NotFoundError
from deputy.core.labels import Label, typed_by, uploaded_by
from deputy.core.messages import FilePart, Part, PastedPart, TypedPart
from deputy.core.policy import Hold
from deputy.core.session import Call, Session


def require_taken(name: str, size: int) -> None:
    """Refuse a file that is empty or too large, before it is kept."""
    if not size:
        raise InvalidRequestError(
            f"The file '{name}' is empty: it has no bytes at all.",
            hint="Bring one that holds data. If it should, save or export it again.",
            code="file.empty",
        )
    if size > FILE_BYTES_MAX:
        raise LimitExceededError(
            f"The file '{name}' has {size >> 20} MiB; {FILE_BYTES_MAX >> 20} MiB is the limit.",
            hint="Split it, or leave out what is not needed.",
        )


def free_path(state: Session, name: str) -> str:
    """Give the path in the tree at which a file of that name can lie."""
    # What code deleted from the tree is still what somebody brought under that name.
    taken = {*state.tree.by_path(), *(f.path for f in state.files.values())}
    folders = {folder for path in taken for folder in folders_of(path)}
    stem, dot, suffix = name.rpartition(".")
    for count in range(1, 10_000):
        numbered = (
            name if count == 1 else f"{stem or suffix} ({count}){dot}{suffix if stem else ''}"
        )
        path = f"{UPLOADS_FOLDER}/{numbered}"
        if path not in taken and path not in folders:
            return check_place(path, taken, folders)
    raise LimitExceededError("This session holds too many files of that name.")


def said_label(person: str, parts: Sequence[Part]) -> Label:
    """Give the label of words: pasted ones are data, whoever pasted them."""
    pasted = any(isinstance(p, PastedPart) for p in parts)
    return uploaded_by(person) if pasted else typed_by(person)


def require_words(parts: Sequence[Part]) -> None:
    """Refuse a request without a word."""
    if not any(isinstance(p, TypedPart | PastedPart) for p in parts):
        raise InvalidRequestError(
            "The request has no words.",
            hint="Say which result you need, for example: sales by region as Excel.",
            code="request.no_words",
        )


def require_files(state: Session, parts: Sequence[Part]) -> None:
    """Refuse to mention a file that was not brought to this session."""
    for part in parts:
        if isinstance(part, FilePart) and part.file not in state.files:
            raise NotFoundError(
                f"File {part.file} was not uploaded to this session.",
                hint="Upload it to this session first.",
                code="file.unknown",
            )


def require_answer(held: Call, approve: bool, reason: str) -> None:
    """Refuse to answer a question with nothing but yes."""
    assert isinstance(held.decision, Hold), "only held calls wait for an answer"
    if held.decision.code == holds.QUESTION and approve and not reason.strip():
        raise InvalidRequestError(
            "A question is answered in words.",
            hint='For example: deputy approvals answer CALL "net of tax".',
            code="question.no_words",
        )
