"""The WebSocket handshake: `GET /ws` (PROTOCOL.md, section 1)."""

from dataclasses import dataclass
from typing import cast

from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from models.errors import RateLimited
from server.kernel.context import Caller
from server.kernel.log import moment
from server.kernel.networks import network_of
from server.socket.connection import Connection
from server.socket.notifications import READY
from server.socket.sockets import Sockets
from server.socket.transport import EXTENSION, Transport
from server.web.answers import failure, refusal
from server.web.requests import address_of, agent_of, bearer_of

SUBPROTOCOL = "nexa.v1"
GUEST_TOPICS: dict[str, dict[str, int]] = {}


@dataclass(frozen=True)
class Handshake:
    """Upgrades a request to a socket, or refuses it."""

    sockets: Sockets
    origins: frozenset[str]

    def routes(self) -> list[BaseRoute]:
        """The socket's one route."""
        return [WebSocketRoute("/ws", self.socket)]

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
            READY,
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
        transport.attach(connection, self.sockets.limits.input)

    def _refusal(self, websocket: WebSocket) -> Response | None:
        origin = websocket.headers.get("origin")
        if origin is not None and origin not in self.origins:
            return refusal(403, "forbidden", "Foreign origin", "This origin may not open a socket.")
        offered = websocket.scope["subprotocols"]
        if offered and SUBPROTOCOL not in offered:
            return refusal(400, "invalid_request", "Unknown subprotocol", f"The subprotocol is {SUBPROTOCOL}.")
        is_guest = "authorization" not in websocket.headers
        if is_guest and not self.sockets.has_room_for_guest(network_of(address_of(websocket))):
            return failure(RateLimited("Too many sockets without a login from this network.", retry_after=60))
        return None
