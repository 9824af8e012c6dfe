"""Who somebody's contacts are, what blocked people still notice of each other, and writing to strangers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.account import User
from models.messaging import DirectMessage, Participant, notice
from models.notification import Notification
from tests.auth import later
from tests.contract.samples import World
from tests.support import Client, Person, RpcError, Server
from tests.tasks import carry_out

HIDDEN = {"headline", "bio", "location", "timezone", "avatar", "email", "username"}


@dataclass
class Two:
    """Ada and Bob, each with a socket that follows their own topic."""

    world: World
    ada: Person
    bob: Person
    a: Client
    b: Client

    async def write(self, *letters: str) -> None:
        """Send messages in this order, each named by its sender's letter."""
        for letter in letters:
            sender, receiver = (self.a, self.bob) if letter == "a" else (self.b, self.ada)
            await sender.call("message.send", receiver_id=receiver.id, content="hi")

    async def seen_by_ada(self) -> dict[str, Any]:
        """Return all that Ada can find out about Bob."""
        topic = f"presence:{self.bob.id}"
        joined = (await self.a.subscribe({topic: None}))["topics"][topic]
        await self.a.call("session.unsubscribe", topics=[topic])
        profile = await self.a.call("account.user.get", user_id=self.bob.id)
        listed = [one["email"] for one in (await self.a.call("conversation.list"))["items"]]
        return {
            "presence.get": bool(await self.a.call("presence.get", user_ids=[self.bob.id])),
            "presence topic": "error" not in joined,
            "profile.email": profile["email"] is not None,
            "listed email": any(listed),
            "profile": profile["headline"] is not None,
        }


NOTHING = dict.fromkeys(("presence.get", "presence topic", "profile.email", "listed email", "profile"), False)
PUBLIC = {**NOTHING, "profile": True}
EVERYTHING = dict.fromkeys(NOTHING, True)


@pytest.fixture
async def two(server: Server) -> Two:
    world = World(server)
    ada, bob = await world.person("Ada Lovelace"), await world.person("Bob Marley")
    a, b = await server.connect(ada), await server.connect(bob)
    await b.call("account.profile.update", headline="A singer")
    await asyncio.gather(a.subscribe({ada.topic: None}), b.subscribe({bob.topic: None}))
    return Two(world, ada, bob, a, b)


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("", PUBLIC), ("a", PUBLIC), ("aaa", PUBLIC), ("b", PUBLIC), ("ab", EVERYTHING), ("bba", EVERYTHING)],
)
async def test_contacts_are_people_who_have_both_written(two: Two, letters: str, expected: dict[str, bool]) -> None:
    await two.write(*letters)
    assert await two.seen_by_ada() == expected


@pytest.mark.parametrize("blocker", ["a", "b"])
async def test_a_block_ends_what_contacts_see_of_each_other(two: Two, blocker: str) -> None:
    await two.write("a", "b")
    client, other = (two.a, two.bob) if blocker == "a" else (two.b, two.ada)
    await client.call("block.add", user_id=other.id)
    assert await two.seen_by_ada() == NOTHING
    await client.call("block.remove", user_id=other.id)
    assert await two.seen_by_ada() == EVERYTHING


async def test_a_block_hides_what_everybody_else_may_see(two: Two) -> None:
    await two.b.call("account.preferences.update", privacy={"email": "everybody"})
    await two.write("a")
    assert await two.seen_by_ada() == {**PUBLIC, "profile.email": True, "listed email": True}
    await two.b.call("block.add", user_id=two.ada.id)
    profile = await two.a.call("account.user.get", user_id=two.bob.id)
    assert {name for name in HIDDEN if profile[name] is not None} == set()
    assert profile["full_name"] == "Bob Marley"
    assert await two.seen_by_ada() == NOTHING


async def test_the_list_of_both_follows_a_block_by_events(two: Two) -> None:
    await two.write("a", "b")
    last = [event for event in two.a.events if event["method"] == "conversation.updated"][-1]
    assert last["params"]["data"]["email"] == two.bob.email
    for method, email in (("block.add", None), ("block.remove", two.bob.email)):
        before = len(two.a.events)
        await two.b.call(method, user_id=two.ada.id)
        (listed,) = (await two.a.call("conversation.list"))["items"]
        told = [one for one in two.a.events[before:] if one["method"] == "conversation.updated"]
        assert [one["params"]["data"] for one in told] == [listed]
        assert listed["email"] == email
        assert listed["full_name"] == "Bob Marley"


async def test_the_list_of_a_blocked_sender_shows_what_went_through_and_the_name(two: Two) -> None:
    await two.write("b", "a")
    last = await two.a.call("message.send", receiver_id=two.bob.id, content="the last that went through")
    (before,) = (await two.a.call("conversation.list"))["items"]
    await two.b.call("block.add", user_id=two.ada.id)
    into = ({"receiver_id": two.bob.id}, {"conversation_id": last["conversation_id"]})
    for where in into:
        assert (await refused(two.a.call("message.send", **where, content="are you there?"))).kind == "forbidden"
    later(two.world.server, 60)
    assert (await two.a.call("conversation.open", user_id=two.bob.id))["conversation_id"] == last["conversation_id"]
    (listed,) = (await two.a.call("conversation.list"))["items"]
    assert listed == {**before, "email": None}
    assert (listed["full_name"], listed["last_message_content"]) == ("Bob Marley", "the last that went through")
    # A message that its sender takes back is gone for both.
    await two.a.call("message.delete", message_id=last["id"])
    for client in (two.a, two.b):
        (one,) = (await client.call("conversation.list"))["items"]
        assert (one["last_message_content"], one["last_message_time"]) == ("", before["last_message_time"])
    # Muting and archiving stay each one's own.
    await two.b.call("conversation.update", conversation_id=last["conversation_id"], archived=True, muted=True)
    await two.a.call("conversation.update", conversation_id=last["conversation_id"], muted=True)
    (listed,) = (await two.a.call("conversation.list"))["items"]
    assert (listed["archived"], listed["muted"]) == (False, True)
    assert (await two.a.call("block.list"))["items"] == []


async def test_a_blocked_person_gets_no_receipt_and_no_sign_of_changed_preferences(two: Two) -> None:
    await two.write("a", "b")
    message = await two.a.call("message.send", receiver_id=two.bob.id, content="hello?")
    await two.b.call("block.add", user_id=two.ada.id)
    head = (await two.a.request("conversation.list", as_of=[two.ada.topic]))["meta"]["positions"][two.ada.topic]
    read = {"conversation_id": message["conversation_id"], "up_to_message_id": message["id"]}
    assert await two.b.call("message.read", **read) == {"unread_count": 0}
    await two.b.call("account.preferences.update", privacy={"email": "everybody", "presence": False})
    await two.b.call("presence.set", status="away")
    await two.b.call("account.profile.update", headline="A dancer")
    assert await carry_out(two.world.server, "conversation.tell_contacts", two.bob.id) == 1
    now = (await two.a.request("conversation.list", as_of=[two.ada.topic]))["meta"]["positions"][two.ada.topic]
    assert now == head
    assert not [event for event in two.a.events if event["method"] in {"conversation.read", "presence.changed"}]
    # Bob's own devices are told all the same, and a name is shown to everybody.
    assert (await two.b.event("conversation.read"))["params"]["data"]["unread_count"] == 0
    await two.b.call("account.profile.update", full_name="Robert Marley")
    assert await carry_out(two.world.server, "conversation.tell_contacts", two.bob.id) == 1
    (listed,) = (await two.a.call("conversation.list"))["items"]
    assert (listed["full_name"], listed["email"]) == ("Robert Marley", None)


@pytest.mark.parametrize("blocker", ["a", "b"])
async def test_no_notice_of_a_message_crosses_a_block(two: Two, blocker: str) -> None:
    await two.write("a")
    seat = await Participant.get(user_id=two.bob.id)
    client, other = (two.a, two.bob) if blocker == "a" else (two.b, two.ada)
    await client.call("block.add", user_id=other.id)
    bob, due = UUID(two.bob.id), seat.notice_at
    assert due is not None
    await two.world.act(lambda work: notice.give(work, seat.conversation_id, bob, due, there=False))
    assert await Notification.filter(user_id=bob).count() == 0
    assert (await Participant.get(id=seat.id)).notice_at is None


async def test_a_picture_is_read_by_those_who_see_the_profile(two: Two) -> None:
    bob, file_id = UUID(two.bob.id), await two.world.file(two.bob, "avatar")
    await two.b.call("account.avatar.set", file_id=str(file_id))
    assert (await two.a.call("file.get", file_id=str(file_id)))["file_id"] == str(file_id)
    for hide in ("profile", "block"):
        if hide == "profile":
            await two.b.call("account.preferences.update", privacy={"profile": "nobody"})
        else:
            await two.b.call("account.preferences.update", privacy={"profile": "everybody"})
            await two.b.call("block.add", user_id=two.ada.id)
        for method in ("file.get", "file.url.create"):
            with pytest.raises(RpcError) as caught:
                await two.a.call(method, file_id=str(file_id))
            assert caught.value.kind == "not_found"
        assert (await two.b.call("file.get", file_id=str(file_id)))["file_id"] == str(file_id)
    assert (await User.get(id=bob)).avatar_file_id == file_id


# Writing to strangers


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


@pytest.fixture
async def strict(start_app: Callable[..., Awaitable[Server]]) -> World:
    return World(await start_app(strangers_per_hour=3, strangers_verified=True, access_token_seconds=86_400))


async def test_only_who_has_confirmed_their_address_writes_to_strangers(strict: World) -> None:
    ada, bob = await strict.person("Ada Lovelace"), await strict.person("Bob Marley", verified=True)
    a, b = await strict.server.connect(ada), await strict.server.connect(bob)
    assert (await refused(a.call("message.send", receiver_id=bob.id, content="hi"))).kind == "email_unverified"
    assert await Participant.filter(user_id=ada.id).count() == 0
    opened = await a.call("conversation.open", user_id=bob.id)
    into = {"conversation_id": opened["conversation_id"], "content": "hi"}
    assert (await refused(a.call("message.send", **into))).kind == "email_unverified"
    await b.call("message.send", receiver_id=ada.id, content="hello")
    assert (await a.call("message.send", **into))["number"] == 2
    # Somebody who was verified and whose message is not answered may go on; who is not any more may not.
    eve = await strict.person("Eve Stranger")
    first = await b.call("message.send", receiver_id=eve.id, content="hello")
    await User.filter(id=bob.id).update(email_verified_at=None)
    again = b.call("message.send", conversation_id=first["conversation_id"], content="hello?")
    assert (await refused(again)).kind == "email_unverified"


async def test_new_people_are_counted_by_the_hour(strict: World) -> None:
    ada = await strict.person("Ada Lovelace", verified=True)
    a = await strict.server.connect(ada)
    people = [await strict.person() for _ in range(6)]
    for person in people[:3]:
        # However many messages, it is one new person.
        for _ in range(2):
            await a.call("message.send", receiver_id=person.id, content="hi")
    later(strict.server, 600)
    error = await refused(a.call("message.send", receiver_id=people[3].id, content="hi"))
    assert error.kind == "rate_limited"
    assert 2900 < error.data["retry_after"] <= 3000
    await a.call("message.send", receiver_id=people[0].id, content="still here?")
    # Whoever has written may be answered.
    p = await strict.server.connect(await strict.person("Pat Verified", verified=True))
    sent = await p.call("message.send", receiver_id=ada.id, content="hello")
    await a.call("message.send", conversation_id=sent["conversation_id"], content="hi")
    later(strict.server, 3001)
    await a.call("message.send", receiver_id=people[3].id, content="hi")


async def test_new_people_are_counted_exactly_however_many_are_written_to_at_once(strict: World) -> None:
    ada = await strict.person("Ada Lovelace", verified=True)
    people = [await strict.person() for _ in range(8)]
    clients = [await strict.server.connect(ada) for _ in people]

    async def write(client: Client, person: Person) -> bool:
        try:
            await client.call("message.send", receiver_id=person.id, content="hi")
        except RpcError as error:
            assert error.kind == "rate_limited"  # noqa: PT017 - some are to be refused, and only so
            return False
        return True

    sent = await asyncio.gather(*[write(one, to) for one, to in zip(clients, people, strict=True)])
    assert sum(sent) == 3
    assert await DirectMessage.filter(sender_id=ada.id).count() == 3
    # The same new person, from many devices at once, counts once.
    later(strict.server, timedelta(hours=1, seconds=1).total_seconds())
    assert all(await asyncio.gather(*[write(one, people[0]) for one in clients]))
    bea = await strict.person("Bea Stranger")
    assert all(await asyncio.gather(*[write(one, bea) for one in clients]))
