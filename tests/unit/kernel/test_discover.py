"""The published document: complete, valid, and true to the registry."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from server.compose.domains import MODULES
from server.compose.settings import VERSION
from server.kernel.closing import CLOSINGS
from server.kernel.discover import openrpc
from server.kernel.errors import KINDS
from server.kernel.registry import Kind, Registry

REGISTRY = Registry.of(MODULES)
DOCUMENT = openrpc(REGISTRY, VERSION)
METHODS: list[dict[str, Any]] = DOCUMENT["methods"]
EVENTS: list[dict[str, Any]] = DOCUMENT["x-events"]

each_method = pytest.mark.parametrize("method", METHODS, ids=lambda one: one["name"])


def everything(value: Any) -> Iterator[Any]:
    """A value and all that is in it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    for one in inner:
        yield from everything(one)


def found(reference: str) -> Any:
    """What a `$ref` points to; raises KeyError where it points to nothing."""
    assert reference.startswith("#/")
    value: Any = DOCUMENT
    for name in reference[2:].split("/"):
        value = value[name]
    return value


def schemas() -> Iterator[tuple[str, Any]]:
    for method in METHODS:
        yield f"{method['name']} result", method["result"]["schema"]
        for param in method["params"]:
            yield f"{method['name']} {param['name']}", param["schema"]
    for event in EVENTS:
        yield event["name"], event["data"]
    yield from DOCUMENT["components"]["schemas"].items()


@pytest.mark.seed("S1-H06")
def test_it_says_what_it_is() -> None:
    assert DOCUMENT["openrpc"] == "1.3.2"
    assert DOCUMENT["info"]["version"] == VERSION
    assert DOCUMENT["info"]["title"] == "Nexa"


def test_every_method_that_clients_may_call_stands_in_it_once() -> None:
    names = [method["name"] for method in METHODS]
    assert names == sorted(set(names))
    assert set(names) == {name for name, method in REGISTRY.methods.items() if not method.access.internal}


def test_what_is_internal_is_not_shown() -> None:
    hidden = {name for name, method in REGISTRY.methods.items() if method.access.internal}
    assert hidden
    assert not hidden & {method["name"] for method in METHODS}


def test_every_event_and_every_topic_stands_in_it_once() -> None:
    names = [event["name"] for event in EVENTS]
    assert names == [*sorted(REGISTRY.events), *sorted(REGISTRY.notifications)]
    assert len(names) == len(set(names))
    assert [topic["kind"] for topic in DOCUMENT["x-topics"]] == sorted(REGISTRY.topics)


def test_every_event_has_its_topic_and_is_logged_only_where_that_has_a_log() -> None:
    logged = {topic["kind"]: topic["logged"] for topic in DOCUMENT["x-topics"]}
    for event in EVENTS:
        if event["name"] in REGISTRY.notifications:
            assert (event["topic"], event["logged"]) == (None, False)
            continue
        assert event["topic"] in logged, event["name"]
        assert not event["logged"] or logged[event["topic"]], event["name"]


def test_every_reference_points_to_something() -> None:
    references = [value["$ref"] for value in everything(DOCUMENT) if isinstance(value, dict) and "$ref" in value]
    assert references
    for reference in references:
        assert isinstance(found(reference), dict)


def test_every_shared_schema_is_used() -> None:
    used = {
        value["$ref"].rsplit("/", 1)[1] for value in everything(DOCUMENT) if isinstance(value, dict) and "$ref" in value
    }
    # The params of a method are taken apart, so their own model stands unused beside them.
    taken_apart = {method.params.__name__ for method in REGISTRY.methods.values()}
    assert set(DOCUMENT["components"]["schemas"]) - used <= taken_apart


@pytest.mark.parametrize(("name", "schema"), [pytest.param(*one, id=one[0]) for one in schemas()])
def test_every_schema_is_valid(name: str, schema: dict[str, Any]) -> None:
    assert name
    Draft202012Validator.check_schema(schema)


@each_method
def test_every_method_is_described(method: dict[str, Any]) -> None:
    assert method["summary"], "the handler has no docstring"
    assert method["paramStructure"] == "by-name"
    assert method["x-kind"] in set(Kind)
    assert set(method["x-access"]) >= {"rule", "guest", "roles", "verified", "own", "unless", "reauth"}
    names = [param["name"] for param in method["params"]]
    assert len(names) == len(set(names))


@each_method
def test_commands_take_a_key_and_queries_say_as_of(method: dict[str, Any]) -> None:
    reserved = {param["name"] for param in method["params"]} & {"idempotency_key", "as_of"}
    assert reserved == {"command": {"idempotency_key"}, "query": {"as_of"}}.get(method["x-kind"], set())


@each_method
def test_its_name_is_a_domain_and_a_verb(method: dict[str, Any]) -> None:
    parts = method["name"].split(".")
    assert 2 <= len(parts) <= 4
    assert all(part.replace("_", "").isalnum() and part == part.lower() for part in parts)
    assert method["tags"] == [{"name": parts[0]}]


def test_the_description_of_a_key_agrees_with_what_is_taken() -> None:
    send = next(method for method in METHODS if method["name"] == "message.send")
    schema = next(param["schema"] for param in send["params"] if param["name"] == "idempotency_key")
    validator = Draft202012Validator(schema)
    for key, good in (("a" * 15, False), ("a" * 16, True), ("~ " * 32, True), ("a" * 65, False), ("é" * 16, False)):
        assert validator.is_valid(key) is good, key


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error["code"] for error in DOCUMENT["components"]["errors"].values()]
    assert len(codes) == len(set(codes)) == len(KINDS) + 1
    assert codes == [error["code"] for error in DOCUMENT["x-errors"]]


@each_method
def test_every_method_names_the_errors_that_its_docstring_and_its_access_promise(method: dict[str, Any]) -> None:
    kinds = [found(error["$ref"])["data"]["kind"] for error in method["errors"]]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) >= {"rate_limited", "unavailable", "timeout", "internal_error"}
    declared = REGISTRY.methods[method["name"]]
    assert ("unauthenticated" in kinds) >= (not declared.access.guest)
    for error, kind in KINDS.items():
        assert (kind.name in kinds) >= (f"Raises {error.__name__}" in declared.description)


def test_required_params_come_first() -> None:
    for method in METHODS:
        required = [param["required"] for param in method["params"]]
        assert required == sorted(required, reverse=True), method["name"]


def test_schemas_have_names_that_are_type_names_and_properties_have_no_titles() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
        for field, inner in schema.get("properties", {}).items():
            assert "title" not in inner, (name, field)


def test_the_close_codes_are_those_that_the_server_closes_with() -> None:
    published = {one["code"]: one for one in DOCUMENT["x-close-codes"]}
    assert len(published) == len(CLOSINGS)
    for closing in CLOSINGS:
        assert published[closing.code]["reconnect"] is closing.reconnect


def test_it_says_where_the_server_is() -> None:
    document = openrpc(REGISTRY, VERSION, "https://nexa.example")
    assert [one["url"] for one in document["servers"]] == ["wss://nexa.example/ws", "https://nexa.example/api/v1/rpc"]


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("parse_error", -32700, 400),
        ("invalid_request", -32600, 400),
        ("method_not_found", -32601, 404),
        ("validation_failed", -32602, 400),
        ("internal_error", -32603, 500),
        ("unauthenticated", -32001, 401),
        ("reauthentication_required", -32002, 401),
        ("forbidden", -32003, 403),
        ("not_found", -32004, 404),
        ("email_unverified", -32005, 403),
        ("mfa_required", -32006, 401),
        ("timeout", -32008, 504),
        ("conflict", -32009, 409),
        ("stale_revision", -32012, 412),
        ("too_large", -32013, 413),
        ("invalid_state", -32022, 422),
        ("rate_limited", -32029, 429),
        ("unavailable", -32051, 503),
        ("cancelled", -32099, 499),
    ],
)
def test_the_errors_are_those_of_the_contract(name: str, code: int, status: int) -> None:
    error = next(one for one in DOCUMENT["x-errors"] if one["name"] == name)
    assert (error["code"], error["http"]) == (code, status)
    assert error["retryable"] is (name in {"internal_error", "timeout", "rate_limited", "unavailable"})
