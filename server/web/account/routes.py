"""What a guest does about an account, over HTTP: thin routes to commands (PROTOCOL.md, section 10)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.errors import Unavailable
from server.kernel import protocol
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher
from server.kernel.errors import InvalidRequest, OutcomeUnknownError, ParseError
from server.web.answers import failure, outcome_unknown, rest_error
from server.web.requests import address_of, agent_of, body_of

logger = structlog.get_logger("nexa.auth")

MAX_BODY_BYTES = 65_536
PASSWORDS_AT_ONCE = 4
PASSWORDS_WAITING = 200

Authenticate = Callable[[Request], Awaitable[Caller]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    """Lets a few calls through at once; the others wait here, where no time limit of theirs runs yet.

    Two passwords are hashed at once. And an attempt counts as wrong until it is found to be right: of many right ones
    for an account that come together, those after the fifth would be taken for guesses.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for a place; raises Unavailable at once when too many wait already."""
        if self._room == 0:
            raise Unavailable(retry_after=2)
        self._room -= 1
        try:
            async with self._slots:
                yield
        finally:
            self._room += 1


def routes(dispatcher: Dispatcher, authenticate: Authenticate) -> list[Route]:
    """The routes of `/api/v1/auth`.

    Args:
        dispatcher: Carries out the commands.
        authenticate: Tells who calls by the bearer token; raises Unauthenticated for a bad one.
    """
    passwords = Gate(PASSWORDS_AT_ONCE, PASSWORDS_WAITING)

    async def guest(request: Request) -> Caller:
        return Caller(address_of(request), agent_of(request))

    async def signup(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.signup", guest, passwords.entered(), status=201)

    async def login(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.login", guest, passwords.entered())

    async def refresh(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.refresh", guest)

    async def logout(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.logout", authenticate)

    async def forgot_password(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.forgot_password", guest)

    async def reset_password(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.reset_password", guest, passwords.entered())

    async def verify_email(request: Request) -> Response:
        return await answer(dispatcher, request, "auth.email.verify", guest)

    endpoints = (signup, login, refresh, logout, forgot_password, reset_password, verify_email)
    return [
        Route(f"/api/v1/auth/{endpoint.__name__.replace('_', '-')}{slash}", endpoint, methods=["POST"])
        for endpoint in endpoints
        for slash in ("", "/")
    ]


async def answer(
    dispatcher: Dispatcher,
    request: Request,
    method: str,
    caller_of: Authenticate,
    gate: AbstractAsyncContextManager[None] | None = None,
    status: int = 200,
) -> Response:
    """Carry out one internal command with the body as its params, and put its outcome into HTTP."""
    try:
        caller = replace(await caller_of(request), trusted=True)
        params = await params_of(request)
        async with gate or nullcontext():
            call = dispatcher.begin(caller, protocol.Request(method, params, None))
            outcome = await dispatcher.run(call)
    except OutcomeUnknownError:
        logger.warning("outcome unknown", method=method)
        response = outcome_unknown()
    except Exception as error:  # noqa: BLE001 - mapped like every other failure
        response = failure(error)
    else:
        ok = outcome.error is None
        response = Response(outcome.result, status, media_type="application/json") if ok else rest_error(outcome)
    # Tokens are nothing for a cache (RFC 6749, section 5.1), nor is what was wrong with them.
    response.headers["Cache-Control"] = "no-store"
    return response


async def params_of(request: Request) -> dict[str, Any]:
    """The body as an object; raises TooLarge, ParseError or InvalidRequest."""
    try:
        params = orjson.loads(await body_of(request, MAX_BODY_BYTES))
    except orjson.JSONDecodeError as error:
        raise ParseError from error
    if not isinstance(params, dict):
        raise InvalidRequest("The body is a JSON object.")
    return params
