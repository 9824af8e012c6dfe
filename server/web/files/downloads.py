"""`GET /api/v1/files/{file_id}`: a file or a part of it, for who may read it (PROTOCOL.md, section 9)."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from clients.ports import Storage
from models.errors import Forbidden, NotFound, Unauthenticated
from server.kernel import protocol
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher
from server.kernel.links import Links
from server.web.answers import failure, rest_error
from server.web.files.filetypes import TYPES
from server.web.requests import address_of, agent_of

Authenticate = Callable[[Request], Awaitable[Caller]]

_RANGE = re.compile(r"bytes=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.ASCII)
_PLAIN = re.compile(r"[^ !#$&+\-.0-9A-Z^_`a-z{}~()\[\],;=@]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be sent."""

    name: str
    size: int
    media_type: str
    sha256: str
    storage_key: str

    @property
    def etag(self) -> str:
        """The content and nothing else."""
        return f'"{self.sha256}"'

    def headers(self, disposition: str | None) -> dict[str, str]:
        """What every answer with this file says."""
        kind = TYPES.get(self.media_type)
        shown = kind is not None and kind.inline
        how = "inline" if shown and disposition != "attachment" else "attachment"
        text = self.media_type.startswith("text/")
        return {
            "Content-Type": f"{self.media_type}; charset=utf-8" if text else self.media_type,
            "Content-Disposition": content_disposition(how, self.name),
            "Content-Security-Policy": "sandbox; frame-ancestors 'none'",
            # Pictures and videos stand in pages of the front end, which may be elsewhere; who may read is asked here.
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Accept-Ranges": "bytes",
            "ETag": self.etag,
            # Whether one may still read it is asked each time; the bytes need not come again for that.
            "Cache-Control": "private, no-cache",
        }


class Downloads:
    """The route.

    Args:
        dispatcher: Carries out the query that says who may read what.
        authenticate: Tells who calls by the bearer token; raises Unauthenticated for a bad one.
        storage: Where the bytes are.
        links: Checks signed addresses.
    """

    def __init__(self, dispatcher: Dispatcher, authenticate: Authenticate, storage: Storage, links: Links) -> None:
        self._dispatcher = dispatcher
        self._authenticate = authenticate
        self._storage = storage
        self._links = links

    def routes(self) -> list[Route]:
        """For the application; HEAD comes with GET."""
        return [Route("/api/v1/files/{file_id}", self.show)]

    async def show(self, request: Request) -> Response:
        """Send a file, a part of it, or only what would be sent."""
        try:
            file_id = _id_of(request)
            caller, signed = await self._who(request, file_id)
            params = {"file_id": str(file_id), "signed": signed}
            call = self._dispatcher.begin(caller, protocol.Request("file.open", params, None))
            outcome = await self._dispatcher.run(call)
            if outcome.error is not None:
                return rest_error(outcome)
            return await self._answer(request, Found(**orjson.loads(outcome.result)))
        except Exception as error:  # noqa: BLE001 - mapped like every other failure
            return failure(error)

    async def _who(self, request: Request, file_id: UUID) -> tuple[Caller, bool]:
        """Who calls, and whether the address itself lets them in; raises Unauthenticated or Forbidden."""
        if "signature" in request.query_params:
            if not self._links.holds(file_id, request.query_params.multi_items(), self._dispatcher.clock.now()):
                raise Forbidden("This address is not valid, or its time is over.")
            return Caller(address_of(request), agent_of(request), trusted=True), True
        caller = await self._authenticate(request)
        if caller.identity is None:
            raise Unauthenticated
        return replace(caller, trusted=True), False

    async def _answer(self, request: Request, found: Found) -> Response:
        headers = found.headers(request.query_params.get("disposition"))
        if _matches(request.headers.get("if-none-match", ""), found.etag):
            kept = ("ETag", "Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy")
            return Response(status_code=304, headers={name: headers[name] for name in kept})
        try:
            part = wanted_part(request, found)
        except UnsatisfiableError:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{found.size}"})
        start, end = part or (0, found.size)
        headers["Content-Length"] = str(end - start)
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        status = 200 if part is None else 206
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(await self._open(found, start, end), status, headers)

    async def _open(self, found: Found, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes, of which the first are there already: what is wrong shows before the answer begins."""
        pieces = self._storage.read(found.storage_key, start, end)
        try:
            first = await anext(pieces, b"")
        except FileNotFoundError as error:
            # It was deleted a moment ago.
            raise NotFound from error
        return _chained(first, pieces)


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _id_of(request: Request) -> UUID:
    text: str = request.path_params["file_id"]
    try:
        file_id = UUID(text)
    except ValueError as error:
        raise NotFound from error
    if str(file_id) != text:
        raise NotFound
    return file_id


def _matches(condition: str, etag: str) -> bool:
    """Whether `If-None-Match` names this content; weak comparison (RFC 9110, section 13.1.2)."""
    named = {one.strip().removeprefix("W/") for one in condition.split(",")}
    return bool(named & {etag, "*"})


class UnsatisfiableError(Exception):
    """Nothing of the range that is wanted exists."""


def wanted_part(request: Request, found: Found) -> tuple[int, int] | None:
    """From where up to where to send, None for the whole; raises UnsatisfiableError.

    Several ranges, units that we do not know, what is no range, and a part of another content than this are answered
    with the whole (RFC 9110, sections 13.1.5 and 14.2).
    """
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or request.method != "GET" or request.headers.get("if-range", found.etag) != found.etag:
        return None
    return _bounds(match[1], match[2], found.size)


def _bounds(first: str, last: str, size: int) -> tuple[int, int] | None:
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), int(last) + 1 if last else size
        if end <= start and last:
            return None
    end = min(end, size)
    if start >= end:
        raise UnsatisfiableError
    return start, end


def content_disposition(how: str, name: str) -> str:
    """The header with the name as every client understands it (RFC 6266, section 4.3)."""
    plain = _PLAIN.sub("_", name)
    header = f'{how}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
