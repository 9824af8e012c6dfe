"""The OpenRPC document of the whole contract, made from the registry (https://spec.open-rpc.org)."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from server.kernel.errors import INTERNAL, KINDS
from server.kernel.registry import EventType, Kind, Method, Registry, TopicType, described

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

Inputs = list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]]


def openrpc(registry: Registry, version: str) -> dict[str, Any]:
    """Describe every method that clients may call, every event and every topic; schemas are shared by `$ref`."""
    methods = [method for method in described(registry.methods) if not method.access.internal]
    events = described(registry.events)
    schemas, components = TypeAdapter.json_schemas(
        _inputs(methods, events), ref_template=REF, schema_generator=GenerateJsonSchema
    )
    definitions = components.get("$defs", {})
    return {
        "openrpc": "1.3.2",
        "info": {"title": "Nexa", "version": version, "description": "One socket, typed methods, a log of events."},
        "methods": [_method(method, schemas, definitions) for method in methods],
        "components": {"schemas": definitions, "errors": _errors()},
        "x-events": [_event(event, schemas) for event in events],
        "x-topics": [_topic(topic) for topic in described(registry.topics)],
    }


def _inputs(methods: Iterable[Method], events: Iterable[EventType]) -> Inputs:
    inputs: Inputs = []
    for method in methods:
        inputs.append((f"{method.name} params", "validation", TypeAdapter(method.params)))
        inputs.append((f"{method.name} result", "serialization", method.adapter))
    inputs += [(f"{event.name} data", "serialization", TypeAdapter(event.data)) for event in events]
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
        "params": [*own, *reserved],
        "result": {"name": "result", "schema": schemas[f"{method.name} result", "serialization"]},
        "tags": [{"name": method.name.partition(".")[0]}],
        "x-kind": method.kind.value,
        "x-access": {
            "rule": method.access.name,
            "guest": method.access.guest,
            "roles": sorted(method.access.roles),
            "verified": method.access.verified,
            "own": method.access.own,
            "reauth": method.access.reauth,
            "unless": sorted(method.access.unless),
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


def _errors() -> dict[str, Any]:
    kinds = [*KINDS.values(), INTERNAL]
    return {
        kind.name: {"code": kind.code, "message": kind.title, "x-http": kind.status, "x-retryable": kind.retryable}
        for kind in kinds
    }
