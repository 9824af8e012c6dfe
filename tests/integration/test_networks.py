"""Guests are limited by their network: an IPv4 address, or the /64 of an IPv6 one, in which addresses cost nothing."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support import PASSWORD, Server

StartApp = Callable[..., Awaitable[Server]]

MINE = [f"2001:db8:1:2::{number:x}" for number in range(1, 31)]
ELSEWHERE = "2001:db8:1:3::1"


async def post(server: Server, path: str, address: str, body: Any) -> httpx.Response:
    async with server.http() as http:
        return await http.post(path, json=body, headers={"X-Forwarded-For": address})


async def test_calls_of_guests(start_app: StartApp) -> None:
    server = await start_app(guest_calls_burst=10, guest_calls_per_second=1)
    call = {"jsonrpc": "2.0", "id": 1, "method": "system.info", "params": {}}
    answers = [(await post(server, "/api/v1/rpc", address, call)).json() for address in MINE]
    assert sum("result" in answer for answer in answers) in range(10, 16)
    assert {answer["error"]["data"]["kind"] for answer in answers if "error" in answer} == {"rate_limited"}
    assert "result" in (await post(server, "/api/v1/rpc", ELSEWHERE, call)).json()
    # An IPv4 address is the same however it is written.
    written = ("192.0.2.1", "::ffff:192.0.2.1") * 15
    answers = [(await post(server, "/api/v1/rpc", address, call)).json() for address in written]
    assert sum("result" in answer for answer in answers) in range(10, 16)


async def test_sockets_of_guests(start_app: StartApp) -> None:
    server = await start_app(guests_per_network=2)
    one, _ = [await server.connect(headers={"X-Forwarded-For": address}) for address in MINE[:2]]
    with pytest.raises(InvalidStatus) as caught:
        await server.connect(headers={"X-Forwarded-For": MINE[2]})
    assert caught.value.response.status_code == 429
    await server.connect(headers={"X-Forwarded-For": ELSEWHERE})
    await one.close()
    await server.connect(headers={"X-Forwarded-For": MINE[3]})


async def test_signing_up_and_forgotten_passwords(start_app: StartApp) -> None:
    server = await start_app(signups_per_hour=2)

    async def statuses(path: str, body: Callable[[], dict[str, str]]) -> list[int]:
        addresses = [*MINE[:3], ELSEWHERE]
        return [(await post(server, f"/api/v1/auth/{path}", address, body())).status_code for address in addresses]

    def anybody() -> dict[str, str]:
        return {"full_name": "Ada", "email": f"{uuid4().hex}@example.org", "password": PASSWORD}

    assert await statuses("signup", anybody) == [201, 201, 429, 201]
    assert await statuses("forgot-password", lambda: {"email": "a@example.org"}) == [200, 200, 429, 200]
