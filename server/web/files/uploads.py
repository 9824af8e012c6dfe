"""`POST /api/v1/uploads`: a file goes from the socket into the storage while it is read (PROTOCOL.md, section 9).

The row is there first, as `pending`, then the bytes, then the row is `ready`. Whatever breaks off in between leaves a
row or an object that nothing uses, which the clock removes a day later.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from clients.ports import Storage
from models.errors import DomainError, Invalid, RateLimited, TooLarge, Unauthenticated, Unavailable
from server.kernel import protocol
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher, Outcome
from server.kernel.errors import OutcomeUnknownError, TimedOut, to_wire
from server.web.answers import failure, outcome_unknown, rest_error
from server.web.files.filetypes import ACCEPTED, HEAD_BYTES, FileType, clean_name, recognise
from server.web.files.multipart import UNFINISHED, Multipart, Part

logger = structlog.get_logger("nexa.uploads")

SILENCE_SECONDS = 30.0
OVERHEAD_BYTES = 64 * 1024
ARRIVAL_PAUSES = (0.2, 1.0, 3.0)
LINGER_SECONDS = 2.0
LINGER_BYTES = 32 * 1024 * 1024

Authenticate = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class UploadShares:
    """How many uploads may run at once: on this process, of one person, of one network."""

    at_once: int = 32
    per_user: int = 3
    per_network: int = 16


class RefusedError(Exception):
    """A command refused; its outcome is the answer."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome
        self.kind = outcome.error.kind.name if outcome.error is not None else ""


class Uploads:
    """The route.

    Args:
        dispatcher: Carries out the commands.
        authenticate: Tells who calls by the bearer token; raises Unauthenticated for a bad one.
        storage: Where the bytes go.
        limits: The largest size by purpose.
        shares: How many may run at once.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        authenticate: Authenticate,
        storage: Storage,
        limits: Mapping[str, int],
        shares: UploadShares,
    ) -> None:
        self._dispatcher = dispatcher
        self._authenticate = authenticate
        self._storage = storage
        self._limits = limits
        self._shares = shares
        self._total = 0
        self._running: Counter[object] = Counter()

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/api/v1/uploads", self.create, methods=["POST"])]

    async def create(self, request: Request) -> Response:
        """Take one file."""
        body = Body(request)
        try:
            caller = await self._authenticate(request)
            if caller.identity is None:
                raise Unauthenticated
            with self._room(caller.identity.user_id, caller.network):
                stored = await self._take(replace(caller, trusted=True), Intake(request, body, self._limits))
            response = Response(stored, 201, media_type="application/json")
        except OutcomeUnknownError:
            response = outcome_unknown()
        except RefusedError as error:
            response = rest_error(error.outcome)
        except Exception as error:  # noqa: BLE001 - mapped like every other failure
            response = failure(error)
        response.headers["Cache-Control"] = "no-store"
        return response if body.ended else LastWord(response)

    @contextmanager
    def _room(self, user_id: UUID, network: str) -> Iterator[None]:
        """Bound what uploads hold; raises RateLimited or Unavailable."""
        shares = self._shares
        if self._running[user_id] >= shares.per_user:
            raise RateLimited("Too many uploads at once.", retry_after=5)
        if self._running[network] >= shares.per_network:
            raise RateLimited("Too many uploads at once from this network.", retry_after=5)
        if self._total >= shares.at_once:
            raise Unavailable(retry_after=5)
        self._total += 1
        self._running.update((user_id, network))
        try:
            yield
        finally:
            self._total -= 1
            self._running.subtract((user_id, network))
            self._running += Counter()

    async def _take(self, caller: Caller, intake: "Intake") -> bytes:
        await intake.begin()
        known = {"name": intake.name, "media_type": intake.type.media_type, "purpose": intake.purpose}
        row = orjson.loads(await self._command(caller, "file.register", known))
        file_id, key = row["file_id"], row["storage_key"]
        try:
            await self._storage.put(key, intake.content())
            caller = await self._anew(caller)
        except Exception as error:
            await self._reject(caller, file_id, error)
            raise
        arrived = {"file_id": file_id, "size": intake.size, "sha256": intake.sha256}
        arrived |= {"name": intake.name, "purpose": intake.purpose}
        try:
            return await self._arrive(caller, arrived)
        except RefusedError as refusal:
            # What was deleted while it came is nobody's; anything else keeps its bytes, which the clock looks after.
            if refusal.kind == "not_found":
                await self._storage.delete([key])
            raise

    async def _arrive(self, caller: Caller, arrived: dict[str, Any]) -> bytes:
        """Mark the file as ready; tried again while the database is away, so that the bytes need not be sent twice."""
        for seconds in ARRIVAL_PAUSES:
            try:
                return await self._command(caller, "file.arrive", arrived)
            except RefusedError as refusal:
                if refusal.kind != "unavailable":
                    raise
            await asyncio.sleep(seconds)
        return await self._command(caller, "file.arrive", arrived)

    async def _anew(self, caller: Caller) -> Caller:
        """The caller after what may have taken hours: the session has to live, the token may have run out."""
        identity = caller.identity and await self._dispatcher.services.sessions(caller.identity.session_id)
        if identity is None:
            raise Unauthenticated
        return replace(caller, identity=identity, expires_at=None)

    async def _reject(self, caller: Caller, file_id: str, error: Exception) -> None:
        """Say what became of the row, if that is still possible; if not, the clock removes it."""
        try:
            caller = replace(caller, expires_at=None)
            await self._command(caller, "file.reject", {"file_id": file_id, "reason": _sentence(error)})
        except (RefusedError, OutcomeUnknownError) as refusal:
            logger.warning("upload left pending", file_id=file_id, reason=repr(refusal))

    async def _command(self, caller: Caller, method: str, params: dict[str, Any]) -> bytes:
        call = self._dispatcher.begin(caller, protocol.Request(method, params, None))
        outcome = await self._dispatcher.run(call)
        if outcome.error is not None:
            raise RefusedError(outcome)
        return outcome.result


class Body:
    """The bytes of a request, which may not stay away for long; `ended` once they have all come."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self.ended = False

    def __aiter__(self) -> "Body":
        return self

    async def __anext__(self) -> bytes:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                chunk = await anext(self._stream, b"")
        except ClientDisconnect as error:
            raise Invalid({"file": [UNFINISHED]}) from error
        except TimeoutError as error:
            raise TimedOut("The upload stood still for too long and was given up.") from error
        # Starlette ends a body with an empty chunk.
        if not chunk:
            self.ended = True
            raise StopAsyncIteration
        return chunk


class Intake:
    """One upload: what it is, and its bytes, looked at while they come.

    Attributes:
        name: Safe to show and to save under.
        purpose: What it is for; while the sender has not said so, what allows the most for a file of this type.
        type: By its first bytes.
        size: How many bytes have come.
    """

    def __init__(self, request: Request, body: Body, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._announced = _announced(request)
        self._refuse_announced(max(limits.values()))
        self._body = body
        self._form = Multipart(request.headers.get("content-type", ""), body)
        self._stated: str | None = None
        self._digest = hashlib.sha256()
        self.name = ""
        self.purpose = ""
        self.type: FileType
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what has come."""
        return self._digest.hexdigest()

    async def begin(self) -> None:
        """Read as far as it takes to know what is coming; raises Invalid or TooLarge."""
        part = await self._fields()
        if part is None:
            raise Invalid({"file": ["This field is required."]})
        self._rest = self._form.data()
        self._head = b""
        async for chunk in self._rest:
            self._head += chunk
            if len(self._head) >= HEAD_BYTES:
                break
        self.type = recognise(self._head, part.filename or "", part.media_type)
        self.name = clean_name(part.filename or "", self.type)
        fitting = [purpose for purpose, types in ACCEPTED.items() if self.type in types]
        self.purpose = self._stated or max(fitting, key=self._limits.__getitem__)
        self._refuse_unfit()
        self._refuse_announced(self._limits[self.purpose])

    async def content(self) -> AsyncIterator[bytes]:
        """The bytes of the file, as they come; raises Invalid or TooLarge before the last one is handed on."""
        check = self.type.check()
        head, self._head = self._head, b""
        self._look(head, check)
        yield head
        async for chunk in self._rest:
            self._look(chunk, check)
            yield chunk
        check.finish()
        if await self._fields() is not None:
            raise Invalid({"file": ["Send one file at a time."]})
        if self._stated is None:
            raise Invalid({"purpose": ["This field is required."]})
        self.purpose = self._stated
        self._refuse_unfit()
        self._refuse_large()
        await self._read_to_end()

    def _look(self, chunk: bytes, check: Any) -> None:
        self.size += len(chunk)
        self._refuse_large()
        self._digest.update(chunk)
        check.feed(chunk)

    async def _fields(self) -> Part | None:
        """Read fields up to the next file, None where no other file comes; raises Invalid for what is none of ours."""
        while (part := await self._form.part()) is not None:
            if part.name == "file" and part.filename is not None:
                return part
            if part.name != "purpose" or part.filename is not None or self._stated is not None:
                raise Invalid({part.name: ["Unknown parameter." if part.name not in _OURS else "Give this once."]})
            stated = await self._form.text(part)
            if stated not in self._limits:
                raise Invalid({"purpose": [f"This is one of {', '.join(self._limits)}."]})
            self._stated = stated
        return None

    async def _read_to_end(self) -> None:
        """What follows the form is of no interest, but the connection goes on only if it ends soon."""
        extra = 0
        async for chunk in self._body:
            extra += len(chunk)
            if extra > OVERHEAD_BYTES:
                return

    def _refuse_unfit(self) -> None:
        if self.type not in ACCEPTED[self.purpose]:
            raise Invalid({"file": [f"A file of the type {self.type.media_type} cannot be used as {self.purpose}."]})

    def _refuse_large(self) -> None:
        if self.size > (limit := self._limits[self.purpose]):
            raise _too_large(limit)

    def _refuse_announced(self, limit: int) -> None:
        if self._announced > limit + OVERHEAD_BYTES:
            raise _too_large(limit)


_OURS = {"file", "purpose"}


class LastWord(Response):
    """An answer to a request that was not read to its end: the connection closes after it.

    It closes a moment later: many clients read nothing before they have sent everything, and a connection that is cut
    while bytes arrive takes the answer with it. What comes in that moment is thrown away.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = [*response.raw_headers, (b"connection", b"close")]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, read on for a moment, close."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                left = LINGER_BYTES
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"This file may have at most {limit / 1024**2:.0f} MB.", limit=limit)


def _sentence(error: Exception) -> str:
    """What the owner reads of why a file was rejected."""
    if isinstance(error, Invalid):
        return " ".join(text for texts in error.data["details"].values() for text in texts)
    return error.message if isinstance(error, DomainError) else to_wire(error).message
