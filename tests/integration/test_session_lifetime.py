"""How a socket's session goes on and how it ends: tokens that run out, logging out, suspension, roles taken away."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import InvalidStatus

from models.account import User
from models.messaging import DirectMessage
from models.work import Work
from server.kernel.registry import TopicType
from server.kernel.rpc import Ctx, Nothing, View, command, live_event, user
from tests.auth import later, login, logout, refresh, whoami
from tests.contract.samples import World
from tests.support import Client, Person, RpcError, Server, ServerProcess

GATES: dict[str, asyncio.Event] = {}
REACHED: list[str] = []


class Alarm(View):
    """What admins hear."""

    n: int


@command("test.wait", access=user)
async def wait(ctx: Ctx, _params: Nothing) -> Alarm:
    """Take as long as the test wants."""
    REACHED.append(str(ctx.user_id))
    await GATES[str(ctx.user_id)].wait()
    return Alarm(n=1)


MODULE = ModuleType("lifetime")
MODULE.wait = wait  # type: ignore[attr-defined]
MODULE.alarm = live_event("test.alarm", "admin", Alarm)  # type: ignore[attr-defined]

TOKEN = 3600
"""How long an access token is good, by default."""


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    return await start_app(modules=[MODULE])


async def until(happened: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.005)


async def code_of(call: Awaitable[Any]) -> int:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value.code


async def renewed(server: Server, person: Person) -> str:
    """A newer access token of the person's session."""
    body = (await refresh(server, person.refresh_token)).json()
    person.refresh_token = body["refresh_token"]
    return body["access_token"]


async def told(server: Server, person: Person, event: str, data: dict[str, Any]) -> None:
    """Let an event of the person's own topic happen, as a command of somebody's would."""

    async def emit(work: Work) -> None:
        work.emit(person.topic, event, data)

    await World(server).act(emit)


async def is_open(client: Client) -> bool:
    return (await client.call("session.ping", t=1))["t"] == 1


# Refreshing


@pytest.mark.seed("S0-19", "S1-H24")
async def test_a_newer_token_of_the_session_prolongs_it(server: Server) -> None:
    person = await server.user()
    client = await server.connect(person)
    before = (await client.call("session.whoami"))["expires_at"]
    later(server, 100)
    token = await renewed(server, person)
    after = (await client.call("session.refresh", access_token=token))["expires_at"]
    assert 99 <= (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds() <= 101
    assert (await client.call("session.whoami"))["expires_at"] == after
    # The older one is good still, and takes nothing away.
    assert (await client.call("session.refresh", access_token=person.token))["expires_at"] == after


async def test_a_token_of_another_session_does_not(server: Server) -> None:
    person, other = await server.user(), await server.user()
    elsewhere = (await login(server, person.email)).json()["access_token"]
    client, guest = await server.connect(person), await server.connect()
    for token in (elsewhere, other.token, "nonsense"):
        assert await code_of(client.call("session.refresh", access_token=token)) == -32001
    assert await code_of(guest.call("session.refresh", access_token=person.token)) == -32001
    assert (await client.call("session.whoami"))["user"]["id"] == person.id
    assert (await guest.call("session.whoami"))["user"] is None


async def test_it_may_be_refreshed_after_it_has_run_out(server: Server) -> None:
    person = await server.user()
    client = await server.connect(person)
    later(server, TOKEN + 5)
    assert await code_of(client.call("block.list")) == -32001
    assert await code_of(client.call("session.refresh", access_token=person.token)) == -32001
    await client.call("session.refresh", access_token=await renewed(server, person))
    assert (await client.call("block.list"))["items"] == []


async def test_a_revoked_session_is_not_refreshed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await server.user()
    client = await server.connect(person)
    token = await renewed(server, person)
    # The event that closes the socket has not come yet.
    monkeypatch.setattr(server.app.sockets, "on_own_event", lambda *_: None)  # type: ignore[attr-defined]
    await logout(server, token, person.refresh_token)
    assert await code_of(client.call("session.refresh", access_token=token)) == -32001


# Running out


@pytest.mark.seed("S1-H24")
async def test_it_is_told_a_minute_before_and_once(server: Server) -> None:
    early = await server.connect(await server.user())
    later(server, 30)
    person = await server.user()
    client = await server.connect(person)
    expires_at = (await client.call("session.whoami"))["expires_at"]
    later(server, TOKEN - 30 - 59)
    event = await early.event("session.expiring", 3)
    assert moment(event["params"]["expires_at"]) == moment((await early.call("session.whoami"))["expires_at"])
    assert is_quiet(client)
    later(server, 30)
    event = await client.event("session.expiring", 3)
    assert moment(event["params"]["expires_at"]) == moment(expires_at)
    token = await renewed(server, person)
    await client.call("session.refresh", access_token=token)
    assert (len(expiring(client)), len(expiring(early))) == (1, 1)
    later(server, TOKEN - 59)
    await client.event("session.expiring", 3)
    assert await is_open(client)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def expiring(client: Client) -> list[Any]:
    return [event for event in client.events if event["method"] == "session.expiring"]


def is_quiet(client: Client) -> bool:
    return not expiring(client)


@pytest.mark.seed("S0-18")
async def test_after_it_calls_are_refused_and_half_a_minute_later_the_socket_is_closed(server: Server) -> None:
    person, other = await server.user(), await server.user()
    client = await server.connect(person)
    later(server, TOKEN + 1)
    for method, params in {
        "block.list": {},
        "message.send": {"receiver_id": other.id, "content": "too late"},
        "presence.set": {"status": "away"},
        "session.subscribe": {"topics": {person.topic: None}},
    }.items():
        assert await code_of(client.call(method, **params)) == -32001, method
    late = await server.connect(await server.user())
    later(server, 28)
    assert await is_open(client)
    later(server, 2)
    assert await client.closed(3) == 4001
    assert await is_open(late)
    with pytest.raises(InvalidStatus, match="401"):
        await server.connect(person)


# Logging out


@pytest.mark.seed("S1-H18", "S4-15")
async def test_logging_out_closes_the_sessions_sockets_on_every_process(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    one, two = pair
    person = await one.user()
    elsewhere = (await login(one, person.email)).json()
    other_session = replace(person, token=elsewhere["access_token"])
    mine = [await server.connect(person) for server in (one, two, two)]
    kept = [await server.connect(other_session) for server in (one, two)]
    stranger = await two.connect(await two.user())
    begin = time.monotonic()
    answer = await logout(one, person.token, person.refresh_token)
    assert answer.status_code == 200
    assert await asyncio.gather(*(client.closed() for client in mine)) == [4403] * 3
    assert time.monotonic() - begin < 1
    for server in pair:
        assert (await whoami(server, person.token)).status_code == 401
        with pytest.raises(InvalidStatus, match="401"):
            await server.connect(person)
        assert (await whoami(server, other_session.token)).status_code == 200
    assert all([await is_open(client) for client in (*kept, stranger)])


async def test_what_waited_behind_a_command_is_not_carried_out_any_more(server: Server) -> None:
    person, other = await server.user(), await server.user()
    gate = GATES[person.id] = asyncio.Event()
    client = await server.connect(person)
    running = asyncio.create_task(client.request("test.wait"))
    await until(lambda: person.id in REACHED)
    sockets = server.app.sockets  # type: ignore[attr-defined]
    (connection,) = [one for one in sockets if one.id == client.ready["connection_id"]]
    waiting = [
        asyncio.create_task(client.request("message.send", receiver_id=other.id, content=f"{number}"))
        for number in range(5)
    ]
    assert await is_open(client)
    await logout(server, person.token, person.refresh_token)
    assert await client.closed() == 4403
    gate.set()
    results = await asyncio.gather(running, *waiting, return_exceptions=True)
    assert {type(result) for result in results} == {ConnectionError}
    await until(lambda: connection.running_commands() is None)
    assert await DirectMessage.filter(sender_id=person.id).count() == 0


@pytest.mark.parametrize("way", ["handshake", "message"])
async def test_a_session_that_ends_while_it_logs_in_does_not_get_in(
    server: Server, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    person = await server.user()
    sockets = server.app.sockets  # type: ignore[attr-defined]
    read, answered, gate = sockets._sessions, asyncio.Event(), asyncio.Event()

    async def slowly(session_id: UUID) -> Any:
        identity = await read(session_id)
        if not answered.is_set():
            answered.set()
            await gate.wait()
        return identity

    monkeypatch.setattr(sockets, "_sessions", slowly)
    guest = await server.connect()
    if way == "handshake":
        coming = asyncio.create_task(server.connect(person))
    else:
        coming = asyncio.create_task(guest.call("session.authenticate", access_token=person.token))
    await answered.wait()
    assert (await logout(server, person.token, person.refresh_token)).status_code == 200
    gate.set()
    with pytest.raises((InvalidStatus, RpcError), match=r"401|-32001"):
        await coming
    assert (await guest.call("session.whoami"))["user"] is None


@pytest.mark.seed("S4-14")
async def test_a_refresh_token_that_is_used_again_closes_the_sockets(
    server: Server, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    other = await start_process()
    person = await server.user()
    clients = [await one.connect(person) for one in (server, other)]
    used = person.refresh_token
    await renewed(server, person)
    later(server, 11)
    assert (await refresh(server, used)).status_code == 401
    assert [await client.closed(1) for client in clients] == [4403] * 2
    with pytest.raises(InvalidStatus, match="401"):
        await other.connect(person)


# Suspension


async def test_a_suspended_account_is_shut_out_everywhere(
    server: Server, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    other = await start_process()
    person = await server.user()
    elsewhere = replace(person, token=(await login(server, person.email)).json()["access_token"])
    clients = [await one.connect(who) for one in (server, other) for who in (person, elsewhere)]
    await User.filter(id=person.id).update(status="suspended")
    begin = time.monotonic()
    await told(server, person, "account.suspended", {"reason": "spam", "until": None})
    assert await asyncio.gather(*(client.closed() for client in clients)) == [4404] * 4
    assert time.monotonic() - begin < 1
    for one in (server, other):
        assert (await whoami(one, person.token)).status_code == 401
        with pytest.raises(InvalidStatus, match="401"):
            await one.connect(person)
    assert (await refresh(server, person.refresh_token)).status_code == 403


# Roles


async def admin_of(server: Server) -> Person:
    return await World(server).person("Ada Admin", ["admin"], verified=True)


async def dismiss(server: Server, person: Person, fields: tuple[str, ...] = ("roles",)) -> None:
    await User.filter(id=person.id).update(roles=["user"])
    await told(server, person, "account.updated", {"fields": list(fields), "rev": 2})


async def alarm(server: Server, n: int) -> None:
    async def emit(work: Work) -> None:
        work.emit("admin", "test.alarm", {"n": n})

    await World(server).act(emit)


def alarms(client: Client) -> list[int]:
    return [event["params"]["data"]["n"] for event in client.events if event["method"] == "test.alarm"]


@pytest.mark.seed("S1-H19")
async def test_a_role_that_is_taken_away_takes_its_topics_along(
    server: Server, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    other = await start_process()
    person, still = await admin_of(server), await admin_of(server)
    clients = [await one.connect(person) for one in (server, other)]
    witnesses = [await one.connect(still) for one in (server, other)]
    for client in clients:
        await client.subscribe({"admin": None, person.topic: None})
        await client.call("admin.task.list")
    for client in witnesses:
        await client.subscribe({"admin": None})
    await alarm(server, 1)
    for client in (*clients, *witnesses):
        await client.event("test.alarm")
    begin = time.monotonic()
    await dismiss(server, person)
    for client in clients:
        event = await client.event("session.unsubscribed")
        assert event["params"] == {"topic": "admin", "reason": "forbidden"}
    assert time.monotonic() - begin < 1
    await alarm(server, 2)
    for client in witnesses:
        await client.event("test.alarm")
    for client in clients:
        assert await code_of(client.call("admin.task.list")) == -32003
        answer = (await client.subscribe({"admin": None}))["topics"]["admin"]
        assert answer["error"]["code"] == -32004
        assert alarms(client) == [1]
        # What is the person's own goes on.
        assert (await client.call("session.unsubscribe", topics=[person.topic]))["unsubscribed"] == [person.topic]
    assert [alarms(client) for client in witnesses] == [[1, 2]] * 2


async def test_another_change_of_the_account_takes_nothing_away(server: Server) -> None:
    person = await admin_of(server)
    client = await server.connect(person)
    await client.subscribe({"admin": None, person.topic: None})
    await told(server, person, "account.updated", {"fields": ["headline"], "rev": 2})
    await client.event("account.updated")
    await alarm(server, 1)
    await client.event("test.alarm")


def gated(topic: TopicType, asked: asyncio.Event, gate: asyncio.Event) -> TopicType:
    """A kind of topic whose right is found out slowly: what is read may be the past by the time that it is known."""

    class Gated(TopicType):
        async def may_follow(self, identity: Any, id_: UUID | None) -> bool:
            may = await topic.may_follow(identity, id_)
            if not asked.is_set():
                asked.set()
                await gate.wait()
            return may

    return Gated(topic.kind, topic.logged, topic.readers, topic.audience, topic.state, topic.has_id, topic.countdown)


@pytest.mark.parametrize("slow", ["admin", "user"])
async def test_a_role_is_taken_away_from_who_is_just_joining_too(server: Server, slow: str) -> None:
    person = await admin_of(server)
    client, witness = await server.connect(person), await server.connect(await admin_of(server))
    await witness.subscribe({"admin": None})
    topics = server.app.core.registry.topics  # type: ignore[attr-defined]
    asked, gate = asyncio.Event(), asyncio.Event()
    topics[slow] = gated(topics[slow], asked, gate)
    # Either the right to `admin` itself is found out slowly, or that of the topic after it.
    joining = asyncio.create_task(client.subscribe({"admin": None, person.topic: None}))
    await asked.wait()
    await dismiss(server, person)
    event = await client.event("session.unsubscribed")
    assert event["params"]["topic"] == "admin"
    gate.set()
    answers = (await joining)["topics"]
    assert answers["admin"]["error"]["code"] == -32004
    assert "error" not in answers[person.topic]
    await alarm(server, 1)
    await witness.event("test.alarm")
    await told(server, person, "account.updated", {"fields": ["headline"], "rev": 3})
    await client.event("account.updated")
    assert alarms(client) == []


async def test_two_changes_at_once_leave_what_was_changed_last(server: Server) -> None:
    person = await admin_of(server)
    client = await server.connect(person)
    for roles in (["user"], ["admin", "user"]) * 5:
        await User.filter(id=person.id).update(roles=roles)
        await told(server, person, "account.updated", {"fields": ["roles"], "rev": 2})

    async def restored() -> bool:
        return (await client.call("session.whoami"))["roles"] == ["user", "admin"]

    async with asyncio.timeout(2):
        while not await restored():
            await asyncio.sleep(0.01)
    await client.call("admin.task.list")


async def test_what_was_read_before_a_second_change_does_not_overwrite_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await admin_of(server)
    client = await server.connect(person)
    rights = server.app.sockets._rights  # type: ignore[attr-defined]
    original, read, release = rights._sessions, [], asyncio.Event()

    async def slow(session_id: UUID) -> Any:
        identity = await original(session_id)
        read.append(identity.roles)
        if len(read) == 1:
            await release.wait()
        return identity

    monkeypatch.setattr(rights, "_sessions", slow)
    for roles in (["user"], ["admin", "user"]):
        await User.filter(id=person.id).update(roles=roles)
        await told(server, person, "account.updated", {"fields": ["roles"], "rev": 2})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await until(lambda expected=roles: read and read[-1] == set(expected))
    release.set()
    await until(lambda: not rights._checks)
    assert read == [{"user"}, {"admin", "user"}]
    assert (await client.call("session.whoami"))["roles"] == ["user", "admin"]


# Too many


async def test_one_socket_too_many_closes_the_oldest(start_app: Callable[..., Awaitable[Server]]) -> None:
    server = await start_app(sockets_per_user=3)
    person, other = await server.user(), await server.user()
    strange = await server.connect(other)
    clients = [await server.connect(person) for _ in range(3)]
    guest = await server.connect()
    await guest.call("session.authenticate", access_token=person.token)
    assert await clients[0].closed() == 4409
    assert all([await is_open(client) for client in (*clients[1:], guest, strange)])
    await clients[2].close()
    await server.connect(person)
    assert await is_open(clients[1])


async def test_sockets_of_an_unknown_session_never_open(server: Server) -> None:
    person = await server.user()
    now = server.app.clock.now()  # type: ignore[attr-defined]
    token = server.app.core.tokens.issue(UUID(person.id), uuid4(), now + timedelta(seconds=1))  # type: ignore[attr-defined]
    with pytest.raises(InvalidStatus, match="401"):
        await server.connect(replace(person, token=token))
