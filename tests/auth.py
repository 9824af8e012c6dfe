"""The routes of signing in, as tests call them."""

from typing import Any
from uuid import uuid4

import httpx

from tests.support import PASSWORD, Server


def address() -> str:
    return f"{uuid4().hex[:12]}@example.org"


async def post(server: Server, route: str, body: Any = None, **options: Any) -> httpx.Response:
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    async with server.http() as http:
        return await http.post(f"/api/v1/auth/{route}", **content, **options)


async def login(server: Server, email: str, password: str = PASSWORD) -> httpx.Response:
    return await post(server, "login", {"email": email, "password": password})


async def refresh(server: Server, token: str) -> httpx.Response:
    return await post(server, "refresh", {"refresh_token": token})


async def logout(server: Server, access_token: str, refresh_token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {access_token}"}
    return await post(server, "logout", {"refresh_token": refresh_token}, headers=headers)


async def whoami(server: Server, token: str) -> httpx.Response:
    return await server.rpc({"jsonrpc": "2.0", "id": 1, "method": "session.whoami"}, token)


def later(server: Server, seconds: float) -> None:
    server.app.dispatcher.clock.offset += seconds  # type: ignore[attr-defined]
