"""HTTP beside the socket: the handshake, the dispatcher for scripts, and being watched (PROTOCOL.md, sections 1, 9)."""

import asyncio
import ipaddress
import math
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from uuid_utils.compat import uuid7

from models.errors import DomainError, InvalidState, RateLimited, TooLarge, Unauthenticated
from server.edge.socket import Connection
from server.edge.sockets import Sockets
from server.edge.transport import EXTENSION, Transport
from server.kernel import metrics, protocol
from server.kernel.context import Caller
from server.kernel.dispatch import Outcome, refused
from server.kernel.errors import OutcomeUnknownError, to_wire
from server.kernel.identity import Tokens
from server.kernel.log import moment
from server.kernel.registry import Kind

logger = structlog.get_logger("nexa.http")

SUBPROTOCOL = "nexa.v1"
GUEST_TOPICS: dict[str, dict[str, int]] = {}


@dataclass(frozen=True)
class Web:
    """What the routes need."""

    sockets: Sockets
    tokens: Tokens
    origins: frozenset[str]
    metrics_allow: Sequence[str]
    health: Callable[[], Awaitable[bool]]
    networks: Sequence[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", [ipaddress.ip_network(one) for one in self.metrics_allow])

    def routes(self) -> list[BaseRoute]:
        """The socket, the dispatcher over HTTP, and what watches."""
        return [
            WebSocketRoute("/ws", self.socket),
            Route("/api/v1/rpc", self.rpc, methods=["POST"]),
            Route("/health", self.healthy),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/metrics", self.metrics),
            Route("/openrpc.json", self.openrpc),
            Route("/.well-known/jwks.json", self.jwks),
        ]

    # The handshake

    async def socket(self, websocket: WebSocket) -> None:
        """Upgrade, or refuse with the status that says why."""
        refusal = self._refusal(websocket)
        if refusal is not None:
            await websocket.send_denial_response(refusal)
            return
        transport = cast(Transport, websocket.scope["extensions"][EXTENSION]["transport"])
        connection = Connection(transport, self.sockets, Caller(address_of(websocket), agent_of(websocket)))
        topics = GUEST_TOPICS
        try:
            if (token := bearer_of(websocket)) is not None:
                head = await self.sockets.authenticate(connection, token)
                topics = {connection.caller.identity.topic: {"seq": head}} if connection.caller.identity else {}
            await websocket.accept(SUBPROTOCOL if websocket.scope["subprotocols"] else None)
        except Exception as error:  # noqa: BLE001 - mapped like every other failure
            connection.on_lost()
            await websocket.send_denial_response(failure(error))
            return
        self._begin(connection, transport, topics)

    def _begin(self, connection: Connection, transport: Transport, topics: dict[str, dict[str, int]]) -> None:
        if transport.disconnected:
            connection.on_lost()
            return
        self.sockets.add(connection)
        identity = connection.caller.identity
        connection.notify(
            "session.ready",
            {
                "connection_id": connection.id,
                "protocol": SUBPROTOCOL,
                "epoch": self.sockets.hub.epoch,
                "server_time": moment(self.sockets.dispatcher.clock.now()),
                "user": identity.shown() if identity else None,
                "topics": topics,
                "limits": self.sockets.limits.shown(),
                "heartbeat_seconds": round(self.sockets.limits.heartbeat_seconds),
            },
        )
        transport.attach(connection)

    def _refusal(self, websocket: WebSocket) -> Response | None:
        origin = websocket.headers.get("origin")
        if origin is not None and origin not in self.origins:
            return refusal(403, "forbidden", "Foreign origin", "This origin may not open a socket.")
        offered = websocket.scope["subprotocols"]
        if offered and SUBPROTOCOL not in offered:
            return refusal(400, "invalid_request", "Unknown subprotocol", f"The subprotocol is {SUBPROTOCOL}.")
        is_guest = "authorization" not in websocket.headers
        if is_guest and not self.sockets.has_room_for_guest(address_of(websocket)):
            return failure(RateLimited("Too many sockets without a login from this address.", retry_after=60))
        return None

    # The dispatcher over HTTP

    async def caller_of(self, request: HTTPConnection) -> Caller:
        """Who calls over HTTP; a guest without a token, Unauthenticated with a bad one."""
        token = bearer_of(request)
        if token is None:
            return Caller(address_of(request), agent_of(request))
        return await self.sockets.caller_of(token, address_of(request), agent_of(request))

    async def rpc(self, request: Request) -> Response:
        """JSON-RPC over HTTP: 200 for any answer, 204 where there is none to give."""
        limits = self.sockets.limits
        try:
            caller = await self.caller_of(request)
            body = await body_of(request, limits.max_message_bytes)
        except Exception as error:  # noqa: BLE001 - mapped like every other failure
            return failure(error)
        parsed = protocol.parse(body, max_batch=limits.batch)
        items = parsed.items if isinstance(parsed, protocol.Batch) else [parsed]
        try:
            answers = [await self._answer(caller, item) for item in items]
        except OutcomeUnknownError:
            return outcome_unknown()
        replies = [answer for answer in answers if answer is not None]
        if not replies:
            return Response(status_code=204)
        content = protocol.batch(replies) if isinstance(parsed, protocol.Batch) else replies[0]
        return Response(content, media_type="application/json")

    async def _answer(self, caller: Caller, item: protocol.Request | protocol.Malformed) -> bytes | None:
        if isinstance(item, protocol.Malformed):
            return refused(item.error).reply(item.id)
        outcome = await self._outcome(caller, item)
        return None if item.is_notification else outcome.reply(item.id)

    async def _outcome(self, caller: Caller, request: protocol.Request) -> Outcome:
        dispatcher = self.sockets.dispatcher
        try:
            call = dispatcher.begin(caller, request)
            if call.method.kind is Kind.SIGNAL:
                raise InvalidState("This method is for sockets only.", state="http")
        except DomainError as error:
            return refused(error)
        return dispatcher.run_now(call) if call.instant else await dispatcher.run(call)

    # Being watched

    async def healthy(self, _request: Request) -> Response:
        """What is running."""
        return Response(self.sockets.dispatcher.services.info.model_dump_json(), media_type="application/json")

    async def live(self, _request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "live"})

    async def ready(self, _request: Request) -> Response:
        """The process can do its work: the database answers."""
        if await self.health():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "unavailable"}, 503, {"Retry-After": "1"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format, for those who may see it."""
        if not self.may_watch(request):
            return refusal(403, "forbidden", "Forbidden", "This address may not read the metrics.")
        metrics.TALLY.hand_on()
        content = await asyncio.to_thread(_collected)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    def may_watch(self, request: HTTPConnection) -> bool:
        """Whether who asks comes from a network that may look behind the scenes."""
        try:
            ip = ipaddress.ip_address(address_of(request))
        except ValueError:
            return False
        return any(ip in network for network in self.networks)

    async def openrpc(self, _request: Request) -> Response:
        """The machine-readable contract."""
        document = orjson.dumps(self.sockets.dispatcher.services.describe())
        return Response(document, media_type="application/json")

    async def jwks(self, _request: Request) -> Response:
        """The public keys that access tokens are signed with."""
        return JSONResponse(self.tokens.jwks(), headers={"Cache-Control": "public, max-age=300"})


def _collected() -> bytes:
    """The metrics of this process, or of all processes behind the one port."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # theirs
    return generate_latest(registry)


async def body_of(request: Request, limit: int) -> bytes:
    """The body, read no further than the limit; raises TooLarge."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"The body may have at most {limit} bytes.", limit=limit)
    except ClientDisconnect as error:
        raise TooLarge("The body did not arrive.", limit=limit) from error
    return bytes(body)


def address_of(connection: HTTPConnection) -> str:
    """The client's address, behind a trusted proxy as that tells it."""
    return connection.client.host if connection.client else "local"


def agent_of(connection: HTTPConnection) -> str:
    """The client's user agent, cut to what is worth keeping."""
    return connection.headers.get("user-agent", "")[:200]


def bearer_of(connection: HTTPConnection) -> str | None:
    """The bearer token (RFC 6750, section 2.1), None without one; raises Unauthenticated for another scheme."""
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("The Authorization header holds `Bearer <access token>`.")
    return token.strip()


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
