"""The root of every error Deputy raises on purpose.

Owns the shape (code, message, hint, status). Must never format for a terminal or a page:
surfaces do that.
"""

from __future__ import annotations


class DeputyError(Exception):
    """A failure that speaks to its reader.

    `code` is stable (`noun.reason`), `message` says what happened, `hint` names the cure.
    `status` is the HTTP status a surface answers with; `exit_code` the CLI's (0 ok,
    1 failed, 2 usage, 3 denied, 4 waiting, 5 over budget, 6 not signed in, 7 verification).
    """

    code = "deputy.failed"
    status = 500
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotFoundError(DeputyError):
    """The named thing does not exist, or the asker may not know that it does."""

    code = "not_found"
    status = 404


class InvalidRequestError(DeputyError):
    """The request cannot be taken as it stands; the hint says how to send it."""

    code = "request.invalid"
    status = 422
    exit_code = 2


class ConflictError(DeputyError):
    """The request was sound but the state has moved on."""

    code = "state.conflict"
    status = 409


class MovedError(ConflictError):
    """Something was recorded between the look and the writing; look again."""

    code = "state.moved"


class NotSignedInError(DeputyError):
    """No valid token came with the request."""

    code = "signin.required"
    status = 401
    exit_code = 6


class DeniedError(DeputyError):
    """The gate said no; the reason is the message, the remedies are the hint."""

    code = "gate.denied"
    status = 403
    exit_code = 3


class GateUnavailableError(DeputyError):
    """No decision could be taken: nothing ran and nothing was recorded; try again later."""

    code = "gate.unavailable"
    status = 503


class LeaseLostError(DeputyError):
    """Another worker claimed the turn: this one must stop without writing."""

    code = "lease.lost"
    status = 409


class JournalError(DeputyError):
    """The stored journal does not verify; the message names the entry."""

    code = "journal.broken"
    exit_code = 7


class DatabaseUnavailableError(DeputyError):
    """The database cannot answer or take anything now; a repeated command tells what it took."""

    code = "database.unavailable"
    status = 503


class PermitError(DeputyError):
    """An executor refused a permit; nothing was started."""

    code = "permit.refused"
    status = 403


class SandboxUnavailableError(DeputyError):
    """The sandbox could not be made; the hint names the wall and the cure. Nothing ran."""

    code = "sandbox.unavailable"
    status = 503


class HostLostError(DeputyError):
    """The execution host went away during a call: what it did is thrown away, and the call may
    be started again elsewhere.
    """

    code = "host.lost"
    status = 503


class ModelUnavailableError(DeputyError):
    """The model's provider gave no whole reply for now: try again later, nothing is lost."""

    code = "model.unavailable"
    status = 503


class ModelRefusedError(DeputyError):
    """The model's provider refuses, and asking again unchanged cannot help; the hint says what
    can.
    """

    code = "model.refused"
    status = 502


class LimitExceededError(DeputyError):
    """Something is larger than a named limit."""

    code = "limit.exceeded"
    status = 413
