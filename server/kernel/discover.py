"""The OpenRPC document of the whole contract, made from the registry (https://spec.open-rpc.org)."""

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args
from uuid import UUID

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from models import errors as domain
from server.kernel.closing import CLOSINGS
from server.kernel.errors import INTERNAL, KINDS, Cancelled, TimedOut
from server.kernel.errors import Kind as ErrorKind
from server.kernel.notifications import NotificationType
from server.kernel.registry import EventType, Kind, Method, Registry, TopicType, described
from server.kernel.shapes import Params

REF = "#/components/schemas/{model}"

_KEY = {
    "name": "idempotency_key",
    "required": False,
    "description": "16 to 64 printable ASCII characters, best a UUID; the same key never acts twice (24 hours).",
    "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[ -~]*$"},
}
_AS_OF = {
    "name": "as_of",
    "required": False,
    "description": "Topics whose positions the reply states in `meta`, read in the same snapshot as the result.",
    "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 128},
}

_GENERIC = re.compile(r"^(\w+?)_(\w+)_$")
_WORD = re.compile(r"\b[A-Z][A-Za-z]+\b")

Inputs = list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]]


class _Schemas(GenerateJsonSchema):
    """Schemas whose names come from models alone: a title on a property would become a type name in generated code."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        """Return False: no property has a title."""
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """Leave out the default beside a reference: JSON Schema, draft 7, ignores what stands there."""
        found = super().default_schema(schema)
        return {"$ref": found["$ref"]} if "$ref" in found else found

    def normalize_name(self, name: str) -> str:
        """Name `Page[FileView]` as `FileViewPage`."""
        return _GENERIC.sub(r"\2\1", super().normalize_name(name))


def openrpc(registry: Registry, version: str, url: str = "http://localhost:8000") -> dict[str, Any]:
    """Describe all that clients may call and are sent; schemas are shared by `$ref`.

    Args:
        registry: What there is.
        version: Of the server.
        url: Where the server is reached, without a path.
    """
    methods = [method for method in described(registry.methods) if not method.access.internal]
    events = described(registry.events)
    notifications = described(registry.notifications)
    schemas, components = TypeAdapter.json_schemas(
        _inputs(methods, events, notifications), ref_template=REF, schema_generator=_Schemas
    )
    definitions = components.get("$defs", {})
    return {
        "openrpc": "1.3.2",
        "info": {"title": "Nexa", "version": version, "description": "One socket, typed methods, a log of events."},
        "servers": [
            {"name": "socket", "url": f"{url.replace('http', 'ws', 1)}/ws", "summary": "All methods, and events."},
            {"name": "http", "url": f"{url}/api/v1/rpc", "summary": "Queries and commands; no events."},
        ],
        "methods": [_method(method, schemas, definitions) for method in methods],
        "components": {"schemas": definitions, "errors": {kind.name: _error(kind) for kind in ERRORS}},
        "x-events": [
            *(_event(event, schemas) for event in events),
            *(_notification(one, schemas) for one in notifications),
        ],
        "x-topics": [_topic(topic) for topic in described(registry.topics)],
        "x-errors": [
            {"name": kind.name, "code": kind.code, "http": kind.status, "retryable": kind.retryable} for kind in ERRORS
        ],
        "x-close-codes": [
            {"code": one.code, "reason": one.reason, "client": one.client, "reconnect": one.reconnect}
            for one in CLOSINGS
        ],
    }


def _inputs(
    methods: Iterable[Method], events: Iterable[EventType], notifications: Iterable[NotificationType]
) -> Inputs:
    inputs: Inputs = []
    for method in methods:
        inputs.append((f"{method.name} params", "validation", TypeAdapter(method.params)))
        inputs.append((f"{method.name} result", "serialization", method.adapter))
    inputs += [(f"{event.name} data", "serialization", TypeAdapter(event.data)) for event in events]
    inputs += [(f"{one.name} data", "serialization", TypeAdapter(one.params)) for one in notifications]
    return inputs


def _method(method: Method, schemas: dict[Any, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reserved = {Kind.COMMAND: [_KEY], Kind.QUERY: [_AS_OF]}.get(method.kind, [])
    params = _resolved(schemas[f"{method.name} params", "validation"], definitions)
    required = params.get("required", [])
    own = [
        {"name": name, "required": name in required, "schema": schema}
        for name, schema in params.get("properties", {}).items()
    ]
    return {
        "name": method.name,
        "summary": method.summary,
        "description": method.description,
        "paramStructure": "by-name",
        # Required ones first, as the specification wants them.
        "params": sorted([*own, *reserved], key=lambda one: not one["required"]),
        "result": {"name": "result", "schema": schemas[f"{method.name} result", "serialization"]},
        "errors": [{"$ref": f"#/components/errors/{kind.name}"} for kind in errors_of(method)],
        "tags": [{"name": method.name.partition(".")[0]}],
        "x-kind": method.kind.value,
        "x-access": {
            "rule": " | ".join(rule.name for rule in method.rules),
            "guest": method.access.guest,
            "roles": sorted(method.access.roles),
            "verified": method.access.verified,
            "own": method.access.own,
            "reauth": method.access.reauth,
            "unless": sorted(frozenset().union(*(rule.unless for rule in method.rules))),
        },
        "x-timeout-seconds": method.timeout_seconds,
    }


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = definitions[reference.rsplit("/", 1)[1]]
    return found


def _event(event: EventType, schemas: dict[Any, Any]) -> dict[str, Any]:
    return {
        "name": event.name,
        "topic": event.topic,
        "logged": event.logged,
        "description": event.description or (event.data.__doc__ or ""),
        "data": schemas[f"{event.name} data", "serialization"],
    }


def _topic(topic: TopicType) -> dict[str, Any]:
    name = f"{topic.kind}:<id>" if topic.has_id else topic.kind
    return {
        "name": name,
        "kind": topic.kind,
        "logged": topic.logged,
        "audience": topic.audience,
        "access": [access.name for access in topic.readers],
    }


def _notification(notification: NotificationType, schemas: dict[Any, Any]) -> dict[str, Any]:
    """Describe what is about the socket itself: it belongs to no topic, and its params are flat."""
    return {
        "name": notification.name,
        "topic": None,
        "logged": False,
        "description": notification.description,
        "data": schemas[f"{notification.name} data", "serialization"],
    }


ERRORS = (*KINDS.values(), INTERNAL)


def errors_of(method: Method) -> list[ErrorKind]:
    """Return the errors that a method may answer, in the order of the table.

    What follows from how it is declared, and those that its docstring names after "Raises".
    """
    # Whatever is called, it may be called wrongly, too often, too late, or after the access token has expired.
    kinds: set[type[domain.DomainError]] = {domain.Invalid, domain.Unauthenticated, domain.RateLimited}
    kinds |= {domain.TooLarge, domain.Unavailable, TimedOut}
    if method.kind is Kind.QUERY:
        kinds.add(Cancelled)
    if method.kind is Kind.QUERY or _names_something(method.params):
        kinds.add(domain.NotFound)
    if method.kind is Kind.COMMAND:
        kinds.add(domain.Conflict)
    if method.access.roles or method.access.unless:
        kinds.add(domain.Forbidden)
    if method.access.verified:
        kinds.add(domain.EmailUnverified)
    if method.access.reauth:
        kinds.add(domain.ReauthenticationRequired)
    named = set(_WORD.findall(method.description))
    kinds |= {error for error in KINDS if error.__name__ in named}
    return [*(kind for error, kind in KINDS.items() if error in kinds), INTERNAL]


def _names_something(params: type[Params]) -> bool:
    """Whether there is an id among the params, of what may not exist."""
    return any(UUID in {field.annotation, *get_args(field.annotation)} for field in params.model_fields.values())


def _error(kind: ErrorKind) -> dict[str, Any]:
    return {"code": kind.code, "message": kind.title, "data": {"kind": kind.name, "retryable": kind.retryable}}
