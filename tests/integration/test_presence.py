"""Who is there: coming, going, coming back, being away or invisible; and who may know."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from server.socket.presence import PresenceLoop
from tests.auth import later
from tests.contract.samples import World
from tests.support import Client, Person, RpcError, Server, ServerProcess, free_port

LEASE = 15


@dataclass
class Seen:
    """Somebody, and somebody else who has talked with them and watches."""

    server: Server
    ada: Person
    bob: Person
    watcher: Client

    @property
    def topic(self) -> str:
        return f"presence:{self.ada.id}"

    @property
    def changes(self) -> list[str]:
        """How Ada was seen by Bob, one after the other."""
        return [event["params"]["data"]["status"] for event in self.watcher.events if event["method"] == CHANGED]

    async def tick(self) -> None:
        """Let the process look who is there, and let what it finds arrive."""
        await self.server.app.presence._tick()  # type: ignore[attr-defined]
        await self.watcher.call("session.ping")

    async def gone(self, client: Client) -> None:
        """Close a socket, and wait until the process knows."""
        await client.close()
        sockets = self.server.app.sockets  # type: ignore[attr-defined]
        async with asyncio.timeout(5):
            while any(connection.id == client.ready["connection_id"] for connection in sockets):
                await asyncio.sleep(0.005)
        await self.tick()

    async def status(self) -> dict[str, Any]:
        return (await self.watcher.call("presence.get", user_ids=[self.ada.id]))[self.ada.id]


CHANGED = "presence.changed"


async def seen_on(server: Server) -> Seen:
    world = World(server)
    ada, bob = await world.person("Ada Lovelace"), await world.person("Bob Marley")
    await world.acquaint(ada, bob)
    return Seen(server, ada, bob, await server.connect(bob))


@pytest.fixture
async def seen(server: Server) -> Seen:
    seen = await seen_on(server)
    (state,) = (await seen.watcher.subscribe({seen.topic: None}))["topics"].values()
    assert state["state"] == {"status": "offline", "last_seen_at": None}
    return seen


async def test_somebody_is_online_from_the_first_socket_on(seen: Seen) -> None:
    await seen.server.connect(seen.ada)
    event = await seen.watcher.event(CHANGED, 2)
    assert event["params"]["data"] == {"user_id": seen.ada.id, "status": "online", "last_seen_at": None}
    assert "seq" not in event["params"]
    assert await seen.status() == {"status": "online", "last_seen_at": None}
    await seen.server.connect(seen.ada)
    await seen.tick()
    assert seen.changes == ["online"]


async def test_somebody_is_offline_fifteen_seconds_after_the_last_socket(seen: Seen) -> None:
    one, two = [await seen.server.connect(seen.ada) for _ in range(2)]
    await seen.tick()
    await seen.gone(one)
    await seen.gone(two)
    left = seen.server.app.clock.now()  # type: ignore[attr-defined]
    later(seen.server, LEASE - 2)
    await seen.tick()
    assert seen.changes == ["online"]
    assert (await seen.status())["status"] == "online"
    later(seen.server, 3)
    await seen.tick()
    assert seen.changes == ["online", "offline"]
    state = await seen.status()
    assert state["status"] == "offline"
    assert abs((datetime.fromisoformat(state["last_seen_at"]) - left).total_seconds()) < 1
    told = [event for event in seen.watcher.events if event["method"] == CHANGED][-1]["params"]["data"]
    assert told == {"user_id": seen.ada.id, **state}


async def test_coming_back_in_time_is_not_noticed(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    for _ in range(3):
        # However long ago the lease was renewed last, the whole of the fifteen seconds is there.
        later(seen.server, 4.5)
        await seen.gone(client)
        later(seen.server, LEASE - 1)
        await seen.tick()
        client = await seen.server.connect(seen.ada)
        await seen.tick()
    assert (await seen.status())["status"] == "online"
    assert seen.changes == ["online"]


async def test_away_is_seen(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    assert await client.call("presence.set", status="away") == {"status": "away"}
    await seen.watcher.call("session.ping")
    assert seen.changes == ["online", "away"]
    assert await seen.status() == {"status": "away", "last_seen_at": None}
    await client.call("presence.set", status="online")
    await seen.watcher.call("session.ping")
    assert seen.changes == ["online", "away", "online"]


async def test_what_was_wanted_is_over_when_one_has_gone(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    await client.call("presence.set", status="away")
    await seen.gone(client)
    later(seen.server, LEASE + 1)
    await seen.tick()
    await seen.server.connect(seen.ada)
    await seen.tick()
    assert seen.changes == ["online", "away", "offline", "online"]


@pytest.mark.parametrize("status", ["away", "invisible"])
async def test_who_says_at_once_how_they_want_to_be_seen_is_seen_so(seen: Seen, status: str) -> None:
    client = await seen.server.connect(seen.ada)
    await client.call("presence.set", status=status)
    await seen.tick()
    assert set(seen.changes) <= ({"online", "away"} if status == "away" else {"online", "offline"})
    assert seen.changes[-1] == ("away" if status == "away" else "offline")


async def test_the_invisible_look_as_if_they_had_gone(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    await client.call("presence.set", status="invisible")
    await seen.watcher.call("session.ping")
    assert seen.changes == ["online", "offline"]
    state = await seen.status()
    assert state["status"] == "offline"
    hidden_at = datetime.fromisoformat(state["last_seen_at"])
    later(seen.server, 60)
    await seen.gone(client)
    later(seen.server, LEASE + 1)
    await seen.tick()
    # That they have really gone by now is nobody's business either.
    assert seen.changes == ["online", "offline"]
    assert datetime.fromisoformat((await seen.status())["last_seen_at"]) == hidden_at
    await seen.server.connect(seen.ada)
    await seen.tick()
    assert seen.changes == ["online", "offline", "online"]


async def test_the_people_of_a_killed_process_go_offline(
    server: Server, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    other = await start_process()
    seen = await seen_on(server)
    await seen.watcher.subscribe({seen.topic: None})
    await other.connect(seen.ada)
    assert (await seen.watcher.event(CHANGED, 10))["params"]["data"]["status"] == "online"
    await other.end()
    later(server, LEASE + 1)
    assert (await seen.watcher.event(CHANGED, 10))["params"]["data"]["status"] == "offline"


async def test_several_processes_tell_once_that_somebody_has_gone(server: Server) -> None:
    seen = await seen_on(server)
    await seen.watcher.subscribe({seen.topic: None})
    app = server.app  # type: ignore[attr-defined]
    others = [PresenceLoop(app.sockets, app.core.ports.presence, app.clock, app._left, app._announce) for _ in range(8)]
    # The first time they all connect to Redis, one after the other.
    await asyncio.gather(*(loop._tick() for loop in others))
    await app.core.ports.presence.renew([UUID(seen.ada.id)], app.clock.now())
    later(server, LEASE + 1)
    await asyncio.gather(*(loop._tick() for loop in others))
    await seen.watcher.event(CHANGED)
    await seen.watcher.call("session.ping")
    assert seen.changes == ["offline"]


# Who may know


async def test_strangers_learn_nothing(seen: Seen) -> None:
    world = World(seen.server)
    stranger = await seen.server.connect(await world.person("Eve Stranger"))
    guest = await seen.server.connect()
    await seen.server.connect(seen.ada)
    await seen.tick()
    assert await stranger.call("presence.get", user_ids=[seen.ada.id, seen.bob.id]) == {}
    for client in (stranger, guest):
        answer = (await client.subscribe({seen.topic: None}))["topics"][seen.topic]
        assert answer["error"]["code"] == -32004
    with pytest.raises(RpcError, match="unauthenticated"):
        await guest.call("presence.get", user_ids=[seen.ada.id])
    assert [event for client in (stranger, guest) for event in client.events if event["method"] == CHANGED] == []


async def test_a_conversation_in_which_nothing_was_said_makes_no_acquaintance(server: Server) -> None:
    world = World(server)
    ada, bob = await world.person(), await world.person()
    client = await server.connect(ada)
    await client.call("conversation.open", user_id=bob.id)
    assert await client.call("presence.get", user_ids=[bob.id]) == {}


async def test_one_sees_oneself(server: Server) -> None:
    person = await World(server).person()
    client = await server.connect(person)
    await server.app.presence._tick()  # type: ignore[attr-defined]
    assert (await client.call("presence.get", user_ids=[person.id]))[person.id]["status"] == "online"
    await client.subscribe({f"presence:{person.id}": None})
    await client.call("presence.set", status="away")
    assert (await client.event(CHANGED))["params"]["data"]["status"] == "away"


@pytest.mark.parametrize("by", ["the one who is seen", "the one who sees"])
async def test_who_is_blocked_or_blocks_sees_nothing(server: Server, by: str) -> None:
    seen = await seen_on(server)
    ada = await server.connect(seen.ada)
    assert seen.ada.id in await seen.watcher.call("presence.get", user_ids=[seen.ada.id])
    blocker, blocked = (ada, seen.bob) if by == "the one who is seen" else (seen.watcher, seen.ada)
    await blocker.call("block.add", user_id=blocked.id)
    assert await seen.watcher.call("presence.get", user_ids=[seen.ada.id]) == {}
    answer = (await seen.watcher.subscribe({seen.topic: None}))["topics"][seen.topic]
    assert answer["error"]["code"] == -32004
    await blocker.call("block.remove", user_id=blocked.id)
    assert seen.ada.id in await seen.watcher.call("presence.get", user_ids=[seen.ada.id])


async def test_a_block_reaches_who_follows_already_on_both_sides_and_on_every_process(
    seen: Seen, start_process: Callable[..., Awaitable[ServerProcess]]
) -> None:
    ada = await (await start_process()).connect(seen.ada)
    of_bob = f"presence:{seen.bob.id}"
    await ada.subscribe({of_bob: None, seen.topic: None})
    await ada.call("block.add", user_id=seen.bob.id)
    for client, topic in ((seen.watcher, seen.topic), (ada, of_bob)):
        event = await client.event("session.unsubscribed", 2)
        assert event["params"] == {"topic": topic, "reason": "forbidden"}
    await ada.call("presence.set", status="away")
    # One's own presence is not lost by it.
    assert (await ada.event(CHANGED))["params"]["data"]["user_id"] == seen.ada.id
    await seen.watcher.call("session.ping")
    assert "away" not in seen.changes


async def test_a_block_between_strangers_is_not_told(server: Server) -> None:
    world = World(server)
    ada, eve = await world.person("Ada Lovelace"), await world.person("Eve Stranger")
    await (await server.connect(ada)).call("block.add", user_id=eve.id)
    for person in (ada, eve):
        log = (await (await server.connect(person)).subscribe({person.topic: {"seq": 0}}))["topics"][person.topic]
        assert "account.rights_changed" not in {event["method"] for event in log["events"]}


# Redis away


async def test_without_redis_nobody_knows_and_everything_else_works(
    start_process: Callable[..., Awaitable[ServerProcess]],
) -> None:
    server = await start_process(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    ada, bob = await server.user("Ada Lovelace"), await server.user("Bob Marley")
    clients = [await server.connect(person) for person in (ada, bob)]
    for client, person in zip(clients, (ada, bob), strict=True):
        await client.subscribe({person.topic: None})
    await clients[0].call("message.send", receiver_id=bob.id, content="hello")
    await clients[1].call("message.send", receiver_id=ada.id, content="hello")
    assert (await clients[1].event("message.created"))["params"]["data"]["content"] == "hello"
    for method, params in {"presence.get": {"user_ids": [ada.id]}, "presence.set": {"status": "away"}}.items():
        with pytest.raises(RpcError) as caught:
            await clients[1].call(method, **params)
        assert (caught.value.code, caught.value.data["retryable"]) == (-32051, True)
    conversation = (await clients[1].call("conversation.list"))["items"][0]["conversation_id"]
    wanted = {f"presence:{ada.id}": None, f"conversation:{conversation}": None}
    answers = (await clients[1].subscribe(wanted))["topics"]
    assert answers[f"presence:{ada.id}"]["error"]["code"] == -32051
    await clients[0].call("message.typing", conversation_id=conversation, typing=True)
    assert (await clients[1].event("conversation.typing"))["params"]["data"]["user_id"] == ada.id
    again = await server.connect(bob)
    assert (await again.call("session.whoami"))["user"]["id"] == bob.id


async def test_an_emptied_redis_is_filled_again(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    presence = seen.server.app.core.ports.presence  # type: ignore[attr-defined]
    await presence._redis.delete(presence._leases, presence._seen)
    assert (await seen.status())["status"] == "offline"
    seen.server.app.presence._renewed.clear()  # type: ignore[attr-defined]  # as if five seconds had gone by
    await seen.tick()
    assert await seen.status() == {"status": "online", "last_seen_at": None}
    assert await client.call("session.ping", t=1)


async def test_an_emptied_redis_shows_nobody_who_is_invisible(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    await client.call("presence.set", status="invisible")
    hidden_at = (await seen.status())["last_seen_at"]
    presence = seen.server.app.core.ports.presence  # type: ignore[attr-defined]
    await presence._redis.delete(presence._leases, presence._seen)
    seen.server.app.presence._renewed.clear()  # type: ignore[attr-defined]
    await seen.tick()
    assert await seen.status() == {"status": "offline", "last_seen_at": hidden_at}
    assert "online" not in seen.changes[1:]
    await client.call("presence.set", status="online")
    assert (await seen.status())["status"] == "online"


async def test_what_is_wanted_after_coming_back_outlives_the_end_of_the_lease_before(seen: Seen) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    app = seen.server.app  # type: ignore[attr-defined]
    ended = app.clock.now()
    later(seen.server, 1)
    await client.call("presence.set", status="invisible")
    # Another process had found the old lease before, and ends it only now.
    assert await app._left([(UUID(seen.ada.id), ended)]) == []
    app.presence._renewed.clear()
    await seen.tick()
    assert (await seen.status())["status"] == "offline"


async def test_nobody_goes_offline_while_the_database_cannot_say_who_is_invisible(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await seen.server.connect(seen.ada)
    await seen.tick()
    await seen.gone(client)

    async def away(_users: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("handlers.presence.shown", away)
        later(seen.server, LEASE + 1)
        await seen.tick()
        assert seen.changes == ["online"]
    await seen.tick()
    assert seen.changes == ["online", "offline"]
