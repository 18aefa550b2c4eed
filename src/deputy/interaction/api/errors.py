"""Errors on the wire: one shape for every failure.

Owns `{"error": {code, message, hint}}` and how each failure comes to it. Must never show a
traceback, or more of an unexpected failure than that it happened.
"""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from deputy.core.errors import DeputyError

PROBLEMS_TOLD_MAX = 5
STATUS_CODES = {
    400: "request.malformed",
    401: "signin.required",
    404: "not_found",
    405: "method.not_allowed",
    413: "limit.exceeded",
    421: "host.refused",
}

_log = structlog.get_logger(__name__)


class Failure(BaseModel):
    """What went wrong and what helps."""

    code: str = Field(description="Stable; for programs.", examples=["session.unknown"])
    message: str = Field(description="What happened, for people.")
    hint: str = Field(description="What to do about it; may be empty.")


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    error: Failure


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": description}
    for status, description in {
        401: "No valid token came with the request.",
        404: "There is no such thing, or it is not yours to know of.",
        409: "The state has moved on.",
        413: "Something is larger than its limit.",
        421: "The request was sent to a host name this server does not answer to.",
        422: "The request cannot be taken as it stands.",
        500: "Deputy failed.",
        503: "A part that is needed is not there; try again.",
    }.items()
}
"""Every failure a signed-in address may answer with, for the OpenAPI document."""


def install(app: FastAPI) -> None:
    """Make every failure of `app` take the one shape."""
    app.add_exception_handler(DeputyError, _deputy)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def answer(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    """Give the answer for one failure."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(body, status, headers)


async def _deputy(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DeputyError)
    if error.status >= 500:
        _log.error("request.failed", code=error.code, path=request.url.path)
    return answer(error.status, error.code, error.message, error.hint)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    told = [
        f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}"
        for e in error.errors()[:PROBLEMS_TOLD_MAX]
    ]
    hint = "The shape of every request is described in /api/v1/openapi.json."
    return answer(422, "request.invalid", "The request does not fit. " + "; ".join(told), hint)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = STATUS_CODES.get(error.status_code, "request.refused")
    message = str(error.detail)
    if error.status_code == 404:
        return answer(404, code, "There is nothing at this address.", "See /api/v1/openapi.json.")
    response = answer(error.status_code, code, message)
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("request.failed", path=request.url.path, error=type(error).__name__)
    return answer(
        500,
        "deputy.failed",
        "Deputy failed at this request; nothing is known to be lost.",
        "Try again; if it stays, look at the server's log.",
    )
