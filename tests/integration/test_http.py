"""HTTP beside the socket: the dispatcher for scripts, what watches, what is published, and how errors look."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson
import pytest

from models.messaging import DirectMessage
from server.compose.settings import VERSION
from server.kernel.rpc import Ctx, command, internal, public, query
from tests.support import PASSWORD, Person, Server, key

StartApp = Callable[..., Awaitable[Server]]

ERROR = {"code", "error", "message", "detail", "request_id"}


def call(method: str, id_: Any = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def notification(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


@pytest.fixture
async def ada(server: Server) -> Person:
    return await server.user()


@pytest.fixture
async def bob(server: Server) -> Person:
    return await server.user("Bob Marley")


async def get(server: Server, path: str, **headers: str) -> httpx.Response:
    async with server.http() as http:
        return await http.get(path, headers=headers)


async def post(server: Server, path: str, body: Any, **headers: str) -> httpx.Response:
    async with server.http() as http:
        return await http.post(path, content=body if isinstance(body, bytes) else orjson.dumps(body), headers=headers)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The body of a REST error, which has no members but those of the contract."""
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert set(body) >= ERROR
    assert UUID(body["request_id"]).version == 7
    return body


# The dispatcher over HTTP


async def test_a_call_is_answered_as_on_the_socket(server: Server, ada: Person) -> None:
    answer = await server.rpc(call("session.whoami", "x"), ada.token)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert set(answer.json()) == {"jsonrpc", "id", "result"}
    assert (answer.json()["id"], answer.json()["result"]["user"]["id"]) == ("x", ada.id)


async def test_without_a_token_the_caller_is_a_guest(server: Server) -> None:
    assert (await server.rpc(call("session.whoami"))).json()["result"]["user"] is None


@pytest.mark.parametrize(
    ("body", "id_", "code"),
    [
        (call("no.such"), 1, -32601),
        (call("auth.login", email="a@b.example", password="x"), 1, -32601),
        (call("block.list"), 1, -32001),
        (call("session.ping", tt=1), 1, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "session.ping", "params": [1]}, 1, -32602),
        ({"jsonrpc": "1.0", "id": 1, "method": "session.ping"}, 1, -32600),
        ([], None, -32600),
        (b"", None, -32700),
        (b"{", None, -32700),
        (b"\xff", None, -32700),
        (b"grant_type=password", None, -32700),
    ],
)
async def test_an_error_is_answered_with_200(server: Server, body: Any, id_: Any, code: int) -> None:
    answer = await server.rpc(body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"jsonrpc", "id", "error"}
    assert (answer.json()["id"], answer.json()["error"]["code"]) == (id_, code)


async def test_notifications_alone_are_answered_with_204_and_carried_out(
    server: Server, ada: Person, bob: Person
) -> None:
    one = notification("message.send", receiver_id=bob.id, content="one")
    two = notification("message.send", receiver_id=bob.id, content="two")
    for body in (one, [two, notification("no.such")]):
        answer = await server.rpc(body, ada.token)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await DirectMessage.filter(sender_id=ada.id).order_by("number").values_list("content", flat=True) == [
        "one",
        "two",
    ]


async def test_a_batch_is_answered_with_one_array(server: Server, ada: Person) -> None:
    body = [call("session.ping", 1, t=5), notification("session.ping"), 7, call("no.such", "x")]
    answer = await server.rpc(body, ada.token)
    found = [(one["id"], one.get("error", {}).get("code")) for one in answer.json()]
    assert (answer.status_code, found) == (200, [(1, None), (None, -32600), ("x", -32601)])


async def test_a_batch_of_fifty_one_is_refused(server: Server) -> None:
    answer = (await server.rpc([call("session.ping", n) for n in range(51)])).json()
    assert (answer["id"], answer["error"]["code"], answer["error"]["data"]["limit"]) == (None, -32600, 50)


async def test_a_key_acts_once_also_across_the_two_ways_in(server: Server, ada: Person, bob: Person) -> None:
    params = {"receiver_id": bob.id, "content": "once", "idempotency_key": key()}
    first = (await server.rpc(call("message.send", **params), ada.token)).json()["result"]
    second = (await server.rpc(call("message.send", **params), ada.token)).json()["result"]
    third = await (await server.connect(ada)).call("message.send", **params)
    assert first == second == third
    assert await DirectMessage.filter(sender_id=ada.id).count() == 1


async def test_what_was_done_over_http_is_an_event_of_no_socket(server: Server, ada: Person, bob: Person) -> None:
    client = await server.connect(bob)
    await client.subscribe({bob.topic: None})
    await server.rpc(call("message.send", receiver_id=bob.id, content="hi"), ada.token)
    assert (await client.event("message.created"))["params"]["by"] is None


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("session.authenticate", {"access_token": "x"}),
        ("session.refresh", {"access_token": "x"}),
        ("session.subscribe", {"topics": {}}),
        ("session.unsubscribe", {"topics": []}),
        ("rpc.cancel", {"id": 1}),
        ("message.typing", {"conversation_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
        ("presence.set", {"status": "away"}),
    ],
)
async def test_what_is_about_a_socket_is_refused(
    server: Server, ada: Person, method: str, params: dict[str, Any]
) -> None:
    answer = await server.rpc(call(method, **params), ada.token)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["data"]["kind"]) == (200, -32022, "invalid_state")
    assert error["data"]["state"] == "http"


@pytest.mark.parametrize("method", ["session.ping", "session.whoami", "rpc.discover", "system.info"])
async def test_what_needs_no_socket_is_answered(server: Server, method: str) -> None:
    assert "result" in (await server.rpc(call(method))).json()


@pytest.mark.seed("S0-18")
@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer a.b.c", "Bearer", "Basic YTpi", "x"])
async def test_a_bad_token_is_answered_with_401(server: Server, header: str) -> None:
    answer = await post(server, "/api/v1/rpc", call("session.ping"), Authorization=header)
    body = error_of(answer)
    assert (answer.status_code, set(body), body["code"]) == (401, ERROR, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="nexa"'


@pytest.mark.seed("S0-18")
async def test_a_token_that_has_run_out_is_answered_with_401(start_app: StartApp) -> None:
    server = await start_app(access_token_seconds=0)
    late = await server.user()
    answer = await server.rpc(call("session.ping"), late.token)
    assert (answer.status_code, error_of(answer)["message"]) == (401, "The access token has run out.")


@pytest.mark.seed("S0-17")
async def test_the_scheme_is_read_in_any_case(server: Server, ada: Person) -> None:
    answer = await post(server, "/api/v1/rpc", call("session.whoami"), Authorization=f"bearer  {ada.token}")
    assert answer.json()["result"]["user"]["id"] == ada.id


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_the_limit_is_answered_with_413(server: Server, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(66):
            yield b" " * 1000

    async with server.http() as http:
        answer = await http.post("/api/v1/rpc", content=chunks() if chunked else b" " * 65_537)
    body = error_of(answer)
    assert (answer.status_code, body["code"], body["limit"]) == (413, "too_large", 65_536)
    assert set(body) == {*ERROR, "limit"}


async def test_a_body_of_just_the_limit_is_read(server: Server) -> None:
    body = orjson.dumps(call("session.ping"))
    answer = await server.rpc(body + b" " * (65_536 - len(body)))
    assert (answer.status_code, answer.json()["id"]) == (200, 1)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_method_is_answered_with_405(server: Server, method: str) -> None:
    async with server.http() as http:
        assert (await http.request(method, "/api/v1/rpc")).status_code == 405


@pytest.mark.seed("S1-H05")
async def test_calls_beyond_the_rate_are_refused_over_http_too(start_app: StartApp) -> None:
    server = await start_app(guest_calls_per_second=1, guest_calls_burst=2)
    codes = [(await server.rpc(call("system.info"))).json().get("error", {}).get("code") for _ in range(3)]
    assert codes == [None, None, -32029]


# How errors look on the routes


@pytest.mark.seed("S4-18")
async def test_wrong_fields_are_named_at_once(server: Server) -> None:
    answer = await post(server, "/api/v1/auth/login", {"email": 5, "more": 1})
    body = error_of(answer)
    assert (answer.status_code, set(body)) == (400, {*ERROR, "details"})
    assert (body["code"], body["error"]) == ("validation_failed", "Validation failed")
    assert set(body["details"]) == {"email", "password", "more"}
    assert body["details"]["password"] == ["This field is required."]


@pytest.mark.parametrize(("body", "code"), [(b"{", "parse_error"), (b"[]", "invalid_request"), (b"", "parse_error")])
async def test_a_body_that_is_no_object_is_answered_with_400(server: Server, body: bytes, code: str) -> None:
    answer = await post(server, "/api/v1/auth/login", body)
    assert (answer.status_code, set(error_of(answer)), error_of(answer)["code"]) == (400, ERROR, code)


@pytest.mark.seed("S4-19")
async def test_a_wrong_password_is_answered_with_401(server: Server, ada: Person) -> None:
    answer = await post(server, "/api/v1/auth/login", {"email": ada.email, "password": PASSWORD + "x"})
    body = error_of(answer)
    assert (answer.status_code, set(body)) == (401, ERROR)
    assert (body["error"], body["message"]) == ("Invalid credentials", "Email or password is incorrect")


@pytest.mark.seed("S1-H05")
async def test_too_many_are_answered_with_429_and_when_to_come_again(start_app: StartApp) -> None:
    server = await start_app(signups_per_hour=1)
    await server.user()
    answer = await post(
        server, "/api/v1/auth/signup", {"full_name": "Ada", "email": "a@b.example", "password": PASSWORD}
    )
    body = error_of(answer)
    assert (answer.status_code, body["code"], set(body)) == (429, "rate_limited", {*ERROR, "retry_after"})
    assert int(answer.headers["retry-after"]) >= body["retry_after"] > 0


@pytest.mark.seed("S4-21")
async def test_of_a_fault_of_ours_nothing_leaks(server: Server) -> None:
    @command("auth.login", access=internal)
    async def login(_ctx: Ctx) -> None:
        raise RuntimeError("the secret ingredient")

    @query("test.boom", access=public)
    def boom(_ctx: Ctx) -> None:
        raise RuntimeError("the secret ingredient")

    server.app.core.registry.methods |= {one.name: one for one in (login, boom)}  # type: ignore[attr-defined]
    answer = await post(server, "/api/v1/auth/login", {})
    body = error_of(answer)
    assert (answer.status_code, set(body), body["code"]) == (500, ERROR, "internal_error")
    assert (body["error"], body["message"]) == ("Internal server error", "An unexpected error occurred")
    called = await server.rpc(call("test.boom"))
    assert (called.status_code, called.json()["error"]["code"]) == (200, -32603)
    assert "secret" not in answer.text + called.text


# Being watched


@pytest.mark.seed("S4-17")
@pytest.mark.seed("S4-48")
async def test_health_says_what_is_running(server: Server) -> None:
    answer = await get(server, "/health")
    expected = {
        "status": "healthy",
        "service": "nexa",
        "version": VERSION,
        "environment": "test",
        "auth0_configured": False,
        "supabase_configured": False,
    }
    assert answer.status_code == 200
    assert expected.items() <= answer.json().items()
    assert isinstance(answer.json()["emulated"], list)


async def test_live_and_ready_are_answered(server: Server) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        answer = await get(server, path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


@pytest.mark.seed("S0-09")
async def test_metrics_are_read_from_where_it_is_allowed(server: Server) -> None:
    await server.rpc(call("session.ping"))
    answer = await get(server, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'nexa_calls_total{method="session.ping",outcome="ok"}' in answer.text


async def test_metrics_are_refused_elsewhere(start_app: StartApp) -> None:
    answer = await get(await start_app(metrics_allow="10.0.0.0/8"), "/metrics")
    assert (answer.status_code, set(error_of(answer)), error_of(answer)["code"]) == (403, ERROR, "forbidden")


@pytest.mark.parametrize("forwarded", ["8.8.8.8", "127.0.0.1, 8.8.8.8", "10.0.0.1, 2001:db8::1", "unknown", ""])
async def test_metrics_are_not_read_through_the_proxy(server: Server, forwarded: str) -> None:
    status = (await get(server, "/metrics", **{"X-Forwarded-For": forwarded})).status_code
    assert status == (403 if forwarded else 200)


# What is published


@pytest.mark.seed("S1-H06")
async def test_the_contract_is_the_same_over_http_and_on_the_socket(server: Server) -> None:
    published = (await get(server, "/openrpc.json")).json()
    assert published == await (await server.connect()).call("rpc.discover")
    assert published["info"]["version"] == VERSION


@pytest.mark.seed("S4-47")
async def test_anybody_can_check_a_token_with_the_published_keys(server: Server, ada: Person) -> None:
    answer = await get(server, "/.well-known/jwks.json")
    assert "max-age" in answer.headers["cache-control"]
    keys = jwt.PyJWKSet.from_dict(answer.json())
    signer = keys[jwt.get_unverified_header(ada.token)["kid"]]
    said = jwt.decode(ada.token, signer, algorithms=["EdDSA"], audience="nexa", issuer="nexa")
    assert said["sub"] == ada.id
    assert said["exp"] - said["iat"] == 3600
    assert abs(said["iat"] - datetime.now(UTC).timestamp()) < 60


@pytest.mark.parametrize(
    "path", ["/health", "/health/live", "/health/ready", "/metrics", "/openrpc.json", "/.well-known/jwks.json"]
)
async def test_a_trailing_slash_is_accepted(server: Server, path: str) -> None:
    plain, slashed = await get(server, path), await get(server, f"{path}/")
    assert (plain.status_code, slashed.status_code) == (200, 200)


async def test_a_trailing_slash_is_accepted_where_something_is_posted(server: Server) -> None:
    assert (await post(server, "/api/v1/rpc/", call("session.ping"))).status_code == 200
    assert (await post(server, "/api/v1/auth/login/", {})).status_code == 400


async def test_an_unknown_path_is_not_found(server: Server) -> None:
    for path in ("/", "/nothing", "/api/v1/", "/health/x"):
        assert (await get(server, path)).status_code == 404


# Browsers


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


async def preflight(server: Server, origin: str, **changes: str) -> httpx.Response:
    async with server.http() as http:
        return await http.options("/api/v1/rpc", headers={"Origin": origin, **PREFLIGHT, **changes})


@pytest.mark.seed("S1-H21")
async def test_a_listed_origin_may_call(server: Server) -> None:
    answer = await preflight(server, "http://localhost:3000")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= allowed
    called = await post(server, "/api/v1/rpc", call("session.ping"), Origin="http://localhost:3000")
    assert called.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "origin" in called.headers["vary"].lower()


@pytest.mark.seed("S1-H22")
async def test_a_foreign_origin_may_not_and_cookies_play_no_part(server: Server) -> None:
    answer = await preflight(server, "https://evil.example")
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers
    for origin in ("http://localhost:3000", "https://evil.example"):
        called = await post(server, "/api/v1/rpc", call("session.ping"), Origin=origin)
        assert "access-control-allow-credentials" not in called.headers
        assert "set-cookie" not in called.headers


@pytest.mark.seed("S1-H21")
async def test_a_refusal_can_be_read_by_a_listed_origin_too(server: Server) -> None:
    headers = {"Origin": "http://localhost:3000", "Authorization": "Bearer bad"}
    answer = await post(server, "/api/v1/rpc", call("session.ping"), **headers)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
