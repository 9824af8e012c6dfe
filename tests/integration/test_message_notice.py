"""Messages to somebody who is not there: they are told in another way, once a conversation until they read it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from models.messaging import Participant
from models.messaging.message import NOTICE_AFTER
from tests.auth import later
from tests.contract.samples import World
from tests.support import Client, Person, Server
from tests.tasks import arguments, carry_out, queued

LOOK = NOTICE_AFTER.total_seconds() + 1


@pytest.fixture
async def away(server: Server) -> Person:
    return await World(server).person("Grace Hopper")


@pytest.fixture
async def ada(server: Server) -> Client:
    return await server.connect(await World(server).person("Ada Lovelace"))


async def write(sender: Client, receiver: Person, content: str = "hello") -> dict[str, Any]:
    message: dict[str, Any] = await sender.call("message.send", receiver_id=receiver.id, content=content)
    return message


async def looked(server: Server, person: Person) -> int:
    """Half a minute goes by; how often somebody has looked."""
    later(server, LOOK)
    return await carry_out(server, "message.notice", person.id)


async def told(server: Server, person: Person) -> list[dict[str, Any]]:
    call = {"jsonrpc": "2.0", "id": 1, "method": "notification.list", "params": {}}
    items: list[dict[str, Any]] = (await server.rpc(call, person.token)).json()["result"]["items"]
    return items


async def read(server: Server, person: Person, message: dict[str, Any]) -> None:
    params = {"conversation_id": message["conversation_id"], "up_to_message_id": message["id"]}
    answer = await server.rpc({"jsonrpc": "2.0", "id": 1, "method": "message.read", "params": params}, person.token)
    assert "result" in answer.json()


async def unread(server: Server, person: Person) -> int:
    call = {"jsonrpc": "2.0", "id": 1, "method": "notification.unread_count", "params": {}}
    count: int = (await server.rpc(call, person.token)).json()["result"]["count"]
    return count


async def until_there(server: Server, person: Person, *, there: bool) -> None:
    core = server.app.core  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        while (UUID(person.id) in await core.ports.presence.there([UUID(person.id)], core.clock.now())) != there:
            await asyncio.sleep(0.02)


async def test_who_is_away_is_told_once_until_they_read(server: Server, ada: Client, away: Person) -> None:
    first = [await write(ada, away, f"number {number}") for number in range(3)]
    assert await carry_out(server, "message.notice", away.id) == 0, "not at once: they may come back"
    assert await looked(server, away) == 1
    (notice,) = await told(server, away)
    assert (notice["type"], notice["title"]) == ("message.waiting", "Ada Lovelace has written to you")
    assert notice["body"] == "3 messages wait for you."
    assert notice["data"]["conversation_id"] == first[0]["conversation_id"]
    assert "number" not in notice["body"], "what is deleted later must not stay here"
    ((mailed_to, *_),) = await arguments("notification.email", away.id)
    assert mailed_to == away.id

    last = await write(ada, away)
    assert await looked(server, away) == 0
    assert len(await told(server, away)) == await unread(server, away) == 1

    await read(server, away, last)
    assert await unread(server, away) == 0, "who has read the messages has seen the notification too"
    await write(ada, away)
    assert await looked(server, away) == 1
    assert [one["body"] for one in await told(server, away)] == ["A message waits for you.", "3 messages wait for you."]


async def test_each_conversation_tells_for_itself(server: Server, ada: Client, away: Person) -> None:
    bob = await server.connect(await World(server).person("Bob"))
    for sender in (ada, bob, ada, bob):
        await write(sender, away)
    assert await looked(server, away) == 2
    assert {one["title"].split()[0] for one in await told(server, away)} == {"Ada", "Bob"}


@pytest.mark.parametrize("status", ["online", "invisible"])
async def test_who_is_there_is_not_told_and_later_is(server: Server, ada: Client, away: Person, status: str) -> None:
    client = await server.connect(away)
    await client.call("presence.set", status=status)
    await until_there(server, away, there=True)
    await write(ada, away)
    later(server, LOOK)
    await until_there(server, away, there=True)
    assert await carry_out(server, "message.notice", away.id) == 1
    assert await told(server, away) == []
    await client.close()
    server.clients.remove(client)
    await write(ada, away)
    assert await looked(server, away) == 1
    assert [one["body"] for one in await told(server, away)] == ["2 messages wait for you."]


async def test_who_has_read_meanwhile_is_not_told(server: Server, ada: Client, away: Person) -> None:
    await read(server, away, await write(ada, away))
    await write(ada, away, "and now again")
    (first, second) = await queued("message.notice", away.id)
    assert first.due_at <= second.due_at
    await looked(server, away)
    assert [one["body"] for one in await told(server, away)] == ["A message waits for you."]


async def test_what_was_taken_back_is_not_told(server: Server, ada: Client, away: Person) -> None:
    message = await write(ada, away)
    await ada.call("message.delete", message_id=message["id"])
    assert await looked(server, away) == 1
    assert await told(server, away) == []
    await write(ada, away)
    assert await looked(server, away) == 1
    assert len(await told(server, away)) == 1


async def test_a_muted_conversation_tells_nobody(server: Server, ada: Client, away: Person) -> None:
    message = await write(ada, away)
    await read(server, away, message)
    client = await server.connect(away)
    await client.call("conversation.update", conversation_id=message["conversation_id"], muted=True)
    await client.close()
    server.clients.remove(client)
    await looked(server, away)
    await write(ada, away)
    assert await looked(server, away) == 0
    assert await told(server, away) == []


async def test_by_the_ways_that_are_wanted(server: Server, ada: Client, away: Person) -> None:
    chosen = {"types": {"message.waiting": {"in_app": False}}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "notification.preference.update", "params": chosen}
    assert "result" in (await server.rpc(call, away.token)).json()
    await write(ada, away)
    await looked(server, away)
    assert await told(server, away) == []
    assert len(await queued("notification.email", away.id)) == 1
    await write(ada, away)
    assert await looked(server, away) == 0


async def test_of_200_messages_at_once_one_has_somebody_look(server: Server, ada: Client, away: Person) -> None:
    first = await write(ada, away)
    await read(server, away, first)
    await looked(server, away)
    sender = await World(server).person("Bob")
    call = {"jsonrpc": "2.0", "id": 1, "method": "message.send", "params": {"receiver_id": away.id, "content": "x"}}
    senders = [sender, *[await World(server).person(f"Sender {number}") for number in "abcd"]]
    await asyncio.gather(*(server.rpc(call, senders[number % 5].token) for number in range(200)))
    assert len(await queued("message.notice", away.id)) == 5, "one for each conversation"
    assert await looked(server, away) == 5
    assert len(await told(server, away)) == 5
    seats = await Participant.filter(user_id=away.id, notice_id__not_isnull=True)
    assert len(seats) == 5
