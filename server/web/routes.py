"""The HTTP routes that domains declare: `@route`, and commands with `rest=`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.errors import DomainError
from server.kernel import protocol
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher, Outcome
from server.kernel.errors import InvalidRequest, OutcomeUnknownError, ParseError
from server.kernel.http import MAX_BODY_BYTES, HttpRequest, Rest, RouteCtx, RouteType
from server.web.answers import failure, outcome_unknown, rest_error
from server.web.gates import Gates
from server.web.requests import address_of, agent_of, body_of

logger = structlog.get_logger("nexa.http")

Authenticate = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True)
class DeclaredRoutes:
    """Serves what domains declare.

    Attributes:
        dispatcher: Carries out the commands.
        authenticate: Returns the caller named by the bearer token; raises Unauthenticated for a bad one.
    """

    dispatcher: Dispatcher
    authenticate: Authenticate
    gates: Gates = field(default_factory=Gates)

    def routes(self) -> list[BaseRoute]:
        """Return one route for each declaration."""
        registry = self.dispatcher.registry
        commands = [
            Route(method.rest.path, partial(self.command, method.name, method.rest), methods=["POST"])
            for method in registry.methods.values()
            if method.rest is not None
        ]
        others = [Route(one.path, partial(self.other, one), methods=[one.method]) for one in registry.routes.values()]
        return [*commands, *others]

    async def command(self, name: str, rest: Rest, request: Request) -> Response:
        """Carry out a command with the body as its params."""
        try:
            caller = _guest(request) if rest.guest else await self.authenticate(request)
            params = await params_of(request)
            async with self.gates.enter(rest.gate):
                outcome = await self._run(caller, name, params)
        except OutcomeUnknownError:
            logger.warning("outcome unknown", method=name)
            response = outcome_unknown()
        except Exception as error:  # noqa: BLE001 - mapped like every other failure
            response = failure(error)
        else:
            ok = outcome.error is None
            response = (
                Response(outcome.result, rest.status, media_type="application/json") if ok else rest_error(outcome)
            )
        # Tokens must not be cached (RFC 6749, section 5.1), nor must errors about them.
        response.headers["Cache-Control"] = "no-store"
        return response

    async def other(self, declared: RouteType, request: Request) -> Response:
        """Answer a declared route."""
        try:
            body = await body_of(request, declared.max_body_bytes)
            ctx = RouteCtx(self.dispatcher.services, self.dispatcher.clock.now(), partial(self._run, _guest(request)))
            answer = await declared.handler(ctx, _request(request, body))
        except OutcomeUnknownError:
            logger.warning("outcome unknown", route=declared.name)
            return outcome_unknown()
        except DomainError as error:
            return failure(error)
        return Response(answer.content, answer.status, dict(answer.headers), answer.media_type)

    async def _run(self, caller: Caller, name: str, params: dict[str, Any]) -> Outcome:
        call = self.dispatcher.begin(replace(caller, trusted=True), protocol.Request(name, params, None))
        return await self.dispatcher.run(call)


def _guest(request: Request) -> Caller:
    return Caller(address_of(request), agent_of(request))


def _request(request: Request, body: bytes) -> HttpRequest:
    return HttpRequest(
        method=request.method,
        path=request.url.path,
        path_params=request.path_params,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=body,
        address=address_of(request),
    )


async def params_of(request: Request) -> dict[str, Any]:
    """Read the body as an object; raises TooLarge, ParseError or InvalidRequest."""
    try:
        params = orjson.loads(await body_of(request, MAX_BODY_BYTES))
    except orjson.JSONDecodeError as error:
        raise ParseError from error
    if not isinstance(params, dict):
        raise InvalidRequest("The body is a JSON object.")
    return params
