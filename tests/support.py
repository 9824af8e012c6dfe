"""What the tests are written with: a real client on a real socket, people, and server processes."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.contract.validator import Asked, BrokenContractError, called, contract

ROOT = Path(__file__).parent.parent
PASSWORD = "Correct-Horse-7"
WAIT = 10.0


class RpcError(Exception):
    """An error reply."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']} {error['message']} {error['data']}")
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: Mapping[str, Any] = error["data"]
        self.kind: str = self.data["kind"]


@dataclass
class Person:
    """Somebody who has signed up."""

    id: str
    email: str
    full_name: str
    token: str
    refresh_token: str

    @property
    def topic(self) -> str:
        return f"user:{self.id}"


@dataclass
class Client:
    """One socket. Replies go to who asked, notifications are kept in `events`.

    Whatever comes is held against the contract; what breaks it fails the next thing that a test does with the client.
    """

    socket: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    ready: dict[str, Any] = field(default_factory=dict)
    stray: list[Any] = field(default_factory=list)
    _waiting: dict[Any, asyncio.Future[Any]] = field(default_factory=dict)
    _asked: Asked = field(default_factory=dict)
    _broken: list[BrokenContractError] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _reader: asyncio.Task[None] | None = None
    _seen: int = 0

    @classmethod
    async def open(cls, url: str, token: str | None = None, **options: Any) -> Self:
        headers = {**options.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        ws = url.replace("http", "ws", 1) + "/ws"
        client = cls(await connect(ws, additional_headers=headers, compression=None, max_size=None, **options))
        client._reader = asyncio.create_task(client._read())
        client.ready = (await client.event("session.ready"))["params"]
        return client

    async def _read(self) -> None:
        try:
            async for frame in self.socket:
                await self._take(orjson.loads(frame))
        except ConnectionClosed:
            pass
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError(f"closed with {self.socket.close_code}"))
            async with self._arrived:
                self._arrived.notify_all()

    def _hold(self, message: Any) -> None:
        try:
            if isinstance(message, dict) and "method" in message:
                contract().notification(message)
                return
            for reply in message if isinstance(message, list) else [message]:
                method, as_of = self._asked.pop(reply.get("id"), (None, False))
                contract().reply(method, reply, as_of=as_of and "result" in reply)
        except BrokenContractError as error:
            self._broken.append(error)

    def keeps_contract(self) -> None:
        """Raise what broke the contract since this was asked last."""
        if self._broken:
            raise self._broken.pop(0)

    async def _take(self, message: Any) -> None:
        self._hold(message)
        if isinstance(message, dict) and "method" in message:
            async with self._arrived:
                self.events.append(message)
                self._arrived.notify_all()
            return
        waiting = self._waiting.pop(message.get("id"), None) if isinstance(message, dict) else None
        if waiting is None or waiting.done():
            async with self._arrived:
                self.stray.append(message)
                self._arrived.notify_all()
        else:
            waiting.set_result(message)

    async def request(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Send a call and return the whole response."""
        return await self.ask(method, orjson.dumps(params).decode())

    async def ask(self, method: str, params: str) -> dict[str, Any]:
        """Send a call whose params are any JSON text, and return the whole response."""
        id_ = next(self._ids)
        waiting = self._waiting[id_] = asyncio.get_running_loop().create_future()
        text = f'{{"jsonrpc":"2.0","id":{id_},"method":{orjson.dumps(method).decode()},"params":{params}}}'
        await self.send(text)
        async with asyncio.timeout(WAIT):
            response = await waiting
        self.keeps_contract()
        return response

    async def call(self, method: str, /, **params: Any) -> Any:
        """Send a call and return its result; raises RpcError."""
        response = await self.request(method, **params)
        if "error" in response:
            raise RpcError(response["error"])
        return response["result"]

    async def send(self, text: str | bytes) -> None:
        """Send a raw text frame."""
        self._asked = {**called(text), **self._asked}
        await self.socket.send(text if isinstance(text, str) else text.decode())

    async def next_stray(self) -> Any:
        """The next message that answers no call made with `request`."""
        async with asyncio.timeout(WAIT), self._arrived:
            while not self.stray:
                if self._reader is not None and self._reader.done():
                    raise ConnectionError(f"closed with {self.socket.close_code}")
                await self._arrived.wait()
            self.keeps_contract()
            return self.stray.pop(0)

    async def subscribe(self, topics: Mapping[str, Any]) -> dict[str, Any]:
        """Follow topics; returns what `session.subscribe` answered."""
        return await self.call("session.subscribe", topics=dict(topics))

    async def event(self, method: str, seconds: float = WAIT) -> dict[str, Any]:
        """The next event of this name that nobody has waited for yet."""
        async with asyncio.timeout(seconds), self._arrived:
            while True:
                for index in range(self._seen, len(self.events)):
                    if self.events[index]["method"] == method:
                        self._seen = index + 1
                        self.keeps_contract()
                        return self.events[index]
                if self._reader is not None and self._reader.done():
                    raise ConnectionError(f"closed with {self.socket.close_code}")
                await self._arrived.wait()

    async def until(self, count: int, seconds: float = WAIT) -> list[dict[str, Any]]:
        """Wait until so many logged events have come, and return them."""
        async with asyncio.timeout(seconds), self._arrived:
            while len(self.logged) < count:
                await self._arrived.wait()
            self.keeps_contract()
            return self.logged

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [event for event in self.events if "seq" in event["params"]]

    async def closed(self, seconds: float = WAIT) -> int | None:
        """Wait for the server to close; the code it gave."""
        async with asyncio.timeout(seconds):
            await self.socket.wait_closed()
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
        self.keeps_contract()


@dataclass
class Server:
    """A running server, wherever it runs."""

    url: str
    clients: list[Client] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def http(self) -> AsyncIterator[httpx.AsyncClient]:
        hooks = {"response": [_hold_answer]}
        async with httpx.AsyncClient(base_url=self.url, timeout=30, event_hooks=hooks) as client:
            yield client

    async def user(self, full_name: str = "Ada Lovelace", **fields: Any) -> Person:
        """Sign somebody up, with an address of their own."""
        email = fields.pop("email", f"{uuid4().hex[:12]}@example.org")
        body = {"full_name": full_name, "email": email, "password": PASSWORD, **fields}
        async with self.http() as http:
            answer = await http.post("/api/v1/auth/signup", json=body)
        assert answer.status_code == 201, answer.text
        data = answer.json()
        return Person(data["user"]["id"], email, full_name, data["access_token"], data["refresh_token"])

    async def connect(self, person: Person | None = None, **options: Any) -> Client:
        """Open a socket, as somebody or as a guest."""
        client = await Client.open(self.url, person.token if person else None, **options)
        self.clients.append(client)
        return client

    async def rpc(self, body: Any, token: str | None = None) -> httpx.Response:
        """Post to `/api/v1/rpc`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self.http() as http:
            return await http.post("/api/v1/rpc", content=content, headers=headers)

    async def close(self) -> None:
        clients, self.clients = self.clients, []
        closed = await asyncio.gather(*(client.close() for client in clients), return_exceptions=True)
        for error in closed:
            if isinstance(error, BaseException):
                raise error


@dataclass
class ServerProcess(Server):
    """A server in a process of its own, which can be killed."""

    process: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(cls, environment: Mapping[str, str], port: int | None = None, *arguments: str) -> Self:
        port = port or free_port()
        process = subprocess.Popen(  # noqa: ASYNC220 - it does not wait
            [sys.executable, "-m", "server", "run", "--port", str(port), *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        server = cls(f"http://127.0.0.1:{port}", process=process)
        await server.until_ready()
        return server

    async def until_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        async with self.http() as http:
            while time.monotonic() < deadline:
                assert self.process is not None
                assert self.process.poll() is None, "the server ended"
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise TimeoutError("the server did not become ready")

    def send_signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL, seconds: float = 30) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, seconds)


async def _hold_answer(response: httpx.Response) -> None:
    await response.aread()
    contract().answer(response)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def key() -> str:
    """A fresh idempotency key."""
    return str(uuid4())


def is_uuid7(text: str) -> bool:
    return UUID(text).version == 7
