"""Conversations, messages, what is unread, blocks: through a real socket on the real engines."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from models.account import User
from models.messaging import Block, Conversation, DirectMessage, Participant
from tests.support import Client, Person, RpcError, Server

Two = tuple[Person, Client, Person, Client]


@pytest.fixture
async def two(server: Server) -> Two:
    """Two people, each on a socket that follows their own topic."""
    ada, bob = await server.user("Ada Lovelace"), await server.user("Bob Marley")
    clients = [await server.connect(person) for person in (ada, bob)]
    for person, client in zip((ada, bob), clients, strict=True):
        await client.subscribe({person.topic: None})
    return ada, clients[0], bob, clients[1]


def names(client: Client) -> list[str]:
    return [event["method"] for event in client.logged]


def data(client: Client, name: str) -> list[dict[str, Any]]:
    return [event["params"]["data"] for event in client.logged if event["method"] == name]


async def caught_up(client: Client, person: Person) -> None:
    """Wait until everything that is logged has arrived."""
    response = await client.request("conversation.list", as_of=[person.topic])
    head = response["meta"]["positions"][person.topic]
    async with asyncio.timeout(10):
        while head and (not client.logged or client.logged[-1]["params"]["seq"] < head):
            await asyncio.sleep(0.01)


async def listed(client: Client, **params: Any) -> list[dict[str, Any]]:
    return (await client.call("conversation.list", **params))["items"]


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


@pytest.mark.seed("S2-34")
@pytest.mark.seed("S2-37")
async def test_a_sent_message_is_answered_with_its_members(two: Two) -> None:
    ada, a, bob, _ = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    assert (message["sender_id"], message["receiver_id"], message["content"]) == (ada.id, bob.id, "hi")
    assert (message["number"], message["reply_to"], message["edited_at"], message["deleted_at"]) == (
        1,
        None,
        None,
        None,
    )
    answer = await a.call(
        "message.send", conversation_id=message["conversation_id"], content="again", reply_to=message["id"]
    )
    assert (answer["number"], answer["reply_to"]) == (2, message["id"])
    assert list(answer) == [
        "id",
        "conversation_id",
        "number",
        "sender_id",
        "receiver_id",
        "content",
        "files",
        "reply_to",
        "edited_at",
        "deleted_at",
        "created_at",
    ]


@pytest.mark.seed("S2-38")
async def test_both_people_hear_of_a_message_at_once(two: Two) -> None:
    ada, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    for client, unread in ((a, 0), (b, 1)):
        event = await client.event("message.created")
        assert event["params"]["data"] == {**message, "unread_count": unread}
        assert names(client) == ["conversation.updated", "message.created"]
    appeared = data(b, "conversation.updated")[0]
    assert (appeared["user_id"], appeared["full_name"], appeared["unread_count"]) == (ada.id, "Ada Lovelace", 1)
    await a.call("message.send", receiver_id=bob.id, content="more")
    assert (await b.event("message.created"))["params"]["data"]["unread_count"] == 2
    assert names(b) == ["conversation.updated", "message.created", "message.created"]


@pytest.mark.seed("S2-35")
async def test_the_list_of_conversations(two: Two) -> None:
    ada, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    (mine,) = await listed(a)
    assert mine == {
        "conversation_id": message["conversation_id"],
        "user_id": bob.id,
        "full_name": "Bob Marley",
        "email": None,
        "last_message_content": "hi",
        "last_message_time": message["created_at"],
        "unread_count": 0,
        "muted": False,
        "archived": False,
    }
    (theirs,) = await listed(b)
    assert (theirs["user_id"], theirs["unread_count"]) == (ada.id, 1)


@pytest.mark.seed("S2-35")
async def test_the_list_is_paged_by_latest_activity(server: Server, two: Two) -> None:
    _, a, bob, _ = two
    others = [bob, *[await server.user(f"Person {n}") for n in "ABCD"]]
    for other in others:
        await a.call("message.send", receiver_id=other.id, content="hi")
    await a.call("message.send", receiver_id=others[1].id, content="newer")
    expected = [others[n].id for n in (1, 4, 3, 2, 0)]
    seen: list[str] = []
    cursor = None
    while True:
        page = await a.call("conversation.list", limit=2, cursor=cursor)
        seen += [item["user_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected
    assert (await refused(a.call("conversation.list", cursor="bm90"))).kind == "validation_failed"


@pytest.mark.seed("S2-35")
async def test_the_list_is_filtered(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    carol = await server.user("Carol King")
    c = await server.connect(carol)
    await b.call("message.send", receiver_id=ada.id, content="unread")
    kept = await c.call("message.send", receiver_id=ada.id, content="archived")
    await a.call("conversation.update", conversation_id=kept["conversation_id"], archived=True)
    assert [one["user_id"] for one in await listed(a, filter={"archived": True})] == [carol.id]
    assert [one["user_id"] for one in await listed(a, filter={"archived": False})] == [bob.id]
    assert len(await listed(a, filter={"unread": True})) == 2
    assert await listed(a, filter={"unread": False}) == []


async def test_an_opened_conversation_is_seen_by_the_other_with_the_first_message(two: Two) -> None:
    _, a, bob, b = two
    opened = await a.call("conversation.open", user_id=bob.id)
    assert (opened["last_message_content"], opened["last_message_time"]) == (None, None)
    assert (await a.event("conversation.updated"))["params"]["data"] == opened
    assert await a.call("conversation.open", user_id=bob.id) == opened
    assert await listed(a) == [opened]
    assert await listed(b) == []
    update = b.call("conversation.update", conversation_id=opened["conversation_id"], muted=True)
    assert (await refused(update)).kind == "not_found"
    await b.call("message.send", conversation_id=opened["conversation_id"], content="hi")
    assert len(await listed(b)) == 1
    await a.event("message.created")
    assert names(a) == ["conversation.updated", "message.created"]
    await a.call("message.send", conversation_id=opened["conversation_id"], content="hi")
    await a.event("message.created")
    # With the first answer the two are contacts, who may see more of each other.
    assert names(a) == ["conversation.updated", "message.created", "conversation.updated", "message.created"]


@pytest.mark.seed("S2-36")
async def test_messages_are_paged_in_both_directions(two: Two) -> None:
    ada, a, bob, b = two
    assert await a.call("message.list", user_id=bob.id) == {"items": [], "more_before": False, "more_after": False}
    sent = [await a.call("message.send", receiver_id=bob.id, content=f"{n}") for n in range(1, 10)]
    ids = {message["number"]: message["id"] for message in sent}

    async def page(**params: Any) -> tuple[list[int], bool, bool]:
        found = await b.call("message.list", user_id=ada.id, **params)
        return [item["number"] for item in found["items"]], found["more_before"], found["more_after"]

    assert await page() == ([*range(1, 10)], False, False)
    assert await page(limit=3) == ([7, 8, 9], True, False)
    assert await page(limit=3, before=ids[7]) == ([4, 5, 6], True, True)
    assert await page(limit=3, before=ids[3]) == ([1, 2], False, True)
    assert await page(limit=3, before=ids[1]) == ([], False, True)
    assert await page(limit=3, after=ids[2]) == ([3, 4, 5], True, True)
    assert await page(limit=3, after=ids[7]) == ([8, 9], True, False)
    assert await page(limit=3, after=ids[9]) == ([], True, False)
    assert await page(limit=3, around=ids[5]) == ([4, 5, 6], True, True)
    assert await page(limit=4, around=ids[9]) == ([6, 7, 8, 9], True, False)
    assert await page(limit=4, around=ids[1]) == ([1, 2, 3, 4], False, True)
    assert await page(limit=1, around=ids[5]) == ([5], True, True)
    times = [item["created_at"] for item in (await b.call("message.list", user_id=ada.id))["items"]]
    assert times == sorted(times)


async def test_what_message_list_refuses(server: Server, two: Two) -> None:
    _, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    eve = await server.connect(await server.user("Eve Stranger"))
    own = {"conversation_id": message["conversation_id"]}
    both = await refused(a.call("message.list", **own, user_id=bob.id))
    assert both.kind == "validation_failed"
    assert set(both.data["details"]) == {"conversation_id", "user_id"}
    assert (await refused(a.call("message.list"))).kind == "validation_failed"
    anchors = {"before": message["id"], "after": message["id"]}
    assert (await refused(a.call("message.list", **own, **anchors))).kind == "validation_failed"
    assert (await refused(a.call("message.list", **own, limit=101))).kind == "validation_failed"
    assert (await refused(a.call("message.list", **own, before=str(uuid4())))).kind == "not_found"
    assert (await refused(eve.call("message.list", **own))).kind == "not_found"
    assert (await refused(eve.call("message.read", **own, up_to_message_id=message["id"]))).kind == "not_found"
    assert (await refused(eve.call("message.send", **own, content="hi"))).kind == "not_found"
    assert (await refused(eve.call("conversation.update", **own, muted=True))).kind == "not_found"
    assert (await refused(eve.call("message.typing", **own, typing=True))).kind == "not_found"
    assert (await refused(b.call("message.edit", message_id=message["id"], content="no"))).kind == "not_found"
    assert (await refused(b.call("message.delete", message_id=message["id"]))).kind == "not_found"


async def test_what_message_send_refuses(server: Server, two: Two) -> None:
    ada, a, bob, _ = two
    carol = await server.user("Carol King")
    elsewhere = await a.call("message.send", receiver_id=carol.id, content="hi")

    async def fails(**params: Any) -> tuple[str, list[str]]:
        error = await refused(a.call("message.send", **{"content": "hi", **params}))
        return error.kind, sorted(error.data.get("details", {}))

    assert await fails(receiver_id=ada.id) == ("validation_failed", ["receiver_id"])
    assert await fails(receiver_id=str(uuid4())) == ("not_found", [])
    assert await fails() == ("validation_failed", ["conversation_id", "receiver_id"])
    assert await fails(receiver_id=bob.id, reply_to=elsewhere["id"]) == ("validation_failed", ["reply_to"])
    assert await fails(receiver_id=bob.id, reply_to=str(uuid4())) == ("validation_failed", ["reply_to"])
    for content in ("", " \n\t\u00a0", "x" * 10_001, "\U0001f600" * 5_001):
        assert await fails(receiver_id=bob.id, content=content) == ("validation_failed", ["content"])
    await a.call("message.send", receiver_id=bob.id, content="\U0001f600" * 5_000)
    await User.filter(id=carol.id).update(status="suspended")
    assert await fails(receiver_id=carol.id) == ("not_found", [])
    assert await fails(conversation_id=elsewhere["conversation_id"]) == ("not_found", [])
    assert await Conversation.all().filter(user_lo_id=ada.id, user_hi_id=ada.id).count() == 0


async def test_reading_never_goes_backward(two: Two) -> None:
    ada, a, bob, b = two
    sent = [await a.call("message.send", receiver_id=bob.id, content=f"{n}") for n in range(4)]
    own = {"conversation_id": sent[0]["conversation_id"]}
    assert await b.call("message.read", **own, up_to_message_id=sent[2]["id"]) == {"unread_count": 1}
    assert await b.call("message.read", **own, up_to_message_id=sent[0]["id"]) == {"unread_count": 1}
    told = {**own, "user_id": bob.id, "up_to_message_id": sent[2]["id"], "up_to_number": 3}
    await caught_up(a, ada)
    await caught_up(b, bob)
    assert data(a, "conversation.read") == [{**told, "unread_count": None}]
    assert data(b, "conversation.read") == [{**told, "unread_count": 1}]


async def test_an_edit_shows_everywhere(two: Two) -> None:
    ada, a, bob, b = two
    first = await a.call("message.send", receiver_id=bob.id, content="first")
    last = await a.call("message.send", receiver_id=bob.id, content="last")
    await a.call("message.edit", message_id=first["id"], content="changed")
    await caught_up(b, bob)
    assert len(data(b, "conversation.updated")) == 1
    edited = await a.call("message.edit", message_id=last["id"], content="the end")
    assert edited["edited_at"] is not None
    assert {**edited, "content": "last", "edited_at": None} == last
    for person, client in ((ada, a), (bob, b)):
        await caught_up(client, person)
        assert data(client, "message.updated")[-1] == edited
        assert data(client, "conversation.updated")[-1] == (await listed(client))[0]
        assert (await listed(client))[0]["last_message_content"] == "the end"


async def test_a_deleted_message_leaves_a_tombstone(two: Two) -> None:
    ada, a, bob, b = two
    first = await a.call("message.send", receiver_id=bob.id, content="first")
    last = await a.call("message.send", receiver_id=bob.id, content="last")
    await b.call("message.read", conversation_id=first["conversation_id"], up_to_message_id=first["id"])
    assert await a.call("message.delete", message_id=first["id"]) == {"deleted": True}
    assert (await listed(b))[0]["unread_count"] == 1
    await a.call("message.delete", message_id=last["id"])
    items = (await b.call("message.list", user_id=ada.id))["items"]
    assert [(item["content"], item["deleted_at"] is None) for item in items] == [("", False), ("", False)]
    await caught_up(b, bob)
    assert data(b, "message.deleted") == items
    (seen,) = await listed(b)
    assert (seen["unread_count"], seen["last_message_content"]) == (0, "")
    assert data(b, "conversation.updated")[-1] == seen
    for call in (("message.delete", {}), ("message.edit", {"content": "again"})):
        error = await refused(a.call(call[0], message_id=last["id"], **call[1]))
        assert (error.kind, error.data["state"]) == ("invalid_state", "deleted")


async def test_an_admin_may_delete_any_message(server: Server, two: Two) -> None:
    _, a, bob, _ = two
    message = await a.call("message.send", receiver_id=bob.id, content="bad")
    admin = await server.user("Admin Istrator")
    await User.filter(id=admin.id).update(roles=["admin", "user"])
    client = await server.connect(admin)
    assert await client.call("message.delete", message_id=message["id"]) == {"deleted": True}
    await a.event("message.deleted")


async def test_muting_and_archiving_concern_oneself_until_the_next_message(two: Two) -> None:
    _, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    own = {"conversation_id": message["conversation_id"]}
    changed = await b.call("conversation.update", **own, muted=True, archived=True)
    assert (changed["muted"], changed["archived"]) == (True, True)
    assert (await b.call("conversation.update", **own, muted=True)) == changed
    assert (await listed(a))[0]["archived"] is False
    await a.call("message.send", receiver_id=bob.id, content="you there?")
    await caught_up(b, bob)
    assert names(b)[2:] == ["conversation.updated", "conversation.updated", "message.created"]
    (seen,) = await listed(b)
    assert (seen["muted"], seen["archived"], seen["unread_count"]) == (True, False, 2)
    assert data(b, "conversation.updated")[-1] == seen


async def test_blocked_people_cannot_write(two: Two) -> None:
    ada, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    own = {"conversation_id": message["conversation_id"]}
    assert await b.call("block.add", user_id=ada.id) == {"blocked": True}
    assert await b.call("block.add", user_id=ada.id) == {"blocked": True}
    listed_blocks = (await b.call("block.list"))["items"]
    assert [(one["user_id"], one["full_name"]) for one in listed_blocks] == [(ada.id, "Ada Lovelace")]
    assert (await a.call("block.list"))["items"] == []
    errors = [
        await refused(a.call("message.send", receiver_id=bob.id, content="hi")),
        await refused(a.call("message.edit", message_id=message["id"], content="hi")),
        await refused(a.call("message.typing", **own, typing=True)),
    ]
    own_errors = [
        await refused(b.call("message.send", **own, content="hi")),
        await refused(b.call("message.typing", **own, typing=True)),
    ]
    assert {error.code for error in errors + own_errors} == {-32003}
    assert len({error.message for error in errors}) == len({error.message for error in own_errors}) == 1
    assert errors[0].message != own_errors[0].message
    assert await a.call("message.delete", message_id=message["id"]) == {"deleted": True}
    assert await b.call("block.remove", user_id=ada.id) == {"unblocked": True}
    assert await b.call("block.remove", user_id=ada.id) == {"unblocked": False}
    assert (await a.call("message.send", receiver_id=bob.id, content="hi"))["number"] == 2
    assert (await refused(a.call("block.add", user_id=ada.id))).kind == "validation_failed"
    assert (await refused(a.call("block.add", user_id=str(uuid4())))).kind == "not_found"


async def test_a_refused_first_message_leaves_no_conversation(two: Two) -> None:
    ada, a, bob, b = two
    await b.call("block.add", user_id=ada.id)
    assert (await refused(a.call("message.send", receiver_id=bob.id, content="hi"))).kind == "forbidden"
    assert await Block.filter(blocker_id=bob.id).count() == 1
    assert await listed(a) == []
    assert await Participant.filter(user_id=ada.id).count() == 0


async def test_typing_reaches_who_follows_the_conversation(server: Server, two: Two) -> None:
    ada, a, bob, b = two
    message = await a.call("message.send", receiver_id=bob.id, content="hi")
    topic = f"conversation:{message['conversation_id']}"
    stranger = await server.connect(await server.user("Eve Stranger"))
    assert (await stranger.subscribe({topic: None}))["topics"][topic]["error"]["code"] == -32004
    assert (await b.subscribe({topic: None}))["topics"][topic]["seq"] is None
    own = {"conversation_id": message["conversation_id"]}
    assert await a.call("message.typing", **own, typing=True) == {}
    event = await b.event("conversation.typing")
    assert event["params"]["data"] == {**own, "user_id": ada.id, "typing": True}
    assert "seq" not in event["params"]


async def test_200_at_once_are_numbered_without_a_gap(start_app: Callable[..., Awaitable[Server]]) -> None:
    server = await start_app(commands_per_second=10_000, commands_burst=10_000)
    ada, bob = await server.user(), await server.user("Bob Marley")
    senders = [await server.connect(ada) for _ in range(10)]
    follower = await server.connect(bob)
    await follower.subscribe({bob.topic: None})
    calls = [sender.call("message.send", receiver_id=bob.id, content=f"{n}") for n in range(20) for sender in senders]
    sent = await asyncio.gather(*calls)
    assert sorted(message["number"] for message in sent) == [*range(1, 201)]
    assert (await listed(follower))[0]["unread_count"] == 200
    await caught_up(follower, bob)
    created = data(follower, "message.created")
    assert [(one["number"], one["unread_count"]) for one in created] == [(n, n) for n in range(1, 201)]
    times = [datetime.fromisoformat(one["created_at"]) for one in created]
    assert times == sorted(times)
    assert await DirectMessage.filter(receiver_id=bob.id).count() == 200


async def test_two_who_write_first_at_the_same_time_share_a_conversation(server: Server) -> None:
    for _ in range(10):
        people = [await server.user(), await server.user()]
        clients = [await server.connect(person) for person in people]
        sent = await asyncio.gather(
            *[clients[n].call("message.send", receiver_id=people[1 - n].id, content="hi") for n in (0, 1)]
        )
        assert len({message["conversation_id"] for message in sent}) == 1
        assert {message["number"] for message in sent} == {1, 2}
        assert [(await listed(client))[0]["unread_count"] for client in clients] == [1, 1]
        await server.close()
