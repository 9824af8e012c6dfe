"""Errors as HTTP answers (PROTOCOL.md, section 7)."""

import math

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from uuid_utils.compat import uuid7

from server.kernel.dispatch import Outcome
from server.kernel.errors import to_wire

logger = structlog.get_logger("nexa.http")


def failure(error: BaseException) -> Response:
    """Any exception as a REST answer."""
    wire = to_wire(error)
    request_id = str(uuid7())
    if wire.kind.name == "unavailable":
        logger.warning("request refused", request_id=request_id, reason=repr(error))
    elif wire.kind.status >= 500:
        logger.error("request failed", request_id=request_id, exc_info=error)
    return rest_error(Outcome(error=wire, request_id=request_id))


def rest_error(outcome: Outcome) -> Response:
    """A refusal as a REST answer with its status and the headers that belong to it."""
    wire = outcome.error
    if wire is None:
        raise ValueError("not a refusal")
    headers = {}
    if wire.kind.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="nexa"'
    if "retry_after" in wire.data:
        headers["Retry-After"] = str(max(1, math.ceil(wire.data["retry_after"])))
    return JSONResponse(wire.rest(outcome.request_id), wire.kind.status, headers)


def refusal(status: int, code: str, title: str, message: str) -> Response:
    """A refusal of the HTTP layer itself."""
    body = {"code": code, "error": title, "message": message, "detail": message, "request_id": str(uuid7())}
    return JSONResponse(body, status)


async def not_found(_request: Request, error: Exception) -> Response:
    """What Starlette itself refuses, a path or a way of calling it that does not exist, in the form of all others."""
    assert isinstance(error, HTTPException)
    code = "not_found" if error.status_code == 404 else "invalid_request"
    response = refusal(error.status_code, code, error.detail, f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


async def fault(_request: Request, error: Exception) -> Response:
    """What nothing else has caught: a fault of ours, in the form of all others."""
    return failure(error)


def outcome_unknown() -> Response:
    """Nobody knows whether the command happened: not a JSON-RPC error, for that would promise that it did not."""
    return refusal(503, "outcome_unknown", "Outcome unknown", "The connection to the database broke while committing.")
