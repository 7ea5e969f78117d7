"""Every error as RFC 9457 problem details: what is wrong, with which value, and the way out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from askbucket.errors import CallerError, TooMany, TryAgain, Unfinished
from askbucket.log import event as log
from askbucket.log import fault_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
UNPARSED = "the body cannot be read; send JSON in UTF-8, not nested too deeply"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status", "detail"],
}


def problem_body(status: HTTPStatus, detail: str) -> dict[str, Any]:
    """The members every problem has."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }


def problem(status: int, detail: str, **more: Any) -> JSONResponse:
    """A reply whose `title` is the status's own phrase."""
    body = problem_body(HTTPStatus(status), detail) | more
    headers = (
        {"retry-after": str(RETRY_AFTER_SECONDS)}
        if status == HTTPStatus.SERVICE_UNAVAILABLE
        else None
    )
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """The one table from our errors to replies."""
    app.add_exception_handler(CallerError, _caller)
    app.add_exception_handler(TryAgain, _try_again)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _caller(_: Request, error: Any) -> JSONResponse:
    reply = problem(error.status, str(error))
    if isinstance(error, TooMany):
        reply.headers["retry-after"] = str(error.retry_after_s)
    return reply


def _try_again(request: Request, error: Exception) -> JSONResponse:
    log("request_put_off", level="warning", path=request.url.path, **fault_of(error))
    more = (
        {"progress": {"done": error.done, "groups": error.groups}}
        if isinstance(error, Unfinished)
        else {}
    )
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}; try again in a few seconds", **more)


def _invalid(_: Request, error: Any) -> JSONResponse:
    errors = [
        {"field": ".".join(str(part) for part in each["loc"][1:]) or "body", "message": each["msg"]}
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _http(request: Request, error: Any) -> JSONResponse:
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is no {request.method} {request.url.path}; GET /openapi.json lists all"
        return problem(HTTPStatus.NOT_FOUND, detail)
    # FastAPI's one 400 of its own is for a body that it could not decode.
    unparsed = error.status_code == HTTPStatus.BAD_REQUEST
    reply = problem(error.status_code, UNPARSED if unparsed else str(error.detail))
    reply.headers.update(error.headers or {})
    return reply


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log("request_failed", level="error", path=request.url.path, **fault_of(error))
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "this is a fault of the service; it was logged"
    )
