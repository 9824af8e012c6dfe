"""JSON-RPC 2.0 as pure functions over bytes: no I/O, no state (https://www.jsonrpc.org/specification)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from models.errors import DomainError
from models.kit.text import has_surrogate
from server.kernel import exact
from server.kernel.errors import InvalidRequest, ParseError

Id: TypeAlias = str | int | float | None


class NoId:
    """The mark of a request without the member `id`: a notification, which is never answered."""


NO_ID = NoId()

_ID_TYPES = (str, int, float, NoId, type(None))
_PARAMS_TYPES = (dict, list)


@dataclass(slots=True)
class Request:
    """One call as it came."""

    method: str
    params: dict[str, Any] | list[Any] | None
    id: Id | NoId

    @property
    def is_notification(self) -> bool:
        """Whether no reply is wanted."""
        return self.id is NO_ID


@dataclass(frozen=True, slots=True)
class Malformed:
    """What stood where a request should be, and the id to answer with (null where none could be read)."""

    error: DomainError
    id: Id = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Several requests in one array; answered with one array."""

    items: Sequence[Request | Malformed]


def parse(frame: bytes | str, *, max_batch: int) -> Request | Malformed | Batch:
    """Read one frame. Never raises: what is wrong comes back as `Malformed`."""
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError:
        # orjson refuses lone surrogates, which are wrong in their field alone: the request has an id to answer with.
        message = exact.with_lone_surrogates(frame)
        if not isinstance(message, dict | list):
            return Malformed(ParseError())
    else:
        message = _with_exact_ids(message, frame)
    if not isinstance(message, list):
        return _request(message)
    if not message:
        return Malformed(InvalidRequest("An empty batch is not a request."))
    if len(message) > max_batch:
        return Malformed(InvalidRequest(f"A batch holds at most {max_batch} requests.", limit=max_batch))
    return Batch([_request(item) for item in message])


def _request(message: object) -> Request | Malformed:
    if not isinstance(message, dict):
        return Malformed(InvalidRequest("A request is a JSON object."))
    id_ = message.get("id", NO_ID)
    if isinstance(id_, bool) or not isinstance(id_, _ID_TYPES) or (isinstance(id_, str) and has_surrogate(id_)):
        return Malformed(InvalidRequest("`id` is a string or a number."))
    answer_to: Id = None if isinstance(id_, NoId) else id_
    if message.get("jsonrpc") != "2.0":
        return Malformed(InvalidRequest('`jsonrpc` is "2.0".'), answer_to)
    method = message.get("method")
    if not isinstance(method, str):
        return Malformed(InvalidRequest("`method` is a string."), answer_to)
    params = message.get("params")
    if "params" in message and not isinstance(params, _PARAMS_TYPES):
        return Malformed(InvalidRequest("`params` is an object."), answer_to)
    return Request(method, params, id_)


def _with_exact_ids(message: object, frame: bytes | str) -> object:
    """Read again what has an id that orjson made a float of, such as 2**70: an id comes back as it was sent."""
    items = message if isinstance(message, list) else [message]
    if any(isinstance(one, dict) and isinstance(one.get("id"), float) for one in items):
        return exact.loads(frame)
    return message


def id_bytes(id_: Id | NoId) -> bytes:
    """Encode an id; null where there is none."""
    if isinstance(id_, int) and not -(2**63) <= id_ < 2**64:
        return str(id_).encode()
    return orjson.dumps(None if id_ is NO_ID else id_)


def result(id_: Id | NoId, encoded: bytes) -> bytes:
    """A reply with an already encoded result."""
    return b'{"jsonrpc":"2.0","id":' + id_bytes(id_) + b',"result":' + encoded + b"}"


def result_with_meta(id_: Id | NoId, encoded: bytes, meta: bytes) -> bytes:
    """A reply with an already encoded result and the positions it was read at."""
    return b'{"jsonrpc":"2.0","id":' + id_bytes(id_) + b',"result":' + encoded + b',"meta":' + meta + b"}"


def error(id_: Id | NoId, body: Mapping[str, Any]) -> bytes:
    """A reply that refuses."""
    return b'{"jsonrpc":"2.0","id":' + id_bytes(id_) + b',"error":' + orjson.dumps(body) + b"}"


NOTIFICATION_PREFIX = b'{"jsonrpc":"2.0",'


def notification(method: str, encoded_params: bytes) -> bytes:
    """A message from the server that wants no reply."""
    return NOTIFICATION_PREFIX + b'"method":' + orjson.dumps(method) + b',"params":' + encoded_params + b"}"


def batch(replies: Sequence[bytes]) -> bytes:
    """The one answer to a batch."""
    return b"[" + b",".join(replies) + b"]"
