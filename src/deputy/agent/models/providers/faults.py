"""What a provider's failure means: wait and ask again, or tell whoever runs Deputy.

Owns that judgement. Must never repeat a provider's words, which may hold content or a key: only
its status and the kind of the failure.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelTimeoutError,
)

from deputy.core.errors import InvalidRequestError, ModelRefusedError

PASSING = frozenset({408, 409, 425, 429})
"""Statuses below 500 that waiting can cure."""


class UnsoundReplyError(Exception):
    """A reply that is not whole, or not what was asked for; the next one may be."""


class OwnToolError(Exception):
    """The provider did what was not asked of it; the message says what."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure. With a `refusal` asking again is pointless."""

    kind: str
    status: int | None = None
    retry_after_s: float | None = None
    refusal: ModelRefusedError | InvalidRequestError | None = None


def of(error: Exception, model: str) -> Fault:
    """Judge a failure of a model by name."""
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    after = error.retry_after if isinstance(error, ModelAPIError) else None
    if isinstance(error, InvalidRequestError):
        return Fault(error.code, refusal=error)
    cure = None if status in PASSING and not _final(error) else _cure(error)
    if cure is None:
        return Fault(_kind(error, status), status, after)
    said = _kind(error, status)
    refusal = ModelRefusedError(f"The model '{model}' refuses ({said}).", hint=cure)
    return Fault(said, status, refusal=refusal)


def _final(error: Exception) -> bool:
    return isinstance(error, ModelQuotaExceededError)


def _cure(error: Exception) -> str | None:
    match error:
        case ModelAuthenticationError():
            return "Put a valid key into the file DEPUTY_MODEL_KEY_FILE names and restart Deputy."
        case ModelNotFoundError():
            return "Correct DEPUTY_MODEL or DEPUTY_MODEL_URL and restart Deputy."
        case ModelQuotaExceededError():
            return "Raise the account's limit or credit at the provider, then ask again."
        case ModelContextWindowExceededError():
            return "Ask again in a new session, or choose a model that reads more at once."
        case ModelRequestRejectedError():
            return "Try another model in DEPUTY_MODEL: this one does not take such requests."
        case ContentFilterError() | OwnToolError():
            return "Say it differently, or choose another model in DEPUTY_MODEL."
        case _:
            return None


def _kind(error: Exception, status: int | None) -> str:
    match error:
        case UnsoundReplyError() | OwnToolError() | InvalidRequestError():
            return str(error)
        case ModelAuthenticationError():
            kind = "key not accepted"
        case ModelQuotaExceededError():
            kind = "quota used up"
        case ModelContextWindowExceededError():
            kind = "conversation too long"
        case ModelRateLimitError():
            kind = "rate limit"
        case ModelRequestTimeout() | ModelTimeoutError():
            kind = "too slow"
        case ModelConnectionError():
            kind = "connection lost"
        case ContentFilterError():
            kind = "content filter"
        case ModelAPIError():
            kind = "failed"
        case _:
            kind = f"unreadable reply, {type(error).__name__}"
    return kind if status is None else f"{kind}, status {status}"
