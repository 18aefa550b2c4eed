"""Errors on the wire: one shape for every failure.

Owns `{"error": {code, message, hint}}` and how each failure comes to it. Must never show a
traceback, or more of an unexpected failure than that it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

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

HINTS = {
    400: "Send JSON as application/json, and a file as multipart/form-data with its boundary.",
    405: "See /api/v1/openapi.json for what may be done at this address.",
}
JSON = "application/json"

_log = structlog.get_logger(__name__)


class Failure(BaseModel):
    """What went wrong and what helps."""

    code: str = Field(description="Stable; for programs.", examples=["session.unknown"])
    message: str = Field(description="What happened, for people.")
    hint: str = Field(description="What to do about it; may be empty.")


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    error: Failure


class Refusal(HTTPException):
    """A refusal from within a body that is being read: frameworks let only this kind through."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(status, message)
        self.hint = hint


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": description}
    for status, description in {
        400: "The body cannot be read as what it says it is.",
        401: "No valid token came with the request.",
        403: "This is for somebody else to do.",
        404: "There is no such thing, or it is not yours to know of.",
        409: "The state has moved on.",
        413: "Something is larger than its limit.",
        421: "The request was sent to a host name this server does not answer to.",
        422: "The request cannot be taken as it stands.",
        500: "Deputy failed.",
        503: "A part that is needed is not there; try again.",
        507: "The disk that keeps files is full or refuses.",
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
    told = "; ".join(_problem(e) for e in error.errors()[:PROBLEMS_TOLD_MAX])
    hint = "The shape of every request is described in /api/v1/openapi.json."
    sent = request.headers.get("content-type", "none")
    if any(e["loc"] == ("body",) for e in error.errors()) and not sent.startswith(JSON):
        hint = f"Send the body as {JSON}; it came as {sent[:100]!r}. {hint}"
    return answer(422, "request.invalid", f"The request does not fit. {told}", hint)


def _problem(error: Mapping[str, Any]) -> str:
    """Say where a request does not fit and why, in words and without what was sent."""
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "it cannot be read")
        return f"The body is no JSON: {reason} at character {error['loc'][-1]}"
    if "UploadFile" in error["msg"]:
        return f"{place}: this part is no file; give it a file name"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = STATUS_CODES.get(error.status_code, "request.refused")
    if error.status_code == 404:
        return answer(404, code, "There is nothing at this address.", "See /api/v1/openapi.json.")
    if isinstance(error.__cause__, OSError):
        # An upload is kept in a temporary file while it comes in.
        hint = "Free space in the server's temporary folder, then send it again. Nothing was lost."
        return answer(507, "upload.no_room", "There is no room on the disk for this upload.", hint)
    hint = error.hint if isinstance(error, Refusal) else HINTS.get(error.status_code, "")
    response = answer(error.status_code, code, str(error.detail), hint)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Give every method of an address: a framework names those of its first route alone."""
    return {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("request.failed", path=request.url.path, error=type(error).__name__)
    return answer(
        500,
        "deputy.failed",
        "Deputy failed at this request; nothing is known to be lost.",
        "Try again; if it stays, look at the server's log.",
    )
