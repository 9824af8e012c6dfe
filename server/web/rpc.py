"""The dispatcher over HTTP, for scripts and servers: `POST /api/v1/rpc` (PROTOCOL.md, section 9)."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.errors import DomainError, InvalidState
from server.kernel import protocol
from server.kernel.batches import BatchRoom
from server.kernel.context import Caller
from server.kernel.dispatch import Outcome, refused
from server.kernel.errors import OutcomeUnknownError
from server.kernel.registry import Kind
from server.socket.sockets import Sockets
from server.web.answers import failure, outcome_unknown
from server.web.requests import address_of, agent_of, bearer_of, body_of


@dataclass(frozen=True)
class Rpc:
    """Answers JSON-RPC requests over HTTP."""

    sockets: Sockets

    def routes(self) -> list[BaseRoute]:
        """The dispatcher's one route."""
        return [Route("/api/v1/rpc", self.rpc, methods=["POST"])]

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
        room = BatchRoom(len(items), limits.batch_bytes) if isinstance(parsed, protocol.Batch) else None
        try:
            answers = [await self._answer(caller, item, room) for item in items]
        except OutcomeUnknownError:
            return outcome_unknown()
        replies = [answer for answer in answers if answer is not None]
        if not replies:
            return Response(status_code=204)
        content = protocol.batch(replies) if isinstance(parsed, protocol.Batch) else replies[0]
        return Response(content, media_type="application/json")

    async def _answer(
        self, caller: Caller, item: protocol.Request | protocol.Malformed, room: BatchRoom | None
    ) -> bytes | None:
        outcome: Outcome | None
        if isinstance(item, protocol.Malformed):
            outcome = refused(item.error)
        else:
            outcome = await self._outcome(caller, item)
            outcome = None if item.is_notification else outcome
        if room is not None:
            return room.fitting(outcome, item.id)
        return outcome.reply(item.id) if outcome else None

    async def _outcome(self, caller: Caller, request: protocol.Request) -> Outcome:
        dispatcher = self.sockets.dispatcher
        try:
            call = dispatcher.begin(caller, request)
            if call.method.kind is Kind.SIGNAL:
                raise InvalidState("This method is for sockets only.", state="http")
        except DomainError as error:
            return refused(error)
        return dispatcher.run_now(call) if call.instant else await dispatcher.run(call)
