"""Every message of every test is held against the contract; here it is shown that this bites."""

import time
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidState
from server.kernel.dispatch import refused
from server.kernel.errors import INTERNAL, KINDS
from tests.contract.validator import BrokenContractError, called, contract
from tests.support import Server

ID = "018f2f5e-0000-7000-8000-000000000001"
AT = "2026-11-21T09:00:00.123Z"

MESSAGE = {
    **dict.fromkeys(("id", "conversation_id", "sender_id", "receiver_id"), ID),
    **dict.fromkeys(("reply_to", "edited_at", "deleted_at")),
    "number": 1,
    "content": "hi",
    "files": [],
    "created_at": AT,
}
CREATED = {"topic": f"user:{ID}", "seq": 1, "at": AT, "by": None, "data": {**MESSAGE, "unread_count": 0}}


def response(result: Any, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": result, **more}


def event(name: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": name, "params": params}


def error(**changes: Any) -> dict[str, Any]:
    data = {"kind": "not_found", "request_id": ID, "retryable": False}
    body = {"code": -32004, "message": "Not found.", "data": {**data, **changes.pop("data", {})}, **changes}
    return {"jsonrpc": "2.0", "id": 1, "error": body}


def test_what_the_contract_says_passes() -> None:
    contract().reply("message.send", response(MESSAGE))
    contract().reply("message.send", error())
    contract().reply("block.list", response({"items": [], "next_cursor": None}))
    contract().reply("session.subscribe", response({"epoch": "e", "topics": {"user:1": subscribed(CREATED)}}))
    contract().notification(event("message.created", CREATED))
    meta = {"epoch": "e", "positions": {f"user:{ID}": 3}}
    contract().reply("block.list", response({"items": [], "next_cursor": None}, meta=meta), as_of=True)


def subscribed(params: Any) -> dict[str, Any]:
    missed = {"method": "message.created", "params": params}
    return {"seq": 1, "events": [missed], "more": False, "reset": False}


@pytest.mark.parametrize("name", MESSAGE)
@pytest.mark.parametrize("fault", ["missing", "of another type"])
def test_a_wrong_member_of_a_result_is_noticed(name: str, fault: str) -> None:
    wrong = {**MESSAGE, name: [1]}
    if fault == "missing":
        del wrong[name]
    with pytest.raises(BrokenContractError, match=r"message\.send result"):
        contract().reply("message.send", response(wrong))
    with pytest.raises(BrokenContractError, match=r"message\.updated data"):
        contract().notification(event("message.updated", {**CREATED, "data": wrong}))


@pytest.mark.parametrize(
    ("method", "message"),
    [
        pytest.param("message.send", response({**MESSAGE, "secret": 1}), id="a member that nobody declared"),
        pytest.param("message.send", response({**MESSAGE, "id": "1"}), id="an id that is none"),
        pytest.param("message.send", response({**MESSAGE, "created_at": "2026-11-21 09:00"}), id="another time"),
        pytest.param("message.send", response({**MESSAGE, "created_at": "2026-11-21T09:00:00+02:00"}), id="local time"),
        pytest.param("auth.login", response({}), id="a result of an internal method"),
        pytest.param("nobody.knows", response({}), id="a result of an unknown method"),
        pytest.param("block.list", response({"items": [], "next_cursor": None}, meta={}), id="meta without as_of"),
        pytest.param("block.list", response({"items": []}), id="without what has a default"),
        pytest.param("block.list", {"jsonrpc": "2.0", "id": 1}, id="neither a result nor an error"),
        pytest.param("block.list", {**response(None), **error()}, id="a result and an error"),
        pytest.param("block.list", {"id": 1, "result": {}}, id="no version"),
        pytest.param(None, error(code=-32003), id="a code of another kind"),
        pytest.param(None, error(data={"retryable": True}), id="repeatable against the table"),
        pytest.param(None, error(data={"kind": "sad"}), id="an unknown kind"),
        pytest.param(None, error(data={"request_id": "7"}), id="a bad request id"),
        pytest.param(None, error(code=-32602, data={"kind": "validation_failed"}), id="no details"),
        pytest.param(
            None, error(code=-32602, data={"kind": "validation_failed", "details": {"a": "b"}}), id="bad details"
        ),
        pytest.param(
            "session.subscribe",
            response({"epoch": "e", "topics": {"user:1": subscribed({**CREATED, "seq": 0})}}),
            id="a missed event without a number",
        ),
        pytest.param(
            "session.subscribe", response({"epoch": "e", "topics": {"user:1": {"seq": 1}}}), id="half a subscription"
        ),
    ],
)
def test_a_wrong_reply_is_noticed(method: str | None, message: Any) -> None:
    with pytest.raises(BrokenContractError):
        contract().reply(method, message)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(event("message.sent", CREATED), id="a name that nobody declared"),
        pytest.param(event("message.created", {**CREATED, "topic": f"thread:{ID}"}), id="on another topic"),
        pytest.param(event("message.created", {**CREATED, "seq": 0}), id="before the first"),
        pytest.param(
            event("message.created", {name: value for name, value in CREATED.items() if name != "seq"}),
            id="a logged event without a number",
        ),
        pytest.param(event("message.created", {**CREATED, "by": "me"}), id="by somebody"),
        pytest.param(event("session.expiring", {"expires_at": 1}), id="about the socket"),
        pytest.param({**event("message.created", CREATED), "id": 1}, id="with an id"),
    ],
)
def test_a_wrong_event_is_noticed(message: Any) -> None:
    with pytest.raises(BrokenContractError):
        contract().notification(message)


@pytest.mark.parametrize("kind", [*KINDS.values(), INTERNAL], ids=lambda kind: kind.name)
def test_every_kind_of_error_keeps_the_table(kind: Any) -> None:
    more = {
        "details": {"x": ["y"]},
        "current_rev": 1,
        "limit": 1,
        "state": "s",
        "retry_after": 1,
        "challenge": "c",
        "product_id": "p",
    }
    body = {"code": kind.code, "message": "x", "data": {"kind": kind.name, "request_id": ID}}
    data = {**body["data"], "retryable": kind.retryable, **more}
    contract().reply(None, {"jsonrpc": "2.0", "id": 1, "error": {**body, "data": data}})


def test_a_refusal_that_lacks_what_the_table_promises_is_noticed() -> None:
    with pytest.raises(BrokenContractError, match="state"):
        contract().reply(None, orjson.loads(refused(InvalidState("no")).reply(1)))


@pytest.mark.seed("S2-07", "S2-08")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"detail": "no"}),
        (500, {"code": "not_found", "error": "e", "message": "m", "detail": "d", "request_id": ID}),
        (404, {"code": "sad", "error": "e", "message": "m", "detail": "d", "request_id": ID}),
        (400, {"code": "validation_failed", "error": "e", "message": "m", "detail": "d", "request_id": ID}),
        (200, {"message": "Login successful."}),
    ],
)
def test_a_wrong_rest_body_is_noticed(status: int, body: Any) -> None:
    request = httpx.Request("POST", "http://nexa/api/v1/auth/login")
    with pytest.raises(BrokenContractError):
        contract().answer(httpx.Response(status, json=body, request=request))


async def test_a_client_fails_the_test_when_something_wrong_has_come(server: Server) -> None:
    client = await server.connect()
    await client._take(event("message.created", {**CREATED, "seq": "one"}))
    with pytest.raises(BrokenContractError):
        await client.call("session.ping")
    await client._take(response({"t": 1}))
    await client.call("session.ping")
    await client.send(orjson.dumps({"jsonrpc": "2.0", "id": "x", "method": "session.whoami"}))
    assert client._asked["x"] == ("session.whoami", False)
    await client._take({"jsonrpc": "2.0", "id": "x", "result": {"user": None}})
    with pytest.raises(BrokenContractError):
        await client.close()
    await client.close()


@given(st.binary())
def test_any_frame_can_be_asked_what_it_calls(frame: bytes) -> None:
    assert isinstance(called(frame), dict)


def test_it_costs_little() -> None:
    contract().notification(event("message.created", CREATED))
    begin = time.perf_counter()
    for number in range(200):
        data = {**CREATED["data"], "id": str(uuid4())}
        contract().notification(event("message.created", {**CREATED, "seq": number + 1, "data": data}))
    assert (time.perf_counter() - begin) / 200 < 0.005
