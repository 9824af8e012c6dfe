"""The contract as the registry publishes it, made into something that every message of a test is held against."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import orjson
from jsonschema import Draft202012Validator, FormatChecker

from server.compose.domains import MODULES
from server.compose.settings import VERSION
from server.kernel.discover import openrpc
from server.kernel.registry import Registry

TEST_ONLY = ("probe.", "test.")
"""Methods and events of tests' own modules: published nowhere, so only their envelopes are looked at."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
MORE_IN_DATA = {
    "validation_failed": "details",
    "stale_revision": "current_rev",
    "too_large": "limit",
    "invalid_state": "state",
    "rate_limited": "retry_after",
    "unavailable": "retry_after",
    "quota_exceeded": "retry_after",
    "payment_required": "product_id",
    "mfa_required": "challenge",
}
"""What the last column of the table in PROTOCOL.md, section 7, promises."""

STRING = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "format": "date-time"}
POSITIONS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}


def members(optional: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """The schema of an object that has exactly these members."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


ANY_REQUEST = {"parse_error", "invalid_request", "method_not_found", "conflict", "invalid_state", "internal_error"}
"""What may be wrong with a request before its method is reached: its id, its way in, its place in a batch."""

EVENT = members(
    ("seq",),
    topic=STRING,
    seq={"type": "integer", "minimum": 1},
    at=MOMENT,
    by={
        "anyOf": [
            {"type": "null"},
            members(connection_id={"type": ["string", "null"]}, idempotency_key={"type": ["string", "null"]}),
        ]
    },
    data={"type": "object"},
)
META = members(epoch=STRING, positions=POSITIONS)
TOPIC = {
    "oneOf": [
        members(error=members(code={"type": "integer"}, message=STRING)),
        members(
            ("state",),
            seq={"type": ["integer", "null"]},
            events={"type": "array"},
            more={"type": "boolean"},
            reset={"type": "boolean"},
            state={"type": "object"},
        ),
    ]
}
ERROR_DATA = {
    "type": "object",
    "properties": {
        "kind": STRING,
        "request_id": {"type": "string", "format": "uuid"},
        "retryable": {"type": "boolean"},
        "retry_after": {"type": "number", "minimum": 0},
        "details": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "array", "items": STRING, "minItems": 1},
        },
    },
    "required": ["kind", "request_id", "retryable"],
    "additionalProperties": True,
}
ERROR = members(code={"type": "integer"}, message=STRING, data=ERROR_DATA)
REST_ERROR = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("code", "error", "message", "detail"), STRING),
        "request_id": {"type": "string", "format": "uuid"},
        "details": ERROR_DATA["properties"]["details"],
    },
    "required": ["code", "error", "message", "detail", "request_id"],
    "additionalProperties": True,
}


class BrokenContractError(AssertionError):
    """A message that is not what the contract says."""


def _is(read: Callable[[str], Any]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or read(value) is not None


FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", ValueError)(_is(lambda text: TIME.fullmatch(text) and datetime.fromisoformat(text)))
FORMATS.checks("date", ValueError)(_is(date.fromisoformat))
FORMATS.checks("uuid", ValueError)(_is(UUID))


def exact(schema: Any) -> Any:
    """A schema that allows no members but those that it names: clients have to ignore others, we must not send them."""
    if isinstance(schema, list):
        return [exact(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: exact(one) for name, one in schema.items()}
    if isinstance(inner.get("properties"), dict) and "type" in inner:
        inner.setdefault("additionalProperties", False)
    return inner


class Contract:
    """Validators for everything that the server says, each compiled when it is first needed."""

    def __init__(self, registry: Registry, document: Mapping[str, Any]) -> None:
        self._registry = registry
        self._methods = {one["name"]: one for one in document["methods"]}
        self._events = {one["name"]: one for one in document["x-events"]}
        self._errors = {one["name"]: one for one in document["x-errors"]}
        self._components = {"schemas": exact(document["components"]["schemas"])}
        self._compiled: dict[object, Draft202012Validator] = {}

    def _hold(self, what: str, value: object, schema: Callable[[], Any]) -> None:
        validator = self._compiled.get(what)
        if validator is None:
            whole = {"components": self._components, **exact(schema())}
            validator = self._compiled[what] = Draft202012Validator(whole, format_checker=FORMATS)
        for error in validator.iter_errors(value):
            raise BrokenContractError(f"{what}: {error.json_path} {error.message}")

    # What comes over a socket

    def reply(self, method: str | None, message: Any, *, as_of: bool = False) -> None:
        """Hold a response against what its method promises; None: nobody knows which method was called."""
        names = set(message) - {"jsonrpc", "id"}
        if message.get("jsonrpc") != "2.0" or "id" not in message:
            raise BrokenContractError(f"not a JSON-RPC response: {message}")
        if names == {"error"}:
            self.error(message["error"])
            self._declared(method, message["error"]["data"]["kind"])
            return
        if names != ({"result", "meta"} if as_of else {"result"}):
            raise BrokenContractError(f"{method}: a response has the members {sorted(names)}")
        if as_of:
            self._hold("meta", message["meta"], lambda: META)
        if method is not None and not method.startswith(TEST_ONLY):
            self._result(method, message["result"])

    def _result(self, method: str, result: Any) -> None:
        if method not in self._methods:
            raise BrokenContractError(f"{method} has a result and is not published")
        self._hold(f"{method} result", result, lambda: self._methods[method]["result"]["schema"])
        if method == "session.subscribe":
            for topic in result["topics"].values():
                self._hold("a subscribed topic", topic, lambda: TOPIC)
                for event in topic.get("events", ()):
                    self.notification({"jsonrpc": "2.0", **event})

    def _declared(self, method: str | None, kind: str) -> None:
        """Hold the kind of an error against those that its method names."""
        if method not in self._methods or kind in ANY_REQUEST:
            return
        named = {one["$ref"].rpartition("/")[2] for one in self._methods[method]["errors"]}
        if kind not in named:
            raise BrokenContractError(f"{method} answered {kind}, which is not among its errors: {sorted(named)}")

    def notification(self, message: Any) -> None:
        """Hold an event, or a notification about the socket, against its declaration."""
        if set(message) != {"jsonrpc", "method", "params"} or message["jsonrpc"] != "2.0":
            raise BrokenContractError(f"not a notification: {message}")
        name, params = message["method"], message["params"]
        declared = self._events.get(name)
        if declared is not None and declared["topic"] is None:
            self._hold(name, params, lambda: declared["data"])
            return
        self._hold("an event", params, lambda: EVENT)
        if name.startswith(TEST_ONLY):
            return
        if declared is None:
            raise BrokenContractError(f"nobody declared the event {name}")
        if declared["logged"] != ("seq" in params) or params["topic"].partition(":")[0] != declared["topic"]:
            raise BrokenContractError(f"{name} came as {params}")
        self._hold(f"{name} data", params["data"], lambda: declared["data"])

    def error(self, error: Any) -> None:
        """Hold an error against the table of kinds."""
        self._hold("an error", error, lambda: ERROR)
        kind = self._kind(error["data"]["kind"], error["data"])
        if (kind["code"], kind["retryable"]) != (error["code"], error["data"]["retryable"]):
            raise BrokenContractError(f"{error['data']['kind']} has another code, or may be repeated: {error}")

    def _kind(self, name: str, data: Mapping[str, Any]) -> Any:
        if name not in self._errors:
            raise BrokenContractError(f"there is no kind of error {name}")
        if name in MORE_IN_DATA and MORE_IN_DATA[name] not in data:
            raise BrokenContractError(f"{name} lacks {MORE_IN_DATA[name]}: {data}")
        return self._errors[name]

    # What comes over HTTP

    def answer(self, response: httpx.Response) -> None:
        """Hold what one of our routes answered against the contract."""
        path = response.request.url.path.rstrip("/")
        if not response.headers.get("content-type", "").startswith("application/json"):
            return
        if path.startswith("/api/") and response.status_code >= 400:
            self._rest_error(response)
        elif path == "/api/v1/rpc":
            self._rpc(response)
        elif path.startswith("/api/v1/auth/"):
            self._signed_in(path.rpartition("/")[2], response.json())

    def _rest_error(self, response: httpx.Response) -> None:
        body = response.json()
        self._hold("a REST error", body, lambda: REST_ERROR)
        # What belongs to HTTP alone has no kind of its own.
        if body["code"] == "outcome_unknown" or response.status_code == 405:
            return
        if self._kind(body["code"], body)["http"] != response.status_code:
            raise BrokenContractError(f"{response.status_code} {body}")

    def _rpc(self, response: httpx.Response) -> None:
        asked, answered = called(response.request.content), response.json()
        for reply in answered if isinstance(answered, list) else [answered]:
            method, as_of = asked.get(_hashable(reply["id"]), (None, False))
            self.reply(method, reply, as_of=as_of and "result" in reply)

    def _signed_in(self, verb: str, body: Any) -> None:
        method = self._registry.methods.get(f"auth.{verb.replace('-', '_')}")
        if method is not None and method.access.internal:
            schema = method.adapter.json_schema(mode="serialization")
            definitions = {"$defs": exact(schema.get("$defs", {}))}
            self._hold(f"auth.{verb}", body, lambda: {**schema, **definitions})


Asked = dict[Any, tuple[str | None, bool]]


def called(frame: str | bytes) -> Asked:
    """By id, which methods a frame calls, and whether it asks for positions. Of what is no request, nothing."""
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return {}
    asked: Asked = {}
    for one in message if isinstance(message, list) else [message]:
        if isinstance(one, dict) and isinstance(one.get("method"), str) and "id" in one:
            params = one.get("params")
            as_of = isinstance(params, dict) and params.get("as_of") is not None
            asked.setdefault(_hashable(one["id"]), (one["method"], as_of))
    return asked


def _hashable(id_: object) -> object:
    return id_ if isinstance(id_, str | int | float | None) else repr(id_)


@cache
def contract() -> Contract:
    """The contract of the product."""
    registry = Registry.of(MODULES)
    return Contract(registry, openrpc(registry, VERSION))
