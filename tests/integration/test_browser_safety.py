"""What browsers are told about every answer; CORS and `Origin` are in test_http and test_socket."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus

from handlers.auth.pages import PAGES
from server.compose.settings import Settings
from server.kernel.http import page_policy
from server.web.answers import fault
from server.web.headers import SecurityHeaders
from tests.auth import login
from tests.support import Server

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


async def _headers(server: Server, method: str, path: str, **options: Any) -> tuple[int, dict[str, str]]:
    async with server.http() as http:
        answer = await http.request(method, path, **options)
    return answer.status_code, dict(answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/openrpc.json", 200),
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/rpc", 405),
        ("POST", "/api/v1/rpc", 200),
        ("POST", "/api/v1/auth/login", 400),
        ("POST", "/api/v1/uploads", 401),
        ("GET", "/api/v1/files/nothing", 404),
        ("GET", "/account/verify-email", 200),
        ("GET", "/dev/mail", 200),
        ("GET", "/dev/mail.json", 200),
        ("OPTIONS", "/api/v1/rpc", 405),
    ],
)
async def test_every_answer_has_them(server: Server, method: str, path: str, status: int) -> None:
    found, headers = await _headers(server, method, path)
    assert found == status
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    assert not {"server", "x-powered-by", "set-cookie"} & headers.keys()


@pytest.mark.seed("S2-05", "S1-H21")
async def test_a_preflight_has_them_beside_those_of_cors(server: Server) -> None:
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    status, headers = await _headers(server, "OPTIONS", "/api/v1/rpc", headers=asked)
    assert (status, headers["access-control-allow-origin"]) == (200, "http://localhost:3000")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.seed("S2-05")
async def test_one_list_is_for_cors_and_for_sockets(start_app: Callable[..., Awaitable[Server]]) -> None:
    assert "http://localhost:3000" in Settings(_env_file=None).origins
    server = await start_app(origins=["https://nexa.vercel.app"])
    for origin, allowed in (("https://nexa.vercel.app", True), ("http://localhost:3000", False)):
        _, headers = await _headers(server, "GET", "/health", headers={"Origin": origin})
        assert ("access-control-allow-origin" in headers) == allowed
        if allowed:
            await server.connect(headers={"Origin": origin})
        else:
            with pytest.raises(InvalidStatus, match="403"):
                await server.connect(headers={"Origin": origin})


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://a.example/", "https://a.example/app", "a.example", "HTTPS://a.example", "ws://a"]
)
def test_what_no_browser_sends_is_no_origin(origin: str) -> None:
    with pytest.raises(ValidationError, match="ORIGINS"):
        Settings(_env_file=None, origins=[origin])


@pytest.mark.parametrize(
    ("strict", "scheme", "told"), [(True, "https", True), (True, "http", False), (False, "https", False)]
)
async def test_only_production_behind_tls_insists_on_tls(*, strict: bool, scheme: str, told: bool) -> None:
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Frame-Options", b"SAMEORIGIN")]})

    async def send(message: Any) -> None:
        sent.append(message)

    await SecurityHeaders(app, strict_transport=strict)({"type": "http", "scheme": scheme}, None, send)  # type: ignore[arg-type]
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert (b"strict-transport-security" in names) == told
    assert names.count(b"x-frame-options") == 1, "what an answer says itself holds"


async def test_production_says_so_behind_a_proxy_that_ends_tls(
    start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "is_production", True)
    server = await start_app()
    _, headers = await _headers(server, "GET", "/health", headers={"X-Forwarded-Proto": "https"})
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in (await _headers(server, "GET", "/health"))[1]


async def test_sockets_pass_untouched() -> None:
    passed: list[tuple[Any, ...]] = []

    async def app(*arguments: Any) -> None:
        passed.append(arguments)

    arguments = ({"type": "websocket"}, object(), object())
    await SecurityHeaders(app, strict_transport=True)(*arguments)  # type: ignore[arg-type]
    assert all(ours is theirs for ours, theirs in zip(passed[0], arguments, strict=True))


@pytest.mark.seed("S4-21")
def test_a_fault_that_nobody_has_caught_has_the_form_of_all_others() -> None:
    async def broken(_request: Request) -> None:
        raise ZeroDivisionError("a secret")

    app = Starlette(routes=[Route("/", broken)], exception_handlers={Exception: fault})
    answer = TestClient(SecurityHeaders(app, strict_transport=False), raise_server_exceptions=False).get("/")
    body = answer.json()
    assert (answer.status_code, body["error"]) == (500, "Internal server error")
    assert body["message"] == "An unexpected error occurred"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("page", sorted(PAGES))
async def test_an_account_page_runs_its_own_script_and_no_other(server: Server, page: str) -> None:
    async with server.http() as http:
        answer = await http.get(f"/account/{page}")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", answer.text), "nothing that the policy would stop"


def test_a_page_without_scripts_gets_none() -> None:
    assert "script-src" not in page_policy("<style>a{}</style>")


@pytest.mark.seed("S1-H22")
async def test_nothing_is_done_for_a_page_that_can_only_make_the_browser_send(server: Server) -> None:
    """A form of a foreign page: its content type, cookies if there were some, and no `Authorization`."""
    person = await server.user()
    form = {"Content-Type": "text/plain", "Origin": "https://evil.example", "Cookie": f"access_token={person.token}"}
    call = b'{"jsonrpc":"2.0","id":1,"method":"account.profile.update","params":{"headline":"owned"}}'
    async with server.http() as http:
        answer = await http.post("/api/v1/rpc", content=call, headers=form)
    assert answer.json()["error"]["code"] == -32001
    assert "set-cookie" not in (await login(server, person.email)).headers
